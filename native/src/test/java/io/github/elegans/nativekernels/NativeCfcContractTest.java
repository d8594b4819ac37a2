package io.github.elegans.nativekernels;

import io.github.elegans.contract.CfcContract;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeCfcContractTest extends CfcContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
