package io.github.elegans.scalar;

import io.github.elegans.contract.DenseContract;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class ScalarDenseContractTest extends DenseContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new ScalarProvider().open(InstructionSet.V4));
  }
}
