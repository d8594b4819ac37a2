package io.github.elegans.nativekernels;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.BorderContract;
import java.util.List;

class NativeBorderContractTest extends BorderContract {

  @Override
  protected List<Kernels> kernels() {
    NativeTiers.requireLibrary();
    return List.of(Backends.named("native"));
  }
}
