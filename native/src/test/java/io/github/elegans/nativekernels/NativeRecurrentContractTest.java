package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.RecurrentContract;
import java.util.List;

class NativeRecurrentContractTest extends RecurrentContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
