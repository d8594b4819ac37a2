package io.github.elegans.vector;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.ProgramKernel;

/** Bytecode over vectors computes what the interpreter does. */
class VectorProgramTest implements ProgramContract {
  @Override
  public ProgramKernel compile(Program program) {
    return VectorPrograms.compileNow(program);
  }

  @Override
  public int programs() {
    return Integer.getInteger("elegans.test.programs", 5000);
  }
}
