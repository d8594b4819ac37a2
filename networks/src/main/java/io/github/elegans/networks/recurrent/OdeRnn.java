package io.github.elegans.networks.recurrent;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.statedict.Packing;
import io.github.elegans.networks.statedict.Parameters;

/** h' = scale tanh(x K + h R + b) - τ h: a CT-RNN for τ = 1, an ODE-RNN for τ = 0. */
record OdeRnn(
    int inputSize, int stateSize, DenseWeights layer, float[] scale, float tau, OdeSolver solver)
    implements Dynamics, Cells.Ode {

  static OdeRnn of(
      Parameters parameters, String prefix, int inputs, int units, float tau, OdeSolver solver) {
    Packing.Gates gates = Packing.Gates.keras(parameters, prefix, "kernel", inputs, units, 1);
    float[] scale = parameters.take(prefix + "scale", units);
    return new OdeRnn(inputs, units, gates.layer(new int[] {0}, 0), scale, tau, solver);
  }

  @Override
  public OdeRnn with(WeightStorage storage) {
    return new OdeRnn(inputSize, stateSize, layer.withStorage(storage), scale, tau, solver);
  }

  @Override
  public Step step(Rows.Functions functions) {
    return run(functions)::advance;
  }

  /** A solver on rows [x | h]. */
  @Override
  public OdeSolver.Run run(Rows.Functions functions) {
    Rows k = Rows.of(stateSize);
    OdeSolver.Slope slope =
        (rows, n) -> {
          functions.dense(layer, Activation.TANH, rows, k, n);
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < stateSize; i++) {
              float drive = scale[i] * k.get(r, i);
              k.set(r, i, Math.fma(-tau, rows.get(r, inputSize + i), drive));
            }
          }
        };
    return new OdeSolver.Run(solver, inputSize, stateSize, slope, k);
  }
}
