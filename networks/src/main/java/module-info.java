/**
 * Liquid neural networks and other recurrent ones. Knows kernels, and nothing of differential
 * equations.
 */
module io.github.elegans.networks {
  requires transitive io.github.elegans;
  requires static org.jspecify;

  exports io.github.elegans.networks;
  exports io.github.elegans.networks.cfc;
  exports io.github.elegans.networks.data;
  exports io.github.elegans.networks.files;
  exports io.github.elegans.networks.ltc;
  exports io.github.elegans.networks.models;
  exports io.github.elegans.networks.onnx;
  exports io.github.elegans.networks.recurrent;
  exports io.github.elegans.networks.training;
  exports io.github.elegans.networks.wiring;
}
