package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.RandomContract;
import java.util.List;

class NativeRandomContractTest extends RandomContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
