package io.github.elegans.spark;

import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.spark.SequenceColumns.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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

  /** Most padded inputs at a time, unless a single sequence has more. */
  private static final long MOST_INPUTS = 1 << 22;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Results(Executor.network(weights.value()), rows);
  }

  /** A row that waits for its batch. */
  private record Waiting(Row row, Sequence sequence, float @Nullable [] state) {
    int steps() {
      return sequence.steps();
    }
  }

  private final class Results implements Iterator<Row> {
    private final Network network;
    private final Iterator<Row> rows;
    private final int inputs;
    private final int outputs;

    /** S + M. */
    private final int all;

    private @Nullable Session session;
    private @Nullable Waiting ahead;
    private List<Row> done = List.of();
    private int next;
    private long number;

    Results(Network network, Iterator<Row> rows) {
      this.network = network;
      this.rows = rows;
      this.inputs = network.inputSize();
      this.outputs = network.outputSize();
      this.all = network.stateSize() + network.memorySize();
    }

    @Override
    public boolean hasNext() {
      return next < done.size() || ahead != null || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == done.size()) {
        done = run(batch());
        next = 0;
      }
      return done.get(next++);
    }

    private List<Waiting> batch() {
      List<Waiting> batch = new ArrayList<>(BATCH);
      int longest = 1;
      while (batch.size() < BATCH && (ahead != null || rows.hasNext())) {
        Waiting waiting = ahead != null ? ahead : read(rows.next());
        int steps = Math.max(longest, waiting.steps());
        if (!batch.isEmpty() && (long) steps * (batch.size() + 1) * inputs > MOST_INPUTS) {
          ahead = waiting;
          return batch;
        }
        ahead = null;
        longest = steps;
        batch.add(waiting);
      }
      return batch;
    }

    private Waiting read(Row row) {
      Sequence sequence = columns.read(row, number, inputs);
      float[] hx = state == null ? null : state.readOrNull(row, number);
      if (state != null && hx != null && hx.length != all) {
        throw state.wrong(
            number,
            "a state of %d numbers is expected (hidden state %d, memory %d), found %d"
                .formatted(all, network.stateSize(), network.memorySize(), hx.length));
      }
      number++;
      return new Waiting(row, sequence, hx);
    }

    private List<Row> run(List<Waiting> batch) {
      int n = batch.size();
      int steps = Math.max(1, batch.stream().mapToInt(Waiting::steps).max().orElse(1));
      Session running = begin(batch);
      float[] out = new float[lastOnly ? n * outputs : n * steps * outputs];
      float[] x = new float[n * steps * inputs];
      for (int i = 0; i < n; i++) {
        float[] own = batch.get(i).sequence.x();
        System.arraycopy(own, 0, x, i * steps * inputs, own.length);
      }
      if (lastOnly) {
        running.runToLast(x, steps, timespans(batch, steps), mask(batch, steps), out);
      } else {
        running.run(x, steps, timespans(batch, steps), mask(batch, steps), out);
      }
      float[] ends = new float[givesState ? n * all : 0];
      if (givesState) {
        running.readRows(firstRows(n), ends);
      }
      List<Row> results = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        results.add(result(batch.get(i), i, steps, out, ends));
      }
      return results;
    }

    private Row result(Waiting waiting, int i, int steps, float[] out, float[] ends) {
      int size = waiting.row.size();
      Object[] values = new Object[size + (givesOutput ? 1 : 0) + (givesState ? 1 : 0)];
      for (int k = 0; k < size; k++) {
        values[k] = waiting.row.get(k);
      }
      Form form = columns.input().form();
      if (givesOutput) {
        values[size++] =
            lastOnly
                ? form.flat().write(out, i * outputs, outputs, outputs)
                : form.write(out, i * steps * outputs, waiting.steps() * outputs, outputs);
      }
      if (givesState) {
        values[size] = form.flat().write(ends, i * all, all, all);
      }
      return RowFactory.create(values);
    }

    private Timespans timespans(List<Waiting> batch, int steps) {
      if (columns.timespans() == null) {
        return Timespans.ONE;
      }
      float[] elapsed = new float[batch.size() * steps];
      for (int i = 0; i < batch.size(); i++) {
        float[] own = batch.get(i).sequence.timespans();
        if (own != null) {
          System.arraycopy(own, 0, elapsed, i * steps, own.length);
        }
      }
      return Timespans.perRowAndStep(elapsed);
    }

    private Mask mask(List<Waiting> batch, int steps) {
      if (columns.mask() == null) {
        int[] lengths = batch.stream().mapToInt(Waiting::steps).toArray();
        boolean isRagged = Arrays.stream(lengths).anyMatch(length -> length != steps);
        return isRagged ? Mask.lengths(lengths) : Mask.ALL;
      }
      boolean[] present = new boolean[batch.size() * steps];
      for (int i = 0; i < batch.size(); i++) {
        boolean[] own = batch.get(i).sequence.mask();
        if (own != null) {
          System.arraycopy(own, 0, present, i * steps, own.length);
        }
      }
      return Mask.of(present);
    }

    /** A session whose rows have the states that the batch begins with. */
    private Session begin(List<Waiting> batch) {
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
          float[] hx = batch.get(i).state;
          if (hx != null) {
            System.arraycopy(hx, 0, begins, i * all, all);
          }
        }
        running.writeRows(firstRows(n), begins);
      }
      return running;
    }

    private static int[] firstRows(int n) {
      int[] numbers = new int[n];
      Arrays.setAll(numbers, i -> i);
      return numbers;
    }
  }
}
