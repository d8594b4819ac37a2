package io.github.elegans.vector;

import io.github.elegans.contract.CatalogueContract;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;

/** The catalogue's systems with vectors. */
class VectorCatalogueTest implements CatalogueContract {
  @Override
  public Kernels kernels() {
    return Backends.named("vector");
  }
}
