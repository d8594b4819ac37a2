package io.github.elegans.vector;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.OdeContract;
import io.github.elegans.kernels.programs.ProgramKernels;
import org.junit.jupiter.api.Test;

/** Solving with compiled bytecode from the first step on. */
class VectorOdeContractTest implements OdeContract {
  @Override
  public Kernels kernels() {
    return Backends.named("vector").with(ProgramKernels.FAMILY, VectorPrograms::compileNow);
  }

  @Test
  @Override
  @SuppressWarnings("JUnitMethodInvoked") // The same test, under a condition.
  public void nothingIsAllocatedButWhatIsReturned() {
    // -XX:+PrintIntrinsics: "not supported: op=blend vlen=2 etype=double", unless there is AVX-512.
    assumeTrue(Vectors.DOUBLES.length() > 2, "C2 makes objects of masks of two lanes");
    OdeContract.super.nothingIsAllocatedButWhatIsReturned();
  }
}
