package io.github.elegans.networks.training;

import org.jspecify.annotations.Nullable;

/**
 * A cell over whole sequences. A sample whose step is masked keeps its state, and its gradients
 * pass.
 */
record RecurrentLayer(TrainableCell cell) implements TrainableLayer {

  @Override
  public int inputSize() {
    return cell.inputSize();
  }

  @Override
  public int outputSize() {
    return cell.outputSize();
  }

  @Override
  public long rowFloats() {
    return cell.rowFloats() + cell.outputSize();
  }

  @Override
  public void bind(ParameterBlock parameters) {
    cell.bind(parameters);
  }

  @Override
  public boolean isRecurrent() {
    return true;
  }

  @Override
  public void constrain() {
    cell.constrain();
  }

  @Override
  public void refresh() {
    cell.refresh();
  }

  @Override
  public void finish(ParameterBlock gradient) {
    cell.finish(gradient);
  }

  @Override
  public Tape tape(TrainableCell.Context context) {
    return new RecurrentTape(cell.tape(context));
  }

  private final class RecurrentTape implements Tape {
    private final TrainableCell.Tape tape;
    private final StateRows state = new StateRows(cell.stateSize(), cell.memorySize());
    private final StateRows gradients = new StateRows(cell.stateSize(), cell.memorySize());

    /** The states, or their gradients, of the samples that a step is active for. */
    private final StateRows active = new StateRows(cell.stateSize(), cell.memorySize());

    private final RowBuffer out = RowBuffer.of(cell.outputSize());

    RecurrentTape(TrainableCell.Tape tape) {
      this.tape = tape;
    }

    @Override
    public void begin() {
      tape.begin();
    }

    @Override
    public RowBuffer forward(LeafRows rows, RowBuffer x) {
      tape.reserve(rows.rows());
      out.reserve(rows.rows());
      for (int step = 0; step < rows.steps(); step++) {
        int n = rows.count(step);
        if (n > 0) {
          int row = rows.first(step);
          StateRows own = begin(rows, row, n, state);
          tape.forward(row, n, x, row, own);
          tape.output(row, n, own, out, row);
          end(rows, row, n, state, own);
        }
      }
      return out;
    }

    @Override
    public void backward(
        LeafRows rows,
        RowBuffer upstream,
        ParameterBlock gradient,
        @Nullable RowBuffer inputGradients) {
      for (int step = rows.steps() - 1; step >= 0; step--) {
        int n = rows.count(step);
        if (n > 0) {
          int row = rows.first(step);
          StateRows own = begin(rows, row, n, gradients);
          tape.outputBackward(row, n, upstream, row, own);
          tape.backward(row, n, own, gradient);
          end(rows, row, n, gradients, own);
        }
      }
      if (rows.rows() > 0) {
        tape.addGradients(rows.rows(), gradient);
        if (inputGradients != null) {
          inputGradients.reserve(rows.rows());
          tape.inputGradients(0, rows.rows(), inputGradients, 0);
        }
      }
    }

    /** The rows of the step's samples, one after the other. */
    private StateRows begin(LeafRows rows, int row, int n, StateRows all) {
      if (n == rows.samples()) {
        return all;
      }
      for (int i = 0; i < n; i++) {
        all.copyRow(rows.sample(row + i), active, i);
      }
      return active;
    }

    @SuppressWarnings("ReferenceEquality") // Whether they are the rows themselves.
    private void end(LeafRows rows, int row, int n, StateRows all, StateRows own) {
      if (own != all) {
        for (int i = 0; i < n; i++) {
          own.copyRow(i, all, rows.sample(row + i));
        }
      }
    }

    @Override
    public void addTimespanGradients(LeafRows rows, RowBuffer sum) {
      tape.addTimespanGradients(rows.rows(), sum);
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
