package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.ActivationGradientContract;
import java.util.List;

class NativeActivationGradientContractTest extends ActivationGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
