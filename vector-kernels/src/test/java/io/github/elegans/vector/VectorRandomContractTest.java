package io.github.elegans.vector;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.RandomContract;
import java.util.List;

/** With the one species that this JVM was started for. */
class VectorRandomContractTest extends RandomContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new VectorProvider().open(InstructionSet.cap()));
  }
}
