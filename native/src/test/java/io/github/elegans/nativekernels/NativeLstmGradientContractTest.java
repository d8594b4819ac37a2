package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.LstmGradientContract;
import java.util.List;

class NativeLstmGradientContractTest extends LstmGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
