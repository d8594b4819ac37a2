/** The backend written in C and bound through the Foreign Function and Memory API. */
module io.github.elegans.ffm {
  requires io.github.elegans;
  requires static org.jspecify;

  exports io.github.elegans.ffm;

  provides io.github.elegans.kernels.KernelProvider with
      io.github.elegans.ffm.NativeProvider;
}
