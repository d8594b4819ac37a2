/**
 * What a backend implements and everything stands on. Knows nothing of networks, files or solvers.
 */
module io.github.elegans {
  requires static org.jspecify;

  exports io.github.elegans.backends;
  exports io.github.elegans.expressions;
  exports io.github.elegans.kernels;
  exports io.github.elegans.kernels.cell;
  exports io.github.elegans.kernels.cfc;
  exports io.github.elegans.kernels.dense;
  exports io.github.elegans.kernels.gru;
  exports io.github.elegans.kernels.loss;
  exports io.github.elegans.kernels.lstm;
  exports io.github.elegans.kernels.ltc;
  exports io.github.elegans.kernels.math;
  exports io.github.elegans.kernels.optimiser;
  exports io.github.elegans.kernels.programs;
  exports io.github.elegans.kernels.random;
  exports io.github.elegans.kernels.roofline;
  exports io.github.elegans.checks to
      io.github.elegans.networks,
      io.github.elegans.ode;
  exports io.github.elegans.files to
      io.github.elegans.networks;
  exports io.github.elegans.memory to
      io.github.elegans.networks,
      io.github.elegans.ode,
      io.github.elegans.vector,
      io.github.elegans.nativekernels;
  exports io.github.elegans.threads to
      io.github.elegans.networks,
      io.github.elegans.ode;

  uses io.github.elegans.backends.KernelProvider;

  provides io.github.elegans.backends.KernelProvider with
      io.github.elegans.backends.ScalarProvider;
}
