package io.github.elegans.backends;

import io.github.elegans.contract.ModelContract;
import java.util.List;

class ScalarModelContractTest extends ModelContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
