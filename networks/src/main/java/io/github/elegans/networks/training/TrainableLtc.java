package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Block;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Connection;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.memory.Staging;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.ltc.LtcMapping;
import io.github.elegans.networks.statedict.TensorNames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an LTC in training, and its steps: {@link
 * io.github.elegans.kernels.ltc.LtcGradientKernels}.
 */
final class TrainableLtc {
  /** Lanes of all arrays: the samples of a leaf. */
  private static final int LANES = LtcTrainingWeights.SAMPLES;

  private final Kernels kernels;
  private final LtcParameterLayout ltc;
  private final LtcTrainingWeights weights;
  private final int region;
  private final boolean explicit;
  private @Nullable ParameterBlock parameters;

  TrainableLtc(
      Kernels kernels, ParameterLayout layout, StateDict dict, LtcConfiguration configuration) {
    this.kernels = kernels;
    int inputs = configuration.inputSize();
    int units = configuration.units();
    LtcMapping in = configuration.inputMapping();
    LtcMapping out = configuration.outputMapping();
    explicit = !configuration.implicitParamConstraints();
    ltc =
        new LtcParameterLayout(
            inputs,
            units,
            configuration.outputSize(),
            new LtcParameterLayout.Maps(
                in != LtcMapping.NONE,
                in == LtcMapping.AFFINE,
                out != LtcMapping.NONE,
                out == LtcMapping.AFFINE),
            connections(dict, TensorNames.SENSORY, inputs, units),
            connections(dict, "", units, units),
            configuration.integration(),
            configuration.implicitParamConstraints());
    weights = new LtcTrainingWeights(ltc);
    region = layout.region(ltc.floats());
    // In the order of the state dict.
    for (String name : dict.names()) {
      for (Block block : Block.values()) {
        if (name.equals(block.fieldName()) || name.equals(otherName(block))) {
          add(layout, name, dict.get(name), block);
        }
      }
    }
  }

  /** What the LTC repository calls it. */
  private static String otherName(Block block) {
    return switch (block) {
      case CM -> TensorNames.CM_T;
      case W -> TensorNames.CAPITAL_W;
      case SENSORY_W -> TensorNames.SENSORY + TensorNames.CAPITAL_W;
      default -> "";
    };
  }

  private static List<Connection> connections(
      StateDict dict, String kind, int sources, int targets) {
    String name = kind + TensorNames.SPARSITY_MASK;
    float[] mask = dict.has(name) ? dict.get(name).values() : null;
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < sources * targets; i++) {
      float open = mask == null ? 1 : mask[i];
      if (open != 0 && open != 1) {
        throw new IllegalArgumentException(
            "%s must be 0 or 1 to be trained with, but is %s at element %d"
                .formatted(name, open, i));
      }
      if (open == 1) {
        connections.add(new Connection(i / targets, i % targets));
      }
    }
    return connections;
  }

  private void add(ParameterLayout layout, String name, StateDict.Tensor tensor, Block block) {
    LtcParameterLayout.Table table =
        switch (block) {
          case SIGMA, MU, W, EREV -> ltc.recurrent();
          case SENSORY_SIGMA, SENSORY_MU, SENSORY_W, SENSORY_EREV -> ltc.sensory();
          default -> null;
        };
    ParameterLayout.Part part = layout.vector(region, ltc.offset(block), ltc.length(block));
    if (table != null) {
      int[] offsets = new int[tensor.values().length];
      Arrays.fill(offsets, -1);
      for (int i = 0; i < table.count(); i++) {
        offsets[table.source(i) * ltc.units() + table.target(i)] = part.offsets()[i];
      }
      part = new ParameterLayout.Part(offsets, part.strips());
    }
    layout.add(name, tensor, part);
  }

  int inputSize() {
    return ltc.inputSize();
  }

  int outputSize() {
    return ltc.outputSize();
  }

  int units() {
    return ltc.units();
  }

  void bind(ParameterBlock block) {
    parameters = block;
  }

  void refresh() {
    weights.update(memory());
  }

  private MemorySegment memory() {
    return Objects.requireNonNull(parameters).region(region);
  }

  /** ncps's {@code apply_weight_constraints}: what must not be negative becomes 0. */
  void constrain() {
    if (explicit) {
      for (Block block : List.of(Block.W, Block.SENSORY_W, Block.CM, Block.GLEAK)) {
        int first = ltc.offset(block);
        for (int i = first; i < first + ltc.length(block); i++) {
          if (memory().getAtIndex(JAVA_FLOAT, i) < 0) {
            memory().setAtIndex(JAVA_FLOAT, i, 0);
          }
        }
      }
    }
  }

  /** Floats that are kept of a row. */
  long rowFloats() {
    return weights.stepLines() + 2L * ltc.inputSize() + 2L * ltc.outputSize();
  }

  /** The memory of a thread: all arrays have a lane for each sample of a leaf. */
  final class Lanes {
    private final int mostSteps;
    private final MemorySegment x;
    private final MemorySegment timespans;
    private final MemorySegment mask;
    private final MemorySegment out;
    private final MemorySegment outGradients;
    private final MemorySegment inputGradients;
    private final MemorySegment timespanGradients;
    private final MemorySegment kept;
    private final MemorySegment v = floats(ltc.units());
    private final MemorySegment stateGradients = floats(ltc.units());
    private final MemorySegment sums;

    /**
     * Room for that many steps.
     *
     * @param sums of the leaf's parameters
     */
    Lanes(int steps, MemorySegment sums) {
      mostSteps = steps;
      this.sums = sums;
      x = floats((long) steps * ltc.inputSize());
      timespans = floats(steps);
      mask = floats(steps);
      out = floats((long) steps * ltc.outputSize());
      outGradients = floats((long) steps * ltc.outputSize());
      inputGradients = floats((long) steps * ltc.inputSize());
      timespanGradients = floats(steps);
      kept = Staging.allocate(weights.keptFloats(steps) * Float.BYTES);
    }

    private static MemorySegment floats(long lines) {
      return Staging.allocate(Math.max(1, lines) * LANES * Float.BYTES);
    }

    int mostSteps() {
      return mostSteps;
    }

    /** Takes a step's input of a sample. */
    void load(int step, int lane, RowBuffer from, int row, float timespan) {
      timespans.setAtIndex(JAVA_FLOAT, (long) step * LANES + lane, timespan);
      mask.setAtIndex(JAVA_INT, (long) step * LANES + lane, 1);
      load(x, (long) step * ltc.inputSize(), lane, from, row);
    }

    /** Says that a sample rests in a step. */
    void rest(int step, int lane) {
      timespans.setAtIndex(JAVA_FLOAT, (long) step * LANES + lane, 1);
      mask.setAtIndex(JAVA_INT, (long) step * LANES + lane, 0);
    }

    private static void load(
        MemorySegment lines, long firstLine, int lane, RowBuffer from, int row) {
      MemorySegment memory = from.memory();
      long at = from.at(row);
      for (int i = 0; i < from.width(); i++) {
        lines.setAtIndex(
            JAVA_FLOAT, (firstLine + i) * LANES + lane, memory.getAtIndex(JAVA_FLOAT, at + i));
      }
    }

    private static void store(
        MemorySegment lines, long firstLine, int lane, RowBuffer to, int row) {
      MemorySegment memory = to.memory();
      long at = to.at(row);
      for (int i = 0; i < to.width(); i++) {
        memory.setAtIndex(
            JAVA_FLOAT, at + i, lines.getAtIndex(JAVA_FLOAT, (firstLine + i) * LANES + lane));
      }
    }

    void loadState(int lane, RowBuffer from, int row) {
      load(v, 0, lane, from, row);
    }

    void storeState(int lane, RowBuffer to, int row) {
      store(v, 0, lane, to, row);
    }

    void loadStateGradient(int lane, RowBuffer from, int row) {
      load(stateGradients, 0, lane, from, row);
    }

    void storeStateGradient(int lane, RowBuffer to, int row) {
      store(stateGradients, 0, lane, to, row);
    }

    void storeOutput(int step, int lane, RowBuffer to, int row) {
      store(out, (long) step * ltc.outputSize(), lane, to, row);
    }

    void loadOutputGradient(int step, int lane, RowBuffer from, int row) {
      load(outGradients, (long) step * ltc.outputSize(), lane, from, row);
    }

    void storeInputGradient(int step, int lane, RowBuffer to, int row) {
      store(inputGradients, (long) step * ltc.inputSize(), lane, to, row);
    }

    float timespanGradient(int step, int lane) {
      return timespanGradients.getAtIndex(JAVA_FLOAT, (long) step * LANES + lane);
    }

    void forward(int steps, int lanes) {
      kernels.ltcGradients().forward(weights, steps, lanes, x, timespans, mask, v, out, kept);
    }

    void backward(int steps, int lanes, boolean wantsInputs, boolean wantsTimespans) {
      kernels
          .ltcGradients()
          .backward(
              weights,
              steps,
              lanes,
              x,
              timespans,
              mask,
              kept,
              outGradients,
              stateGradients,
              sums,
              wantsInputs ? inputGradients : null,
              wantsTimespans ? timespanGradients : null);
    }
  }

  /** Sums of a leaf: zeros. */
  MemorySegment newSums() {
    return Staging.allocate(weights.sumFloats() * Float.BYTES);
  }

  /** Makes gradients of the parameters from a leaf's sums. */
  void gradients(MemorySegment sums, ParameterBlock gradient) {
    weights.gradients(sums, gradient.region(region));
  }
}
