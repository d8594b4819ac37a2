package io.github.elegans.backends;

import io.github.elegans.contract.OptimiserContract;
import java.util.List;

class ScalarOptimiserContractTest extends OptimiserContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
