package io.github.elegans.recurrent;

import io.github.elegans.internal.Parameters;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.DenseWeights;
import org.jspecify.annotations.Nullable;

/** h' = scale tanh(x K + h R + b) - τ h: a CT-RNN for τ = 1, an ODE-RNN for τ = 0. */
record OdeRnn(
    int inputSize, int stateSize, DenseWeights layer, float[] scale, float tau, OdeSolver solver)
    implements Dynamics {

  static OdeRnn of(
      Parameters parameters, String prefix, int inputs, int units, float tau, OdeSolver solver) {
    Packing.Gates gates = Packing.Gates.keras(parameters, prefix, "kernel", inputs, units, 1);
    float[] scale = parameters.take(prefix + "scale", units);
    return new OdeRnn(inputs, units, gates.layer(new int[] {0}, 0), scale, tau, solver);
  }

  @Override
  public long parameterCount() {
    return (inputSize + stateSize + 2L) * stateSize;
  }

  @Override
  public Step step(Rows.Functions functions) {
    return new Step() {
      private OdeSolver.@Nullable Run run;
      private final Rows k = Rows.of(stateSize);

      @Override
      public void advance(Rows rows, Rows timespans, int n) {
        if (run == null) {
          run = run(functions, rows, k);
        }
        run.advance(timespans, n);
      }
    };
  }

  /** A solver on rows [x | h]. */
  OdeSolver.Run run(Rows.Functions functions, Rows rows, Rows k) {
    OdeSolver.Slope slope =
        n -> {
          functions.dense(layer, Activation.TANH, rows, k, n);
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < stateSize; i++) {
              float drive = scale[i] * k.get(r, i);
              k.set(r, i, Math.fma(-tau, rows.get(r, inputSize + i), drive));
            }
          }
        };
    return new OdeSolver.Run(solver, rows, inputSize, stateSize, slope, k);
  }
}
