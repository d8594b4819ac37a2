package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The CfC cells of a backend have the bits of the definition, however the work is cut into calls.
 */
public abstract class CfcContract {
  private static final int[] SIZES =
      Contract.SMALL ? new int[] {1, 16, 17} : new int[] {1, 3, 15, 16, 17, 31, 33, 64, 65, 127};
  private static final int[] ROWS =
      Contract.SMALL ? new int[] {1, 2, 7} : new int[] {1, 2, 3, 5, 6, 7, 13, 24, 49, 97};
  private static final int[] STEPS = Contract.SMALL ? new int[] {1, 2} : new int[] {1, 2, 5};
  private static final Activation[] HEADS =
      CfcWeights.HEAD_ACTIVATIONS.stream().sorted().toArray(Activation[]::new);
  private static final int MOST_LAYERS = Contract.SMALL ? 2 : 3;
  private static final int RANDOM = Contract.SMALL ? 2 : 100;
  private static final int THREADS = 4;

  /** Bytes that make a NaN: memory of a workspace before anything is written to it. */
  private static final byte NAN_BYTE = (byte) 0xFF;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> cellsOfTheTable() {
    return perCase(table());
  }

  @TestFactory
  Stream<DynamicNode> randomCells() {
    return perCase(
        IntStream.range(0, RANDOM).mapToObj(i -> random(Contract.random("cell", i))).toList());
  }

  @TestFactory
  Stream<DynamicNode> tinyStatesBecomeZero() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(CfcMode.values())
                .map(mode -> dynamicTest(mode.fieldName(), () -> flush(k.cfc(), mode))));
  }

  @TestFactory
  Stream<DynamicNode> nanStaysInItsRow() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(CfcMode.values())
                .map(mode -> dynamicTest(mode.fieldName(), () -> nanStaysInItsRow(k.cfc(), mode))));
  }

  @TestFactory
  Stream<DynamicNode> noRowsAndNoStepsChangeNothing() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("0 rows, 0 steps", () -> nothing(k.cfc()))));
  }

  @TestFactory
  Stream<DynamicNode> rowsMayRunInManyThreads() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest(THREADS + " threads", () -> manyThreads(k.cfc()))));
  }

  private Stream<DynamicNode> perCase(List<Case> cases) {
    return Contract.each(
        kernels(), k -> cases.stream().map(c -> dynamicTest(c.toString(), () -> c.check(k.cfc()))));
  }

  /** How a series lies in memory. */
  private enum Layout {
    BATCH_FIRST,
    TIME_FIRST,
    /** Batch-first, with gaps between items and between rows. */
    PADDED,
    /** The same item for all. */
    ONE,
    /** An item for each step, the same for all rows. */
    PER_STEP,
    /** An item for each row, the same for all steps. */
    PER_ROW;

    static final List<Layout> OF_ITEMS = List.of(BATCH_FIRST, TIME_FIRST, PADDED);

    int rowStride(int steps, int item) {
      return switch (this) {
        case BATCH_FIRST -> steps * item;
        case TIME_FIRST, PER_ROW -> item;
        case PADDED -> steps * (item + 3) + 5;
        case ONE, PER_STEP -> 0;
      };
    }

    int stepStride(int rows, int item) {
      return switch (this) {
        case BATCH_FIRST, PER_STEP -> item;
        case TIME_FIRST -> rows * item;
        case PADDED -> item + 3;
        case ONE, PER_ROW -> 0;
      };
    }

    /** Floats of the whole series. */
    int length(int rows, int steps, int item) {
      return (rows - 1) * rowStride(steps, item) + (steps - 1) * stepStride(rows, item) + item;
    }

    Series series(MemorySegment data, int rows, int steps, int item) {
      return new Series(data, rowStride(steps, item), stepStride(rows, item));
    }
  }

  /** Lengths of timespans. */
  private enum Elapsed {
    ORDINARY,
    ZERO,
    LARGE,
    MIXED;

    float next(SplittableRandom random) {
      return switch (this) {
        case ORDINARY -> (float) random.nextDouble(2);
        case ZERO -> 0;
        case LARGE ->
            random.nextInt(5) == 0
                ? Float.MAX_VALUE
                : Math.scalb((float) random.nextDouble(1, 2), random.nextInt(10, 127));
        case MIXED -> values()[random.nextInt(MIXED.ordinal())].next(random);
      };
    }
  }

  private static List<Case> table() {
    Values[] values = Values.values();
    Activation[] activations = Activation.values();
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            CfcMode.values().length,
            MOST_LAYERS + 1,
            activations.length,
            HEADS.length,
            Accuracy.values().length,
            WeightStorage.values().length,
            SIZES.length,
            SIZES.length,
            SIZES.length,
            ROWS.length,
            STEPS.length,
            Layout.OF_ITEMS.size(),
            Layout.values().length,
            Layout.OF_ITEMS.size() + 1,
            Elapsed.values().length,
            values.length)) {
      cases.add(
          new Case(
              CfcMode.values()[row[0]],
              row[1],
              activations[row[2]],
              HEADS[row[3]],
              Accuracy.values()[row[4]],
              WeightStorage.values()[row[5]],
              SIZES[row[6]],
              SIZES[row[7]],
              SIZES[row[8]],
              ROWS[row[9]],
              STEPS[row[10]],
              Layout.OF_ITEMS.get(row[11]),
              Layout.values()[row[12]],
              row[13] == Layout.OF_ITEMS.size() ? null : Layout.OF_ITEMS.get(row[13]),
              Elapsed.values()[row[14]],
              values[row[15]]));
    }
    return cases;
  }

  private static Case random(SplittableRandom random) {
    int most = Contract.SMALL ? 20 : 100;
    return new Case(
        CfcMode.values()[random.nextInt(CfcMode.values().length)],
        random.nextInt(MOST_LAYERS + 1),
        Activation.values()[random.nextInt(Activation.values().length)],
        HEADS[random.nextInt(HEADS.length)],
        Accuracy.values()[random.nextInt(Accuracy.values().length)],
        WeightStorage.values()[random.nextInt(WeightStorage.values().length)],
        random.nextInt(1, most),
        random.nextInt(1, 2 * most),
        random.nextInt(1, most),
        random.nextInt(1, Contract.SMALL ? 4 : 60),
        random.nextInt(1, Contract.SMALL ? 3 : 8),
        Layout.OF_ITEMS.get(random.nextInt(Layout.OF_ITEMS.size())),
        Layout.values()[random.nextInt(Layout.values().length)],
        random.nextInt(4) == 0 ? null : Layout.OF_ITEMS.get(random.nextInt(Layout.OF_ITEMS.size())),
        Elapsed.values()[random.nextInt(Elapsed.values().length)],
        Values.values()[random.nextInt(Values.values().length)]);
  }

  /**
   * A cell, what it reads, and how that lies in memory.
   *
   * @param heads the heads' activation, unless the mode is pure
   * @param outLayout null for no output
   */
  private record Case(
      CfcMode mode,
      int layers,
      Activation activation,
      Activation heads,
      Accuracy accuracy,
      WeightStorage storage,
      int inputSize,
      int units,
      int hiddenSize,
      int rows,
      int steps,
      Layout xLayout,
      Layout timespansLayout,
      @Nullable Layout outLayout,
      Elapsed elapsed,
      Values values) {

    CfcWeights weights() {
      SplittableRandom random = Contract.random("weights", this);
      List<Linear> backbone = new ArrayList<>();
      int inputs = inputSize + hiddenSize;
      for (int i = 0; i < layers; i++) {
        backbone.add(linear(random, inputs, units));
        inputs = units;
      }
      CfcWeights weights =
          mode == CfcMode.PURE
              ? CfcWeights.pure(
                  inputSize,
                  hiddenSize,
                  activation,
                  backbone,
                  linear(random, inputs, hiddenSize),
                  values.weights(random, hiddenSize, 1),
                  values.weights(random, hiddenSize, 1))
              : CfcWeights.gated(
                  inputSize,
                  hiddenSize,
                  mode,
                  activation,
                  backbone,
                  linear(random, inputs, hiddenSize),
                  linear(random, inputs, hiddenSize),
                  linear(random, inputs, hiddenSize),
                  linear(random, inputs, hiddenSize));
      if (mode != CfcMode.PURE) {
        weights = weights.withHeadActivation(heads);
      }
      return weights.withStorage(storage);
    }

    private Linear linear(SplittableRandom random, int inputs, int outputs) {
      return new Linear(
          values.weights(random, inputs * outputs, inputs), values.weights(random, outputs, 1));
    }

    Sample sample() {
      SplittableRandom random = Contract.random("data", this);
      float[] x = new float[xLayout.length(rows, steps, inputSize)];
      Arrays.fill(x, Float.NaN);
      Series series = xLayout.series(MemorySegment.NULL, rows, steps, inputSize);
      for (int step = 0; step < steps; step++) {
        float[] inputs = values.rows(random, rows, inputSize);
        for (int row = 0; row < rows; row++) {
          System.arraycopy(inputs, row * inputSize, x, (int) series.offset(row, step), inputSize);
        }
      }
      float[] timespans = new float[timespansLayout.length(rows, steps, 1)];
      for (int i = 0; i < timespans.length; i++) {
        timespans[i] = elapsed.next(random);
      }
      return new Sample(weights(), values.rows(random, rows, hiddenSize), x, timespans);
    }

    Result define(Sample sample) {
      return run(Contract.DEFINITION.cfc(), sample, Way.WHOLE);
    }

    void check(CfcKernels kernels) {
      Sample sample = sample();
      Result expected = define(sample);
      for (Way way : Way.values()) {
        Result found = run(kernels, sample, way);
        String what = this + ", " + Contract.name(way);
        assertSame(what + ": state", expected.state, found.state);
        assertSame(what + ": out", expected.out, found.out);
      }
      checkSomeRows(kernels, sample, expected);
    }

    private Result run(CfcKernels kernels, Sample sample, Way way) {
      try (Arena arena = Arena.ofConfined()) {
        Call call = new Call(this, sample, kernels.cell(sample.weights, accuracy), arena);
        way.run(call, Contract.random("way", this));
        call.checkMemory(this + ", " + Contract.name(way), 0, rows);
        return new Result(call.state(), call.out());
      }
    }

    /** Rows that a call does not name keep every bit. */
    private void checkSomeRows(CfcKernels kernels, Sample sample, Result expected) {
      SplittableRandom random = Contract.random("some rows", this);
      int first = random.nextInt(rows);
      int count = random.nextInt(1, rows - first + 1);
      try (Arena arena = Arena.ofConfined()) {
        Call call = new Call(this, sample, kernels.cell(sample.weights, accuracy), arena);
        MemorySegment state = call.workspace.state();
        MemorySegment before = arena.allocate(state.byteSize()).copyFrom(state);
        call.run(call.workspace, first, count, 0, steps);
        String what = "%s, rows %d to %d".formatted(this, first, first + count - 1);
        long rowBytes = 4L * call.workspace.stateStride();
        long end = (long) first + count;
        assertThat(before.asSlice(0, first * rowBytes).mismatch(state.asSlice(0, first * rowBytes)))
            .as("%s: state of the rows before", what)
            .isEqualTo(-1);
        assertThat(before.asSlice(end * rowBytes).mismatch(state.asSlice(end * rowBytes)))
            .as("%s: state of the rows behind", what)
            .isEqualTo(-1);
        call.checkMemory(what, first, count);
        assertSame(
            what + ": state",
            Arrays.copyOfRange(expected.state, first * hiddenSize, (first + count) * hiddenSize),
            Arrays.copyOfRange(call.state(), first * hiddenSize, (first + count) * hiddenSize));
      }
    }

    @Override
    public String toString() {
      return "%s %s, heads %s, %s %s, I=%d %dxU=%d H=%d, %d rows, %d steps, x %s, timespans %s %s, out %s, %s"
          .formatted(
              mode.fieldName(),
              activation.fieldName(),
              heads.fieldName(),
              Contract.name(accuracy),
              Contract.name(storage),
              inputSize,
              layers,
              units,
              hiddenSize,
              rows,
              steps,
              Contract.name(xLayout),
              Contract.name(timespansLayout),
              Contract.name(elapsed),
              outLayout == null ? "none" : Contract.name(outLayout),
              Contract.name(values));
    }
  }

  /**
   * What a case computes with.
   *
   * @param state the initial hidden state [rows, H]
   */
  private record Sample(CfcWeights weights, float[] state, float[] x, float[] timespans) {}

  /**
   * What came out.
   *
   * @param state the final hidden state [rows, H]
   * @param out [rows, steps, H], or empty
   */
  private record Result(float[] state, float[] out) {}

  /**
   * Memory for one computation of a case, full of NaN where nothing has been written that may be
   * read.
   */
  private static final class Call {
    final Case c;
    final CfcKernel cell;
    final CfcWorkspace workspace;
    private final Sample sample;
    private final GuardedMemory x;
    private final GuardedMemory timespans;
    private final @Nullable GuardedMemory out;
    private final @Nullable Layout outLayout;

    Call(Case c, Sample sample, CfcKernel cell, Arena arena) {
      this.c = c;
      this.cell = cell;
      this.sample = sample;
      x = GuardedMemory.of(arena, sample.x, 4);
      timespans = GuardedMemory.of(arena, sample.timespans, 12);
      outLayout = c.outLayout;
      out =
          outLayout == null
              ? null
              : GuardedMemory.floats(arena, outLayout.length(c.rows, c.steps, c.hiddenSize), 20);
      workspace = CfcWorkspace.of(sample.weights, c.rows);
      workspace.state().fill(NAN_BYTE);
      poison(workspace);
      for (int row = 0; row < c.rows; row++) {
        MemorySegment.copy(
            sample.state,
            row * c.hiddenSize,
            workspace.state(),
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * workspace.hiddenStateOffset(row),
            c.hiddenSize);
      }
    }

    /** Fills what is private to a thread. */
    private static CfcWorkspace poison(CfcWorkspace workspace) {
      workspace.hidden().fill(NAN_BYTE);
      workspace.scratch().fill(NAN_BYTE);
      return workspace;
    }

    CfcWorkspace forOtherRows() {
      return poison(workspace.forOtherRows());
    }

    CfcWorkspace forOtherPanels() {
      CfcWorkspace other = workspace.forOtherPanels();
      other.scratch().fill(NAN_BYTE);
      return other;
    }

    /** Runs some rows from one step on. */
    void run(CfcWorkspace with, int firstRow, int rows, int firstStep, int steps) {
      cell.run(
          with,
          firstRow,
          rows,
          steps,
          from(x(), firstStep),
          from(timespans(), firstStep),
          out == null ? null : from(outSeries(), firstStep));
    }

    Series x() {
      return c.xLayout.series(x.segment(), c.rows, c.steps, c.inputSize);
    }

    Series timespans() {
      return c.timespansLayout.series(timespans.segment(), c.rows, c.steps, 1);
    }

    @Nullable Series outSeries() {
      return out == null || outLayout == null
          ? null
          : outLayout.series(out.segment(), c.rows, c.steps, c.hiddenSize);
    }

    private static @Nullable Series from(@Nullable Series series, int step) {
      return series == null
          ? null
          : new Series(
              series.data().asSlice(4L * step * series.stepStride()),
              series.rowStride(),
              series.stepStride());
    }

    float[] state() {
      float[] state = new float[c.rows * c.hiddenSize];
      for (int row = 0; row < c.rows; row++) {
        MemorySegment.copy(
            workspace.state(),
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * workspace.hiddenStateOffset(row),
            state,
            row * c.hiddenSize,
            c.hiddenSize);
      }
      return state;
    }

    float[] out() {
      Series series = outSeries();
      if (series == null) {
        return new float[0];
      }
      float[] result = new float[c.rows * c.steps * c.hiddenSize];
      for (int row = 0; row < c.rows; row++) {
        for (int step = 0; step < c.steps; step++) {
          MemorySegment.copy(
              series.data(),
              ValueLayout.JAVA_FLOAT_UNALIGNED,
              4 * series.offset(row, step),
              result,
              (row * c.steps + step) * c.hiddenSize,
              c.hiddenSize);
        }
      }
      return result;
    }

    /** Nothing but the items of these rows was written. */
    void checkMemory(String what, int firstRow, int rows) {
      x.assertGuards(what + ": x");
      timespans.assertGuards(what + ": timespans");
      assertSame(what + ": x", sample.x, x.toFloats());
      assertSame(what + ": timespans", sample.timespans, timespans.toFloats());
      Series series = outSeries();
      if (out == null || series == null) {
        return;
      }
      out.assertGuards(what + ": out");
      BitSet written = new BitSet();
      for (int row = firstRow; row < firstRow + rows; row++) {
        for (int step = 0; step < c.steps; step++) {
          int first = (int) series.offset(row, step);
          written.set(first, first + c.hiddenSize);
        }
      }
      int length = (int) (series.data().byteSize() / 4);
      for (int i = written.nextClearBit(0); i < length; i = written.nextClearBit(i + 1)) {
        out.assertUntouched(what + ": between the items of out, float " + i, i, 1);
      }
    }
  }

  /** Ways to cut the work into calls. */
  private enum Way {
    WHOLE {
      @Override
      void run(Call call, SplittableRandom random) {
        call.run(call.workspace, 0, call.c.rows, 0, call.c.steps);
      }
    },
    STEP_BY_STEP {
      @Override
      void run(Call call, SplittableRandom random) {
        for (int step = 0; step < call.c.steps; step++) {
          call.run(call.workspace, 0, call.c.rows, step, 1);
        }
      }
    },
    ROW_BY_ROW {
      @Override
      void run(Call call, SplittableRandom random) {
        for (int row = 0; row < call.c.rows; row++) {
          call.run(call.workspace, row, 1, 0, call.c.steps);
        }
      }
    },
    /** Ranges of rows in any order, each with scratch memory of its own, and ranges of steps. */
    PIECES {
      @Override
      void run(Call call, SplittableRandom random) {
        for (int[] rows : pieces(call.c.rows, random)) {
          CfcWorkspace workspace = call.forOtherRows();
          int step = 0;
          while (step < call.c.steps) {
            int steps = random.nextInt(1, call.c.steps - step + 1);
            call.run(workspace, rows[0], rows[1], step, steps);
            step += steps;
          }
        }
      }
    },
    /** Ranges of panels of every layer in any order, each with scratch memory of its own. */
    LAYERS {
      @Override
      void run(Call call, SplittableRandom random) {
        int chunk = call.workspace.hiddenRows();
        for (int row = 0; row < call.c.rows; row += chunk) {
          int rows = Math.min(chunk, call.c.rows - row);
          for (int step = 0; step < call.c.steps; step++) {
            layers(call, random, row, rows, step);
          }
        }
      }
    };

    abstract void run(Call call, SplittableRandom random);

    private static void layers(
        Call call, SplittableRandom random, int firstRow, int rows, int step) {
      CfcWeights weights = call.workspace.weights();
      call.workspace.begin(firstRow, rows, call.x(), step);
      for (int layer = 0; layer < weights.layerCount(); layer++) {
        for (int[] panels : pieces(weights.layer(layer).panelCount(), random)) {
          call.cell.layer(
              random.nextBoolean() ? call.workspace : call.forOtherPanels(),
              firstRow,
              rows,
              layer,
              panels[0],
              panels[1],
              call.timespans(),
              step);
        }
      }
      Series out = call.outSeries();
      if (out != null) {
        call.workspace.emit(firstRow, rows, out, step);
      }
    }

    /** Cuts 0 .. n - 1 into pieces {first, count} in any order. */
    private static List<int[]> pieces(int n, SplittableRandom random) {
      List<int[]> pieces = new ArrayList<>();
      int first = 0;
      while (first < n) {
        int count = random.nextInt(1, n - first + 1);
        pieces.add(new int[] {first, count});
        first += count;
      }
      Collections.shuffle(pieces, new Random(random.nextLong()));
      return pieces;
    }
  }

  private static Case ordinary(CfcMode mode, int rows, int steps) {
    return new Case(
        mode,
        1,
        Activation.LECUN_TANH,
        Activation.TANH,
        Accuracy.ACCURATE,
        WeightStorage.BFLOAT16,
        3,
        Contract.SMALL ? 17 : 70,
        Contract.SMALL ? 5 : 37,
        rows,
        steps,
        Layout.BATCH_FIRST,
        Layout.TIME_FIRST,
        Layout.BATCH_FIRST,
        Elapsed.ORDINARY,
        Values.ORDINARY);
  }

  /**
   * Heads whose values come from the biases alone, so that the next state is exactly 2⁻¹⁰⁰ or one
   * unit in the last place above or below.
   */
  private static void flush(CfcKernels kernels, CfcMode mode) {
    float[] expected = {0x1p-100f, 0, 0x1.000002p-100f, -0x1p-100f, 0, -0x1.000002p-100f, 0};
    int units = expected.length;
    // Twice the state, except for the last unit.
    float[] twice = {
      0x1p-99f, 0x1.fffffep-100f, 0x1.000002p-99f, -0x1p-99f, -0x1.fffffep-100f, -0x1.000002p-99f, 1
    };
    float[] half = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 1};
    // With a gate of 1/2 the state is (ff1 + ff2) / 2 in mode default, ff1 + ff2 / 2 in mode
    // no_gate.
    float[] ff1 = twice.clone();
    float[] ff2 = new float[units];
    ff2[units - 1] = -1;
    if (mode == CfcMode.NO_GATE) {
      ff1 = new float[] {0x1p-99f, 0x1p-99f, 0x1p-99f, -0x1p-99f, -0x1p-99f, -0x1p-99f, 0x1p-99f};
      ff2 =
          new float[] {
            -0x1p-99f,
            -0x1.000002p-99f,
            -0x1.fffffcp-100f,
            0x1p-99f,
            0x1.000002p-99f,
            0x1.fffffcp-100f,
            -0x1.8p-99f
          };
    }
    CfcWeights weights =
        mode == CfcMode.PURE
            ? CfcWeights.pure(
                1, units, Activation.TANH, List.of(), biases(half), new float[units], twice)
            : CfcWeights.gated(
                1,
                units,
                mode,
                Activation.TANH,
                List.of(),
                biases(ff1),
                biases(ff2),
                biases(new float[units]),
                biases(new float[units]));
    for (Accuracy accuracy : Accuracy.values()) {
      float[] x = {1};
      assertSame(
          mode + " " + accuracy + " by definition",
          expected,
          oneStep(Contract.DEFINITION.cfc(), weights, accuracy, x));
      assertSame(mode + " " + accuracy, expected, oneStep(kernels, weights, accuracy, x));
    }
  }

  private static Linear biases(float[] bias) {
    return new Linear(new float[bias.length * (1 + bias.length)], bias);
  }

  /** One row, one step, timespan 0, from a zero state. */
  private static float[] oneStep(
      CfcKernels kernels, CfcWeights weights, Accuracy accuracy, float[] x) {
    try (Arena arena = Arena.ofConfined()) {
      CfcWorkspace workspace = CfcWorkspace.of(weights, 1);
      GuardedMemory out = GuardedMemory.floats(arena, weights.hiddenSize(), 0);
      kernels
          .cell(weights, accuracy)
          .run(
              workspace,
              0,
              1,
              1,
              new Series(GuardedMemory.of(arena, x, 0).segment(), 0, 0),
              new Series(GuardedMemory.of(arena, new float[] {0}, 0).segment(), 0, 0),
              new Series(out.segment(), 0, 0));
      return out.toFloats();
    }
  }

  private static void nanStaysInItsRow(CfcKernels kernels, CfcMode mode) {
    Case c = ordinary(mode, 13, 2);
    Sample clean = c.sample();
    Result expected = c.run(kernels, clean, Way.WHOLE);
    assertThat(expected.state).doesNotContain(Float.NaN);
    for (int bad = 0; bad < c.rows; bad++) {
      float[] state = clean.state.clone();
      float[] x = clean.x.clone();
      if (bad % 2 == 0) {
        state[bad * c.hiddenSize + 1] = Float.NaN;
      } else {
        x[bad * c.steps * c.inputSize] = Float.NaN;
      }
      float[] out = expected.out.clone();
      int item = c.steps * c.hiddenSize;
      Arrays.fill(out, bad * item, (bad + 1) * item, Float.NaN);
      Result found =
          c.run(kernels, new Sample(clean.weights, state, x, clean.timespans), Way.WHOLE);
      assertSame("NaN in row " + bad, out, found.out);
    }
  }

  private static void nothing(CfcKernels kernels) {
    Case c = ordinary(CfcMode.DEFAULT, 3, 2);
    Sample sample = c.sample();
    try (Arena arena = Arena.ofConfined()) {
      Call call = new Call(c, sample, kernels.cell(sample.weights, c.accuracy), arena);
      call.run(call.workspace, 1, 0, 0, c.steps);
      call.run(call.workspace, 3, 0, 0, c.steps);
      call.run(call.workspace, 0, c.rows, 0, 0);
      call.cell.layer(call.workspace, 0, 0, 0, 0, 1, call.timespans(), 0);
      call.cell.layer(call.workspace, 0, c.rows, 1, 0, 0, call.timespans(), 0);
      call.checkMemory("no rows, no steps", 0, 0);
      assertSame("state", sample.state, call.state());
    }
  }

  private static void manyThreads(CfcKernels kernels) throws Exception {
    Case c = ordinary(CfcMode.DEFAULT, 4 * THREADS + 3, Contract.SMALL ? 2 : 50);
    Sample sample = c.sample();
    Result expected = c.define(sample);
    try (Arena arena = Arena.ofShared();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Call call = new Call(c, sample, kernels.cell(sample.weights, c.accuracy), arena);
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        CfcWorkspace workspace = call.forOtherRows();
        int first = c.rows * thread / THREADS;
        int count = c.rows * (thread + 1) / THREADS - first;
        tasks.add(
            () -> {
              call.run(workspace, first, count, 0, c.steps);
              return count;
            });
      }
      int rows = 0;
      for (Future<Integer> result : threads.invokeAll(tasks)) {
        rows += result.get();
      }
      assertThat(rows).isEqualTo(c.rows);
      assertSame("state", expected.state, call.state());
      assertSame("out", expected.out, call.out());
    }
  }
}
