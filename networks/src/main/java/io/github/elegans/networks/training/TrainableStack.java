package io.github.elegans.networks.training;

import java.util.List;

/**
 * Cells of which each reads the output of the one before at the same step, as one cell: the layers
 * of a wired CfC. Their states stand one after the other.
 */
final class TrainableStack implements TrainableCell {
  private final List<TrainableCell> cells;

  TrainableStack(List<TrainableCell> cells) {
    this.cells = List.copyOf(cells);
  }

  @Override
  public int inputSize() {
    return cells.getFirst().inputSize();
  }

  @Override
  public int outputSize() {
    return cells.getLast().outputSize();
  }

  @Override
  public int stateSize() {
    return cells.stream().mapToInt(TrainableCell::stateSize).sum();
  }

  @Override
  public long rowFloats() {
    return cells.stream().mapToLong(TrainableCell::rowFloats).sum();
  }

  @Override
  public void bind(ParameterBlock parameters) {
    cells.forEach(cell -> cell.bind(parameters));
  }

  @Override
  public void refresh() {
    cells.forEach(TrainableCell::refresh);
  }

  @Override
  public void finish(ParameterBlock gradient) {
    cells.forEach(cell -> cell.finish(gradient));
  }

  @Override
  public Tape tape(Context context) {
    return new StackTape(cells.stream().map(cell -> cell.tape(context)).toArray(Tape[]::new));
  }

  private final class StackTape implements Tape {
    private final Tape[] tapes;
    private final StateRows[] states;

    /** Gradients of what a layer above reads. */
    private final RowBuffer[] between;

    private final int[] starts;

    StackTape(Tape[] tapes) {
      this.tapes = tapes;
      states = new StateRows[tapes.length];
      between = new RowBuffer[tapes.length];
      starts = new int[tapes.length];
      int start = 0;
      for (int i = 0; i < tapes.length; i++) {
        TrainableCell cell = cells.get(i);
        states[i] = new StateRows(cell.stateSize(), 0);
        between[i] = RowBuffer.of(cell.inputSize(), LeafRows.SAMPLES);
        starts[i] = start;
        start += cell.stateSize();
      }
    }

    @Override
    public void reserve(int rows) {
      for (Tape tape : tapes) {
        tape.reserve(rows);
      }
    }

    /** Takes a layer's part of the states. */
    private StateRows take(int layer, StateRows state, int n) {
      RowBuffer own = states[layer].hidden();
      for (int i = 0; i < n; i++) {
        state.hidden().copyRow(i, starts[layer], own, i, 0, own.width());
      }
      return states[layer];
    }

    private void give(int layer, StateRows state, int n) {
      RowBuffer own = states[layer].hidden();
      for (int i = 0; i < n; i++) {
        own.copyRow(i, 0, state.hidden(), i, starts[layer], own.width());
      }
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      RowBuffer in = x;
      int inRow = xRow;
      for (int i = 0; i < tapes.length; i++) {
        tapes[i].forward(row, n, in, inRow, take(i, state, n));
        give(i, state, n);
        in = states[i].hidden();
        inRow = 0;
      }
    }

    @Override
    public void output(int row, int n, StateRows state, RowBuffer out, int outRow) {
      int last = tapes.length - 1;
      for (int i = 0; i < n; i++) {
        state.hidden().copyRow(i, starts[last], out, outRow + i, 0, out.width());
      }
    }

    @Override
    public void outputBackward(
        int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients) {
      int last = tapes.length - 1;
      StateRows own = take(last, gradients, n);
      tapes[last].outputBackward(row, n, upstream, upstreamRow, own);
      give(last, gradients, n);
    }

    @Override
    public void backward(int row, int n, StateRows gradients, ParameterBlock gradient) {
      for (int i = tapes.length - 1; i >= 0; i--) {
        StateRows own = take(i, gradients, n);
        if (i + 1 < tapes.length) {
          tapes[i].outputBackward(row, n, between[i + 1], 0, own);
        }
        tapes[i].backward(row, n, own, gradient);
        give(i, gradients, n);
        if (i > 0) {
          tapes[i].inputGradients(row, n, between[i], 0);
        }
      }
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      tapes[0].inputGradients(row, n, to, toRow);
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      for (Tape tape : tapes) {
        tape.addGradients(rows, gradient);
      }
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {
      for (int i = tapes.length - 1; i >= 0; i--) {
        tapes[i].addTimespanGradients(rows, sum);
      }
    }
  }
}
