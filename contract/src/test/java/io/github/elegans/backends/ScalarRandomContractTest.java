package io.github.elegans.backends;

import io.github.elegans.contract.RandomContract;
import java.util.List;

class ScalarRandomContractTest extends RandomContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
