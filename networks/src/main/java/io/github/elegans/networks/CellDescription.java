package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.math.Activation;
import java.util.List;
import java.util.Objects;

/** What a {@link Cell} computes, for who writes it in another form, such as that of ONNX. */
public sealed interface CellDescription {

  /** A CfC; its output is its state. */
  record Cfc(CfcWeights weights) implements CellDescription {
    /** Checks that nothing is null. */
    public Cfc {
      Objects.requireNonNull(weights, "weights");
    }
  }

  /** An LTC; its output are the mapped states of the motor neurons. */
  record Ltc(LtcWeights weights) implements CellDescription {
    /** Checks that nothing is null. */
    public Ltc {
      Objects.requireNonNull(weights, "weights");
    }
  }

  /**
   * An LSTM.
   *
   * @param timespanIsInput whether the timespan is the last input; otherwise it does not matter
   */
  record Lstm(LstmWeights weights, boolean timespanIsInput) implements CellDescription {
    /** Checks that nothing is null. */
    public Lstm {
      Objects.requireNonNull(weights, "weights");
    }
  }

  /**
   * A GRU whose reset gate works on the product with the state.
   *
   * @param gates reset and update, on [x | h]
   * @param input what the candidate takes from x
   * @param recurrent what it takes from h
   */
  record Gru(DenseWeights gates, DenseWeights input, DenseWeights recurrent)
      implements CellDescription {
    /** Checks that nothing is null. */
    public Gru {
      Objects.requireNonNull(gates, "gates");
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(recurrent, "recurrent");
    }
  }

  /**
   * A cell with an LSTM beside it: {@link MixedMemory}.
   *
   * @param replacesState whether the LSTM's output takes the place of the cell's previous state, or
   *     else of its input
   */
  record Mixed(LstmWeights lstm, Cell cell, boolean replacesState) implements CellDescription {
    /** Checks that nothing is null. */
    public Mixed {
      Objects.requireNonNull(lstm, "lstm");
      Objects.requireNonNull(cell, "cell");
    }
  }

  /** A cell whose output goes through a dense layer. */
  record Projected(Cell cell, DenseWeights projection, Activation activation)
      implements CellDescription {
    /** Checks that nothing is null. */
    public Projected {
      Objects.requireNonNull(cell, "cell");
      Objects.requireNonNull(projection, "projection");
      Objects.requireNonNull(activation, "activation");
    }
  }

  /** A cell whose input comes through dense layers, one after the other. */
  record Encoded(List<Dense> layers, Cell cell) implements CellDescription {
    /** Copies the list. */
    public Encoded {
      Require.noNull("layers", layers);
      layers = List.copyOf(layers);
      Objects.requireNonNull(cell, "cell");
    }
  }

  /** Cells of which each reads the output of the one before. */
  record Stacked(List<Cell> cells) implements CellDescription {
    /** Copies the list. */
    public Stacked {
      Require.noNull("cells", cells);
      cells = List.copyOf(cells);
    }
  }

  /** Anything else. */
  record Other() implements CellDescription {}
}
