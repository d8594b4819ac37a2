package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.OptimiserContract;
import java.util.List;

class NativeOptimiserContractTest extends OptimiserContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
