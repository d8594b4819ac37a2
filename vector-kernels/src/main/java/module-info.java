/** The backend written with the JDK Vector API. */
module io.github.elegans.vector {
  requires io.github.elegans;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires static org.jspecify;

  exports io.github.elegans.vector;

  provides io.github.elegans.backends.KernelProvider with
      io.github.elegans.vector.VectorProvider;
}
