package io.github.elegans.kernels.programs;

import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.KernelFamily;

/** Renders programs: straight lines of operations become kernels over lanes. */
public interface ProgramKernels {
  /** The family. */
  // It only refers to constructors, and initialises no subclass.
  @SuppressWarnings("ClassInitializationDeadlock")
  KernelFamily<ProgramKernels> FAMILY =
      new KernelFamily<>(
          "programs", ProgramKernels.class, ScalarPrograms::new, CheckedPrograms::new);

  /**
   * Compiles a program. All backends' kernels compute the same bits; they differ in how many lanes
   * they take at a time, and in speed.
   *
   * @param program what to compute
   */
  ProgramKernel compile(Program program);

  /**
   * As {@link #compile(Program)}, for somebody who has so many lanes' work: a backend that has
   * kernels of several widths chooses by that.
   *
   * @param lanes at least 1
   */
  default ProgramKernel compile(Program program, int lanes) {
    return compile(program);
  }
}
