package io.github.elegans.vector;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.TrainingContract;
import java.util.List;

class VectorTrainingContractTest extends TrainingContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("vector"));
  }
}
