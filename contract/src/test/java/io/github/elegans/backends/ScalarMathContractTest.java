package io.github.elegans.backends;

import io.github.elegans.contract.MathContract;
import java.util.List;

class ScalarMathContractTest extends MathContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("scalar"));
  }
}
