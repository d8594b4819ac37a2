package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.ModelContract;
import java.util.List;

class NativeModelContractTest extends ModelContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
