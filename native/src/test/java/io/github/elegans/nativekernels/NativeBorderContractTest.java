package io.github.elegans.nativekernels;

import io.github.elegans.contract.BorderContract;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class NativeBorderContractTest extends BorderContract {

  @Override
  protected List<Kernels> kernels() {
    NativeTiers.requireLibrary();
    return List.of(Backends.named("native"));
  }
}
