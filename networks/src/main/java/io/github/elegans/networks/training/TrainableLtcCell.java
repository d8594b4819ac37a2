package io.github.elegans.networks.training;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** An LTC step by step, for the LSTM beside it in mixed memory. */
record TrainableLtcCell(TrainableLtc ltc) implements TrainableCell {

  @Override
  public int inputSize() {
    return ltc.inputSize();
  }

  @Override
  public int outputSize() {
    return ltc.outputSize();
  }

  @Override
  public int stateSize() {
    return ltc.units();
  }

  @Override
  public long rowFloats() {
    return ltc.rowFloats();
  }

  @Override
  public void bind(ParameterBlock parameters) {
    ltc.bind(parameters);
  }

  @Override
  public void constrain() {
    ltc.constrain();
  }

  @Override
  public void refresh() {
    ltc.refresh();
  }

  @Override
  public void finish(ParameterBlock gradient) {}

  @Override
  public Tape tape(Context context) {
    return new LtcCellTape(context);
  }

  private final class LtcCellTape implements Tape {
    private final Context context;
    private final MemorySegment sums = ltc.newSums();

    /** One for each step that is under way: which are counted. */
    private final List<TrainableLtc.Lanes> steps = new ArrayList<>();

    private final RowBuffer outGradients = RowBuffer.of(ltc.outputSize(), LeafRows.SAMPLES);
    private final RowBuffer inputGradients = RowBuffer.of(ltc.inputSize());
    private final RowBuffer timespanGradients = RowBuffer.ofScalars();
    private int depth;

    LtcCellTape(Context context) {
      this.context = context;
    }

    @Override
    public void begin() {
      sums.fill((byte) 0);
    }

    @Override
    public void reserve(int rows) {
      depth = 0;
      inputGradients.reserve(rows);
      timespanGradients.reserve(rows);
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      if (steps.size() == depth) {
        steps.add(ltc.new Lanes(1, sums));
      }
      TrainableLtc.Lanes lanes = steps.get(depth++);
      for (int i = 0; i < n; i++) {
        lanes.load(0, i, x, xRow + i, context.timespans.get(row + i, 0));
        lanes.loadState(i, state.hidden(), i);
      }
      lanes.forward(1, n);
      for (int i = 0; i < n; i++) {
        lanes.storeState(i, state.hidden(), i);
      }
    }

    @Override
    public void output(int row, int n, StateRows state, RowBuffer out, int outRow) {
      TrainableLtc.Lanes lanes = steps.get(depth - 1);
      for (int i = 0; i < n; i++) {
        lanes.storeOutput(0, i, out, outRow + i);
      }
    }

    @Override
    public void outputBackward(
        int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients) {
      Rows.copy(upstream, upstreamRow, outGradients, 0, n);
    }

    @Override
    public void backward(int row, int n, StateRows gradients, ParameterBlock gradient) {
      TrainableLtc.Lanes lanes = steps.get(--depth);
      for (int i = 0; i < n; i++) {
        lanes.loadOutputGradient(0, i, outGradients, i);
        lanes.loadStateGradient(i, gradients.hidden(), i);
      }
      lanes.backward(1, n, true, context.wantsTimespanGradients);
      for (int i = 0; i < n; i++) {
        lanes.storeStateGradient(i, gradients.hidden(), i);
        lanes.storeInputGradient(0, i, inputGradients, row + i);
        timespanGradients.set(row + i, 0, lanes.timespanGradient(0, i));
      }
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      Rows.copy(inputGradients, row, to, toRow, n);
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      ltc.gradients(sums, gradient);
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {
      for (int row = 0; row < rows; row++) {
        sum.set(row, 0, sum.get(row, 0) + timespanGradients.get(row, 0));
      }
    }
  }
}
