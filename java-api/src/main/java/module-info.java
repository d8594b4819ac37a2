/** What users compile against, and the scalar backend that defines every result. */
module io.github.elegans {
  requires static org.jspecify;

  exports io.github.elegans.cfc;
  exports io.github.elegans.data;
  exports io.github.elegans.expressions;
  exports io.github.elegans.files;
  exports io.github.elegans.kernels;
  exports io.github.elegans.ltc;
  exports io.github.elegans.models;
  exports io.github.elegans.networks;
  exports io.github.elegans.ode;
  exports io.github.elegans.recurrent;
  exports io.github.elegans.scalar;
  exports io.github.elegans.wiring;

  uses io.github.elegans.kernels.KernelProvider;

  provides io.github.elegans.kernels.KernelProvider with
      io.github.elegans.scalar.ScalarProvider;
}
