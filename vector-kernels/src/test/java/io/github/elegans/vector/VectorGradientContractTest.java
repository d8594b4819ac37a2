package io.github.elegans.vector;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.GradientContract;
import java.util.List;

class VectorGradientContractTest extends GradientContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("vector"));
  }
}
