package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.MathContract;
import java.util.List;

class NativeMathContractTest extends MathContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
