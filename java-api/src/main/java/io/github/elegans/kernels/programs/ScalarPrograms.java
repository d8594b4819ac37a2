package io.github.elegans.kernels.programs;

import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Program;
import java.lang.foreign.MemorySegment;

/** Programs by their definition: operation by operation. */
final class ScalarPrograms implements ProgramKernels {
  /** Enough lanes that finding the operation is not what takes the time. */
  private static final int WIDTH = 8;

  @Override
  public ProgramKernel compile(Program program) {
    return new Interpreted(new Interpreter(program, WIDTH), ProgramKernel.newLanes(program, WIDTH));
  }

  private record Interpreted(Interpreter interpreter, MemorySegment lanes)
      implements ProgramKernel {
    @Override
    public int width() {
      return WIDTH;
    }

    @Override
    public String rendering() {
      return "interpreter, " + WIDTH + " lanes";
    }

    @Override
    public int run(int rounds) {
      return interpreter.run(lanes, rounds);
    }
  }
}
