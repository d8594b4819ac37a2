package io.github.elegans.nativekernels;

import io.github.elegans.contract.OdeContract;
import io.github.elegans.kernels.Kernels;

/** Solving in C. */
class NativeOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return NativeTiers.all().getLast();
  }
}
