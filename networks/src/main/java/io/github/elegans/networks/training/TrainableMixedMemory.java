package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;

/**
 * A cell with an LSTM beside it, in training: {@link io.github.elegans.networks.MixedMemory}.
 *
 * @param replacesState whether the LSTM's output takes the place of the cell's previous state, or
 *     else of its input
 */
record TrainableMixedMemory(
    Kernels kernels, TrainableLstm lstm, TrainableCell cell, boolean replacesState)
    implements TrainableCell {

  @Override
  public int inputSize() {
    return lstm.inputSize();
  }

  @Override
  public int outputSize() {
    return cell.outputSize();
  }

  @Override
  public int stateSize() {
    return cell.stateSize();
  }

  @Override
  public int memorySize() {
    return lstm.memorySize();
  }

  @Override
  public long rowFloats() {
    return lstm.rowFloats() + cell.rowFloats();
  }

  @Override
  public void bind(ParameterBlock parameters) {
    lstm.bind(parameters);
    cell.bind(parameters);
  }

  @Override
  public void constrain() {
    cell.constrain();
  }

  @Override
  public void refresh() {
    lstm.refresh();
    cell.refresh();
  }

  @Override
  public void finish(ParameterBlock gradient) {
    lstm.finish(gradient);
    cell.finish(gradient);
  }

  @Override
  public Tape tape(Context context) {
    return new MixedTape(context);
  }

  private final class MixedTape implements Tape {
    private final Tape lstmTape;
    private final Tape cellTape;

    /** The LSTM's output, or its gradient, where that is not the cell's state. */
    private final RowBuffer output = RowBuffer.of(lstm.stateSize(), LeafRows.SAMPLES);

    private final RowBuffer part = RowBuffer.of(lstm.inputSize());

    MixedTape(Context context) {
      lstmTape = lstm.tape(context);
      cellTape = cell.tape(context);
    }

    @Override
    public void begin() {
      cellTape.begin();
    }

    @Override
    public void reserve(int rows) {
      lstmTape.reserve(rows);
      cellTape.reserve(rows);
      part.reserve(rows);
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      if (replacesState) {
        lstmTape.forward(row, n, x, xRow, state);
        cellTape.forward(row, n, x, xRow, state);
        return;
      }
      Rows.copy(state.hidden(), 0, output, 0, n);
      lstmTape.forward(row, n, x, xRow, state.withHidden(output));
      cellTape.forward(row, n, output, 0, state);
    }

    @Override
    public void output(int row, int n, StateRows state, RowBuffer out, int outRow) {
      cellTape.output(row, n, state, out, outRow);
    }

    @Override
    public void outputBackward(
        int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients) {
      cellTape.outputBackward(row, n, upstream, upstreamRow, gradients);
    }

    @Override
    public void backward(int row, int n, StateRows gradients, ParameterBlock gradient) {
      cellTape.backward(row, n, gradients, gradient);
      if (replacesState) {
        lstmTape.backward(row, n, gradients, gradient);
        return;
      }
      cellTape.inputGradients(row, n, output, 0);
      lstmTape.backward(row, n, gradients.withHidden(output), gradient);
      Rows.add(kernels, output, 0, gradients.hidden(), 0, n);
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      lstmTape.inputGradients(row, n, to, toRow);
      if (replacesState) {
        cellTape.inputGradients(row, n, part, 0);
        Rows.add(kernels, part, 0, to, toRow, n);
      }
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      lstmTape.addGradients(rows, gradient);
      cellTape.addGradients(rows, gradient);
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {
      cellTape.addTimespanGradients(rows, sum);
    }
  }
}
