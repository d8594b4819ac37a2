package io.github.elegans.scalar;

import io.github.elegans.contract.BorderContract;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class ScalarBorderContractTest extends BorderContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
