package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.DenseContract;
import java.util.List;

class NativeDenseContractTest extends DenseContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
