package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.GradientContract;
import java.util.List;

class NativeGradientContractTest extends GradientContract {
  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
