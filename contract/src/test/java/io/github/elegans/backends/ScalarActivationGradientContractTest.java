package io.github.elegans.backends;

import io.github.elegans.contract.ActivationGradientContract;
import java.util.List;

class ScalarActivationGradientContractTest extends ActivationGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
