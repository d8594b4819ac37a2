package io.github.elegans.scalar;

import io.github.elegans.contract.OdeContract;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;

/** Solving with the interpreter. */
class ScalarOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return Backends.named("scalar");
  }
}
