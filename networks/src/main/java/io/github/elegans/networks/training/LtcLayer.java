package io.github.elegans.networks.training;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An LTC over whole sequences; samples are lanes. */
record LtcLayer(TrainableLtc ltc) implements TrainableLayer {

  @Override
  public int inputSize() {
    return ltc.inputSize();
  }

  @Override
  public int outputSize() {
    return ltc.outputSize();
  }

  @Override
  public boolean isRecurrent() {
    return true;
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
  public Tape tape(TrainableCell.Context context) {
    return new LtcTape(context);
  }

  private final class LtcTape implements Tape {
    private final TrainableCell.Context context;
    private final StateRows state = new StateRows(ltc.units(), 0);
    private final StateRows gradients = new StateRows(ltc.units(), 0);
    private final RowBuffer out = RowBuffer.of(ltc.outputSize());
    private final MemorySegment sums = ltc.newSums();
    private TrainableLtc.Lanes lanes = ltc.new Lanes(1, sums);

    LtcTape(TrainableCell.Context context) {
      this.context = context;
    }

    @Override
    public void begin() {
      sums.fill((byte) 0);
    }

    @Override
    public RowBuffer forward(LeafRows rows, RowBuffer x) {
      int steps = rows.steps();
      out.reserve(rows.rows());
      if (lanes.mostSteps() < steps) {
        lanes = ltc.new Lanes(steps, sums);
      }
      for (int step = 0; step < steps; step++) {
        if (rows.count(step) < rows.samples()) {
          for (int lane = 0; lane < rows.samples(); lane++) {
            lanes.rest(step, lane);
          }
        }
      }
      for (int row = 0; row < rows.rows(); row++) {
        lanes.load(rows.step(row), rows.sample(row), x, row, context.timespans.get(row, 0));
      }
      for (int i = 0; i < rows.samples(); i++) {
        lanes.loadState(i, state.hidden(), i);
      }
      lanes.forward(steps, rows.samples());
      for (int i = 0; i < rows.samples(); i++) {
        lanes.storeState(i, state.hidden(), i);
      }
      for (int row = 0; row < rows.rows(); row++) {
        lanes.storeOutput(rows.step(row), rows.sample(row), out, row);
      }
      return out;
    }

    @Override
    public void backward(
        LeafRows rows,
        RowBuffer upstream,
        ParameterBlock gradient,
        @Nullable RowBuffer inputGradients) {
      int steps = rows.steps();
      for (int row = 0; row < rows.rows(); row++) {
        lanes.loadOutputGradient(rows.step(row), rows.sample(row), upstream, row);
      }
      for (int i = 0; i < rows.samples(); i++) {
        lanes.loadStateGradient(i, gradients.hidden(), i);
      }
      lanes.backward(steps, rows.samples(), inputGradients != null, context.wantsTimespanGradients);
      for (int i = 0; i < rows.samples(); i++) {
        lanes.storeStateGradient(i, gradients.hidden(), i);
      }
      ltc.gradients(sums, gradient);
      if (inputGradients != null) {
        inputGradients.reserve(rows.rows());
        for (int row = 0; row < rows.rows(); row++) {
          lanes.storeInputGradient(rows.step(row), rows.sample(row), inputGradients, row);
        }
      }
    }

    @Override
    public void addTimespanGradients(LeafRows rows, RowBuffer sum) {
      for (int row = 0; row < rows.rows(); row++) {
        sum.set(row, 0, sum.get(row, 0) + lanes.timespanGradient(rows.step(row), rows.sample(row)));
      }
    }

    @Override
    public StateRows state() {
      return state;
    }

    @Override
    public StateRows stateGradients() {
      return gradients;
    }
  }
}
