package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.GruGradientContract;
import java.util.List;

class NativeGruGradientContractTest extends GruGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
