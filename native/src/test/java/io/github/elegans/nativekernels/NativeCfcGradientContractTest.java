package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.CfcGradientContract;
import java.util.List;

class NativeCfcGradientContractTest extends CfcGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
