package io.github.elegans.backends;

import io.github.elegans.contract.DenseContract;
import java.util.List;

class ScalarDenseContractTest extends DenseContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
