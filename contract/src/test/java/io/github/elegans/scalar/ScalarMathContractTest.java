package io.github.elegans.scalar;

import io.github.elegans.contract.MathContract;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class ScalarMathContractTest extends MathContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new ScalarProvider().open(InstructionSet.V4));
  }
}
