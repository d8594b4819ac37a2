package io.github.elegans.vector;

import io.github.elegans.contract.RecurrentContract;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.Kernels;
import java.util.List;

/** With the one species that this JVM was started for. */
class VectorRecurrentContractTest extends RecurrentContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new VectorProvider().open(InstructionSet.cap()));
  }
}
