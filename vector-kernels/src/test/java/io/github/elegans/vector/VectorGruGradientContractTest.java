package io.github.elegans.vector;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.GruGradientContract;
import java.util.List;

/** With the one species that this JVM was started for. */
class VectorGruGradientContractTest extends GruGradientContract {

  @Override
  protected List<Kernels> kernels() {
    return List.of(new VectorProvider().open(InstructionSet.cap()));
  }
}
