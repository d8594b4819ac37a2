package io.github.elegans.nativekernels;

import io.github.elegans.contract.RecurrentContract;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeRecurrentContractTest extends RecurrentContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
