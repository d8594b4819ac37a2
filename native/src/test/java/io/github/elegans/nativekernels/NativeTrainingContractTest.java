package io.github.elegans.nativekernels;

import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.TrainingContract;
import java.util.List;

class NativeTrainingContractTest extends TrainingContract {
  @Override
  protected List<Kernels> kernels() {
    return NativeTiers.all();
  }
}
