package io.github.elegans.nativekernels;

import io.github.elegans.contract.DenseContract;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeDenseContractTest extends DenseContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
