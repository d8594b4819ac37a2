package io.github.elegans.vector;

import io.github.elegans.contract.OdeContract;
import io.github.elegans.contract.OtherPrograms;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;

/** Solving with compiled bytecode from the first step on. */
class VectorOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return OtherPrograms.of(Backends.named("vector"), VectorPrograms::compileNow);
  }
}
