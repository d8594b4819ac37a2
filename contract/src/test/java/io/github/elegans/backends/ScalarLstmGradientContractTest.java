package io.github.elegans.backends;

import io.github.elegans.contract.LstmGradientContract;
import java.util.List;

class ScalarLstmGradientContractTest extends LstmGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
