package io.github.elegans.nativekernels;

import io.github.elegans.contract.ModelContract;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeModelContractTest extends ModelContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
