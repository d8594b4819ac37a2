package io.github.elegans.backends;

import io.github.elegans.contract.GruGradientContract;
import java.util.List;

class ScalarGruGradientContractTest extends GruGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
