package io.github.elegans.backends;

import io.github.elegans.contract.BorderContract;
import java.util.List;

class ScalarBorderContractTest extends BorderContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
