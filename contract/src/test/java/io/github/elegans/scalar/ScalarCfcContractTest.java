package io.github.elegans.scalar;

import io.github.elegans.contract.CfcContract;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.Kernels;
import java.util.List;

class ScalarCfcContractTest extends CfcContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new ScalarProvider().open(InstructionSet.V4));
  }
}
