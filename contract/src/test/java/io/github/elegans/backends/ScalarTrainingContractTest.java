package io.github.elegans.backends;

import io.github.elegans.contract.TrainingContract;
import java.util.List;

class ScalarTrainingContractTest extends TrainingContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
