package io.github.elegans.vector;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.ModelContract;
import java.util.List;

class VectorModelContractTest extends ModelContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("vector"));
  }
}
