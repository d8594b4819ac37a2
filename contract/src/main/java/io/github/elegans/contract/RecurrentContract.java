package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Affine;
import io.github.elegans.kernels.ltc.LtcWeights.Integration;
import io.github.elegans.kernels.ltc.LtcWeights.Neuron;
import io.github.elegans.kernels.ltc.LtcWeights.Synapse;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The LTC and LSTM cells of a backend have the bits of the definition, however the work is cut into
 * calls, and write nothing but their outputs.
 */
public abstract class RecurrentContract {
  private static final int[] SIZES =
      Contract.SMALL ? new int[] {1, 16, 17} : new int[] {1, 3, 15, 16, 17, 31, 33, 64, 65, 127};
  private static final int[] INPUTS = Contract.SMALL ? new int[] {1, 3} : new int[] {1, 3, 16, 31};
  private static final int[] ROWS =
      Contract.SMALL ? new int[] {1, 17} : new int[] {1, 2, 3, 7, 8, 15, 16, 17, 24, 49, 65};
  private static final double[] DENSITIES = {0, 0.1, 0.5, 1};
  private static final int RANDOM = Contract.SMALL ? 2 : 60;
  private static final int STEPS = 3;

  /** Bytes that make a NaN: memory before anything is written to it. */
  private static final byte NAN_BYTE = (byte) 0xFF;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  /** How a sequence is cut into calls. */
  private enum Way {
    WHOLE,
    STEP_BY_STEP,
    ROW_BY_ROW,
    /** The first row, and then the others. */
    UNEVEN
  }

  /** What a case runs. */
  private interface Cell {
    int outputSize();

    /** Sets the states, and memory that may be read only after it has been written to NaN. */
    void begin(float[] states);

    void run(int firstRow, int rows, int steps, Series x, Series timespans, Series out);

    float[] states();
  }

  /** A cell on a backend for a number of rows. */
  private interface Subject {
    Cell on(Kernels kernels, int rows);

    int inputSize();

    int stateSize();
  }

  /** A subject and what it runs on. */
  private record Case(String name, Subject subject, int rows, Values values) {

    void check(Kernels kernels) {
      SplittableRandom random = Contract.random("data", name);
      int inputs = subject.inputSize();
      float[] x = values.rows(random, rows * STEPS, inputs);
      float[] timespans = new float[rows * STEPS];
      for (int i = 0; i < timespans.length; i++) {
        timespans[i] =
            switch (random.nextInt(8)) {
              case 0 -> 0f;
              case 1 -> Float.MIN_VALUE;
              case 2 -> Math.scalb(1f, random.nextInt(-120, 120));
              default -> (float) random.nextDouble(2);
            };
      }
      float[] states = values.rows(random, rows, subject.stateSize());
      float[][] expected = run(Contract.DEFINITION, Way.WHOLE, x, timespans, states);
      for (Way way : Way.values()) {
        float[][] found = run(kernels, way, x, timespans, states);
        String what = name + ", " + Contract.name(way);
        assertSame(what + ": out", expected[0], found[0]);
        assertSame(what + ": state", expected[1], found[1]);
      }
    }

    private float[][] run(Kernels kernels, Way way, float[] x, float[] timespans, float[] states) {
      try (Arena arena = Arena.ofConfined()) {
        Cell cell = subject.on(kernels, rows);
        cell.begin(states);
        int outputs = cell.outputSize();
        GuardedMemory inputMemory = GuardedMemory.of(arena, x, 4);
        GuardedMemory timespanMemory = GuardedMemory.of(arena, timespans, 12);
        // Rows of outputs with a gap of one float, which must stay as it is.
        int rowStride = STEPS * outputs + 1;
        GuardedMemory outMemory = GuardedMemory.floats(arena, (long) rows * rowStride, 20);
        for (int[] call : calls(way)) {
          int step = call[2];
          cell.run(
              call[0],
              call[1],
              call[3],
              series(inputMemory, STEPS, subject.inputSize(), step),
              series(timespanMemory, STEPS, 1, step),
              new Series(
                  outMemory.segment().asSlice((long) step * outputs * Float.BYTES),
                  rowStride,
                  outputs));
        }
        String what = name + ", " + Contract.name(way);
        inputMemory.assertGuards(what + ": x");
        timespanMemory.assertGuards(what + ": timespans");
        outMemory.assertGuards(what + ": out");
        float[] out = new float[rows * STEPS * outputs];
        for (int row = 0; row < rows; row++) {
          long at = (long) row * rowStride;
          for (int i = 0; i < STEPS * outputs; i++) {
            out[row * STEPS * outputs + i] = outMemory.get(at + i);
          }
          outMemory.assertUntouched(what + ": gap", at + rowStride - 1, 1);
        }
        return new float[][] {out, cell.states()};
      }
    }

    private static Series series(GuardedMemory memory, int steps, int item, int firstStep) {
      return new Series(
          memory.segment().asSlice((long) firstStep * item * Float.BYTES),
          (long) steps * item,
          item);
    }

    /** First row, rows, first step and steps of each call. */
    private List<int[]> calls(Way way) {
      return switch (way) {
        case WHOLE -> List.of(new int[] {0, rows, 0, STEPS});
        case STEP_BY_STEP ->
            IntStream.range(0, STEPS).mapToObj(t -> new int[] {0, rows, t, 1}).toList();
        case ROW_BY_ROW ->
            IntStream.range(0, rows).mapToObj(r -> new int[] {r, 1, 0, STEPS}).toList();
        case UNEVEN -> List.of(new int[] {0, 1, 0, STEPS}, new int[] {1, rows - 1, 0, STEPS});
      };
    }
  }

  private Stream<DynamicNode> perCase(List<Case> cases) {
    return Contract.each(
        kernels(), k -> cases.stream().map(c -> dynamicTest(c.name, () -> c.check(k))));
  }

  @TestFactory
  Stream<DynamicNode> ltc() {
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            SIZES.length,
            INPUTS.length,
            DENSITIES.length,
            LtcSolver.values().length,
            WeightStorage.values().length,
            Accuracy.values().length,
            ROWS.length,
            Values.values().length)) {
      cases.add(
          ltc(
              SIZES[row[0]],
              INPUTS[row[1]],
              DENSITIES[row[2]],
              LtcSolver.values()[row[3]],
              WeightStorage.values()[row[4]],
              Accuracy.values()[row[5]],
              ROWS[row[6]],
              Values.values()[row[7]]));
    }
    for (int i = 0; i < RANDOM; i++) {
      SplittableRandom random = Contract.random("ltc", i);
      cases.add(
          ltc(
              random.nextInt(1, Contract.SMALL ? 20 : 90),
              random.nextInt(1, 40),
              random.nextDouble(),
              LtcSolver.values()[random.nextInt(LtcSolver.values().length)],
              WeightStorage.values()[random.nextInt(WeightStorage.values().length)],
              Accuracy.values()[random.nextInt(Accuracy.values().length)],
              random.nextInt(1, Contract.SMALL ? 4 : 40),
              Values.values()[random.nextInt(Values.values().length)]));
    }
    return perCase(cases);
  }

  private static Case ltc(
      int units,
      int inputs,
      double density,
      LtcSolver solver,
      WeightStorage storage,
      Accuracy accuracy,
      int rows,
      Values values) {
    String name =
        "LTC N=%d I=%d density %.2f %s %s %s, %d rows, %s"
            .formatted(
                units,
                inputs,
                density,
                Contract.name(solver),
                Contract.name(storage),
                Contract.name(accuracy),
                rows,
                Contract.name(values));
    SplittableRandom random = Contract.random("weights", name);
    boolean elapsed = solver == LtcSolver.SEMI_IMPLICIT && random.nextInt(4) > 0;
    float offset = elapsed && random.nextBoolean() ? 1f : 0f;
    LtcWeights weights =
        new LtcWeights(
            affine(random, inputs),
            Stream.generate(() -> neuron(random)).limit(units).toList(),
            synapses(random, inputs, units, density),
            synapses(random, units, units, density),
            affine(random, random.nextInt(1, units + 1)),
            new Integration(solver, random.nextInt(1, 7), 1e-8, elapsed, offset),
            storage);
    return new Case(name, new LtcSubject(weights, accuracy), rows, values);
  }

  private static List<Affine> affine(SplittableRandom random, int n) {
    return Stream.generate(() -> new Affine(random.nextDouble(-2, 2), random.nextDouble(-0.5, 0.5)))
        .limit(n)
        .toList();
  }

  private static Neuron neuron(SplittableRandom random) {
    return new Neuron(
        random.nextDouble(1), random.nextDouble(-0.2, 0.2), random.nextDouble(0.4, 0.6));
  }

  private static List<Synapse> synapses(
      SplittableRandom random, int sources, int targets, double density) {
    List<Synapse> synapses = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      for (int target = 0; target < targets; target++) {
        if (density == 1 || random.nextDouble() < density) {
          synapses.add(
              new Synapse(
                  source,
                  target,
                  random.nextDouble(3, 8),
                  random.nextDouble(0.3, 0.8),
                  random.nextDouble(1),
                  random.nextBoolean() ? 1 : -1));
        }
      }
    }
    return synapses;
  }

  private record LtcSubject(LtcWeights weights, Accuracy accuracy) implements Subject {

    @Override
    public int inputSize() {
      return weights.inputSize();
    }

    @Override
    public int stateSize() {
      return weights.units();
    }

    @Override
    public Cell on(Kernels kernels, int rows) {
      LtcWorkspace workspace = LtcWorkspace.of(weights, rows);
      var cell = kernels.ltc().cell(weights, accuracy);
      return new Cell() {
        @Override
        public int outputSize() {
          return weights.outputSize();
        }

        @Override
        public void begin(float[] states) {
          workspace.scratch().fill(NAN_BYTE);
          put(states, workspace.state(), workspace.stateStride(), 0, weights.units());
        }

        @Override
        public void run(int firstRow, int n, int steps, Series x, Series timespans, Series out) {
          cell.run(workspace, firstRow, n, steps, x, timespans, out);
        }

        @Override
        public float[] states() {
          return get(workspace.state(), rows, workspace.stateStride(), 0, weights.units());
        }
      };
    }
  }

  @TestFactory
  Stream<DynamicNode> aTimespanOfZeroLeavesTheState() {
    return Contract.each(
        kernels(),
        k ->
            IntStream.of(1, 16, 40)
                .mapToObj(rows -> dynamicTest(rows + " rows", () -> checkRest(k, rows))));
  }

  private static void checkRest(Kernels kernels, int rows) {
    SplittableRandom random = Contract.random("rest", rows);
    LtcWeights weights =
        new LtcWeights(
            affine(random, 3),
            Stream.generate(() -> neuron(random)).limit(20).toList(),
            synapses(random, 3, 20, 0.5),
            synapses(random, 20, 20, 0.5),
            affine(random, 2),
            Integration.ncps(),
            WeightStorage.FLOAT32);
    try (Arena arena = Arena.ofConfined()) {
      LtcWorkspace workspace = LtcWorkspace.of(weights, rows);
      float[] states = Values.ORDINARY.rows(random, rows, 20);
      put(states, workspace.state(), workspace.stateStride(), 0, 20);
      MemorySegment x = arena.allocate(3L * rows * Float.BYTES);
      MemorySegment timespans = arena.allocate((long) rows * Float.BYTES);
      // Every third row moves on.
      for (int row = 0; row < rows; row += 3) {
        timespans.setAtIndex(ValueLayout.JAVA_FLOAT, row, 1);
      }
      kernels
          .ltc()
          .cell(weights, Accuracy.ACCURATE)
          .run(workspace, 0, rows, 1, new Series(x, 3, 0), new Series(timespans, 1, 0), null);
      float[] found = get(workspace.state(), rows, workspace.stateStride(), 0, 20);
      for (int row = 0; row < rows; row++) {
        for (int j = 0; j < 20; j++) {
          boolean same = found[row * 20 + j] == states[row * 20 + j];
          assertThat(same).as("row %d, neuron %d rests", row, j).isEqualTo(row % 3 != 0);
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicNode> lstm() {
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            SIZES.length,
            INPUTS.length,
            WeightStorage.values().length,
            Accuracy.values().length,
            ROWS.length,
            Values.values().length)) {
      cases.add(
          lstm(
              SIZES[row[0]],
              INPUTS[row[1]],
              WeightStorage.values()[row[2]],
              Accuracy.values()[row[3]],
              ROWS[row[4]],
              Values.values()[row[5]]));
    }
    return perCase(cases);
  }

  private static Case lstm(
      int units, int inputs, WeightStorage storage, Accuracy accuracy, int rows, Values values) {
    String name =
        "LSTM H=%d I=%d %s %s, %d rows, %s"
            .formatted(
                units,
                inputs,
                Contract.name(storage),
                Contract.name(accuracy),
                rows,
                Contract.name(values));
    SplittableRandom random = Contract.random("weights", name);
    Linear[] gates = new Linear[4];
    for (int i = 0; i < gates.length; i++) {
      gates[i] =
          new Linear(
              values.weights(random, units * (inputs + units), inputs + units),
              values.weights(random, units, 1));
    }
    LstmWeights weights =
        LstmWeights.pack(inputs, units, gates[0], gates[1], gates[2], gates[3])
            .withStorage(storage);
    return new Case(name, new LstmSubject(weights, accuracy), rows, values);
  }

  private record LstmSubject(LstmWeights weights, Accuracy accuracy) implements Subject {

    @Override
    public int inputSize() {
      return weights.inputSize();
    }

    /** h and then c. */
    @Override
    public int stateSize() {
      return 2 * weights.hiddenSize();
    }

    @Override
    public Cell on(Kernels kernels, int rows) {
      LstmWorkspace workspace = LstmWorkspace.of(weights, rows);
      var cell = kernels.lstm().cell(weights, accuracy);
      int units = weights.hiddenSize();
      int first = (int) workspace.hiddenStateOffset(0);
      return new Cell() {
        @Override
        public int outputSize() {
          return units;
        }

        @Override
        public void begin(float[] states) {
          workspace.state().fill(NAN_BYTE);
          workspace.memory().fill(NAN_BYTE);
          workspace.inputs().fill(NAN_BYTE);
          workspace.scratch().fill(NAN_BYTE);
          float[] h = new float[rows * units];
          float[] c = new float[rows * units];
          for (int row = 0; row < rows; row++) {
            System.arraycopy(states, row * 2 * units, h, row * units, units);
            System.arraycopy(states, row * 2 * units + units, c, row * units, units);
          }
          put(h, workspace.state(), workspace.stateStride(), first, units);
          put(c, workspace.memory(), workspace.memoryStride(), 0, units);
        }

        @Override
        public void run(int firstRow, int n, int steps, Series x, Series timespans, Series out) {
          // It knows no time: what is given does not count.
          cell.run(workspace, firstRow, n, steps, x, firstRow % 2 == 0 ? timespans : null, out);
        }

        @Override
        public float[] states() {
          float[] h = get(workspace.state(), rows, workspace.stateStride(), first, units);
          float[] c = get(workspace.memory(), rows, workspace.memoryStride(), 0, units);
          float[] both = new float[2 * h.length];
          System.arraycopy(h, 0, both, 0, h.length);
          System.arraycopy(c, 0, both, h.length, c.length);
          return both;
        }
      };
    }
  }

  private static void put(float[] rows, MemorySegment to, int stride, int first, int width) {
    for (int i = 0; i < rows.length; i++) {
      long at = (long) (i / width) * stride + first + i % width;
      to.setAtIndex(ValueLayout.JAVA_FLOAT, at, rows[i]);
    }
  }

  private static float[] get(MemorySegment from, int rows, int stride, int first, int width) {
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      long at = (long) (i / width) * stride + first + i % width;
      values[i] = from.getAtIndex(ValueLayout.JAVA_FLOAT, at);
    }
    return values;
  }
}
