package io.github.elegans.spark;

import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Runs a network over the sequences of a partition, so many at a time, padded to the longest.
 *
 * @param weights a safetensors file
 */
record ModelTask(
    Broadcast<byte[]> weights,
    SequenceColumns columns,
    @Nullable Column state,
    boolean lastOnly,
    boolean givesOutput,
    boolean givesState)
    implements MapPartitionsFunction<Row, Row> {
  /** Most sequences at a time. */
  private static final int BATCH = 64;

  /** Most padded inputs, or outputs, at a time, unless a single sequence has more. */
  private static final long MOST_NUMBERS = 1 << 22;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Results(Executor.network(weights.value()), rows);
  }

  /** A row of a batch, with the number that it has in its partition. */
  private record Item(Row row, long number, int steps) {}

  private final class Results extends Batches {
    private final Network network;
    private final int inputs;
    private final int outputs;

    /** S + M. */
    private final int all;

    private @Nullable Session session;
    private float[] x = {};
    private float[] out = {};

    Results(Network network, Iterator<Row> rows) {
      super(rows);
      this.network = network;
      this.inputs = network.inputSize();
      this.outputs = network.outputSize();
      this.all = network.stateSize() + network.memorySize();
    }

    @Override
    List<Row> run() {
      List<Item> batch = batch();
      int n = batch.size();
      int steps = batch.stream().mapToInt(Item::steps).reduce(1, Math::max);
      x = ofLength(x, n * steps * inputs);
      out = ofLength(out, lastOnly ? n * outputs : n * steps * outputs);
      for (int i = 0; i < n; i++) {
        Item item = batch.get(i);
        columns.input().read(item.row, item.number, x, i * steps * inputs);
      }
      Timespans timespans = timespans(batch, steps);
      Mask mask = mask(batch, steps);
      Session running = begin(batch);
      if (lastOnly) {
        running.runToLast(x, steps, timespans, mask, out);
      } else {
        running.run(x, steps, timespans, mask, out);
      }
      float[] ends = new float[givesState ? n * all : 0];
      if (givesState) {
        running.readRows(firstRows(n), ends);
      }
      List<Row> results = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        results.add(result(batch.get(i), i, steps, ends));
      }
      return results;
    }

    private List<Item> batch() {
      List<Item> batch = new ArrayList<>(BATCH);
      int longest = 1;
      for (Row row = ahead(); row != null && batch.size() < BATCH; row = ahead()) {
        Item item = new Item(row, taken(), columns.steps(row, taken(), inputs));
        longest = Math.max(longest, item.steps);
        if (!batch.isEmpty()
            && (long) longest * (batch.size() + 1) * Math.max(inputs, outputs) > MOST_NUMBERS) {
          break;
        }
        take();
        batch.add(item);
      }
      return batch;
    }

    /** The array, if it is of that length: what is in it does not matter. */
    private static float[] ofLength(float[] array, int length) {
      return array.length == length ? array : new float[length];
    }

    private Row result(Item item, int i, int steps, float[] ends) {
      List<Object> added = new ArrayList<>(2);
      Form form = columns.input().form();
      if (givesOutput) {
        added.add(
            lastOnly
                ? form.flat().write(out, i * outputs, outputs, outputs)
                : form.write(out, i * steps * outputs, item.steps * outputs, outputs));
      }
      if (givesState) {
        added.add(form.flat().write(ends, i * all, all, all));
      }
      return append(item.row, added);
    }

    private Timespans timespans(List<Item> batch, int steps) {
      Column column = columns.timespans();
      if (column == null) {
        return Timespans.ONE;
      }
      float[] elapsed = new float[batch.size() * steps];
      for (int i = 0; i < batch.size(); i++) {
        Item item = batch.get(i);
        float[] own = SequenceColumns.timespans(column, item.row, item.number, item.steps);
        System.arraycopy(own, 0, elapsed, i * steps, own.length);
      }
      return Timespans.perRowAndStep(elapsed);
    }

    private Mask mask(List<Item> batch, int steps) {
      MaskColumn column = columns.mask();
      if (column == null) {
        int[] lengths = batch.stream().mapToInt(Item::steps).toArray();
        boolean isRagged = Arrays.stream(lengths).anyMatch(length -> length != steps);
        return isRagged ? Mask.lengths(lengths) : Mask.ALL;
      }
      boolean[] present = new boolean[batch.size() * steps];
      for (int i = 0; i < batch.size(); i++) {
        Item item = batch.get(i);
        boolean[] own = column.read(item.row, item.number, item.steps);
        System.arraycopy(own, 0, present, i * steps, own.length);
      }
      return Mask.of(present);
    }

    /** A session whose rows have the states that the batch begins with. */
    private Session begin(List<Item> batch) {
      int n = batch.size();
      Session running = session;
      if (running == null || running.batch() != n) {
        running = network.session(n);
        session = running;
      }
      running.reset();
      if (state != null) {
        float[] begins = new float[n * all];
        for (int i = 0; i < n; i++) {
          Item item = batch.get(i);
          if (!item.row.isNullAt(state.index())) {
            requireState(state, state.count(item.row, item.number), item.number);
            state.read(item.row, item.number, begins, i * all);
          }
        }
        running.writeRows(firstRows(n), begins);
      }
      return running;
    }

    private void requireState(Column column, int found, long number) {
      if (found != all) {
        throw column.wrong(
            number,
            "a state of %d numbers is expected (hidden state %d, memory %d), found %d"
                .formatted(all, network.stateSize(), network.memorySize(), found));
      }
    }

    private static int[] firstRows(int n) {
      int[] numbers = new int[n];
      Arrays.setAll(numbers, i -> i);
      return numbers;
    }
  }
}
