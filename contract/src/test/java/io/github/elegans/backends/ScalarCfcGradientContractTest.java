package io.github.elegans.backends;

import io.github.elegans.contract.CfcGradientContract;
import java.util.List;

class ScalarCfcGradientContractTest extends CfcGradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
