package io.github.elegans.backends;

import io.github.elegans.contract.OdeContract;

class ScalarOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return Backends.named("scalar");
  }
}
