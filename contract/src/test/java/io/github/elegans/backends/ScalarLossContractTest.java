package io.github.elegans.backends;

import io.github.elegans.contract.LossContract;
import java.util.List;

class ScalarLossContractTest extends LossContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
