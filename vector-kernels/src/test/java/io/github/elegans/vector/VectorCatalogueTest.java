package io.github.elegans.vector;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.CatalogueContract;

/** The catalogue's systems with vectors. */
class VectorCatalogueTest implements CatalogueContract {
  @Override
  public Kernels kernels() {
    return Backends.named("vector");
  }
}
