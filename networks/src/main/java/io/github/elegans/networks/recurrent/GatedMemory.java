package io.github.elegans.networks.recurrent;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.statedict.Packing;

/**
 * The gates of an LSTM: what is remembered goes through tanh, ig, fg and og through the logistic
 * function.
 *
 * @param candidate layer of i
 * @param gates layer of ig, fg and og
 */
record GatedMemory(int units, DenseWeights candidate, DenseWeights gates) {

  /** From gates in the order of their chunks. */
  static GatedMemory of(Packing.Gates gates, int i, int ig, int fg, int og, float forgetBias) {
    return new GatedMemory(
        gates.units(),
        gates.layer(new int[] {i}, 0),
        gates.layer(new int[] {ig, fg, og}, 0, forgetBias, 0));
  }

  GatedMemory with(WeightStorage storage) {
    return new GatedMemory(units, candidate.withStorage(storage), gates.withStorage(storage));
  }

  /** One thread's scratch memory. */
  final class Run {
    private final Rows.Functions functions;
    private final Rows x = Rows.of(units);
    private final Rows opened = Rows.of(3 * units);
    private final Rows squashed = Rows.of(units);

    Run(Rows.Functions functions) {
      this.functions = functions;
    }

    /** Computes from rows [x | h] with c from {@code column} on: c' and q = tanh(c') σ(og). */
    void advance(Rows rows, int column, int n) {
      functions.dense(candidate, Activation.TANH, rows, x, n);
      functions.dense(gates, Activation.SIGMOID, rows, opened, n);
      for (int r = 0; r < n; r++) {
        for (int i = 0; i < units; i++) {
          float remembered = x.get(r, i) * opened.get(r, i);
          float c = Math.fma(opened.get(r, units + i), rows.get(r, column + i), remembered);
          squashed.set(r, i, c);
          x.set(r, i, c);
        }
      }
      functions.apply(Activation.TANH, squashed, n);
    }

    /** c' of the last call. */
    float memory(int row, int i) {
      return x.get(row, i);
    }

    /** q of the last call. */
    float output(int row, int i) {
      return squashed.get(row, i) * opened.get(row, 2 * units + i);
    }
  }
}
