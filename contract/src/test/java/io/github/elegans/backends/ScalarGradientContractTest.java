package io.github.elegans.backends;

import io.github.elegans.contract.GradientContract;
import java.util.List;

class ScalarGradientContractTest extends GradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
