package io.github.elegans.nativekernels;

import io.github.elegans.contract.MathContract;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeMathContractTest extends MathContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
