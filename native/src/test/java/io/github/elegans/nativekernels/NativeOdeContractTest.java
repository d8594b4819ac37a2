package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.OdeContract;

/** Solving in C. */
class NativeOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return NativeTiers.all().getLast();
  }
}
