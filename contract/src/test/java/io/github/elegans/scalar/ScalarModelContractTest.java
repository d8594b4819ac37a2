package io.github.elegans.scalar;

import io.github.elegans.contract.ModelContract;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class ScalarModelContractTest extends ModelContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
