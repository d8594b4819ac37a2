package io.github.elegans.vector;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.BorderContract;
import java.util.List;

class VectorBorderContractTest extends BorderContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("vector"));
  }
}
