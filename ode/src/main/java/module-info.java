/** Ordinary differential equations. Knows kernels and expressions, and nothing of networks. */
module io.github.elegans.ode {
  requires transitive io.github.elegans;
  requires static org.jspecify;

  exports io.github.elegans.ode;
}
