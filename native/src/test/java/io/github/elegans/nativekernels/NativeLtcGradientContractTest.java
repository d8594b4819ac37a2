package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.LtcGradientContract;
import java.util.List;

class NativeLtcGradientContractTest extends LtcGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
