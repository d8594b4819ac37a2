package io.github.elegans.backends;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;

class ScalarProgramContractTest implements ProgramContract {
  @Override
  public ProgramKernel compile(Program program) {
    return Backends.named("scalar").programs().compile(program);
  }
}
