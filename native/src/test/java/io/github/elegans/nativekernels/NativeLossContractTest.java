package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.LossContract;
import java.util.List;

class NativeLossContractTest extends LossContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
