package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.TensorNames;

/** An LSTM in training: {@link io.github.elegans.kernels.lstm.LstmGradientKernels}. */
final class TrainableLstm implements TrainableCell {
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final int inputSize;
  private final int units;

  private final TrainableDense gates;
  private final int toInput;
  private final int toState;

  /** A cell without parameters yet. */
  private TrainableLstm(
      Kernels kernels, Accuracy accuracy, ParameterLayout layout, int inputSize, int units) {
    this.kernels = kernels;
    this.accuracy = accuracy;
    this.inputSize = inputSize;
    this.units = units;
    gates = new TrainableDense(layout, inputSize + units, units, 4);
    toInput = gates.transpose(0, inputSize);
    toState = gates.transpose(inputSize, units);
  }

  /** The LSTM of ncps's mixed memory: gates i, ig, fg, og; the forget gate's bias plus 1. */
  static TrainableLstm mixedMemory(
      Kernels kernels,
      Accuracy accuracy,
      ParameterLayout layout,
      StateDict dict,
      int inputSize,
      int units) {
    TrainableLstm lstm = new TrainableLstm(kernels, accuracy, layout, inputSize, units);
    int[] chunks = {0, 1, 2, 3};
    String input = TensorNames.INPUT_MAP + ".weight";
    layout.add(input, dict.get(input), lstm.gates.weights(chunks, 0, inputSize));
    String bias = TensorNames.INPUT_MAP + ".bias";
    layout.add(bias, dict.get(bias), lstm.gates.biases(chunks));
    String recurrent = TensorNames.RECURRENT_MAP + ".weight";
    layout.add(recurrent, dict.get(recurrent), lstm.gates.weights(chunks, inputSize, units));
    lstm.gates.addToBias(2, 1);
    return lstm;
  }

  /** PyTorch's, gates i, f, g, o: g is what is remembered. */
  static TrainableLstm torch(
      Kernels kernels,
      Accuracy accuracy,
      ParameterLayout layout,
      StateDict dict,
      int inputSize,
      int units) {
    TrainableLstm lstm = new TrainableLstm(kernels, accuracy, layout, inputSize, units);
    int[] chunks = {1, 2, 0, 3};
    layout.add("weight_ih_l0", dict.get("weight_ih_l0"), lstm.gates.weights(chunks, 0, inputSize));
    layout.add(
        "weight_hh_l0", dict.get("weight_hh_l0"), lstm.gates.weights(chunks, inputSize, units));
    layout.add("bias_ih_l0", dict.get("bias_ih_l0"), lstm.gates.biases(chunks));
    layout.add("bias_hh_l0", dict.get("bias_hh_l0"), lstm.gates.moreBiases(chunks));
    return lstm;
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
  public int memorySize() {
    return units;
  }

  @Override
  public long rowFloats() {
    return inputSize + 7L * units;
  }

  @Override
  public void bind(ParameterBlock parameters) {
    gates.bind(parameters);
  }

  @Override
  public void refresh() {
    gates.refresh(kernels);
  }

  @Override
  public void finish(ParameterBlock gradient) {
    gates.finish(gradient);
  }

  @Override
  public Tape tape(Context context) {
    return new LstmTape();
  }

  private final class LstmTape implements Tape {
    private final RowBuffer inputs = RowBuffer.of(inputSize + units);
    private final RowBuffer sums = RowBuffer.of(gates.outputs());
    private final RowBuffer before = RowBuffer.of(units);
    private final RowBuffer activated = RowBuffer.of(units);

    @Override
    public void reserve(int rows) {
      inputs.reserve(rows);
      sums.reserve(rows);
      before.reserve(rows);
      activated.reserve(rows);
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      RowBuffer h = state.hidden();
      RowBuffer c = state.memory();
      Rows.join(x, xRow, h, inputs, row, n);
      Rows.copy(c, 0, before, row, n);
      Rows.dense(kernels, gates.weights(), inputs, row, sums, row, n);
      kernels
          .lstmGradients()
          .gates(
              accuracy,
              sums.from(row),
              sums.stride(),
              before.from(row),
              c.from(0),
              activated.from(row),
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
          .lstmGradients()
          .gatesBackward(
              sums.from(row),
              sums.stride(),
              before.from(row),
              activated.from(row),
              h.from(0),
              states.memory().from(0),
              h.stride(),
              units,
              n);
      Rows.dense(kernels, gates.transposed(toState), sums, row, h, 0, n);
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      Rows.dense(kernels, gates.transposed(toInput), sums, row, to, toRow, n);
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      gates.addGradient(kernels, inputs, sums, rows, gradient);
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {}
  }
}
