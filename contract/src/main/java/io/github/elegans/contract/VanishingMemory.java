package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.lstm.LstmKernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcKernels;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.kernels.random.RandomKernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Kernels on memory that others may take away: mapped files, shared arenas, buffers. The calls go
 * through copies, longer and shorter than one chunk of them; nobody must see that.
 */
final class VanishingMemory {
  private static final int INPUTS = 3;
  private static final int HIDDEN = 21;
  private static final int ROWS = 7;

  /** Rows of gates, of {@value #HIDDEN} units: more than a chunk of memory holds. */
  private static final int GATE_ROWS = 300;

  private static final long WIDTH = PanelLayout.roundUp(HIDDEN);

  /** More than a chunk of memory holds. */
  private static final long FLOATS = Contract.SMALL ? 16_501 : 100_001;

  private static final long DOUBLES = Contract.SMALL ? 8_201 : 50_001;

  private static final int STEPS = Contract.SMALL ? 100 : 150;

  private VanishingMemory() {}

  /** A call of a family, on inputs, timespans and outputs of so many bytes. */
  private record Call(
      KernelFamily<?> family, String name, long x, long timespans, long y, Work work) {}

  private interface Work {
    void on(Kernels kernels, MemorySegment x, MemorySegment timespans, MemorySegment y);
  }

  private static List<Call> calls() {
    long items = (long) ROWS * STEPS * Float.BYTES;
    Linear head = linear(INPUTS + HIDDEN, HIDDEN);
    CfcWeights cfc =
        CfcWeights.gated(
            INPUTS, HIDDEN, CfcMode.DEFAULT, Activation.TANH, List.of(), head, head, head, head);
    LstmWeights lstm = LstmWeights.pack(INPUTS, HIDDEN, head, head, head, head);
    LtcWeights ltc =
        new LtcWeights(
            Collections.nCopies(INPUTS, LtcWeights.Affine.IDENTITY),
            Collections.nCopies(HIDDEN, new LtcWeights.Neuron(1, 0.1, 1)),
            List.of(new LtcWeights.Synapse(2, 1, 3, 0.2, 1, 1)),
            List.of(new LtcWeights.Synapse(1, 3, 2, 0.1, 1, -1)),
            Collections.nCopies(HIDDEN, LtcWeights.Affine.IDENTITY),
            LtcWeights.Integration.ncps(),
            WeightStorage.FLOAT32);
    return List.of(
        new Call(
            MathKernels.FAMILY,
            "math",
            4 * FLOATS,
            0,
            4 * FLOATS,
            (k, x, dt, y) ->
                k.math().apply(Activation.TANH, Accuracy.ACCURATE, x, y, y.byteSize() / 4)),
        new Call(
            MathKernels.FAMILY,
            "doubles",
            8 * DOUBLES,
            0,
            8 * DOUBLES,
            (k, x, dt, y) -> k.math().applyDouble(Activation.SIGMOID, x, y, y.byteSize() / 8)),
        new Call(
            ActivationGradientKernels.FAMILY,
            "activation gradients",
            4 * FLOATS,
            0,
            4 * FLOATS,
            (k, x, dt, y) ->
                k.activationGradients().gradient(Activation.GELU, x, y, y.byteSize() / 4)),
        new Call(
            ActivationGradientKernels.FAMILY,
            "activations backward",
            4 * FLOATS,
            0,
            4 * FLOATS,
            (k, x, dt, y) -> {
              y.fill((byte) 0x3c);
              k.activationGradients().backward(Activation.SILU, x, y, y.byteSize() / 4);
            }),
        gradient("dense gradients", 5, 37, 1000),
        gradient("dense gradients, long rows", 20_000, 3, 2),
        gradient("dense gradients, wide rows", 3, 20_000, 2),
        transpose("dense, transposed", 150, 37),
        transpose("dense, transposed, long rows", 3, 20_000),
        new Call(
            OptimiserKernels.FAMILY,
            "sums",
            4 * FLOATS,
            0,
            4 * FLOATS,
            (k, x, dt, y) -> k.optimisers().add(x, y, y.byteSize() / 4)),
        new Call(
            OptimiserKernels.FAMILY,
            "sums of squares",
            4 * FLOATS,
            0,
            8 * 16,
            (k, x, dt, y) -> k.optimisers().sumsOfSquares(x, 19, FLOATS / 19, y)),
        new Call(
            OptimiserKernels.FAMILY,
            "steps of optimisers",
            4 * FLOATS,
            4 * FLOATS,
            4 * FLOATS,
            (k, x, dt, y) -> {
              long half = FLOATS / 2 / 16 * 16;
              k.optimisers()
                  .step(
                      OptimiserStep.adam(1e-3, 0.9, 0.999, 1e-8, false, 0),
                      y.asSlice(0, 4 * half),
                      x.asSlice(4, 4 * half),
                      y.asSlice(4 * half, 4 * half),
                      dt.asSlice(4, 4 * half),
                      null,
                      half / 2,
                      half / 2 / 16 * 16,
                      2);
              MemorySegment second = dt.asSlice(4, 4 * half);
              // The bits of the state that is not among the outputs, too.
              k.optimisers().add(second, y.asSlice(0, 4 * half), half);
            }),
        loss("losses", Loss.HUBER, 7, 1500),
        loss("losses of long rows", Loss.BINARY_CROSS_ENTROPY, 17_000, 3),
        loss("losses of classes", Loss.CROSS_ENTROPY, 9, 1500),
        new Call(
            RandomKernels.FAMILY,
            "random words",
            0,
            0,
            16L * 5000,
            (k, x, dt, y) -> k.random().threefry(1, 2, 3, 4, -9, 6, 7, 8, y, 5000)),
        new Call(
            RandomKernels.FAMILY,
            "dropout",
            4 * 100,
            4 * 100,
            4 * 100 * 80,
            (k, x, dt, y) -> {
              for (long i = 0; i < y.byteSize() / 4; i++) {
                y.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, i % 80 < 77 ? 1 : 0);
              }
              k.random().dropout(1, 2, 3, 0.5, y, 80, 77, 100, x, dt);
            }),
        dense("dense", 5, 37, 1000),
        // Longer than a chunk of memory.
        dense("dense, long rows", 20_000, 3, 2),
        dense("dense, wide rows", 3, 20_000, 2),
        new Call(
            CfcKernels.FAMILY,
            "cfc",
            items * INPUTS,
            items,
            items * HIDDEN,
            (k, x, dt, y) ->
                k.cfc()
                    .cell(cfc, Accuracy.ACCURATE)
                    .run(
                        CfcWorkspace.of(cfc, ROWS),
                        1,
                        ROWS - 1,
                        STEPS,
                        series(x, INPUTS),
                        series(dt, 1),
                        series(y, HIDDEN))),
        new Call(
            CfcKernels.FAMILY,
            "cfc, last state only",
            items * INPUTS,
            items,
            4L * ROWS * HIDDEN,
            (k, x, dt, y) -> {
              CfcWorkspace workspace = CfcWorkspace.of(cfc, ROWS);
              k.cfc()
                  .cell(cfc, Accuracy.ACCURATE)
                  .run(workspace, 0, ROWS, STEPS, series(x, INPUTS), series(dt, 1), null);
              workspace.emit(0, ROWS, new Series(y, HIDDEN, 0), 0);
            }),
        new Call(
            CfcKernels.FAMILY,
            "cfc by layers",
            items * INPUTS,
            items,
            4L * ROWS * HIDDEN,
            (k, x, dt, y) -> {
              CfcWorkspace workspace = CfcWorkspace.of(cfc, ROWS);
              CfcKernel cell = k.cfc().cell(cfc, Accuracy.ACCURATE);
              for (int step = 0; step < STEPS; step++) {
                workspace.begin(0, ROWS, series(x, INPUTS), step);
                cell.layer(workspace, 0, ROWS, 0, 0, cfc.heads().panelCount(), series(dt, 1), step);
              }
              workspace.emit(0, ROWS, new Series(y, HIDDEN, 0), 0);
            }),
        new Call(
            LtcKernels.FAMILY,
            "ltc",
            items * INPUTS,
            items,
            items * HIDDEN,
            (k, x, dt, y) ->
                k.ltc()
                    .cell(ltc, Accuracy.ACCURATE)
                    .run(
                        LtcWorkspace.of(ltc, ROWS),
                        1,
                        ROWS - 1,
                        STEPS,
                        series(x, INPUTS),
                        series(dt, 1),
                        series(y, HIDDEN))),
        new Call(
            LtcGradientKernels.FAMILY,
            "ltc gradients",
            64L * STEPS * (INPUTS + 1),
            64L * STEPS,
            64L * STEPS * (1 + INPUTS + 1),
            VanishingMemory::ltcGradients),
        new Call(
            LstmKernels.FAMILY,
            "lstm",
            items * INPUTS,
            0,
            items * HIDDEN,
            (k, x, dt, y) ->
                k.lstm()
                    .cell(lstm, Accuracy.ACCURATE)
                    .run(
                        LstmWorkspace.of(lstm, ROWS),
                        1,
                        ROWS - 1,
                        STEPS,
                        series(x, INPUTS),
                        null,
                        series(y, HIDDEN))),
        gates(CfcGradientKernels.FAMILY, "gate", VanishingMemory::gate),
        gates(CfcGradientKernels.FAMILY, "decay", VanishingMemory::decay),
        gates(LstmGradientKernels.FAMILY, "lstm gates", VanishingMemory::lstmGates),
        gates(GruGradientKernels.FAMILY, "gru gates", VanishingMemory::gruGates));
  }

  /** Rows of gates, whose sums are in the inputs, and what follows from them, in the outputs. */
  private static Call gates(KernelFamily<?> family, String name, Work work) {
    long units = 4L * GATE_ROWS * WIDTH;
    return new Call(
        family,
        name,
        4 * units,
        4L * GATE_ROWS,
        8 * units,
        (k, x, dt, y) -> {
          // Memory that is read and written.
          MemorySegment.copy(x, 0, y, 0, 4 * units);
          MemorySegment.copy(x, 0, y, 7 * units, units);
          work.on(k, x, dt, y);
        });
  }

  /** Of the pieces that rows of units fill, one or several from a number on. */
  private static MemorySegment piece(MemorySegment memory, int number, int pieces) {
    long units = 4L * GATE_ROWS * WIDTH;
    return memory.asSlice(number * units, pieces * units);
  }

  private static void gate(Kernels k, MemorySegment x, MemorySegment dt, MemorySegment y) {
    MemorySegment heads = piece(y, 0, 4);
    k.cfcGradients()
        .gate(
            CfcMode.DEFAULT,
            Activation.TANH,
            Accuracy.ACCURATE,
            heads,
            4 * WIDTH,
            dt,
            piece(y, 4, 1),
            WIDTH,
            HIDDEN,
            GATE_ROWS);
    k.cfcGradients()
        .gateBackward(
            CfcMode.DEFAULT,
            Activation.TANH,
            heads,
            4 * WIDTH,
            dt,
            piece(x, 1, 1),
            WIDTH,
            HIDDEN,
            GATE_ROWS,
            piece(y, 5, 1));
  }

  private static void decay(Kernels k, MemorySegment x, MemorySegment dt, MemorySegment y) {
    MemorySegment f = piece(y, 0, 1);
    MemorySegment e = piece(y, 4, 1);
    MemorySegment h = piece(y, 5, 1);
    CfcGradientKernels gradients = k.cfcGradients();
    gradients.decay(Accuracy.ACCURATE, f, WIDTH, x, dt, e, WIDTH, h, WIDTH, HIDDEN, GATE_ROWS);
    gradients.decayBackward(
        f,
        WIDTH,
        x,
        dt,
        e,
        WIDTH,
        piece(x, 1, 1),
        WIDTH,
        HIDDEN,
        GATE_ROWS,
        piece(y, 7, 1),
        piece(y, 6, 1));
  }

  private static void lstmGates(Kernels k, MemorySegment x, MemorySegment dt, MemorySegment y) {
    MemorySegment gates = piece(y, 0, 4);
    MemorySegment c = piece(x, 1, 1);
    MemorySegment activated = piece(y, 5, 1);
    k.lstmGradients()
        .gates(
            Accuracy.ACCURATE,
            gates,
            4 * WIDTH,
            c,
            piece(y, 4, 1),
            activated,
            piece(y, 6, 1),
            WIDTH,
            HIDDEN,
            GATE_ROWS);
    k.lstmGradients()
        .gatesBackward(
            gates,
            4 * WIDTH,
            c,
            activated,
            piece(x, 2, 1),
            piece(y, 7, 1),
            WIDTH,
            HIDDEN,
            GATE_ROWS);
  }

  private static void gruGates(Kernels k, MemorySegment x, MemorySegment dt, MemorySegment y) {
    MemorySegment gates = piece(y, 0, 2);
    MemorySegment input = piece(y, 2, 1);
    MemorySegment recurrent = piece(y, 3, 1);
    MemorySegment h = piece(x, 2, 1);
    k.gruGradients()
        .gates(
            Accuracy.ACCURATE,
            gates,
            2 * WIDTH,
            input,
            recurrent,
            h,
            piece(y, 4, 1),
            WIDTH,
            HIDDEN,
            GATE_ROWS);
    k.gruGradients()
        .gatesBackward(
            gates, 2 * WIDTH, input, recurrent, h, piece(y, 7, 1), WIDTH, HIDDEN, GATE_ROWS);
  }

  /** Inputs and output gradients lie in x; outputs, input and timespan gradients in y. */
  private static void ltcGradients(
      Kernels kernels, MemorySegment x, MemorySegment timespans, MemorySegment y) {
    LtcTrainingWeights weights =
        new LtcTrainingWeights(
            new LtcParameterLayout(
                INPUTS,
                HIDDEN,
                1,
                LtcParameterLayout.Maps.AFFINE,
                List.of(new LtcParameterLayout.Connection(2, 1)),
                List.of(new LtcParameterLayout.Connection(1, 0)),
                LtcWeights.Integration.ncps(),
                true));
    long ofX = 64L * STEPS * INPUTS;
    long ofOut = 64L * STEPS;
    Arena own = Arena.ofAuto();
    MemorySegment parameters = own.allocate(4L * weights.layout().floats(), 64);
    for (int i = 0; i < weights.layout().floats(); i++) {
      parameters.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0.5f);
    }
    weights.update(parameters);
    MemorySegment kept = own.allocate(4 * weights.keptFloats(STEPS), 64);
    MemorySegment v = own.allocate(64L * HIDDEN, 64);
    MemorySegment sums = own.allocate(4 * weights.sumFloats(), 64);
    MemorySegment inputs = x.asSlice(0, ofX);
    LtcGradientKernels gradients = kernels.ltcGradients();
    gradients.forward(
        weights, STEPS, ROWS, inputs, timespans, timespans, v, y.asSlice(0, ofOut), kept);
    gradients.backward(
        weights,
        STEPS,
        ROWS,
        inputs,
        timespans,
        timespans,
        kept,
        x.asSlice(ofX, ofOut),
        v,
        sums,
        y.asSlice(ofOut, ofX),
        y.asSlice(ofOut + ofX, ofOut));
  }

  /** The families that are called here. */
  static Set<KernelFamily<?>> families() {
    return calls().stream().map(Call::family).collect(Collectors.toSet());
  }

  private static Call loss(String name, Loss loss, int width, int rows) {
    boolean classes = loss == Loss.CROSS_ENTROPY;
    long gradients = 4L * rows * width + 4L * rows * width % 8;
    return new Call(
        LossKernels.FAMILY,
        name,
        4L * rows * width,
        4L * rows * width * 2,
        gradients + 8L * rows,
        (k, x, dt, y) -> {
          MemorySegment targets = dt.asSlice(0, 4L * rows * width);
          if (classes) {
            for (long row = 0; row < rows; row++) {
              targets.setAtIndex(
                  ValueLayout.JAVA_FLOAT_UNALIGNED, row * width, (float) (row % width));
            }
          }
          k.losses()
              .loss(
                  loss,
                  0.5,
                  x,
                  width,
                  targets,
                  width,
                  dt.asSlice(4L * rows * width),
                  width,
                  rows,
                  0.25f,
                  y.asSlice(0, gradients),
                  y.asSlice(gradients));
        });
  }

  private static Call dense(String name, int inputs, int outputs, int rows) {
    Linear linear = linear(inputs, outputs);
    DenseWeights weights = DenseWeights.pack(inputs, outputs, linear.weight(), linear.bias());
    int width = PanelLayout.roundUp(outputs);
    return new Call(
        DenseKernels.FAMILY,
        name,
        4L * rows * (inputs + 2),
        0,
        4L * rows * width,
        (k, x, dt, y) -> {
          k.dense()
              .forward(weights, Activation.SILU, Accuracy.ACCURATE, x, inputs + 2, y, width, rows);
          // What lies behind a row's outputs is scratch.
          for (int row = 0; row < rows; row++) {
            y.asSlice(4L * (row * width + outputs), 4L * (width - outputs)).fill((byte) 0);
          }
        });
  }

  /** Of x, dz where the timespans are, and the gradient. */
  private static Call gradient(String name, int inputs, int outputs, int rows) {
    int width = PanelLayout.roundUp(outputs);
    return new Call(
        DenseGradientKernels.FAMILY,
        name,
        4L * rows * (inputs + 2),
        4L * rows * (width + 1),
        4 * DenseWeights.panelFloats(inputs, outputs),
        (k, x, dz, y) -> {
          y.fill((byte) 0x3c);
          k.denseGradients().weights(x, inputs + 2, dz, width + 1, rows, inputs, outputs, y);
        });
  }

  private static Call transpose(String name, int inputs, int outputs) {
    Linear linear = linear(inputs, outputs);
    DenseWeights weights = DenseWeights.pack(inputs, outputs, linear.weight(), linear.bias());
    return new Call(
        DenseGradientKernels.FAMILY,
        name,
        0,
        0,
        4 * DenseWeights.panelFloats(outputs, inputs - 1),
        (k, x, dt, y) -> k.denseGradients().transpose(weights, 1, inputs - 1, y));
  }

  private static Series series(MemorySegment data, int item) {
    return new Series(data, (long) STEPS * item, item);
  }

  private static Linear linear(int inputs, int outputs) {
    SplittableRandom random = new SplittableRandom(inputs + 31L * outputs);
    return new Linear(
        Values.ORDINARY.weights(random, inputs * outputs, inputs),
        Values.ORDINARY.weights(random, outputs, inputs));
  }

  private static final List<String> KINDS = List.of("mapped", "shared", "buffer");

  private static MemorySegment allocate(String kind, Arena arena, long bytes) {
    return switch (kind) {
      case "mapped" -> mapped(arena, bytes);
      case "shared" -> arena.allocate(bytes, 64);
      case "buffer" -> MemorySegment.ofBuffer(ByteBuffer.allocateDirect((int) bytes));
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static MemorySegment mapped(Arena arena, long bytes) {
    try {
      Path file = Files.createTempFile("elegans-", ".bin");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MemorySegment filled(MemorySegment memory, boolean timespans) {
    SplittableRandom random = new SplittableRandom(memory.byteSize());
    for (long i = 0; i < memory.byteSize() / 4; i++) {
      float value = (float) random.nextDouble(timespans ? 0 : -2, 2);
      memory.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
    }
    return memory;
  }

  /** Each of the arguments alone in such memory, and all of them. */
  static Stream<DynamicTest> sameBits(Kernels kernels) {
    return calls().stream()
        .flatMap(
            call ->
                KINDS.stream()
                    .map(
                        kind ->
                            dynamicTest(
                                call.name + ", " + kind, () -> sameBits(kernels, call, kind))));
  }

  private static void sameBits(Kernels kernels, Call call, String kind) {
    try (Arena own = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      BiFunction<Boolean, Long, MemorySegment> memory =
          (vanishing, bytes) -> {
            // A little more than needed: the call must not look at that.
            return vanishing
                ? allocate(kind, shared, bytes + 64).asSlice(0, bytes)
                : own.allocate(bytes, 64);
          };
      float[] expected = null;
      // Of x, timespans and out, those that are in such memory.
      for (int which = 0; which < 8; which += Contract.SMALL ? 7 : 1) {
        MemorySegment x = filled(memory.apply((which & 1) != 0, call.x), false);
        MemorySegment dt = filled(memory.apply((which & 2) != 0, call.timespans), true);
        MemorySegment y = memory.apply((which & 4) != 0, call.y);
        call.work.on(kernels, x, dt, y);
        float[] found = y.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        if (expected == null) {
          expected = found;
        } else {
          Contract.assertSame(
              call.name + ", x, timespans, out in such memory: " + which, expected, found);
        }
      }
    }
  }

  static Stream<DynamicTest> noGarbage(Kernels kernels) {
    return Stream.of(
        dynamicTest("math, dense and cells", () -> noGarbage(kernels, Arena.ofShared())));
  }

  private static void noGarbage(Kernels kernels, Arena arena) {
    Allocation.requireCompiler();
    try (arena) {
      Linear head = linear(INPUTS + HIDDEN, HIDDEN);
      CfcWeights weights =
          CfcWeights.gated(
              INPUTS, HIDDEN, CfcMode.DEFAULT, Activation.TANH, List.of(), head, head, head, head);
      DenseWeights dense = weights.heads();
      CfcKernel cell = kernels.cfc().cell(weights, Accuracy.ACCURATE);
      CfcWorkspace workspace = CfcWorkspace.of(weights, ROWS);
      MemorySegment memory = filled(arena.allocate(1 << 20, 64), true);
      MemorySegment to = arena.allocate(1 << 20, 64);
      Series x = series(memory, INPUTS);
      Series timespans = series(memory, 1);
      Series out = series(to, HIDDEN);
      int inputs = dense.inputs();
      int width = PanelLayout.roundUp(dense.outputs());
      ActivationGradientKernels gradients = kernels.activationGradients();
      MemorySegment heads = piece(to, 0, 4);
      MemorySegment second = piece(to, 4, 1);
      MemorySegment third = piece(to, 5, 1);
      MemorySegment fourth = piece(to, 6, 1);
      MemorySegment upstream = piece(memory, 0, 1);
      CfcGradientKernels cfc = kernels.cfcGradients();
      LstmGradientKernels lstm = kernels.lstmGradients();
      GruGradientKernels gru = kernels.gruGradients();
      Accuracy accurate = Accuracy.ACCURATE;
      Runnable work =
          () -> {
            cfc.gate(
                CfcMode.DEFAULT,
                Activation.TANH,
                accurate,
                heads,
                4 * WIDTH,
                memory,
                second,
                WIDTH,
                HIDDEN,
                ROWS);
            cfc.gateBackward(
                CfcMode.DEFAULT,
                Activation.TANH,
                heads,
                4 * WIDTH,
                memory,
                upstream,
                WIDTH,
                HIDDEN,
                ROWS,
                second);
            cfc.decay(
                accurate, upstream, WIDTH, memory, memory, second, WIDTH, third, WIDTH, HIDDEN,
                ROWS);
            cfc.decayBackward(
                third, WIDTH, memory, memory, upstream, WIDTH, upstream, WIDTH, HIDDEN, ROWS,
                second, heads);
            lstm.gatesBackward(
                heads, 4 * WIDTH, upstream, upstream, upstream, second, WIDTH, HIDDEN, ROWS);
            gru.gatesBackward(
                heads, 2 * WIDTH, second, third, upstream, fourth, WIDTH, HIDDEN, ROWS);
            gradients.gradient(Activation.GELU, memory, to, 1000);
            gradients.backward(Activation.SILU, memory, to, 1000);
            kernels.denseGradients().weights(memory, inputs, memory, width, ROWS, inputs, 37, to);
            kernels.denseGradients().transpose(dense, 1, inputs - 1, to);
            kernels.optimisers().add(memory, to, 1000);
            kernels.math().apply(Activation.TANH, Accuracy.ACCURATE, memory, to, 1000);
            kernels
                .dense()
                .forward(
                    dense, Activation.TANH, Accuracy.ACCURATE, memory, inputs, to, width, ROWS);
            cell.run(workspace, 0, ROWS, 2, x, timespans, out);
          };
      long least = Long.MAX_VALUE;
      // The first calls make the copies' memory, and are interpreted.
      for (int i = 0; i < 40 && least > 0; i++) {
        for (int n = 0; n < 500; n++) {
          work.run();
        }
        long before = Allocation.ofThisThread();
        for (int n = 0; n < 100; n++) {
          work.run();
        }
        least = Math.min(least, Allocation.ofThisThread() - before);
      }
      assertThat(least).as("bytes of 100 calls").isZero();
    }
  }
}
