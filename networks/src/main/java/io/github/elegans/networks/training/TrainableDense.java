package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.InterleavedLayers;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.Staging;
import io.github.elegans.networks.files.StateDict;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a dense layer, or of several interleaved ones, as a region of a block; and what
 * the kernels read, packed anew after every update: the layer, which is the region itself where
 * parameters are used as they are, and transposed parts of it.
 */
final class TrainableDense {
  private static final int BLOCK = PanelLayout.BLOCK;

  private final ParameterLayout layout;
  private final int region;
  private final int inputs;
  private final int units;
  private final int heads;
  private final int outputs;
  private final List<Change> changes = new ArrayList<>();
  private final List<Transposed> transposed = new ArrayList<>();
  private @Nullable ParameterBlock parameters;
  private @Nullable DenseWeights packed;
  private MemorySegment panels = MemorySegment.NULL;

  /** How what a kernel reads differs from the parameter at the same place of the region. */
  private sealed interface Change {
    /** It is the parameter times a factor. */
    record Times(int at, float factor) implements Change {}

    /** A constant is added. */
    record Plus(int at, float constant) implements Change {}

    /** The parameter at another place of the block is added, of which it is the gradient, too. */
    record PlusParameter(int at, int other) implements Change {}
  }

  private record Transposed(
      int firstInput, int inputs, DenseWeights weights, MemorySegment panels) {}

  /**
   * A layer without parameters yet.
   *
   * @param heads layers of so many units that are interleaved; 1 for a plain one
   */
  TrainableDense(ParameterLayout layout, int inputs, int units, int heads) {
    this.layout = layout;
    this.inputs = inputs;
    this.units = units;
    this.heads = heads;
    outputs = heads == 1 ? units : heads * PanelLayout.roundUp(units);
    region = layout.region(DenseWeights.panelFloats(inputs, outputs));
  }

  /** A plain layer of a state dict: {@code name.weight} [N, K], {@code name.bias} [N]. */
  static TrainableDense linear(ParameterLayout layout, StateDict dict, String name) {
    StateDict.Tensor weight = dict.get(name + ".weight");
    int outputs = weight.shape().get(0);
    int inputs = weight.shape().get(1);
    TrainableDense dense = new TrainableDense(layout, inputs, outputs, 1);
    layout.add(name + ".weight", weight, dense.weights(new int[] {0}, 0, inputs));
    layout.add(name + ".bias", dict.get(name + ".bias"), dense.biases(0));
    return dense;
  }

  private int output(int[] chunks, int row) {
    return InterleavedLayers.output(heads, chunks[row / units], row % units);
  }

  /** Where an output's bias (input -1) or weight stands in the region. */
  private int at(int output, int input) {
    return output / PanelLayout.PANEL * PanelLayout.PANEL * (inputs + 1)
        + (input + 1) * width(output)
        + output % PanelLayout.PANEL;
  }

  /** Width of the output's panel. */
  private int width(int output) {
    int panel = output / PanelLayout.PANEL;
    return Math.min(PanelLayout.PANEL, PanelLayout.roundUp(outputs) - panel * PanelLayout.PANEL);
  }

  /**
   * Weights of [chunks · units, n] row-major.
   *
   * @param chunks the head that each chunk of rows belongs to
   * @param firstInput the input that the first column belongs to
   */
  ParameterLayout.Part weights(int[] chunks, int firstInput, int n) {
    int rows = chunks.length * units;
    int start = Math.toIntExact(layout.start(region));
    int[] offsets = new int[Require.elements("weights", rows, n)];
    for (int row = 0; row < rows; row++) {
      int output = output(chunks, row);
      for (int i = 0; i < n; i++) {
        offsets[row * n + i] = start + at(output, firstInput + i);
      }
    }
    return new ParameterLayout.Part(offsets, strips(chunks, firstInput, n));
  }

  /** Biases of the heads that the chunks belong to. */
  ParameterLayout.Part biases(int... chunks) {
    int start = Math.toIntExact(layout.start(region));
    int[] offsets = new int[chunks.length * units];
    for (int row = 0; row < offsets.length; row++) {
      offsets[row] = start + at(output(chunks, row), -1);
    }
    return new ParameterLayout.Part(offsets, strips(chunks, -1, 1));
  }

  private List<ParameterLayout.Strip> strips(int[] chunks, int firstInput, int n) {
    int start = Math.toIntExact(layout.start(region));
    List<ParameterLayout.Strip> strips = new ArrayList<>();
    for (int chunk = 0; chunk < chunks.length; chunk++) {
      for (int unit = 0; unit < units; unit += BLOCK) {
        int output = output(chunks, chunk * units + unit);
        strips.add(new ParameterLayout.Strip(start + at(output, firstInput), n, width(output)));
      }
    }
    return strips;
  }

  /**
   * Weights of a head are multiplied before they are used.
   *
   * @param factors [units, inputs] row-major
   */
  void multiply(int head, float[] factors) {
    for (int i = 0; i < factors.length; i++) {
      if (factors[i] != 1) {
        int output = InterleavedLayers.output(heads, head, i / inputs);
        changes.add(new Change.Times(at(output, i % inputs), factors[i]));
      }
    }
  }

  /** A constant that is added to the biases of a head. */
  void addToBias(int head, float constant) {
    for (int unit = 0; unit < units; unit++) {
      changes.add(new Change.Plus(at(InterleavedLayers.output(heads, head, unit), -1), constant));
    }
  }

  /** More biases, which are added to those that there are: PyTorch's second ones. */
  ParameterLayout.Part moreBiases(int... chunks) {
    int n = chunks.length * units;
    int other = layout.region(n);
    int start = Math.toIntExact(layout.start(other));
    for (int row = 0; row < n; row++) {
      changes.add(new Change.PlusParameter(at(output(chunks, row), -1), start + row));
    }
    return layout.vector(other, 0, n);
  }

  /** The sign of a head is turned before it is used. */
  void negate(int head) {
    for (int unit = 0; unit < units; unit++) {
      int output = InterleavedLayers.output(heads, head, unit);
      for (int input = -1; input < inputs; input++) {
        changes.add(new Change.Times(at(output, input), -1));
      }
    }
  }

  /**
   * Makes the transposed layer to some of the inputs; what {@link #transposed} returns by index.
   */
  int transpose(int firstInput, int n) {
    MemorySegment memory = Staging.allocate(DenseWeights.panelFloats(outputs, n) * Float.BYTES);
    transposed.add(new Transposed(firstInput, n, DenseWeights.view(outputs, n, memory), memory));
    return transposed.size() - 1;
  }

  /** The parameters that it is of. */
  void bind(ParameterBlock block) {
    parameters = block;
    panels =
        changes.isEmpty()
            ? block.region(region)
            : Staging.allocate(DenseWeights.panelFloats(inputs, outputs) * Float.BYTES);
    packed = DenseWeights.view(inputs, outputs, panels);
  }

  /** Packs what the kernels read, after the parameters have changed. */
  void refresh(Kernels kernels) {
    ParameterBlock block = Objects.requireNonNull(parameters);
    if (!changes.isEmpty()) {
      panels.copyFrom(block.region(region).asSlice(0, panels.byteSize()));
      for (Change change : changes) {
        switch (change) {
          case Change.Times(int at, float factor) ->
              FloatSegments.set(panels, at, FloatSegments.get(panels, at) * factor);
          case Change.Plus(int at, float constant) ->
              FloatSegments.set(panels, at, FloatSegments.get(panels, at) + constant);
          case Change.PlusParameter(int at, int other) ->
              FloatSegments.set(
                  panels,
                  at,
                  FloatSegments.get(panels, at) + FloatSegments.get(block.memory(), other));
        }
      }
    }
    for (Transposed part : transposed) {
      kernels.denseGradients().transpose(weights(), part.firstInput, part.inputs, part.panels);
    }
  }

  /** Makes gradients of the parameters from those of what the kernels read. */
  void finish(ParameterBlock gradient) {
    MemorySegment own = gradient.region(region);
    for (Change change : changes) {
      switch (change) {
        case Change.Times(int at, float factor) ->
            FloatSegments.set(own, at, FloatSegments.get(own, at) * factor);
        case Change.Plus _ -> {}
        case Change.PlusParameter(int at, int other) ->
            FloatSegments.set(gradient.memory(), other, FloatSegments.get(own, at));
      }
    }
  }

  /** The layer as the kernels read it. */
  DenseWeights weights() {
    return Objects.requireNonNull(packed);
  }

  /** A transposed part of it. */
  DenseWeights transposed(int index) {
    return transposed.get(index).weights;
  }

  /** Adds the gradient of rows; the inputs are those that the layer read. */
  void addGradient(Kernels kernels, RowBuffer x, RowBuffer dz, int rows, ParameterBlock gradient) {
    kernels
        .denseGradients()
        .weights(
            x.memory(),
            x.stride(),
            dz.memory(),
            dz.stride(),
            rows,
            inputs,
            outputs,
            gradient.region(region));
  }

  int inputs() {
    return inputs;
  }

  int outputs() {
    return outputs;
  }
}
