package io.github.elegans.contract;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.kernels.optimiser.UpdateRule;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A main class for {@link ChildJvm}: calls everything that takes memory or programs with arguments
 * of which some are wrong: sizes and numbers out of range, series that overlap each other or lie in
 * the workspace's own memory, memory of closed arenas, of other threads, of files that somebody
 * shortened, of arenas that are closed in the middle of the call. Each call is refused, or does
 * what it should and writes nowhere else. What kills the process is seen by whoever started it.
 *
 * <p>Arguments: the backend, a seed, a number of cases, and, to repeat one, its number.
 */
public final class BorderFuzz {
  private static final int BLOCK = 1 << 18;

  /** Of a program that is run: more would take all memory of a small process. */
  private static final int MOST_VARIABLES = 1000;

  private static final int[] WRONG = {
    -1, 0, 1, 2, 47, 49, 127, 129, 1 << 20, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final long[] WRONG_STRIDES = {
    -1, 0, 1, 1L << 30, (1L << 34) + 1, 1L << 61, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private final Kernels kernels;
  private final SplittableRandom random;
  private final Arena arena;
  private final Shared shared;
  private final MemorySegment block;
  private final List<MemorySegment> own = new ArrayList<>();
  private boolean vanishing;

  private BorderFuzz(Kernels kernels, SplittableRandom random, Arena arena, Shared shared) {
    this.kernels = kernels;
    this.random = random;
    this.arena = arena;
    this.shared = shared;
    this.block = shared.block;
  }

  /** What is made once. */
  private record Shared(
      MemorySegment block,
      MemorySegment before,
      MemorySegment mapped,
      MemorySegment shortened,
      MemorySegment ofOtherThread,
      MemorySegment closed,
      List<DenseWeights> dense,
      List<CfcWeights> cfc,
      List<LtcWeights> ltc,
      List<LtcTrainingWeights> ltcTraining,
      List<LstmWeights> lstm) {}

  /** How a case ended. */
  private enum Outcome {
    RAN,
    REFUSED,
    VANISHED
  }

  /** Runs the cases; the status is 1 if one went wrong. */
  public static void main(String[] arguments) throws Exception {
    Kernels kernels = Backends.named(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    int cases = Integer.parseInt(arguments[2]);
    int first = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
    Shared shared = shared();
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int i = first; i < (arguments.length > 3 ? first + 1 : cases); i++) {
      SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + i);
      try (Arena arena = Arena.ofConfined()) {
        outcomes.merge(new BorderFuzz(kernels, random, arena, shared).run(), 1, Integer::sum);
      } catch (Throwable e) {
        System.out.printf("case %d of seed %d on %s:%n", i, seed, kernels);
        e.printStackTrace(System.out);
        System.exit(1);
      }
    }
    System.out.printf("%s: %d cases, %s%n", kernels.backend(), cases, outcomes);
  }

  @SuppressWarnings("MustBeClosedChecker") // Both are for as long as the process lives.
  private static Shared shared() throws Exception {
    MemorySegment[] other = new MemorySegment[1];
    Thread.ofPlatform().start(() -> other[0] = Arena.ofConfined().allocate(BLOCK, 64)).join();
    MemorySegment closed;
    try (Arena brief = Arena.ofShared()) {
      closed = brief.allocate(BLOCK, 64);
    }
    List<CfcWeights> cfc = new ArrayList<>();
    List<LtcWeights> ltc = new ArrayList<>();
    List<LtcTrainingWeights> ltcTraining = new ArrayList<>();
    List<LstmWeights> lstm = new ArrayList<>();
    List<DenseWeights> dense = new ArrayList<>();
    for (int[] size : new int[][] {{1, 1}, {3, 7}, {5, 16}, {20, 33}}) {
      Linear head = linear(size[0] + size[1], size[1]);
      for (List<Linear> backbone : List.of(List.<Linear>of(), List.of(linear(head, 70)))) {
        Linear last = backbone.isEmpty() ? head : linear(70, size[1]);
        cfc.add(
            CfcWeights.gated(
                size[0],
                size[1],
                CfcMode.DEFAULT,
                Activation.TANH,
                backbone,
                last,
                last,
                last,
                last));
      }
      cfc.add(cfc.getLast().withStorage(WeightStorage.BFLOAT16));
      dense.add(
          DenseWeights.pack(size[0], size[1], new float[size[0] * size[1]], new float[size[1]]));
      dense.add(cfc.getLast().heads());
      lstm.add(LstmWeights.pack(size[0], size[1], head, head, head, head));
      ltc.add(
          new LtcWeights(
              Collections.nCopies(size[0], LtcWeights.Affine.IDENTITY),
              Collections.nCopies(size[1], new LtcWeights.Neuron(1, 0, 1)),
              List.of(new LtcWeights.Synapse(size[0] - 1, 0, 1, 0, 1, 1)),
              List.of(new LtcWeights.Synapse(0, size[1] - 1, 1, 0, 1, -1)),
              Collections.nCopies(1, LtcWeights.Affine.IDENTITY),
              LtcWeights.Integration.ncps(),
              WeightStorage.FLOAT32));
      ltcTraining.add(
          new LtcTrainingWeights(
              new LtcParameterLayout(
                  size[0],
                  size[1],
                  1,
                  LtcParameterLayout.Maps.AFFINE,
                  List.of(new LtcParameterLayout.Connection(size[0] - 1, 0)),
                  List.of(new LtcParameterLayout.Connection(0, size[1] - 1)),
                  LtcWeights.Integration.ncps(),
                  true)));
    }
    return new Shared(
        Arena.global().allocate(BLOCK, 64),
        Arena.global().allocate(BLOCK, 64),
        mapped(BLOCK),
        mapped(4096),
        other[0],
        closed,
        dense,
        cfc,
        ltc,
        ltcTraining,
        lstm);
  }

  private static Linear linear(Linear before, int outputs) {
    return linear(before.weight().length / before.bias().length, outputs);
  }

  private static Linear linear(int inputs, int outputs) {
    SplittableRandom random = new SplittableRandom(inputs);
    return new Linear(
        Values.ORDINARY.weights(random, inputs * outputs, inputs),
        Values.ORDINARY.weights(random, outputs, inputs));
  }

  /** A mapping of a file that then has only so many bytes. */
  private static MemorySegment mapped(long left) throws IOException {
    Path file = Files.createTempFile("elegans-", ".bin");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, BLOCK, Arena.global());
      channel.truncate(left);
      return segment;
    } finally {
      Files.delete(file);
    }
  }

  /** Memory of about so many bytes, in which something may be wrong. */
  private MemorySegment memory(long bytes) {
    MemorySegment from =
        switch (random.nextInt(40)) {
          case 0 -> MemorySegment.ofArray(new float[BLOCK / 4]);
          case 1 -> shared.closed;
          case 2 -> shared.ofOtherThread;
          case 3 -> block.asReadOnly();
          case 4, 5 -> shared.mapped;
          case 6, 7 -> {
            vanishing = true;
            yield shared.shortened;
          }
          case 8 -> {
            vanishing = true;
            yield closing();
          }
          case 9, 10, 11 -> own.isEmpty() ? block : own.get(random.nextInt(own.size()));
          default -> block;
        };
    long length = Math.clamp(bytes, 0, from.byteSize());
    if (random.nextInt(20) == 0) {
      length = Math.clamp(length + 4L * random.nextInt(-2, 3), 0, from.byteSize());
    }
    long room = from.byteSize() - length;
    long at = random.nextLong(room + 1);
    // Unaligned now and then.
    return from.asSlice(random.nextInt(8) == 0 ? at : at & -4, length);
  }

  /** Memory of an arena that is about to be closed. */
  @SuppressWarnings("MustBeClosedChecker") // That is the point.
  private MemorySegment closing() {
    Arena brief = Arena.ofShared();
    MemorySegment segment = brief.allocate(BLOCK, 64);
    long nanos = random.nextInt(100_000);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              LockSupport.parkNanos(nanos);
              while (true) {
                try {
                  brief.close();
                  return;
                } catch (IllegalStateException inUse) {
                  Thread.onSpinWait();
                }
              }
            });
    return segment;
  }

  private int number(int right) {
    return random.nextInt(25) == 0 ? WRONG[random.nextInt(WRONG.length)] : right;
  }

  private long stride(long right) {
    return random.nextInt(25) == 0 ? WRONG_STRIDES[random.nextInt(WRONG_STRIDES.length)] : right;
  }

  private Series series(int rows, int steps, int item) {
    return new Series(memory(4L * rows * steps * item), stride((long) steps * item), stride(item));
  }

  /** A call, and where it may write. */
  private interface Call {
    void run();
  }

  private Outcome run() {
    if (random.nextInt(8) == 0) {
      return program();
    }
    float[] values = new float[1024];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(0, 2);
    }
    for (long at = 0; at < BLOCK; at += 4096) {
      MemorySegment.copy(values, 0, block, ValueLayout.JAVA_FLOAT, at, values.length);
    }
    List<MemorySegment> outputs = new ArrayList<>();
    Call call = call(outputs);
    shared.before.copyFrom(block);
    List<MemorySegment> ownBefore = new ArrayList<>();
    for (MemorySegment memory : own) {
      ownBefore.add(arena.allocate(memory.byteSize(), 64).copyFrom(memory));
    }
    Outcome outcome = outcome(call);
    boolean ran = outcome != Outcome.REFUSED;
    if (!ran) {
      for (int i = 0; i < own.size(); i++) {
        if (own.get(i).mismatch(ownBefore.get(i)) >= 0) {
          throw new AssertionError("a call that was refused changed the workspace");
        }
      }
    }
    checkUntouched(ran ? outputs : List.of());
    return outcome;
  }

  private Outcome outcome(Call call) {
    try {
      call.run();
      return Outcome.RAN;
    } catch (IllegalStateException | InternalError e) {
      if (vanishing) {
        return Outcome.VANISHED;
      }
      if (e instanceof IllegalStateException) {
        return Outcome.REFUSED;
      }
      throw e;
    } catch (IllegalArgumentException | IndexOutOfBoundsException | WrongThreadException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("a refusal without a reason", e);
      }
      return Outcome.REFUSED;
    }
  }

  /** Throws if the block has changed anywhere but in these pieces of it. */
  private void checkUntouched(List<MemorySegment> outputs) {
    for (MemorySegment output : outputs) {
      long at = output.address() - block.address();
      if (at >= 0 && at <= BLOCK) {
        long length = Math.min(output.byteSize(), BLOCK - at);
        MemorySegment.copy(shared.before, at, block, at, length);
      }
    }
    long difference = block.mismatch(shared.before);
    if (difference >= 0) {
      throw new AssertionError("a call wrote outside its outputs, at byte " + difference);
    }
  }

  private Call call(List<MemorySegment> outputs) {
    Accuracy accuracy = Accuracy.values()[random.nextInt(Accuracy.values().length)];
    Activation function = Activation.values()[random.nextInt(Activation.values().length)];
    int rows = 1 + random.nextInt(random.nextInt(4) == 0 ? 150 : 6);
    int steps = random.nextInt(6);
    return switch (random.nextInt(20)) {
      case 0 -> math(outputs, function, accuracy);
      case 1 -> dense(outputs, function, accuracy, rows);
      case 2, 3 -> cfc(outputs, accuracy, rows, steps);
      case 4 -> layer(accuracy, rows, steps);
      case 5 -> ltc(outputs, accuracy, rows, steps);
      case 6 -> lstm(outputs, accuracy, rows, steps);
      case 7 -> gradient(outputs, function);
      case 8 -> weights(outputs, rows);
      case 9 -> transpose(outputs);
      case 10 -> gate(outputs, accuracy, rows);
      case 11 -> lstmGates(outputs, accuracy, rows);
      case 12 -> gruGates(outputs, accuracy, rows);
      case 13 -> ltcGradients(outputs, steps);
      case 14 -> optimiser(outputs, rows);
      case 15 -> loss(outputs, rows);
      case 16 -> optimiser(outputs, rows);
      case 17 -> loss(outputs, rows);
      case 18 -> dropout(outputs, rows);
      default -> {
        int n = number(128 * random.nextInt(10));
        MemorySegment data = memory(4L * n);
        yield () -> kernels.roofline().read(data, n);
      }
    };
  }

  private Call math(List<MemorySegment> outputs, Activation function, Accuracy accuracy) {
    int size = random.nextBoolean() ? 4 : 8;
    int n = number(random.nextInt(random.nextInt(4) == 0 ? 20_000 : 100));
    MemorySegment x = memory((long) size * n);
    MemorySegment y = random.nextInt(4) == 0 ? x : memory((long) size * n);
    outputs.add(y);
    return () -> {
      if (size == 4) {
        kernels.math().apply(function, accuracy, x, y, n);
      } else {
        kernels.math().applyDouble(function, x, y, n);
      }
    };
  }

  private Call gradient(List<MemorySegment> outputs, Activation function) {
    int n = number(random.nextInt(random.nextInt(4) == 0 ? 20_000 : 100));
    MemorySegment z = memory(4L * n);
    MemorySegment d = random.nextInt(8) == 0 ? z : memory(4L * n);
    outputs.add(d);
    if (random.nextBoolean()) {
      return () -> kernels.activationGradients().backward(function, z, d, n);
    }
    return () -> kernels.activationGradients().gradient(function, z, d, n);
  }

  private Call weights(List<MemorySegment> outputs, int right) {
    int rightInputs = 1 + random.nextInt(30);
    int rightOutputs = 1 + random.nextInt(100);
    int width = PanelLayout.roundUp(rightOutputs);
    int rows = number(right);
    int inputs = number(rightInputs);
    int outputCount = number(rightOutputs);
    long xStride = stride(rightInputs + random.nextInt(3));
    long dzStride = stride(width + random.nextInt(3));
    MemorySegment x = memory(4L * right * (rightInputs + 3));
    MemorySegment dz = memory(4L * right * (width + 3));
    MemorySegment gradient = memory(4L * width * (1 + rightInputs));
    outputs.add(gradient);
    return () ->
        kernels
            .denseGradients()
            .weights(x, xStride, dz, dzStride, rows, inputs, outputCount, gradient);
  }

  private Call transpose(List<MemorySegment> outputs) {
    DenseWeights weights = shared.dense.get(random.nextInt(shared.dense.size()));
    int first = number(random.nextInt(weights.inputs()));
    int right = weights.inputs() - Math.clamp(first, 0, weights.inputs() - 1);
    int inputs = number(right);
    MemorySegment transposed = memory(4L * PanelLayout.roundUp(right) * (1 + weights.outputs()));
    outputs.add(transposed);
    return () -> kernels.denseGradients().transpose(weights, first, inputs, transposed);
  }

  /** Rows of floats that a call writes, or only reads. */
  private MemorySegment rows(@Nullable List<MemorySegment> outputs, int rows, int width) {
    MemorySegment memory = memory(4L * rows * width);
    if (outputs != null) {
      outputs.add(memory);
    }
    return memory;
  }

  private Call gate(List<MemorySegment> outputs, Accuracy accuracy, int right) {
    int size = 1 + random.nextInt(40);
    int width = PanelLayout.roundUp(size);
    int units = number(size);
    int rows = number(right);
    boolean pure = random.nextBoolean();
    boolean back = random.nextBoolean();
    MemorySegment heads = rows(pure && !back ? null : outputs, right, pure ? width : 4 * width);
    long headsStride = stride(pure ? width : 4 * width);
    MemorySegment timespans = memory(4L * right);
    MemorySegment h = rows(back ? null : outputs, right, width);
    long stride = stride(width);
    MemorySegment e = rows(pure && !back ? outputs : null, right, width);
    long eStride = stride(width);
    MemorySegment parameters = memory(8L * width);
    MemorySegment sums = rows(pure && back ? outputs : null, 2, width);
    MemorySegment gradients = random.nextBoolean() || !back ? null : rows(outputs, right, 1);
    CfcMode mode = CfcMode.values()[random.nextInt(CfcMode.values().length)];
    Activation head = Activation.values()[random.nextInt(Activation.SIGMOID.ordinal())];
    CfcGradientKernels k = kernels.cfcGradients();
    return () -> {
      if (pure && back) {
        k.decayBackward(
            heads,
            headsStride,
            parameters,
            timespans,
            e,
            eStride,
            h,
            stride,
            units,
            rows,
            sums,
            gradients);
      } else if (pure) {
        k.decay(
            accuracy,
            heads,
            headsStride,
            parameters,
            timespans,
            e,
            eStride,
            h,
            stride,
            units,
            rows);
      } else if (back) {
        k.gateBackward(
            mode, head, heads, headsStride, timespans, h, stride, units, rows, gradients);
      } else {
        k.gate(mode, head, accuracy, heads, headsStride, timespans, h, stride, units, rows);
      }
    };
  }

  private Call lstmGates(List<MemorySegment> outputs, Accuracy accuracy, int right) {
    int size = 1 + random.nextInt(40);
    int width = PanelLayout.roundUp(size);
    int units = number(size);
    int rows = number(right);
    boolean back = random.nextBoolean();
    MemorySegment gates = rows(outputs, right, 4 * width);
    long gatesStride = stride(4L * width);
    MemorySegment c = rows(null, right, width);
    MemorySegment next = rows(back ? null : outputs, right, width);
    MemorySegment activated = rows(back ? null : outputs, right, width);
    MemorySegment h = rows(outputs, right, width);
    long stride = stride(width);
    LstmGradientKernels k = kernels.lstmGradients();
    return () -> {
      if (back) {
        k.gatesBackward(gates, gatesStride, c, activated, next, h, stride, units, rows);
      } else {
        k.gates(accuracy, gates, gatesStride, c, next, activated, h, stride, units, rows);
      }
    };
  }

  private Call gruGates(List<MemorySegment> outputs, Accuracy accuracy, int right) {
    int size = 1 + random.nextInt(40);
    int width = PanelLayout.roundUp(size);
    int units = number(size);
    int rows = number(right);
    boolean back = random.nextBoolean();
    MemorySegment gates = rows(outputs, right, 2 * width);
    long gatesStride = stride(2L * width);
    MemorySegment input = rows(outputs, right, width);
    MemorySegment recurrent = rows(back ? outputs : null, right, width);
    MemorySegment h = rows(null, right, width);
    MemorySegment next = rows(outputs, right, width);
    long stride = stride(width);
    GruGradientKernels k = kernels.gruGradients();
    return () -> {
      if (back) {
        k.gatesBackward(gates, gatesStride, input, recurrent, h, next, stride, units, rows);
      } else {
        k.gates(accuracy, gates, gatesStride, input, recurrent, h, next, stride, units, rows);
      }
    };
  }

  private Call optimiser(List<MemorySegment> outputs, int right) {
    int rows = number(right);
    if (random.nextInt(4) == 0) {
      MemorySegment x = memory(4L * right * 16);
      MemorySegment sums = memory(8 * 16);
      outputs.add(sums);
      long stride = stride(16);
      return () -> kernels.optimisers().sumsOfSquares(x, stride, rows, sums);
    }
    UpdateRule rule = UpdateRule.values()[random.nextInt(UpdateRule.values().length)];
    OptimiserStep step =
        new OptimiserStep(rule, 1, 1, 1, 0.1f, 0.1f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 1, 0.1f, 0.1f);
    int width = 16 * random.nextInt(random.nextInt(4) == 0 ? 40 : 4);
    long wrongWidth = number(width);
    long stride = stride(width + random.nextInt(3));
    MemorySegment[] arrays = new MemorySegment[2 + UpdateRule.MOST_STATES];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = memory(4L * right * (width + 3));
      if (i != 1 && i < 2 + rule.states()) {
        outputs.add(arrays[i]);
      }
    }
    return () ->
        kernels
            .optimisers()
            .step(
                step,
                arrays[0],
                arrays[1],
                arrays[2],
                arrays[3],
                arrays[4],
                stride,
                wrongWidth,
                rows);
  }

  private Call loss(List<MemorySegment> outputs, int right) {
    Loss loss = Loss.values()[random.nextInt(Loss.values().length)];
    int rightWidth = 2 + random.nextInt(random.nextInt(4) == 0 ? 100 : 5);
    int width = number(rightWidth);
    int rows = number(right);
    long outStride = stride(rightWidth + random.nextInt(3));
    long targetStride = stride(rightWidth);
    MemorySegment targets = memory(4L * right * rightWidth);
    if (random.nextBoolean()) {
      // Classes.
      block.fill((byte) 0);
    }
    MemorySegment out = memory(4L * right * (rightWidth + 3));
    MemorySegment weights = random.nextBoolean() ? null : memory(4L * right * rightWidth);
    MemorySegment gradient = random.nextInt(4) == 0 ? out : memory(4L * right * (rightWidth + 3));
    MemorySegment losses = memory(8L * right);
    outputs.add(gradient);
    outputs.add(losses);
    double parameter = random.nextInt(25) == 0 ? 2 * random.nextInt(-1, 2) : 0.5;
    return () ->
        kernels
            .losses()
            .loss(
                loss,
                parameter,
                out,
                outStride,
                targets,
                targetStride,
                weights,
                width,
                rows,
                1,
                gradient,
                losses);
  }

  private Call dropout(List<MemorySegment> outputs, int right) {
    int rows = number(right);
    if (random.nextInt(4) == 0) {
      MemorySegment words = memory(16L * right);
      outputs.add(words);
      return () -> kernels.random().threefry(1, 2, 3, 4, 5, 6, 7, 8, words, rows);
    }
    int units = random.nextInt(random.nextInt(4) == 0 ? 600 : 70);
    int width = PanelLayout.roundUp(units);
    long stride = stride(width + random.nextInt(3));
    MemorySegment x = memory(4L * right * (width + 3));
    MemorySegment steps = memory(4L * right);
    MemorySegment samples = memory(4L * right);
    outputs.add(x);
    int wrongUnits = number(units);
    double probability = random.nextInt(25) == 0 ? random.nextInt(-1, 2) : 0.5;
    return () ->
        kernels.random().dropout(1, 2, 3, probability, x, stride, wrongUnits, rows, steps, samples);
  }

  private Call dense(
      List<MemorySegment> outputs, Activation function, Accuracy accuracy, int right) {
    DenseWeights weights = shared.dense.get(random.nextInt(shared.dense.size()));
    int rows = number(right);
    int width = PanelLayout.roundUp(weights.outputs());
    long xStride = stride(weights.inputs() + random.nextInt(3));
    long yStride = stride(width + random.nextInt(3));
    MemorySegment x = memory(4L * right * (weights.inputs() + 3));
    MemorySegment y = memory(4L * right * (width + 3));
    outputs.add(y);
    return () -> kernels.dense().forward(weights, function, accuracy, x, xStride, y, yStride, rows);
  }

  private Call cfc(List<MemorySegment> outputs, Accuracy accuracy, int right, int rightSteps) {
    CfcWeights weights = shared.cfc.get(random.nextInt(shared.cfc.size()));
    CfcWorkspace workspace = CfcWorkspace.of(weights, right);
    own.addAll(List.of(workspace.state(), workspace.hidden(), workspace.scratch()));
    Series x = series(right, rightSteps, weights.inputSize());
    Series timespans = series(right, rightSteps, 1);
    Series out = random.nextInt(5) == 0 ? null : series(right, rightSteps, weights.hiddenSize());
    addTo(outputs, out);
    int firstRow = number(random.nextInt(right));
    int rows = number(right - Math.clamp(firstRow, 0, right));
    int steps = steps(rightSteps, x, timespans, out);
    CfcWeights other =
        random.nextInt(50) == 0 ? shared.cfc.get(random.nextInt(shared.cfc.size())) : weights;
    return () ->
        kernels
            .cfc()
            .cell(other, accuracy)
            .run(workspace, firstRow, rows, steps, x, timespans, out);
  }

  private Call layer(Accuracy accuracy, int right, int rightSteps) {
    CfcWeights weights = shared.cfc.get(random.nextInt(shared.cfc.size()));
    CfcWorkspace workspace = CfcWorkspace.of(weights, right);
    own.addAll(List.of(workspace.state(), workspace.hidden(), workspace.scratch()));
    Series timespans = series(right, rightSteps + 1, 1);
    int layer = number(random.nextInt(weights.layerCount()));
    int panels = weights.layer(Math.clamp(layer, 0, weights.layerCount() - 1)).panelCount();
    int firstPanel = number(random.nextInt(panels));
    int count = number(panels - Math.clamp(firstPanel, 0, panels));
    int firstRow = number(random.nextInt(right));
    int rows = number(Math.min(workspace.hiddenRows(), right - Math.clamp(firstRow, 0, right)));
    int step = number(rightSteps);
    return () ->
        kernels
            .cfc()
            .cell(weights, accuracy)
            .layer(workspace, firstRow, rows, layer, firstPanel, count, timespans, step);
  }

  private Call ltc(List<MemorySegment> outputs, Accuracy accuracy, int right, int rightSteps) {
    LtcWeights weights = shared.ltc.get(random.nextInt(shared.ltc.size()));
    LtcWorkspace workspace = LtcWorkspace.of(weights, right);
    own.addAll(List.of(workspace.state(), workspace.scratch()));
    Series x = series(right, rightSteps, weights.inputSize());
    Series timespans = series(right, rightSteps, 1);
    Series out = random.nextInt(5) == 0 ? null : series(right, rightSteps, weights.outputSize());
    addTo(outputs, out);
    int firstRow = number(random.nextInt(right));
    int rows = number(right - Math.clamp(firstRow, 0, right));
    int steps = steps(rightSteps, x, timespans, out);
    return () ->
        kernels
            .ltc()
            .cell(weights, accuracy)
            .run(workspace, firstRow, rows, steps, x, timespans, out);
  }

  private Call ltcGradients(List<MemorySegment> outputs, int right) {
    List<LtcTrainingWeights> all = shared.ltcTraining;
    LtcTrainingWeights weights = all.get(random.nextInt(all.size()));
    LtcParameterLayout layout = weights.layout();
    long line = 64;
    long ofX = line * right * layout.inputSize();
    long ofOut = line * right * layout.outputSize();
    int steps = number(right);
    int rows = number(1 + random.nextInt(16));
    MemorySegment x = memory(ofX);
    MemorySegment timespans = random.nextInt(30) == 0 ? null : memory(right * line);
    MemorySegment mask = random.nextBoolean() ? null : memory(right * line);
    MemorySegment kept = memory(4 * weights.keptFloats(right));
    MemorySegment state = memory(layout.units() * line);
    outputs.addAll(List.of(kept, state));
    if (random.nextBoolean()) {
      MemorySegment out = memory(ofOut);
      outputs.add(out);
      return () ->
          kernels
              .ltcGradients()
              .forward(weights, steps, rows, x, timespans, mask, state, out, kept);
    }
    MemorySegment upstream = random.nextInt(5) == 0 ? null : memory(ofOut);
    MemorySegment sums = memory(4 * weights.sumFloats());
    MemorySegment inputGradients = random.nextBoolean() ? null : memory(ofX);
    MemorySegment timespanGradients = random.nextBoolean() ? null : memory(right * line);
    outputs.add(sums);
    if (inputGradients != null) {
      outputs.add(inputGradients);
    }
    if (timespanGradients != null) {
      outputs.add(timespanGradients);
    }
    return () ->
        kernels
            .ltcGradients()
            .backward(
                weights,
                steps,
                rows,
                x,
                timespans,
                mask,
                kept,
                upstream,
                state,
                sums,
                inputGradients,
                timespanGradients);
  }

  private Call lstm(List<MemorySegment> outputs, Accuracy accuracy, int right, int rightSteps) {
    LstmWeights weights = shared.lstm.get(random.nextInt(shared.lstm.size()));
    LstmWorkspace workspace = LstmWorkspace.of(weights, right);
    own.addAll(
        List.of(workspace.state(), workspace.memory(), workspace.inputs(), workspace.scratch()));
    Series x = series(right, rightSteps, weights.inputSize());
    Series out = random.nextInt(5) == 0 ? null : series(right, rightSteps, weights.hiddenSize());
    addTo(outputs, out);
    int firstRow = number(random.nextInt(right));
    int rows = number(right - Math.clamp(firstRow, 0, right));
    int steps = steps(rightSteps, x, x, out);
    return () ->
        kernels.lstm().cell(weights, accuracy).run(workspace, firstRow, rows, steps, x, null, out);
  }

  private static void addTo(List<MemorySegment> outputs, @Nullable Series out) {
    if (out != null) {
      outputs.add(out.data());
    }
  }

  /** Not so many of stride 0 that a good call would take for ever. */
  private int steps(int right, Series x, Series timespans, @Nullable Series out) {
    int steps = number(right);
    boolean repeated =
        x.stepStride() == 0
            && timespans.stepStride() == 0
            && (out == null || out.stepStride() == 0);
    return repeated ? Math.min(steps, 100) : steps;
  }

  private Outcome program() {
    Precision precision = random.nextBoolean() ? Precision.DOUBLE : Precision.FLOAT;
    Program program;
    try {
      program = program(precision);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      if (e.getMessage() == null) {
        throw new AssertionError("a refusal without a reason", e);
      }
      return Outcome.REFUSED;
    }
    if (program.variables() > MOST_VARIABLES) {
      return Outcome.RAN;
    }
    ProgramKernel kernel = kernels.programs().compile(program);
    int length = program.variables() * kernel.width();
    MemorySegment expected = ProgramKernel.newLanes(program, kernel.width());
    for (int i = 0; i < length; i++) {
      set(precision, expected, i, random.nextDouble(-2, 2));
    }
    kernel.lanes().copyFrom(expected);
    new Interpreter(program, kernel.width()).run(expected, 1);
    kernel.run(1);
    for (int i = 0; i < length; i++) {
      String right = get(precision, expected, i);
      String found = get(precision, kernel.lanes(), i);
      if (!right.equals(found)) {
        throw new AssertionError("number %d: expected %s, found %s".formatted(i, right, found));
      }
    }
    return Outcome.RAN;
  }

  private static void set(Precision precision, MemorySegment lanes, int i, double value) {
    if (precision == Precision.DOUBLE) {
      lanes.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    } else {
      lanes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
    }
  }

  /** As a text: that tells zeros apart, and one NaN is as good as another. */
  private static String get(Precision precision, MemorySegment lanes, int i) {
    return precision == Precision.DOUBLE
        ? Double.toString(lanes.getAtIndex(ValueLayout.JAVA_DOUBLE, i))
        : Float.toString(lanes.getAtIndex(ValueLayout.JAVA_FLOAT, i));
  }

  private Program program(Precision precision) {
    Graph g = new Graph(precision);
    int variables = 1 + random.nextInt(5);
    Map<Op.Type, List<Node>> nodes = new EnumMap<>(Op.Type.class);
    nodes.put(Op.Type.REAL, new ArrayList<>(List.of(g.variable(0), g.constant(0.5))));
    nodes.put(Op.Type.BITS, new ArrayList<>(List.of(g.bits(5))));
    nodes.put(Op.Type.MASK, new ArrayList<>(List.of(g.less(g.variable(0), g.constant(0.5)))));
    int size = random.nextInt(60) + (random.nextInt(40) == 0 ? 4500 : 0);
    for (int i = 0; i < size; i++) {
      Op op = Op.values()[random.nextInt(Op.values().length)];
      List<Node> operands = new ArrayList<>();
      for (int o = 0; o < op.arity(); o++) {
        operands.add(node(nodes, op.operandType(o)));
      }
      if (wrong(3000)) {
        operands.add(g.variable(0));
      }
      if (op == Op.TO_BITS && operands.getFirst() instanceof Real x) {
        // A NaN has other bits on other processors.
        operands.set(0, g.select(g.equal(x, x), x, g.constant(1)));
      }
      long immediate =
          switch (op) {
            case VARIABLE -> wrong(2000) ? number(variables) : random.nextInt(variables);
            case CONSTANT -> Double.doubleToLongBits(random.nextDouble(-3, 3));
            default -> wrong(2000) ? random.nextInt(-100, 100) : random.nextInt(1, 8);
          };
      Node node = g.make(op, immediate, operands.toArray(Node[]::new));
      nodes.get(node.op().type()).add(node);
    }
    int stores = 1 + random.nextInt(variables);
    int[] targets = new int[wrong(50) ? stores + 1 : stores];
    for (int s = 0; s < targets.length; s++) {
      targets[s] = wrong(50) ? WRONG[random.nextInt(WRONG.length)] : s;
    }
    Real[] values = new Real[stores];
    for (int s = 0; s < stores; s++) {
      values[s] = wrong(1000) ? foreign(variables) : (Real) any(nodes.get(Op.Type.REAL));
    }
    Mask attention = random.nextInt(3) == 0 ? null : (Mask) any(nodes.get(Op.Type.MASK));
    return new Program(
        g,
        wrong(100) ? WRONG[random.nextInt(WRONG.length)] : variables,
        targets,
        values,
        attention);
  }

  /** One of the type, now and then one of another type or another graph. */
  private Node node(Map<Op.Type, List<Node>> nodes, Op.Type type) {
    return wrong(3000) ? foreign(5) : any(nodes.get(wrong(3000) ? Op.Type.BITS : type));
  }

  private Node any(List<Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private Real foreign(int variables) {
    return new Graph(Precision.DOUBLE).variable(random.nextInt(variables));
  }

  private boolean wrong(int rarity) {
    return random.nextInt(rarity) == 0;
  }
}
