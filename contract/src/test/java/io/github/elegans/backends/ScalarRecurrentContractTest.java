package io.github.elegans.backends;

import io.github.elegans.contract.RecurrentContract;
import java.util.List;

class ScalarRecurrentContractTest extends RecurrentContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
