/** The backend written in C and bound through the Foreign Function and Memory API. */
module io.github.elegans.nativekernels {
  requires io.github.elegans;
  requires static org.jspecify;

  exports io.github.elegans.nativekernels;

  provides io.github.elegans.backends.KernelProvider with
      io.github.elegans.nativekernels.NativeProvider;
}
