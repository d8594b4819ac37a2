package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.CatalogueContract;

/** The catalogue's systems in C. */
class NativeCatalogueTest implements CatalogueContract {
  @Override
  public Kernels kernels() {
    return NativeTiers.all().getLast();
  }
}
