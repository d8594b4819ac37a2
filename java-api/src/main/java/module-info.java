/**
 * What a backend implements and everything stands on. Knows nothing of networks, files or solvers.
 */
module io.github.elegans {
  requires static org.jspecify;

  exports io.github.elegans.expressions;
  exports io.github.elegans.kernels;
  exports io.github.elegans.scalar;
  exports io.github.elegans.checks to
      io.github.elegans.networks,
      io.github.elegans.ode;
  exports io.github.elegans.files to
      io.github.elegans.networks;
  exports io.github.elegans.memory to
      io.github.elegans.networks,
      io.github.elegans.ode;
  exports io.github.elegans.threads to
      io.github.elegans.networks,
      io.github.elegans.ode;

  uses io.github.elegans.kernels.KernelProvider;

  provides io.github.elegans.kernels.KernelProvider with
      io.github.elegans.scalar.ScalarProvider;
}
