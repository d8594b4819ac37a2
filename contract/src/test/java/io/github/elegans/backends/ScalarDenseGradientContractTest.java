package io.github.elegans.backends;

import io.github.elegans.contract.DenseGradientContract;
import java.util.List;

class ScalarDenseGradientContractTest extends DenseGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
