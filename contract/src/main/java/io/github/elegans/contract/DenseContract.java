package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The fully connected layers of a backend have the bits of the definition. */
public abstract class DenseContract {
  private static final int[] ROWS =
      Contract.SMALL
          ? new int[] {1, 2, 6, 7}
          : new int[] {1, 2, 3, 4, 5, 6, 7, 12, 13, 24, 25, 48, 49, 97};
  private static final int[] OUTPUTS =
      Contract.SMALL
          ? new int[] {1, 16, 33, 65}
          : new int[] {1, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 200};
  private static final int[] INPUTS =
      Contract.SMALL ? new int[] {1, 2, 17} : new int[] {1, 2, 3, 15, 16, 17, 64, 127, 300};

  /** Floats by which a stride exceeds the least. */
  private static final int[] PADDINGS = {0, 1, 16};

  private static final int[] MISALIGNMENTS = {0, 4, 32};

  private static final int RANDOM = Contract.SMALL ? 3 : 300;
  private static final int THREADS = 4;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> layersOfTheTable() {
    return perLayer(table());
  }

  @TestFactory
  Stream<DynamicNode> randomLayers() {
    return perLayer(
        IntStream.range(0, RANDOM).mapToObj(i -> random(Contract.random("layer", i))).toList());
  }

  @TestFactory
  Stream<DynamicNode> nanStaysInItsRow() {
    return perStorage((kernels, storage) -> nanStaysInItsRow(kernels, ordinary(13, storage)));
  }

  @TestFactory
  Stream<DynamicNode> noRowsTouchNothing() {
    return perStorage((kernels, storage) -> noRows(kernels, ordinary(1, storage)));
  }

  @TestFactory
  Stream<DynamicNode> layersMayRunInManyThreads() {
    return perStorage((kernels, storage) -> manyThreads(kernels, ordinary(11, storage)));
  }

  /** Layers of all sizes have the bits of float32 layers with the rounded weights. */
  @TestFactory
  Stream<DynamicNode> storedWeightsAreWidenedExactly() {
    return perStorage(
        (kernels, storage) -> {
          for (int outputs : OUTPUTS) {
            Layer layer =
                new Layer(
                    7,
                    outputs,
                    19,
                    Activation.LINEAR,
                    Accuracy.ACCURATE,
                    storage,
                    0,
                    0,
                    0,
                    0,
                    Values.ORDINARY);
            DenseWeights weights = layer.weights();
            DenseWeights widened = weights.withStorage(WeightStorage.FLOAT32);
            float[] x = layer.x();
            assertSame(
                layer.toString(),
                layer.forward(kernels, widened, x, 0, 0).outputs,
                layer.forward(kernels, weights, x, 0, 0).outputs);
          }
        });
  }

  @FunctionalInterface
  private interface StorageCheck {
    void check(DenseKernels kernels, WeightStorage storage) throws Exception;
  }

  private Stream<DynamicNode> perStorage(StorageCheck check) {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(WeightStorage.values())
                .map(
                    storage ->
                        dynamicTest(
                            Contract.name(storage), () -> check.check(k.dense(), storage))));
  }

  private Stream<DynamicNode> perLayer(List<Layer> layers) {
    return Contract.each(
        kernels(),
        k ->
            layers.stream()
                .map(layer -> dynamicTest(layer.toString(), () -> layer.check(k.dense()))));
  }

  private static List<Layer> table() {
    Values[] values = Values.values();
    Activation[] activations = Activation.values();
    Accuracy[] accuracies = Accuracy.values();
    List<Layer> layers = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            ROWS.length,
            OUTPUTS.length,
            INPUTS.length,
            activations.length,
            accuracies.length,
            WeightStorage.values().length,
            PADDINGS.length,
            PADDINGS.length,
            MISALIGNMENTS.length,
            MISALIGNMENTS.length,
            values.length)) {
      layers.add(
          new Layer(
              ROWS[row[0]],
              OUTPUTS[row[1]],
              INPUTS[row[2]],
              activations[row[3]],
              accuracies[row[4]],
              WeightStorage.values()[row[5]],
              PADDINGS[row[6]],
              PADDINGS[row[7]],
              MISALIGNMENTS[row[8]],
              MISALIGNMENTS[row[9]],
              values[row[10]]));
    }
    return layers;
  }

  private static Layer random(SplittableRandom random) {
    int most = Contract.SMALL ? 20 : 140;
    return new Layer(
        random.nextInt(1, most / 2),
        random.nextInt(1, 2 * most),
        random.nextInt(1, most),
        Activation.values()[random.nextInt(Activation.values().length)],
        Accuracy.values()[random.nextInt(Accuracy.values().length)],
        WeightStorage.values()[random.nextInt(WeightStorage.values().length)],
        random.nextInt(20),
        random.nextInt(20),
        4 * random.nextInt(16),
        4 * random.nextInt(16),
        Values.values()[random.nextInt(Values.values().length)]);
  }

  /**
   * One layer and how it lies in memory.
   *
   * @param xPadding floats by which the stride of x exceeds the least
   * @param xMisalignment bytes by which x begins behind a multiple of 64
   */
  private record Layer(
      int rows,
      int outputs,
      int inputs,
      Activation activation,
      Accuracy accuracy,
      WeightStorage storage,
      int xPadding,
      int yPadding,
      int xMisalignment,
      int yMisalignment,
      Values values) {

    int xStride() {
      return inputs + xPadding;
    }

    int width() {
      return PanelLayout.roundUp(outputs);
    }

    int yStride() {
      return width() + yPadding;
    }

    DenseWeights weights() {
      SplittableRandom random = Contract.random("weights", this);
      return DenseWeights.pack(
          inputs,
          outputs,
          values.weights(random, inputs * outputs, inputs),
          values.weights(random, outputs, 1),
          storage);
    }

    /** Rows of inputs, with NaN between them. */
    float[] x() {
      float[] dense = values.rows(Contract.random("x", this), rows, inputs);
      float[] x = new float[(rows - 1) * xStride() + inputs];
      Arrays.fill(x, Float.NaN);
      for (int row = 0; row < rows; row++) {
        System.arraycopy(dense, row * inputs, x, row * xStride(), inputs);
      }
      return x;
    }

    /** Rows of outputs by definition, without anything between them. */
    float[] define(DenseWeights weights, float[] x) {
      return forward(Contract.DEFINITION.dense(), weights, x, 0, 0).outputs;
    }

    void check(DenseKernels kernels) {
      DenseWeights weights = weights();
      float[] x = x();
      Result result = forward(kernels, weights, x, xMisalignment, yMisalignment);
      assertSame(toString(), define(weights, x), result.outputs);
      assertSame(this + ": input", x, result.inputs);
    }

    Result forward(
        DenseKernels kernels,
        DenseWeights weights,
        float[] x,
        int xMisalignment,
        int yMisalignment) {
      try (Arena arena = Arena.ofConfined()) {
        GuardedMemory from = GuardedMemory.of(arena, x, xMisalignment);
        long length = (rows - 1L) * yStride() + width();
        GuardedMemory to = GuardedMemory.floats(arena, length, yMisalignment);
        kernels.forward(
            weights,
            activation,
            accuracy,
            from.segment(),
            xStride(),
            to.segment(),
            yStride(),
            rows);
        from.assertGuards(this + ": x");
        to.assertGuards(this + ": y");
        for (int row = 0; row < rows - 1; row++) {
          to.assertUntouched(
              this + ": behind row " + row, (long) row * yStride() + width(), yPadding);
        }
        float[] y = to.toFloats();
        float[] dense = new float[rows * outputs];
        for (int row = 0; row < rows; row++) {
          System.arraycopy(y, row * yStride(), dense, row * outputs, outputs);
        }
        return new Result(from.toFloats(), dense);
      }
    }

    @Override
    public String toString() {
      return "%d x %d x %d, %s %s %s, strides +%d +%d, offsets %d %d, %s"
          .formatted(
              rows,
              outputs,
              inputs,
              Contract.name(activation),
              Contract.name(accuracy),
              Contract.name(storage),
              xPadding,
              yPadding,
              xMisalignment,
              yMisalignment,
              Contract.name(values));
    }
  }

  /** What a call leaves behind. */
  private record Result(float[] inputs, float[] outputs) {}

  private static Layer ordinary(int rows, WeightStorage storage) {
    return new Layer(
        rows,
        Contract.SMALL ? 17 : 70,
        Contract.SMALL ? 5 : 37,
        Activation.TANH,
        Accuracy.ACCURATE,
        storage,
        0,
        0,
        0,
        0,
        Values.ORDINARY);
  }

  private static void nanStaysInItsRow(DenseKernels kernels, Layer layer) {
    DenseWeights weights = layer.weights();
    float[] x = layer.x();
    float[] clean = layer.forward(kernels, weights, x, 0, 0).outputs;
    for (int bad = 0; bad < layer.rows; bad++) {
      float[] polluted = x.clone();
      polluted[bad * layer.xStride() + layer.inputs / 2] = Float.NaN;
      float[] expected = clean.clone();
      Arrays.fill(expected, bad * layer.outputs, (bad + 1) * layer.outputs, Float.NaN);
      assertSame(
          "NaN in row " + bad, expected, layer.forward(kernels, weights, polluted, 0, 0).outputs);
    }
  }

  private static void noRows(DenseKernels kernels, Layer layer) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory x = GuardedMemory.floats(arena, 0, 0);
      GuardedMemory y = GuardedMemory.floats(arena, 0, 0);
      DenseWeights weights = layer.weights();
      kernels.forward(
          weights, Activation.TANH, Accuracy.ACCURATE, x.segment(), 80, y.segment(), 80, 0);
      x.assertUntouched("x");
      y.assertUntouched("y");
    }
  }

  private static void manyThreads(DenseKernels kernels, Layer layer) throws Exception {
    DenseWeights weights = layer.weights();
    float[] x = layer.x();
    float[] expected = layer.define(weights, x);
    Callable<Boolean> task =
        () -> {
          for (int i = 0; i < (Contract.SMALL ? 2 : 200); i++) {
            assertSame(
                layer.toString(), expected, layer.forward(kernels, weights, x, 4, 4).outputs);
          }
          return true;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Boolean> result :
          threads.invokeAll(IntStream.range(0, THREADS).mapToObj(i -> task).toList())) {
        assertThat(result.get()).isTrue();
      }
    }
  }
}
