package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.kernels.programs.ProgramKernels;
import io.github.elegans.kernels.roofline.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Bad arguments are refused by name before anything is written. */
public abstract class BorderContract {
  private static final int N = 10;
  private static final int INPUTS = 5;
  private static final int OUTPUTS = 20;
  private static final int WIDTH = 32;
  private static final int ROWS = 3;
  private static final int STEPS = 2;
  private static final int HIDDEN = 6;
  private static final int UNITS = 70;
  private static final long LONGEST_STRIDE = 1L << 34;

  /** Kernels as {@link io.github.elegans.backends.Backends} hands them out. */
  protected abstract List<Kernels> kernels();

  /** What is wrong, and what the refusal must be and say. */
  private record Refusal(
      String name, Class<? extends Throwable> type, String text, Consumer<Fixture> call) {}

  @TestFactory
  Stream<DynamicNode> badArgumentsAreRefused() {
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                    math(),
                    doubles(),
                    gradients(),
                    backward(),
                    cfcGradients(),
                    lstmGradients(),
                    gruGradients(),
                    optimisers(),
                    losses(),
                    random(),
                    dense(),
                    denseGradients(),
                    transposes(),
                    run(),
                    layer(),
                    ltc(),
                    ltcGradients(),
                    lstm(),
                    recurrentOwnMemory(),
                    roofline())
                .flatMap(List::stream)
                .map(
                    refusal ->
                        dynamicTest(
                            refusal.name,
                            () -> {
                              for (WeightStorage storage : WeightStorage.values()) {
                                check(k, storage, refusal);
                              }
                            })));
  }

  @TestFactory
  Stream<DynamicNode> goodArgumentsAreAccepted() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(WeightStorage.values())
                .map(
                    storage ->
                        dynamicTest(
                            "all families, " + Contract.name(storage),
                            () -> checkAccepted(k, storage))));
  }

  /** Programs work on memory of solvers, and the probes of the roofline only read. */
  @Test
  void everyFamilyIsTriedOnMemoryThatMayVanish() {
    Set<KernelFamily<?>> families = new HashSet<>(Kernels.FAMILIES);
    families.removeAll(List.of(ProgramKernels.FAMILY, RooflineKernels.FAMILY));
    assertThat(VanishingMemory.families()).isEqualTo(families);
  }

  @TestFactory
  Stream<DynamicNode> memoryThatMayVanishGivesTheSameBits() {
    return Contract.each(kernels(), VanishingMemory::sameBits);
  }

  @TestFactory
  Stream<DynamicNode> memoryThatMayVanishCostsNoGarbage() {
    return Contract.each(kernels(), VanishingMemory::noGarbage);
  }

  private static void check(Kernels kernels, WeightStorage storage, Refusal refusal) {
    try (Arena arena = Arena.ofConfined()) {
      Fixture fixture = new Fixture(kernels, storage, arena);
      assertThatThrownBy(() -> refusal.call.accept(fixture))
          .as(refusal.name)
          .isInstanceOf(refusal.type)
          .hasMessageContaining(refusal.text);
      fixture.y.assertUntouched("y");
      assertThat(fixture.state()).as("state").containsOnly(0);
    }
  }

  private static void checkAccepted(Kernels kernels, WeightStorage storage) {
    try (Arena arena = Arena.ofConfined()) {
      Fixture f = new Fixture(kernels, storage, arena);
      f.apply(f.x(N), f.y(N), N);
      f.applyDouble(f.x(2 * N), f.y(2 * N), N);
      f.gradient(f.x(N), f.y(N), N);
      f.backward(f.x(N), f.y(N), N);
      f.weights(f.x(2 * 7 + INPUTS), 7, f.dz(), 33, ROWS, f.y(WIDTH * (1 + INPUTS)));
      f.weights(f.x(INPUTS), LONGEST_STRIDE, f.dz(), LONGEST_STRIDE, 1, f.y(WIDTH * (1 + INPUTS)));
      if (storage == WeightStorage.FLOAT32) {
        f.transpose(1, INPUTS - 1, f.y(16 * (1 + OUTPUTS)));
      }
      new Leaf(f, "", f.x(1)).forward();
      new Leaf(f, "", f.x(1)).backward();
      f.add(f.x(N), f.y(N), N);
      f.words(f.y(12), 3);
      f.dropout(0.5, f.y(33), 17, 5, f.x(2), f.x(2));
      f.loss(Loss.HUBER, 1, f.x(13), f.x(13), null, f.y(13), f.y(100, 4));
      f.loss(Loss.CROSS_ENTROPY, 0, f.y(13), f.x(8), f.x(3), f.y(13), f.y(100, 4));
      f.sumsOfSquares(f.x(33), 17, f.y(32));
      f.step(f.y(49), f.x(49), f.y(100, 49), f.y(200, 49), 33, 16);
      f.forward(f.x(2 * 7 + INPUTS), 7, f.y(2 * 33 + WIDTH), 33, ROWS);
      f.run(f.goodX(), f.goodTimespans(), f.goodOut());
      f.layer(0, ROWS, 1, 0, 1, f.goodTimespans(), STEPS - 1);
      // A single row or step may have any stride up to what memory can hold.
      f.forward(f.x(INPUTS), LONGEST_STRIDE, f.y(WIDTH), LONGEST_STRIDE, 1);
      f.run(
          0,
          1,
          1,
          new Series(f.x(INPUTS), LONGEST_STRIDE, LONGEST_STRIDE),
          new Series(f.x(1), LONGEST_STRIDE, LONGEST_STRIDE),
          new Series(f.y(HIDDEN), LONGEST_STRIDE, LONGEST_STRIDE));
      assertThat(f.kernels.roofline().multiplyAdd(1)).isPositive();
      assertThat(f.kernels.roofline().divide(1)).isPositive();
      assertThat(f.kernels.roofline().gather(1)).isPositive();
      assertThat(f.kernels.roofline().read(f.x(256), 256)).isEqualTo(256);
      assertThat(f.state()).doesNotContain(Float.NaN);
    }
  }

  /** A cell of 3 inputs, 2 outputs and {@value #ROWS} rows. */
  private interface Runner {
    void run(
        Fixture f, boolean own, int firstRow, int rows, int steps, Series x, Series dt, Series out);
  }

  private static List<Refusal> ltc() {
    LtcWeights weights = ltcWeights();
    return recurrent(
        "ltc",
        (f, own, firstRow, rows, steps, x, dt, out) ->
            f.kernels
                .ltc()
                .cell(weights, Accuracy.ACCURATE)
                .run(
                    LtcWorkspace.of(own ? weights : ltcWeights(), ROWS),
                    firstRow,
                    rows,
                    steps,
                    x,
                    dt,
                    out));
  }

  private static LtcWeights ltcWeights() {
    return new LtcWeights(
        Collections.nCopies(3, LtcWeights.Affine.IDENTITY),
        Collections.nCopies(4, new LtcWeights.Neuron(1, 0, 1)),
        List.of(new LtcWeights.Synapse(2, 1, 1, 0, 1, 1)),
        List.of(new LtcWeights.Synapse(1, 3, 1, 0, 1, -1)),
        Collections.nCopies(2, LtcWeights.Affine.IDENTITY),
        LtcWeights.Integration.ncps(),
        WeightStorage.FLOAT32);
  }

  /** The memory of a leaf of two steps, one of which may be another. */
  private record Leaf(Fixture f, String other, MemorySegment memory) {
    static final LtcTrainingWeights WEIGHTS =
        new LtcTrainingWeights(
            new LtcParameterLayout(
                3,
                4,
                2,
                LtcParameterLayout.Maps.AFFINE,
                List.of(new LtcParameterLayout.Connection(2, 1)),
                List.of(new LtcParameterLayout.Connection(1, 3)),
                LtcWeights.Integration.ncps(),
                false));

    /** Floats of the arguments. */
    static final Map<String, Integer> FORWARD =
        Map.of(
            "x", 2 * 3 * 16,
            "timespans", 2 * 16,
            "mask", 2 * 16,
            "v", 4 * 16,
            "out", 2 * 2 * 16,
            "kept", (int) WEIGHTS.keptFloats(2));

    static final Map<String, Integer> BACKWARD =
        Map.of(
            "x", 2 * 3 * 16,
            "timespans", 2 * 16,
            "mask", 2 * 16,
            "kept", (int) WEIGHTS.keptFloats(2),
            "outGradients", 2 * 2 * 16,
            "stateGradients", 4 * 16,
            "sums", (int) WEIGHTS.sumFloats(),
            "inputGradients", 2 * 3 * 16,
            "timespanGradients", 2 * 16);

    static final Set<String> READ = Set.of("x", "timespans", "mask", "outGradients");

    MemorySegment of(String name) {
      int floats = FORWARD.getOrDefault(name, BACKWARD.getOrDefault(name, 0));
      return name.equals(other) ? memory : f.arena.allocate(4L * floats, 64);
    }

    void forward() {
      f.kernels
          .ltcGradients()
          .forward(
              WEIGHTS, 2, 5, of("x"), of("timespans"), of("mask"), of("v"), of("out"), of("kept"));
    }

    void backward() {
      f.kernels
          .ltcGradients()
          .backward(
              WEIGHTS,
              2,
              5,
              of("x"),
              of("timespans"),
              of("mask"),
              of("kept"),
              of("outGradients"),
              of("stateGradients"),
              of("sums"),
              of("inputGradients"),
              of("timespanGradients"));
    }
  }

  private static List<Refusal> ltcGradients() {
    List<Refusal> refusals = new ArrayList<>();
    Leaf.FORWARD.forEach(
        (name, floats) -> {
          Caller call = (f, memory) -> new Leaf(f, name, memory).forward();
          refusals.addAll(
              Leaf.READ.contains(name)
                  ? unreadable("ltc forward", name, call, floats).toList()
                  : unwritable("ltc forward", name, call, floats).toList());
        });
    Leaf.BACKWARD.forEach(
        (name, floats) -> {
          Caller call = (f, memory) -> new Leaf(f, name, memory).backward();
          refusals.addAll(
              Leaf.READ.contains(name)
                  ? unreadable("ltc backward", name, call, floats).toList()
                  : unwritable("ltc backward", name, call, floats).toList());
        });
    return refusals;
  }

  private static List<Refusal> lstm() {
    LstmWeights weights = lstmWeights();
    return recurrent(
        "lstm",
        (f, own, firstRow, rows, steps, x, dt, out) ->
            f.kernels
                .lstm()
                .cell(weights, Accuracy.ACCURATE)
                .run(
                    LstmWorkspace.of(own ? weights : lstmWeights(), ROWS),
                    firstRow,
                    rows,
                    steps,
                    x,
                    null,
                    out));
  }

  private static LstmWeights lstmWeights() {
    Linear gate = new Linear(new float[2 * 5], new float[2]);
    return LstmWeights.pack(3, 2, gate, gate, gate, gate);
  }

  /** Series in the memory of the workspaces that they are used with. */
  private static List<Refusal> recurrentOwnMemory() {
    LtcWeights ltc = ltcWeights();
    LstmWeights lstm = lstmWeights();
    List<Refusal> refusals = new ArrayList<>();
    Map<String, Function<LtcWorkspace, MemorySegment>> ofLtc =
        Map.of("state", LtcWorkspace::state, "scratch", LtcWorkspace::scratch);
    ofLtc.forEach(
        (name, memory) -> {
          for (String series : List.of("x", "timespans", "out")) {
            refusals.add(
                illegal(
                    "ltc: %s is the %s memory".formatted(series, name),
                    series + " must not overlap the memory of the workspace",
                    f -> {
                      LtcWorkspace workspace = LtcWorkspace.of(ltc, ROWS);
                      Series own = new Series(memory.apply(workspace), 3, 3);
                      f.kernels
                          .ltc()
                          .cell(ltc, Accuracy.ACCURATE)
                          .run(
                              workspace,
                              0,
                              1,
                              1,
                              series.equals("x") ? own : f.series(3),
                              series.equals("timespans") ? own : f.series(1),
                              series.equals("out") ? own : f.outSeries(2));
                    }));
          }
        });
    Map<String, Function<LstmWorkspace, MemorySegment>> ofLstm =
        Map.of(
            "state", w -> w.state().asSlice(4),
            "c", LstmWorkspace::memory,
            "inputs", LstmWorkspace::inputs,
            "scratch", LstmWorkspace::scratch);
    ofLstm.forEach(
        (name, memory) -> {
          for (String series : List.of("x", "out")) {
            refusals.add(
                illegal(
                    "lstm: %s is the %s memory".formatted(series, name),
                    series + " must not overlap the memory of the workspace",
                    f -> {
                      LstmWorkspace workspace = LstmWorkspace.of(lstm, ROWS);
                      Series own = new Series(memory.apply(workspace), 3, 3);
                      f.kernels
                          .lstm()
                          .cell(lstm, Accuracy.ACCURATE)
                          .run(
                              workspace,
                              0,
                              1,
                              1,
                              series.equals("x") ? own : f.series(3),
                              null,
                              series.equals("out") ? own : f.outSeries(2));
                    }));
          }
        });
    return refusals;
  }

  private static List<Refusal> recurrent(String name, Runner runner) {
    Class<? extends Throwable> range = IndexOutOfBoundsException.class;
    Class<? extends Throwable> illegal = IllegalArgumentException.class;
    return List.of(
        new Refusal(
            name + ": rows beyond the workspace",
            range,
            "Range",
            f -> runner.run(f, true, 1, ROWS, 1, f.series(3), f.series(1), f.outSeries(2))),
        new Refusal(
            name + ": negative first row",
            range,
            "Range",
            f -> runner.run(f, true, -1, 1, 1, f.series(3), f.series(1), f.outSeries(2))),
        new Refusal(
            name + ": negative steps",
            illegal,
            "steps",
            f -> runner.run(f, true, 0, ROWS, -1, f.series(3), f.series(1), f.outSeries(2))),
        new Refusal(
            name + ": short x",
            range,
            "x must hold",
            f ->
                runner.run(
                    f, true, 0, ROWS, 1, new Series(f.x(8), 3, 3), f.series(1), f.outSeries(2))),
        new Refusal(
            name + ": negative stride",
            illegal,
            "strides",
            f ->
                runner.run(
                    f, true, 0, ROWS, 1, new Series(f.x(99), -3, 3), f.series(1), f.outSeries(2))),
        new Refusal(
            name + ": short out",
            range,
            "out must hold",
            f ->
                runner.run(
                    f, true, 0, ROWS, 1, f.series(3), f.series(1), new Series(f.y(5), 2, 2))),
        new Refusal(
            name + ": read-only out",
            illegal,
            "read-only",
            f ->
                runner.run(
                    f,
                    true,
                    0,
                    ROWS,
                    1,
                    f.series(3),
                    f.series(1),
                    new Series(f.y(99).asReadOnly(), 2, 2))),
        new Refusal(
            name + ": out is x",
            illegal,
            "overlap",
            f -> runner.run(f, true, 0, ROWS, 1, f.series(3), f.series(1), f.series(2))),
        new Refusal(
            name + ": x on the heap",
            illegal,
            "native",
            f ->
                runner.run(
                    f,
                    true,
                    0,
                    ROWS,
                    1,
                    new Series(MemorySegment.ofArray(new float[99]), 3, 3),
                    f.series(1),
                    f.outSeries(2))),
        new Refusal(
            name + ": the workspace of another cell",
            illegal,
            "another cell",
            f -> runner.run(f, false, 0, ROWS, 1, f.series(3), f.series(1), f.outSeries(2))));
  }

  /** Memory and objects that are right, to be made wrong in one respect. */
  private static final class Fixture {
    final Kernels kernels;
    final Arena arena;
    final GuardedMemory x;
    final GuardedMemory y;
    final DenseWeights dense;
    final CfcWeights weights;
    final CfcKernel cell;
    CfcWorkspace workspace;

    /** Inputs of any length. */
    Series series(int item) {
      return new Series(x(99), item, (long) item * ROWS);
    }

    /** Outputs of any length. */
    Series outSeries(int item) {
      return new Series(y(99), item, (long) item * ROWS);
    }

    Fixture(Kernels kernels, WeightStorage storage, Arena arena) {
      this.kernels = kernels;
      this.arena = arena;
      dense =
          DenseWeights.pack(
              INPUTS, OUTPUTS, new float[INPUTS * OUTPUTS], new float[OUTPUTS], storage);
      weights = cfcWeights().withStorage(storage);
      workspace = CfcWorkspace.of(weights, ROWS);
      x = GuardedMemory.floats(arena, 512, 0);
      y = GuardedMemory.floats(arena, 512, 0);
      for (int i = 0; i < 512; i++) {
        x.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
      }
      cell = kernels.cfc().cell(weights, Accuracy.ACCURATE);
    }

    static CfcWeights cfcWeights() {
      Linear head = new Linear(new float[HIDDEN * UNITS], new float[HIDDEN]);
      return CfcWeights.gated(
          INPUTS,
          HIDDEN,
          CfcMode.DEFAULT,
          Activation.TANH,
          List.of(new Linear(new float[UNITS * (INPUTS + HIDDEN)], new float[UNITS])),
          head,
          head,
          head,
          head);
    }

    /** Input memory of exactly n floats. */
    MemorySegment x(long n) {
      return x.segment().asSlice(0, 4 * n);
    }

    /** Output memory of exactly n floats. */
    MemorySegment y(long n) {
      return y.segment().asSlice(0, 4 * n);
    }

    float[] state() {
      float[] state = new float[ROWS * HIDDEN];
      for (int row = 0; row < ROWS; row++) {
        MemorySegment.copy(
            workspace.state(),
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            4 * workspace.hiddenStateOffset(row),
            state,
            row * HIDDEN,
            HIDDEN);
      }
      return state;
    }

    void apply(MemorySegment from, MemorySegment to, long n) {
      kernels.math().apply(Activation.TANH, Accuracy.ACCURATE, from, to, n);
    }

    void applyDouble(MemorySegment from, MemorySegment to, long n) {
      kernels.math().applyDouble(Activation.TANH, from, to, n);
    }

    void gradient(MemorySegment from, MemorySegment to, long n) {
      kernels.activationGradients().gradient(Activation.TANH, from, to, n);
    }

    void backward(MemorySegment from, MemorySegment to, long n) {
      kernels.activationGradients().backward(Activation.TANH, from, to, n);
    }

    /** Gradients of {@value #ROWS} rows of outputs, 33 floats apart. */
    MemorySegment dz() {
      return x.segment().asSlice(400, 4L * (2 * 33 + WIDTH));
    }

    void weights(
        MemorySegment from,
        long xStride,
        MemorySegment dz,
        long dzStride,
        int rows,
        MemorySegment gradient) {
      kernels
          .denseGradients()
          .weights(from, xStride, dz, dzStride, rows, INPUTS, OUTPUTS, gradient);
    }

    void transpose(int firstInput, int inputs, MemorySegment transposed) {
      kernels
          .denseGradients()
          .transpose(dense.withStorage(WeightStorage.FLOAT32), firstInput, inputs, transposed);
    }

    void add(MemorySegment from, MemorySegment to, long n) {
      kernels.optimisers().add(from, to, n);
    }

    /** Of two rows. */
    void sumsOfSquares(MemorySegment from, long stride, MemorySegment sums) {
      kernels.optimisers().sumsOfSquares(from, stride, 2, sums);
    }

    /** Adam, on two rows. */
    void step(
        MemorySegment p,
        MemorySegment g,
        @Nullable MemorySegment first,
        @Nullable MemorySegment second,
        long stride,
        long width) {
      kernels
          .optimisers()
          .step(
              OptimiserStep.adam(1e-3, 0.9, 0.999, 1e-8, false, 0),
              p,
              g,
              first,
              second,
              null,
              stride,
              width,
              2);
    }

    /** So many floats of the output memory, from one on. */
    MemorySegment y(long first, long n) {
      return y.segment().asSlice(4 * first, 4 * n);
    }

    /** Two rows of 3, 10 apart; targets 7 apart. */
    void loss(
        Loss loss,
        double parameter,
        MemorySegment out,
        MemorySegment targets,
        @Nullable MemorySegment classWeights,
        MemorySegment gradient,
        MemorySegment losses) {
      loss(loss, parameter, out, 10, targets, 7, classWeights, 3, 2, 1, gradient, losses);
    }

    void loss(
        Loss loss,
        double parameter,
        MemorySegment out,
        long outStride,
        MemorySegment targets,
        long targetStride,
        @Nullable MemorySegment classWeights,
        int width,
        int rows,
        float scale,
        MemorySegment gradient,
        MemorySegment losses) {
      kernels
          .losses()
          .loss(
              loss,
              parameter,
              out,
              outStride,
              targets,
              targetStride,
              classWeights,
              width,
              rows,
              scale,
              gradient,
              losses);
    }

    void words(MemorySegment words, int n) {
      kernels.random().threefry(1, 2, 3, 4, 5, 6, 7, 8, words, n);
    }

    /** Of two rows. */
    void dropout(
        double probability,
        MemorySegment values,
        long stride,
        int units,
        MemorySegment steps,
        MemorySegment samples) {
      kernels.random().dropout(1, 2, 3, probability, values, stride, units, 2, steps, samples);
    }

    void forward(MemorySegment from, long xStride, MemorySegment to, long yStride, int rows) {
      kernels
          .dense()
          .forward(dense, Activation.TANH, Accuracy.ACCURATE, from, xStride, to, yStride, rows);
    }

    Series goodX() {
      return new Series(x(ROWS * STEPS * INPUTS), STEPS * INPUTS, INPUTS);
    }

    Series goodTimespans() {
      return new Series(x.segment().asSlice(400, 4 * ROWS * STEPS), STEPS, 1);
    }

    Series goodOut() {
      return new Series(y(ROWS * STEPS * HIDDEN), STEPS * HIDDEN, HIDDEN);
    }

    void run(Series from, Series timespans, @Nullable Series out) {
      run(0, ROWS, STEPS, from, timespans, out);
    }

    void run(
        int firstRow, int rows, int steps, Series from, Series timespans, @Nullable Series out) {
      cell.run(workspace, firstRow, rows, steps, from, timespans, out);
    }

    /** Runs other rows and steps on the right memory. */
    void runRows(int firstRow, int rows, int steps) {
      run(firstRow, rows, steps, goodX(), goodTimespans(), goodOut());
    }

    void layer(
        int firstRow, int rows, int layer, int firstPanel, int panels, Series timespans, int step) {
      cell.layer(workspace, firstRow, rows, layer, firstPanel, panels, timespans, step);
    }

    static MemorySegment heap(long n) {
      return MemorySegment.ofArray(new float[(int) n]);
    }

    static MemorySegment closed(long n) {
      try (Arena other = Arena.ofShared()) {
        return other.allocate(4 * n, 64);
      }
    }

    @SuppressWarnings("MustBeClosedChecker") // Only the thread could close it, and that has ended.
    static MemorySegment ofOtherThread(long n) {
      MemorySegment[] result = new MemorySegment[1];
      Thread thread =
          Thread.ofPlatform().start(() -> result[0] = Arena.ofConfined().allocate(4 * n, 64));
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return result[0];
    }
  }

  private static Refusal illegal(String name, String text, Consumer<Fixture> call) {
    return new Refusal(name, IllegalArgumentException.class, text, call);
  }

  private static Refusal outside(String name, String text, Consumer<Fixture> call) {
    return new Refusal(name, IndexOutOfBoundsException.class, text, call);
  }

  /** Memory that no kernel can read, for an argument of that name. */
  private static Stream<Refusal> unreadable(
      String family, String argument, Caller call, int length) {
    return Stream.of(
        illegal(
            family + ": " + argument + " on the heap",
            argument + " must be native memory",
            f -> call.call(f, Fixture.heap(length))),
        outside(
            family + ": " + argument + " too short",
            argument + " must hold " + length,
            f -> call.call(f, f.arena.allocate(4L * length - 4, 64))),
        new Refusal(
            family + ": " + argument + " of a closed arena",
            IllegalStateException.class,
            argument + " is memory of a closed arena",
            f -> call.call(f, Fixture.closed(length))),
        new Refusal(
            family + ": " + argument + " of another thread",
            WrongThreadException.class,
            argument + " belongs to another thread",
            f -> call.call(f, Fixture.ofOtherThread(length))));
  }

  /** Memory that no kernel can write, for an argument of that name. */
  private static Stream<Refusal> unwritable(
      String family, String argument, Caller call, int length) {
    return Stream.concat(
        unreadable(family, argument, call, length),
        Stream.of(
            illegal(
                family + ": " + argument + " read-only",
                argument + " must be writable",
                f -> call.call(f, f.arena.allocate(4L * length, 64).asReadOnly()))));
  }

  @FunctionalInterface
  private interface Caller {
    void call(Fixture fixture, MemorySegment segment);
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // They are only read.
  private static List<Refusal> all(Stream<Refusal>... refusals) {
    return Stream.of(refusals).flatMap(UnaryOperator.identity()).toList();
  }

  private static List<Refusal> math() {
    return all(
        unreadable("math", "x", (f, x) -> f.apply(x, f.y(N), N), N),
        unwritable("math", "y", (f, y) -> f.apply(f.x(N), y, N), N),
        Stream.of(
            illegal(
                "math: negative n",
                "n must be at least 0, but is -1",
                f -> f.apply(f.x(N), f.y(N), -1)),
            outside("math: huge n", "x", f -> f.apply(f.x(N), f.y(N), Long.MAX_VALUE)),
            illegal(
                "math: y begins within x",
                "x and y must not overlap",
                f -> f.apply(f.y(N), f.y.segment().asSlice(4, 4 * N), N)),
            illegal(
                "math: y ends within x",
                "x and y must not overlap",
                f -> f.apply(f.y.segment().asSlice(4 * N - 4, 4 * N), f.y(N), N))));
  }

  private static List<Refusal> doubles() {
    return all(
        Stream.of(
            illegal("doubles: negative n", "n must be", f -> f.applyDouble(f.x(N), f.y(N), -1)),
            outside("doubles: huge n", "x", f -> f.applyDouble(f.x(N), f.y(N), Long.MAX_VALUE / 4)),
            illegal(
                "doubles: x on the heap",
                "x must be native memory",
                f -> f.applyDouble(Fixture.heap(2 * N), f.y(2 * N), N)),
            outside(
                "doubles: x too short",
                "x must hold 10 elements, but has 9",
                f -> f.applyDouble(f.x(2 * N - 1), f.y(2 * N), N)),
            outside(
                "doubles: y too short",
                "y must hold 10 elements, but has 9",
                f -> f.applyDouble(f.x(2 * N), f.y(2 * N - 1), N)),
            illegal(
                "doubles: y read-only",
                "y must be writable",
                f -> f.applyDouble(f.x(2 * N), f.y(2 * N).asReadOnly(), N)),
            illegal(
                "doubles: y begins within x",
                "x and y must not overlap",
                f -> f.applyDouble(f.y(2 * N), f.y.segment().asSlice(8, 8 * N), N))));
  }

  private static List<Refusal> gradients() {
    return all(
        unreadable("gradients", "z", (f, z) -> f.gradient(z, f.y(N), N), N),
        unwritable("gradients", "d", (f, d) -> f.gradient(f.x(N), d, N), N),
        Stream.of(
            illegal(
                "gradients: negative n",
                "n must be at least 0, but is -1",
                f -> f.gradient(f.x(N), f.y(N), -1)),
            outside("gradients: huge n", "z", f -> f.gradient(f.x(N), f.y(N), Long.MAX_VALUE)),
            illegal(
                "gradients: d is z",
                "z and d must not overlap",
                f -> f.gradient(f.y(N), f.y.segment().asSlice(0, 4 * N), N))));
  }

  private static List<Refusal> backward() {
    return all(
        unreadable("backward", "z", (f, z) -> f.backward(z, f.y(N), N), N),
        unwritable("backward", "dy", (f, dy) -> f.backward(f.x(N), dy, N), N),
        Stream.of(
            illegal(
                "backward: negative n",
                "n must be at least 0, but is -1",
                f -> f.backward(f.x(N), f.y(N), -1)),
            outside("backward: huge n", "z", f -> f.backward(f.x(N), f.y(N), Long.MAX_VALUE)),
            illegal(
                "backward: dy is z",
                "z and dy must not overlap",
                f -> f.backward(f.y(N), f.y(N), N))));
  }

  /** An argument of a kernel: so many floats. */
  private record Piece(String name, int length, boolean written) {}

  private interface OnPieces {
    void call(Kernels kernels, MemorySegment[] memory);
  }

  /** Calls whose pieces of memory are right but for one, or but for two that overlap. */
  private static Stream<Refusal> pieces(String family, OnPieces call, Piece... pieces) {
    Stream<Refusal> refusals = Stream.empty();
    for (int i = 0; i < pieces.length; i++) {
      int wrong = i;
      Caller caller =
          (f, segment) -> {
            MemorySegment[] memory = allocate(f, pieces);
            memory[wrong] = segment;
            call.call(f.kernels, memory);
          };
      Piece piece = pieces[i];
      refusals =
          Stream.concat(
              refusals,
              piece.written
                  ? unwritable(family, piece.name, caller, piece.length)
                  : unreadable(family, piece.name, caller, piece.length));
      for (int j = 0; j < i; j++) {
        if (piece.written || pieces[j].written) {
          refusals = Stream.concat(refusals, Stream.of(overlapping(family, call, pieces, j, i)));
        }
      }
    }
    return refusals;
  }

  /** The second begins with the first's last float. */
  private static Refusal overlapping(
      String family, OnPieces call, Piece[] pieces, int first, int second) {
    return illegal(
        "%s: %s and %s overlap".formatted(family, pieces[first].name, pieces[second].name),
        "must not overlap",
        f -> {
          MemorySegment[] memory = allocate(f, pieces);
          long begin = 4L * pieces[first].length - 4;
          MemorySegment both = f.arena.allocate(begin + 4L * pieces[second].length, 64);
          memory[first] = both.asSlice(0, begin + 4);
          memory[second] = both.asSlice(begin, 4L * pieces[second].length);
          call.call(f.kernels, memory);
        });
  }

  private static MemorySegment[] allocate(Fixture f, Piece[] pieces) {
    MemorySegment[] memory = new MemorySegment[pieces.length];
    for (int i = 0; i < pieces.length; i++) {
      memory[i] = f.arena.allocate(4L * pieces[i].length, 64);
    }
    return memory;
  }

  private static List<Refusal> cfcGradients() {
    int units = ROWS * WIDTH;
    return all(
        pieces(
            "gate",
            (k, m) ->
                k.cfcGradients()
                    .gate(
                        CfcMode.DEFAULT,
                        Activation.TANH,
                        Accuracy.ACCURATE,
                        m[0],
                        4 * WIDTH,
                        m[1],
                        m[2],
                        WIDTH,
                        OUTPUTS,
                        ROWS),
            new Piece("heads", 4 * units, true),
            new Piece("timespans", ROWS, false),
            new Piece("h", units, true)),
        pieces(
            "gateBackward",
            (k, m) ->
                k.cfcGradients()
                    .gateBackward(
                        CfcMode.NO_GATE,
                        Activation.LINEAR,
                        m[0],
                        4 * WIDTH,
                        m[1],
                        m[2],
                        WIDTH,
                        OUTPUTS,
                        ROWS,
                        m[3]),
            new Piece("heads", 4 * units, true),
            new Piece("timespans", ROWS, false),
            new Piece("upstream", units, false),
            new Piece("timespanGradients", ROWS, true)),
        pieces(
            "decay",
            (k, m) ->
                k.cfcGradients()
                    .decay(
                        Accuracy.FAST,
                        m[0],
                        WIDTH,
                        m[1],
                        m[2],
                        m[3],
                        WIDTH,
                        m[4],
                        WIDTH,
                        OUTPUTS,
                        ROWS),
            new Piece("f", units, false),
            new Piece("parameters", 2 * WIDTH, false),
            new Piece("timespans", ROWS, false),
            new Piece("e", units, true),
            new Piece("h", units, true)),
        pieces(
            "decayBackward",
            (k, m) ->
                k.cfcGradients()
                    .decayBackward(
                        m[0], WIDTH, m[1], m[2], m[3], WIDTH, m[4], WIDTH, OUTPUTS, ROWS, m[5],
                        m[6]),
            new Piece("f", units, true),
            new Piece("parameters", 2 * WIDTH, false),
            new Piece("timespans", ROWS, false),
            new Piece("e", units, false),
            new Piece("upstream", units, false),
            new Piece("parameterGradients", 2 * WIDTH, true),
            new Piece("timespanGradients", ROWS, true)));
  }

  private static List<Refusal> lstmGradients() {
    int units = ROWS * WIDTH;
    return all(
        pieces(
            "lstm gates",
            (k, m) ->
                k.lstmGradients()
                    .gates(
                        Accuracy.ACCURATE,
                        m[0],
                        4 * WIDTH,
                        m[1],
                        m[2],
                        m[3],
                        m[4],
                        WIDTH,
                        OUTPUTS,
                        ROWS),
            new Piece("gates", 4 * units, true),
            new Piece("c", units, false),
            new Piece("next", units, true),
            new Piece("activated", units, true),
            new Piece("h", units, true)),
        pieces(
            "lstm gatesBackward",
            (k, m) ->
                k.lstmGradients()
                    .gatesBackward(m[0], 4 * WIDTH, m[1], m[2], m[3], m[4], WIDTH, OUTPUTS, ROWS),
            new Piece("gates", 4 * units, true),
            new Piece("c", units, false),
            new Piece("activated", units, false),
            new Piece("upstream", units, false),
            new Piece("memoryGradients", units, true)));
  }

  private static List<Refusal> gruGradients() {
    int units = ROWS * WIDTH;
    return all(
        pieces(
            "gru gates",
            (k, m) ->
                k.gruGradients()
                    .gates(
                        Accuracy.ACCURATE,
                        m[0],
                        2 * WIDTH,
                        m[1],
                        m[2],
                        m[3],
                        m[4],
                        WIDTH,
                        OUTPUTS,
                        ROWS),
            new Piece("gates", 2 * units, true),
            new Piece("input", units, true),
            new Piece("recurrent", units, false),
            new Piece("h", units, false),
            new Piece("next", units, true)),
        pieces(
            "gru gatesBackward",
            (k, m) ->
                k.gruGradients()
                    .gatesBackward(m[0], 2 * WIDTH, m[1], m[2], m[3], m[4], WIDTH, OUTPUTS, ROWS),
            new Piece("gates", 2 * units, true),
            new Piece("input", units, true),
            new Piece("recurrent", units, true),
            new Piece("h", units, false),
            new Piece("upstream", units, true)));
  }

  private static List<Refusal> optimisers() {
    int n = 49;
    return all(
        unreadable("optimisers: add", "x", (f, x) -> f.add(x, f.y(N), N), N),
        unwritable("optimisers: add", "sum", (f, sum) -> f.add(f.x(N), sum, N), N),
        unreadable("optimisers: squares", "x", (f, x) -> f.sumsOfSquares(x, 17, f.y(32)), 16 + 17),
        unwritable(
            "optimisers: step",
            "p",
            (f, p) -> f.step(p, f.x(n), f.y(100, n), f.y(200, n), 33, 16),
            n),
        unreadable(
            "optimisers: step",
            "g",
            (f, g) -> f.step(f.y(n), g, f.y(100, n), f.y(200, n), 33, 16),
            n),
        unwritable(
            "optimisers: step",
            "first",
            (f, first) -> f.step(f.y(n), f.x(n), first, f.y(200, n), 33, 16),
            n),
        unwritable(
            "optimisers: step",
            "second",
            (f, second) -> f.step(f.y(n), f.x(n), f.y(100, n), second, 33, 16),
            n),
        Stream.of(
            illegal(
                "optimisers: negative n",
                "n must be at least 0, but is -1",
                f -> f.add(f.x(N), f.y(N), -1)),
            outside("optimisers: huge n", "x", f -> f.add(f.x(N), f.y(N), Long.MAX_VALUE)),
            illegal(
                "optimisers: sum is x",
                "x and sum must not overlap",
                f -> f.add(f.y(N), f.y(N), N)),
            illegal(
                "optimisers: rows that overlap",
                "stride must lie between 16 and",
                f -> f.sumsOfSquares(f.x(99), 15, f.y(32))),
            outside(
                "optimisers: 15 sums",
                "sums must hold 16 elements, but has 15",
                f -> f.sumsOfSquares(f.x(99), 16, f.y(31))),
            illegal(
                "optimisers: half a block",
                "width must be a multiple of 16, but is 24",
                f -> f.step(f.y(n), f.x(n), f.y(100, n), f.y(200, n), 33, 24)),
            illegal(
                "optimisers: stride below the width",
                "stride must be at least 16, but is 15",
                f -> f.step(f.y(n), f.x(n), f.y(100, n), f.y(200, n), 15, 16)),
            outside(
                "optimisers: huge stride",
                "p must hold",
                f -> f.step(f.y(n), f.x(n), f.y(100, n), f.y(200, n), LONGEST_STRIDE, 16)),
            new Refusal(
                "optimisers: a state is missing",
                NullPointerException.class,
                "second",
                f -> f.step(f.y(n), f.x(n), f.y(100, n), null, 33, 16)),
            illegal(
                "optimisers: g is p",
                "p and g must not overlap",
                f -> f.step(f.y(n), f.y(n), f.y(100, n), f.y(200, n), 33, 16)),
            illegal(
                "optimisers: states overlap",
                "first and second must not overlap",
                f -> f.step(f.y(n), f.x(n), f.y(100, n), f.y(140, n), 33, 16)),
            illegal(
                "optimisers: a state is g",
                "g and first must not overlap",
                f -> f.step(f.y(n), f.y(100, n), f.y(100, n), f.y(200, n), 33, 16))));
  }

  private static List<Refusal> losses() {
    Loss squared = Loss.MEAN_SQUARED_ERROR;
    Loss classes = Loss.CROSS_ENTROPY;
    return all(
        unreadable(
            "losses",
            "out",
            (f, out) -> f.loss(squared, 0, out, f.x(13), null, f.y(13), f.y(100, 4)),
            13),
        unreadable(
            "losses",
            "targets",
            (f, targets) -> f.loss(squared, 0, f.x(13), targets, null, f.y(13), f.y(100, 4)),
            10),
        unreadable(
            "losses",
            "weights",
            (f, weights) -> f.loss(squared, 0, f.x(13), f.x(10), weights, f.y(13), f.y(100, 4)),
            10),
        unreadable(
            "losses of classes",
            "weights",
            (f, weights) -> f.loss(classes, 0, f.x(13), f.x(8), weights, f.y(13), f.y(100, 4)),
            3),
        unwritable(
            "losses",
            "gradient",
            (f, gradient) -> f.loss(squared, 0, f.x(13), f.x(10), null, gradient, f.y(100, 4)),
            13),
        Stream.of(
            outside(
                "losses: one for two rows",
                "losses must hold 2 elements, but has 1",
                f -> f.loss(squared, 0, f.x(13), f.x(10), null, f.y(13), f.y(100, 3))),
            illegal(
                "losses: read-only",
                "losses must be writable",
                f -> f.loss(squared, 0, f.x(13), f.x(10), null, f.y(13), f.y(100, 4).asReadOnly())),
            illegal(
                "losses: no outputs",
                "width must be at least 1, but is 0",
                f ->
                    f.loss(
                        squared, 0, f.x(13), 10, f.x(13), 10, null, 0, 2, 1, f.y(13), f.y(100, 4))),
            illegal(
                "losses: negative rows",
                "rows must be at least 0, but is -1",
                f ->
                    f.loss(
                        squared,
                        0,
                        f.x(13),
                        10,
                        f.x(13),
                        10,
                        null,
                        3,
                        -1,
                        1,
                        f.y(13),
                        f.y(100, 4))),
            illegal(
                "losses: rows that overlap",
                "outStride must lie between 3 and",
                f ->
                    f.loss(
                        squared, 0, f.x(13), 2, f.x(13), 10, null, 3, 2, 1, f.y(13), f.y(100, 4))),
            illegal(
                "losses: targets that overlap",
                "targetStride must lie between 3 and",
                f ->
                    f.loss(
                        squared, 0, f.x(13), 10, f.x(13), 2, null, 3, 2, 1, f.y(13), f.y(100, 4))),
            illegal(
                "losses: scale",
                "scale must be finite, but is NaN",
                f ->
                    f.loss(
                        squared,
                        0,
                        f.x(13),
                        10,
                        f.x(13),
                        10,
                        null,
                        3,
                        2,
                        Float.NaN,
                        f.y(13),
                        f.y(100, 4))),
            illegal(
                "losses: delta",
                "δ must be finite and positive, but is 0.0",
                f -> f.loss(Loss.HUBER, 0, f.x(13), f.x(13), null, f.y(13), f.y(100, 4))),
            illegal(
                "losses: positive weight",
                "the positive weight must be finite and not negative, but is -1.0",
                f ->
                    f.loss(
                        Loss.BINARY_CROSS_ENTROPY,
                        -1,
                        f.x(13),
                        f.x(13),
                        null,
                        f.y(13),
                        f.y(100, 4))),
            illegal(
                "losses: smoothing",
                "label smoothing must be from 0 to below 1, but is 1.0",
                f -> f.loss(classes, 1, f.x(13), f.x(13), null, f.y(13), f.y(100, 4))),
            illegal(
                "losses: a class too many",
                "targets must be classes from 0 to 0, or -1.0 for none, but that of row 0 is 1.0",
                f ->
                    f.loss(
                        classes, 0, f.x(13), 10, f.x(13), 10, null, 1, 2, 1, f.y(13), f.y(100, 4))),
            illegal(
                "losses: gradient begins within out",
                "out and gradient must not overlap",
                f -> f.loss(squared, 0, f.y(1, 13), f.x(13), null, f.y(13), f.y(100, 4))),
            illegal(
                "losses: gradient is targets",
                "targets and gradient must not overlap",
                f -> f.loss(squared, 0, f.x(13), f.y(13), null, f.y(13), f.y(100, 4))),
            illegal(
                "losses: losses are gradients",
                "gradient and losses must not overlap",
                f -> f.loss(squared, 0, f.x(13), f.x(13), null, f.y(13), f.y(4, 4)))));
  }

  private static List<Refusal> random() {
    return all(
        unwritable("random", "words", (f, words) -> f.words(words, 3), 12),
        unwritable("dropout", "x", (f, x) -> f.dropout(0.5, x, 17, 5, f.x(2), f.x(2)), 33),
        unreadable(
            "dropout", "steps", (f, steps) -> f.dropout(0.5, f.y(33), 17, 5, steps, f.x(2)), 2),
        unreadable(
            "dropout",
            "samples",
            (f, samples) -> f.dropout(0.5, f.y(33), 17, 5, f.x(2), samples),
            2),
        Stream.of(
            illegal(
                "random: negative n", "n must be at least 0, but is -1", f -> f.words(f.y(9), -1)),
            outside("random: huge n", "words must hold", f -> f.words(f.y(9), Integer.MAX_VALUE)),
            illegal(
                "dropout: all",
                "probability must be from 0 to below 1, but is 1.0",
                f -> f.dropout(1, f.y(33), 17, 5, f.x(2), f.x(2))),
            illegal(
                "dropout: negative units",
                "units must lie between 0 and",
                f -> f.dropout(0.5, f.y(33), 17, -1, f.x(2), f.x(2))),
            illegal(
                "dropout: rows that overlap",
                "stride (units rounded up to 16) must be at least 16, but is 15",
                f -> f.dropout(0.5, f.y(33), 15, 5, f.x(2), f.x(2))),
            illegal(
                "dropout: x is steps",
                "x and steps must not overlap",
                f -> f.dropout(0.5, f.y(33), 17, 5, f.y(2), f.x(2)))));
  }

  private static List<Refusal> dense() {
    int xLength = (ROWS - 1) * 7 + INPUTS;
    int yLength = (ROWS - 1) * 33 + WIDTH;
    return all(
        unreadable("dense", "x", (f, x) -> f.forward(x, 7, f.y(yLength), 33, ROWS), xLength),
        unwritable("dense", "y", (f, y) -> f.forward(f.x(xLength), 7, y, 33, ROWS), yLength),
        Stream.of(
            illegal(
                "dense: negative rows",
                "rows must be at least 0, but is -1",
                f -> f.forward(f.x(xLength), 7, f.y(yLength), 33, -1)),
            illegal(
                "dense: xStride below the inputs",
                "xStride must be at least 5, but is 4",
                f -> f.forward(f.x(xLength), INPUTS - 1, f.y(yLength), 33, ROWS)),
            illegal(
                "dense: negative xStride",
                "xStride must be at least 5, but is -7",
                f -> f.forward(f.x(xLength), -7, f.y(yLength), 33, ROWS)),
            illegal(
                "dense: yStride below the padded outputs",
                "yStride",
                f -> f.forward(f.x(xLength), 7, f.y(yLength), WIDTH - 1, ROWS)),
            outside(
                "dense: xStride too large",
                "x must hold",
                f -> f.forward(f.x(xLength), 8, f.y(yLength), 33, ROWS)),
            outside(
                "dense: xStride beyond all memory",
                "x must hold",
                f -> f.forward(f.x(xLength), Long.MAX_VALUE, f.y(yLength), 33, ROWS)),
            illegal(
                "dense: xStride of a single row beyond all memory",
                "stride must lie between 0 and 17179869184",
                f -> f.forward(f.x(INPUTS), LONGEST_STRIDE + 1, f.y(WIDTH), WIDTH, 1)),
            illegal(
                "dense: yStride of a single row beyond all memory",
                "stride must lie between 0 and 17179869184",
                f -> f.forward(f.x(INPUTS), INPUTS, f.y(WIDTH), Long.MAX_VALUE, 1)),
            outside(
                "dense: yStride beyond all memory",
                "y must hold",
                f -> f.forward(f.x(xLength), 7, f.y(yLength), Long.MAX_VALUE, ROWS)),
            illegal(
                "dense: y is x",
                "x and y must not overlap",
                f -> f.forward(f.y(yLength), 7, f.y(yLength), 33, ROWS)),
            illegal(
                "dense: y ends within x",
                "x and y must not overlap",
                f ->
                    f.forward(
                        f.y.segment().asSlice(4L * yLength - 4, 4L * xLength),
                        7,
                        f.y(yLength),
                        33,
                        ROWS))));
  }

  private static List<Refusal> denseGradients() {
    int xLength = (ROWS - 1) * 7 + INPUTS;
    int dzLength = (ROWS - 1) * 33 + WIDTH;
    int floats = WIDTH * (1 + INPUTS);
    return all(
        unreadable(
            "dense gradients",
            "x",
            (f, x) -> f.weights(x, 7, f.dz(), 33, ROWS, f.y(floats)),
            xLength),
        unreadable(
            "dense gradients",
            "dz",
            (f, dz) -> f.weights(f.x(xLength), 7, dz, 33, ROWS, f.y(floats)),
            dzLength),
        unwritable(
            "dense gradients",
            "gradient",
            (f, gradient) -> f.weights(f.x(xLength), 7, f.dz(), 33, ROWS, gradient),
            floats),
        Stream.of(
            illegal(
                "dense gradients: negative rows",
                "rows must be at least 0, but is -1",
                f -> f.weights(f.x(xLength), 7, f.dz(), 33, -1, f.y(floats))),
            illegal(
                "dense gradients: no inputs",
                "inputs must be at least 1, but is 0",
                f ->
                    f.kernels
                        .denseGradients()
                        .weights(f.x(xLength), 7, f.dz(), 33, ROWS, 0, OUTPUTS, f.y(floats))),
            illegal(
                "dense gradients: no outputs",
                "outputs must be at least 1, but is 0",
                f ->
                    f.kernels
                        .denseGradients()
                        .weights(f.x(xLength), 7, f.dz(), 33, ROWS, INPUTS, 0, f.y(floats))),
            illegal(
                "dense gradients: outputs beyond all memory",
                "outputs, rounded up to 16",
                f ->
                    f.kernels
                        .denseGradients()
                        .weights(
                            f.x(xLength),
                            7,
                            f.dz(),
                            33,
                            ROWS,
                            INPUTS,
                            Integer.MAX_VALUE,
                            f.y(floats))),
            illegal(
                "dense gradients: xStride below the inputs",
                "xStride must be at least 5, but is 4",
                f -> f.weights(f.x(xLength), 4, f.dz(), 33, ROWS, f.y(floats))),
            illegal(
                "dense gradients: dzStride below the padded outputs",
                "dzStride (outputs rounded up to 16) must be at least 32, but is 31",
                f -> f.weights(f.x(xLength), 7, f.dz(), WIDTH - 1, ROWS, f.y(floats))),
            outside(
                "dense gradients: xStride beyond all memory",
                "x must hold",
                f -> f.weights(f.x(xLength), Long.MAX_VALUE, f.dz(), 33, ROWS, f.y(floats))),
            illegal(
                "dense gradients: dzStride of a single row beyond all memory",
                "stride must lie between 0 and 17179869184",
                f -> f.weights(f.x(INPUTS), 7, f.dz(), LONGEST_STRIDE + 1, 1, f.y(floats))),
            illegal(
                "dense gradients: gradient is x",
                "x and gradient must not overlap",
                f -> f.weights(f.y(xLength), 7, f.dz(), 33, ROWS, f.y(floats))),
            illegal(
                "dense gradients: gradient ends within dz",
                "dz and gradient must not overlap",
                f ->
                    f.weights(
                        f.x(xLength),
                        7,
                        f.y.segment().asSlice(4L * floats - 4, 4L * dzLength),
                        33,
                        ROWS,
                        f.y(floats)))));
  }

  private static List<Refusal> transposes() {
    int floats = 16 * (1 + OUTPUTS);
    return all(
        unwritable(
            "transpose",
            "transposed",
            (f, transposed) -> f.transpose(0, INPUTS, transposed),
            floats),
        Stream.of(
            illegal(
                "transpose: negative input",
                "firstInput must lie between 0 and 4, but is -1",
                f -> f.transpose(-1, 1, f.y(floats))),
            illegal(
                "transpose: input beyond the last",
                "firstInput must lie between 0 and 4, but is 5",
                f -> f.transpose(INPUTS, 1, f.y(floats))),
            illegal(
                "transpose: no inputs",
                "inputs must lie between 1 and 5, but is 0",
                f -> f.transpose(0, 0, f.y(floats))),
            illegal(
                "transpose: inputs beyond the last",
                "inputs must lie between 1 and 2, but is 3",
                f -> f.transpose(3, 3, f.y(floats))),
            illegal(
                "transpose: huge inputs",
                "inputs must lie between 1 and 2",
                f -> f.transpose(3, Integer.MAX_VALUE, f.y(floats))),
            illegal(
                "transpose: not float32",
                "weights must be stored as FLOAT32, but are as BFLOAT16",
                f ->
                    f.kernels
                        .denseGradients()
                        .transpose(
                            f.dense.withStorage(WeightStorage.BFLOAT16), 0, INPUTS, f.y(floats))),
            illegal(
                "transpose: onto the weights",
                "weights and transposed must not overlap",
                f -> {
                  MemorySegment own = Arena.ofAuto().allocate(4L * WIDTH * (1 + INPUTS) + 4096, 64);
                  f.kernels
                      .denseGradients()
                      .transpose(
                          DenseWeights.view(INPUTS, OUTPUTS, own), 0, INPUTS, own.asSlice(64));
                })));
  }

  private static List<Refusal> run() {
    int xLength = ROWS * STEPS * INPUTS;
    int timespansLength = ROWS * STEPS;
    int outLength = ROWS * STEPS * HIDDEN;
    return all(
        unreadable(
            "run",
            "x",
            (f, x) -> f.run(new Series(x, STEPS * INPUTS, INPUTS), f.goodTimespans(), f.goodOut()),
            xLength),
        unreadable(
            "run",
            "timespans",
            (f, timespans) -> f.run(f.goodX(), new Series(timespans, STEPS, 1), f.goodOut()),
            timespansLength),
        unwritable(
            "run",
            "out",
            (f, out) ->
                f.run(f.goodX(), f.goodTimespans(), new Series(out, STEPS * HIDDEN, HIDDEN)),
            outLength),
        negativeStrides(),
        overlaps(outLength),
        Stream.of(
            outside("run: negative first row", "-1", f -> f.runRows(-1, 1, STEPS)),
            outside("run: negative number of rows", "-1", f -> f.runRows(0, -1, STEPS)),
            outside("run: more rows than there are", "4", f -> f.runRows(0, ROWS + 1, STEPS)),
            outside("run: rows beyond the last", "3", f -> f.runRows(1, ROWS, STEPS)),
            illegal(
                "run: negative steps",
                "steps must be at least 0, but is -1",
                f -> f.runRows(0, ROWS, -1)),
            outside(
                "run: more steps than x has", "x must hold", f -> f.runRows(0, ROWS, STEPS + 1)),
            illegal(
                "run: workspace of another cell",
                "workspace was made for another cell",
                f -> {
                  CfcWorkspace right = f.workspace;
                  f.workspace = CfcWorkspace.of(Fixture.cfcWeights(), ROWS);
                  try {
                    f.run(f.goodX(), f.goodTimespans(), f.goodOut());
                  } finally {
                    f.workspace = right;
                  }
                })));
  }

  private static Stream<Refusal> negativeStrides() {
    return Stream.of(
        illegal(
            "run: negative row stride of x",
            "x: strides must not be negative",
            f -> f.run(new Series(f.x(100), -1, INPUTS), f.goodTimespans(), f.goodOut())),
        illegal(
            "run: negative step stride of x",
            "x: strides must not be negative",
            f -> f.run(new Series(f.x(100), INPUTS, -1), f.goodTimespans(), f.goodOut())),
        illegal(
            "run: negative stride of timespans",
            "timespans: strides must not be negative",
            f -> f.run(f.goodX(), new Series(f.x(100), -1, 0), f.goodOut())),
        illegal(
            "run: negative stride of out",
            "out: strides must not be negative",
            f -> f.run(f.goodX(), f.goodTimespans(), new Series(f.y(100), 20, -6))),
        illegal(
            "run: stride of a single row of timespans beyond all memory",
            "timespans: strides must be at most 17179869184",
            f ->
                f.run(
                    0,
                    1,
                    STEPS,
                    f.goodX(),
                    new Series(f.x(10), LONGEST_STRIDE + 1, 1),
                    f.goodOut())),
        illegal(
            "run: stride of a single step of out beyond all memory",
            "out: strides must be at most 17179869184",
            f ->
                f.run(
                    0,
                    ROWS,
                    1,
                    f.goodX(),
                    f.goodTimespans(),
                    new Series(f.y(100), HIDDEN, Long.MAX_VALUE))),
        outside(
            "run: row stride of x beyond all memory",
            "x must hold",
            f ->
                f.run(
                    new Series(f.x(100), Long.MAX_VALUE / 2 + 1, INPUTS),
                    f.goodTimespans(),
                    f.goodOut())),
        outside(
            "run: step stride of out beyond all memory",
            "out must hold",
            f -> f.run(f.goodX(), f.goodTimespans(), new Series(f.y(100), 20, Long.MAX_VALUE))));
  }

  private static Stream<Refusal> overlaps(int outLength) {
    return Stream.of(
        illegal(
            "run: out is x",
            "x and out must not overlap",
            f ->
                f.run(
                    new Series(f.y(outLength), STEPS * INPUTS, INPUTS),
                    f.goodTimespans(),
                    f.goodOut())),
        illegal(
            "run: out ends within timespans",
            "timespans and out must not overlap",
            f ->
                f.run(
                    f.goodX(),
                    new Series(f.y.segment().asSlice(4L * outLength - 4, 100), STEPS, 1),
                    f.goodOut())),
        ownMemory("out is the state", "out", f -> f.workspace.state()),
        ownMemory("out is the memory between layers", "out", f -> f.workspace.hidden()),
        ownMemory("out is the scratch memory", "out", f -> f.workspace.scratch()),
        ownMemory("x is the state of other rows", "x", f -> f.workspace.state().asSlice(64)),
        ownMemory("x is the memory between layers", "x", f -> f.workspace.hidden()),
        ownMemory("timespans are the state", "timespans", f -> f.workspace.state()),
        ownMemory("timespans are the scratch memory", "timespans", f -> f.workspace.scratch()));
  }

  /** A run with the workspace's own memory as a series. */
  private static Refusal ownMemory(
      String name, String series, Function<Fixture, MemorySegment> memory) {
    return illegal(
        "run: " + name,
        series + " must not overlap the memory of the workspace",
        f -> {
          Series own = new Series(memory.apply(f), INPUTS, INPUTS);
          f.run(
              0,
              1,
              1,
              series.equals("x") ? own : f.goodX(),
              series.equals("timespans") ? own : f.goodTimespans(),
              series.equals("out") ? own : f.goodOut());
        });
  }

  private static List<Refusal> layer() {
    return all(
        unreadable(
            "layer",
            "timespans",
            (f, timespans) -> f.layer(0, ROWS, 1, 0, 1, new Series(timespans, STEPS, 1), 1),
            ROWS * STEPS),
        Stream.of(
            illegal(
                "layer: negative", "layer must lie between 0 and 1, but is -1", layer(-1, 0, 1)),
            illegal("layer: beyond the heads", "layer must lie between 0 and 1", layer(2, 0, 1)),
            outside("layer: negative panel", "-1", layer(0, -1, 1)),
            outside("layer: negative number of panels", "-1", layer(0, 0, -1)),
            outside("layer: panels beyond the last", "2", layer(0, 1, 2)),
            outside("layer: panels of the heads beyond the last", "1", layer(1, 1, 1)),
            illegal(
                "layer: negative step",
                "step must lie between",
                f -> f.layer(0, ROWS, 1, 0, 1, f.goodTimespans(), -1)),
            outside(
                "layer: step without timespan",
                "timespans must hold",
                f -> f.layer(0, ROWS, 1, 0, 1, f.goodTimespans(), STEPS)),
            outside(
                "layer: rows beyond the last",
                "4",
                f -> f.layer(0, ROWS + 1, 1, 0, 1, f.goodTimespans(), 0)),
            outside(
                "layer: negative row", "-1", f -> f.layer(-1, 1, 1, 0, 1, f.goodTimespans(), 0)),
            illegal(
                "layer: more rows than the memory between layers has",
                "rows must lie between 0 and 65, but is 66",
                f ->
                    f.cell.layer(
                        CfcWorkspace.of(f.weights, 2 * 65),
                        0,
                        66,
                        1,
                        0,
                        1,
                        new Series(f.x(1), 0, 0),
                        0)),
            illegal(
                "layer: workspace of another cell",
                "workspace was made for another cell",
                f ->
                    f.cell.layer(
                        CfcWorkspace.of(Fixture.cfcWeights(), ROWS),
                        0,
                        ROWS,
                        1,
                        0,
                        1,
                        f.goodTimespans(),
                        0))));
  }

  private static Consumer<Fixture> layer(int layer, int firstPanel, int panels) {
    return f -> f.layer(0, ROWS, layer, firstPanel, panels, f.goodTimespans(), 0);
  }

  private static List<Refusal> roofline() {
    return all(
        unreadable("roofline", "data", (f, data) -> f.kernels.roofline().read(data, 128), 128),
        Stream.of(
            illegal(
                "roofline: no rounds",
                "rounds must lie between 1",
                f -> f.kernels.roofline().multiplyAdd(0)),
            illegal(
                "roofline: no rounds of divisions",
                "rounds must lie between 1",
                f -> f.kernels.roofline().divide(0)),
            illegal(
                "roofline: no rounds of gathers",
                "rounds must lie between 1",
                f -> f.kernels.roofline().gather(0)),
            illegal(
                "roofline: negative n",
                "n must be at least 0",
                f -> f.kernels.roofline().read(f.x(256), -128)),
            illegal(
                "roofline: n that is no multiple of 128",
                "n must be a multiple of 128, but is 100",
                f -> f.kernels.roofline().read(f.x(256), 100)),
            illegal(
                "roofline: memory that may vanish",
                "data must be memory of an automatic, confined or global arena",
                f -> {
                  try (Arena shared = Arena.ofShared()) {
                    f.kernels.roofline().read(shared.allocate(1024), 128);
                  }
                })));
  }
}
