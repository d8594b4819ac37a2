package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.StateDict;

/** PyTorch's GRU in training: {@link io.github.elegans.kernels.gru.GruGradientKernels}. */
final class TrainableGru implements TrainableCell {
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final int inputSize;
  private final int units;

  /** Reset and update on [x | h], and what the candidate takes from x and from h. */
  private final TrainableDense gates;

  private final TrainableDense input;
  private final TrainableDense recurrent;

  TrainableGru(
      Kernels kernels,
      Accuracy accuracy,
      ParameterLayout layout,
      StateDict dict,
      int inputSize,
      int units) {
    this.kernels = kernels;
    this.accuracy = accuracy;
    this.inputSize = inputSize;
    this.units = units;
    gates = new TrainableDense(layout, inputSize + units, units, 2);
    input = new TrainableDense(layout, inputSize, units, 1);
    recurrent = new TrainableDense(layout, units, units, 1);
    int[] both = {0, 1};
    int[] one = {0};
    layout.add(
        "weight_ih_l0",
        dict.get("weight_ih_l0"),
        gates.weights(both, 0, inputSize),
        input.weights(one, 0, inputSize));
    layout.add(
        "weight_hh_l0",
        dict.get("weight_hh_l0"),
        gates.weights(both, inputSize, units),
        recurrent.weights(one, 0, units));
    layout.add("bias_ih_l0", dict.get("bias_ih_l0"), gates.biases(both), input.biases(one));
    layout.add("bias_hh_l0", dict.get("bias_hh_l0"), gates.moreBiases(both), recurrent.biases(one));
    gates.transpose(0, inputSize);
    gates.transpose(inputSize, units);
    input.transpose(0, inputSize);
    recurrent.transpose(0, units);
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int outputSize() {
    return units;
  }

  @Override
  public int stateSize() {
    return units;
  }

  @Override
  public long rowFloats() {
    return inputSize + 6L * units;
  }

  @Override
  public void bind(ParameterBlock parameters) {
    gates.bind(parameters);
    input.bind(parameters);
    recurrent.bind(parameters);
  }

  @Override
  public void refresh() {
    gates.refresh(kernels);
    input.refresh(kernels);
    recurrent.refresh(kernels);
  }

  @Override
  public void finish(ParameterBlock gradient) {
    gates.finish(gradient);
    input.finish(gradient);
    recurrent.finish(gradient);
  }

  @Override
  public Tape tape(Context context) {
    return new GruTape();
  }

  private final class GruTape implements Tape {
    private final RowBuffer inputs = RowBuffer.of(inputSize + units);
    private final RowBuffer before = RowBuffer.of(units);
    private final RowBuffer opened = RowBuffer.of(gates.outputs());
    private final RowBuffer fromInput = RowBuffer.of(units);
    private final RowBuffer fromState = RowBuffer.of(units);
    private final RowBuffer part = RowBuffer.of(Math.max(inputSize, units));

    @Override
    public void reserve(int rows) {
      inputs.reserve(rows);
      before.reserve(rows);
      opened.reserve(rows);
      fromInput.reserve(rows);
      fromState.reserve(rows);
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      RowBuffer h = state.hidden();
      Rows.join(x, xRow, h, inputs, row, n);
      Rows.copy(h, 0, before, row, n);
      Rows.dense(kernels, gates.weights(), inputs, row, opened, row, n);
      Rows.dense(kernels, input.weights(), inputs, row, fromInput, row, n);
      Rows.dense(kernels, recurrent.weights(), before, row, fromState, row, n);
      kernels
          .gruGradients()
          .gates(
              accuracy,
              opened.from(row),
              opened.stride(),
              fromInput.from(row),
              fromState.from(row),
              before.from(row),
              h.from(0),
              h.stride(),
              units,
              n);
    }

    @Override
    public void outputBackward(
        int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients) {
      Rows.add(kernels, upstream, upstreamRow, gradients.hidden(), 0, n);
    }

    @Override
    public void backward(int row, int n, StateRows states, ParameterBlock gradient) {
      RowBuffer h = states.hidden();
      kernels
          .gruGradients()
          .gatesBackward(
              opened.from(row),
              opened.stride(),
              fromInput.from(row),
              fromState.from(row),
              before.from(row),
              h.from(0),
              h.stride(),
              units,
              n);
      part.reserve(n);
      Rows.dense(kernels, gates.transposed(1), opened, row, part, 0, n);
      addPart(h, 0, n, units);
      Rows.dense(kernels, recurrent.transposed(0), fromState, row, part, 0, n);
      addPart(h, 0, n, units);
    }

    /** Adds the first floats of the part's rows, whose stride may be another. */
    private void addPart(RowBuffer to, int toRow, int n, int width) {
      for (int i = 0; i < n; i++) {
        kernels.optimisers().add(part.from(i), to.from(toRow + i), width);
      }
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      part.reserve(n);
      Rows.dense(kernels, gates.transposed(0), opened, row, to, toRow, n);
      Rows.dense(kernels, input.transposed(0), fromInput, row, part, 0, n);
      addPart(to, toRow, n, inputSize);
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      gates.addGradient(kernels, inputs, opened, rows, gradient);
      input.addGradient(kernels, inputs, fromInput, rows, gradient);
      recurrent.addGradient(kernels, before, fromState, rows, gradient);
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {}
  }
}
