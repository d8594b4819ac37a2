package io.github.elegans.nativekernels;

import io.github.elegans.contract.CatalogueContract;
import io.github.elegans.kernels.Kernels;

/** The catalogue's systems in C. */
class NativeCatalogueTest implements CatalogueContract {
  @Override
  public Kernels kernels() {
    return NativeTiers.all().getLast();
  }
}
