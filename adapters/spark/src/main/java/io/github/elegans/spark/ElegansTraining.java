package io.github.elegans.spark;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.training.DataParallelTraining;
import io.github.elegans.networks.training.Training;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Trains a network on the sequences of a dataset, data-parallel: executors keep the sequences and
 * compute the gradients of leaves of 16 samples, the driver adds the leaves in their order and
 * makes the optimiser's steps. So a cluster of any size gives the bits that {@link
 * Training#fit(io.github.elegans.networks.training.Sequences)} gives on one machine, for the same
 * rows in the same order.
 *
 * <p>A row has a sequence of inputs, as for {@link ElegansModel}, and targets: O numbers for every
 * step, or for the last output only; of classes one number instead of O. Sequences may differ in
 * length. There is one job of Spark for each batch, which takes some milliseconds whatever the
 * network: batches should be large enough that their gradients take longer.
 */
public final class ElegansTraining {
  private final byte[] weights;
  private final Network network;
  private final TrainingRecipe recipe;
  private String inputColumn = "input";
  private String targetColumn = "target";
  private @Nullable String timespansColumn;
  private @Nullable String maskColumn;
  private boolean lastOnly;

  /**
   * What training gives.
   *
   * @param model with the trained network
   * @param losses the mean loss of every epoch
   */
  public record Trained(ElegansModel model, List<Double> losses) {}

  private ElegansTraining(Network network, TrainingRecipe recipe) {
    this.network = network;
    this.recipe = recipe;
    weights = ElegansModel.bytes(network);
  }

  /**
   * Training of a network, which stays as it is.
   *
   * @param recipe says how: loss, optimiser, schedule, clipping, dropout, batch, epochs, seed. What
   *     {@link Training#dataParallel} refuses is refused
   */
  public static ElegansTraining of(Network network, TrainingRecipe recipe) {
    return new ElegansTraining(network, recipe);
  }

  /** Sets the column of the inputs, {@code input} by default. */
  public ElegansTraining setInputCol(String name) {
    inputColumn = name;
    return this;
  }

  /** Sets the column of the targets, {@code target} by default. */
  public ElegansTraining setTargetCol(String name) {
    targetColumn = name;
    return this;
  }

  /** Sets the column of the timespans: a number for all steps, or T numbers; 1 by default. */
  public ElegansTraining setTimespansCol(String name) {
    timespansColumn = name;
    return this;
  }

  /** Sets the column of masks, as {@link ElegansModel#maskCol}; masked steps have no loss. */
  public ElegansTraining setMaskCol(String name) {
    maskColumn = name;
    return this;
  }

  /** Sets whether there is a target for the output after the last step only; not by default. */
  public ElegansTraining setLastOutputOnly(boolean only) {
    lastOnly = only;
    return this;
  }

  /** Which gradients a job is for. */
  private record Step(float[] parameters, int batch, double weight, long step)
      implements Serializable {}

  /** What {@link DataParallelTraining.Leaf} has, and the number of the leaf in its batch. */
  private record LeafGradient(int number, double[] losses, float[] gradient)
      implements Serializable {}

  /** A worker's view of the training. */
  private record Worker(
      Broadcast<byte[]> weights, TrainingRecipe recipe, boolean lastOnly, int targetSize)
      implements Serializable {
    DataParallelTraining open(Sample like) {
      Network network = Executor.network(weights.value());
      return recipe.of(network).dataParallel(Sample.sequences(List.of(like), lastOnly, targetSize));
    }

    Iterator<Tuple2<Long, Double>> weights(Iterator<Tuple2<Sample, Long>> samples) {
      List<Tuple2<Long, Double>> weights = new ArrayList<>();
      DataParallelTraining training = null;
      try {
        while (samples.hasNext()) {
          Tuple2<Sample, Long> next = samples.next();
          if (training == null) {
            training = open(next._1);
          }
          double weight =
              training.weights(Sample.sequences(List.of(next._1), lastOnly, targetSize))[0];
          weights.add(new Tuple2<>(next._2, weight));
        }
      } finally {
        if (training != null) {
          training.close();
        }
      }
      return weights.iterator();
    }

    Iterator<LeafGradient> gradients(Iterator<Map<Place, List<Sample>>> leaves, Step step) {
      List<LeafGradient> gradients = new ArrayList<>();
      DataParallelTraining training = null;
      try {
        while (leaves.hasNext()) {
          for (Map.Entry<Place, List<Sample>> leaf : leaves.next().entrySet()) {
            if (leaf.getKey().batch != step.batch) {
              continue;
            }
            if (training == null) {
              training = open(leaf.getValue().getFirst());
              training.parameters(step.parameters);
            }
            int number = leaf.getKey().leaf;
            DataParallelTraining.Leaf done =
                training.gradient(
                    Sample.sequences(leaf.getValue(), lastOnly, targetSize),
                    number,
                    step.weight,
                    step.step);
            gradients.add(new LeafGradient(number, done.losses(), done.gradient()));
          }
        }
      } finally {
        if (training != null) {
          training.close();
        }
      }
      return gradients.iterator();
    }
  }

  /** Where a leaf stands in an epoch. */
  private record Place(int batch, int leaf) implements Serializable, Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return batch != other.batch
          ? Integer.compare(batch, other.batch)
          : Integer.compare(leaf, other.leaf);
    }

    /** Neighbours go to different partitions. */
    @Override
    public int hashCode() {
      return batch + leaf;
    }
  }

  /**
   * Trains.
   *
   * @param dataset whose rows keep their order when it is computed again
   * @throws IllegalArgumentException if columns are missing or of other types, or there is no row
   * @throws IllegalStateException if the recipe asks for what only {@code fit} can do
   * @throws io.github.elegans.networks.training.TrainingDivergedException if a loss or a gradient
   *     is not finite
   */
  public Trained fit(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    SampleColumns columns =
        new SampleColumns(
            SequenceColumns.of(inputColumn, timespansColumn, maskColumn, schema),
            Column.of(
                "targetCol",
                targetColumn,
                schema,
                Form.NUMBER,
                Form.NESTED,
                Form.ARRAY,
                Form.VECTOR,
                Form.BINARY),
            network.inputSize(),
            lastOnly);
    Training training = recipe.of(network);
    int targetSize = training.loss().hasClasses() ? 1 : network.outputSize();
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
    JavaRDD<Row> rows = dataset.toDF().javaRDD();
    JavaPairRDD<Sample, Long> samples =
        rows.mapPartitions(some -> columns.read(some, targetSize))
            .zipWithIndex()
            .persist(StorageLevel.MEMORY_AND_DISK());
    Broadcast<byte[]> file = context.broadcast(weights);
    try {
      int n = Math.toIntExact(samples.count());
      if (n == 0) {
        throw new IllegalArgumentException("rows to learn from are expected, found none");
      }
      Worker worker = new Worker(file, recipe, lastOnly, targetSize);
      Sample first = samples.first()._1;
      try (DataParallelTraining coordinator =
          training.dataParallel(Sample.sequences(List.of(first), lastOnly, targetSize))) {
        double[] ofSamples = new double[n];
        for (Tuple2<Long, Double> weight : samples.mapPartitions(worker::weights).collect()) {
          ofSamples[weight._1.intValue()] = weight._2;
        }
        if (Arrays.stream(ofSamples).sum() == 0) {
          throw new IllegalArgumentException(
              "a target that counts is expected, but masks leave none");
        }
        List<Double> losses =
            new Run(context, samples, worker, training, coordinator, ofSamples).losses();
        return new Trained(ElegansModel.of(coordinator.network()), losses);
      }
    } finally {
      samples.unpersist(false);
      file.destroy();
    }
  }

  /** A training under way, on the driver. */
  private record Run(
      JavaSparkContext context,
      JavaPairRDD<Sample, Long> samples,
      Worker worker,
      Training training,
      DataParallelTraining coordinator,
      double[] weights) {
    List<Double> losses() {
      int n = weights.length;
      int size = training.batch();
      List<Double> losses = new ArrayList<>();
      long step = 0;
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        int[] order = coordinator.order(epoch, n);
        Broadcast<int[]> places = context.broadcast(places(order));
        JavaRDD<Map<Place, List<Sample>>> leaves = leaves(places, size);
        double sum = 0;
        int counted = 0;
        for (int batch = 0; batch < Math.ceilDiv(n, size); batch++) {
          int begin = batch * size;
          int count = Math.min(size, n - begin);
          double weight = 0;
          for (int i = begin; i < begin + count; i++) {
            weight += weights[order[i]];
          }
          if (weight == 0) {
            continue;
          }
          Step now = new Step(coordinator.parameters(), batch, weight, step);
          Broadcast<Step> sent = context.broadcast(now);
          Worker own = worker;
          List<LeafGradient> gradients =
              leaves.mapPartitions(some -> own.gradients(some, sent.value())).collect();
          sent.destroy();
          List<DataParallelTraining.Leaf> inOrder =
              gradients.stream()
                  .sorted(Comparator.comparingInt(LeafGradient::number))
                  .map(one -> new DataParallelTraining.Leaf(one.losses, one.gradient))
                  .toList();
          sum += coordinator.step(inOrder, weight, epoch, batch) * count;
          counted += count;
          step++;
        }
        leaves.unpersist(false);
        places.destroy();
        losses.add(sum / counted);
      }
      return losses;
    }

    /** The place of every sample in an order. */
    private static int[] places(int[] order) {
      int[] places = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        places[order[i]] = i;
      }
      return places;
    }

    /** The samples of an epoch in leaves, dealt out among partitions. */
    private JavaRDD<Map<Place, List<Sample>>> leaves(Broadcast<int[]> places, int size) {
      return samples
          .mapToPair(
              sample -> {
                int place = places.value()[sample._2.intValue()];
                Place leaf = new Place(place / size, place % size / DataParallelTraining.LEAF);
                return new Tuple2<>(leaf, new Tuple2<>(place, sample._1));
              })
          .partitionBy(new HashPartitioner(Math.max(1, context.defaultParallelism())))
          .mapPartitions(ElegansTraining::gathered)
          .persist(StorageLevel.MEMORY_AND_DISK());
    }
  }

  private static Iterator<Map<Place, List<Sample>>> gathered(
      Iterator<Tuple2<Place, Tuple2<Integer, Sample>>> samples) {
    Map<Place, TreeMap<Integer, Sample>> leaves = new TreeMap<>();
    samples.forEachRemaining(
        sample ->
            leaves
                .computeIfAbsent(sample._1, place -> new TreeMap<>())
                .put(sample._2._1, sample._2._2));
    Map<Place, List<Sample>> inOrder = new TreeMap<>();
    leaves.forEach((place, some) -> inOrder.put(place, new ArrayList<>(some.values())));
    return List.of(inOrder).iterator();
  }
}
