package io.github.elegans.backends;

import io.github.elegans.contract.CfcContract;
import java.util.List;

class ScalarCfcContractTest extends CfcContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
