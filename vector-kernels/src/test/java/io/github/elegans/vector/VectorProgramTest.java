package io.github.elegans.vector;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;

/**
 * Bytecode over vectors computes what the interpreter does, with any number of them side by side.
 */
class VectorProgramTest implements ProgramContract {
  private int compiled;

  @Override
  public ProgramKernel compile(Program program) {
    return VectorPrograms.compileNow(program, 1 + compiled++ % 3);
  }

  @Override
  public int programs() {
    return Integer.getInteger("elegans.test.programs", 5000);
  }
}
