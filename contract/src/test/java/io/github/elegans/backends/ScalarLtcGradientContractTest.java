package io.github.elegans.backends;

import io.github.elegans.contract.LtcGradientContract;
import java.util.List;

class ScalarLtcGradientContractTest extends LtcGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
