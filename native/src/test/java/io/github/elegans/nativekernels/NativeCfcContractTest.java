package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.CfcContract;
import java.util.List;

class NativeCfcContractTest extends CfcContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
