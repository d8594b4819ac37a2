package io.github.elegans.kernels.programs;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.PanelLayout;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** The checks before programs. */
record CheckedPrograms(ProgramKernels unchecked) implements ProgramKernels {
  @Override
  public ProgramKernel compile(Program program) {
    FloatingPoint.check();
    Objects.requireNonNull(program, "program");
    return checked(program, unchecked.compile(program));
  }

  @Override
  public ProgramKernel compile(Program program, int lanes) {
    Objects.requireNonNull(program, "program");
    Require.atLeast("lanes", 1, lanes);
    return checked(program, unchecked.compile(program, lanes));
  }

  private static ProgramKernel checked(Program program, ProgramKernel kernel) {
    MemorySegment lanes = kernel.lanes();
    long bytes = ProgramKernel.bytes(program, kernel.width());
    if (!lanes.isNative()
        || lanes.byteSize() != bytes
        || lanes.address() % PanelLayout.ALIGNMENT != 0) {
      throw new IllegalStateException(
          "lanes: %d bytes of native memory, aligned to %d, are expected (%d variables of %d"
                  .formatted(bytes, PanelLayout.ALIGNMENT, program.variables(), kernel.width())
              + " lanes), found "
              + lanes);
    }
    return new CheckedProgram(kernel);
  }

  /** There is nothing to check about lanes: they are the kernel's own. */
  private record CheckedProgram(ProgramKernel unchecked) implements ProgramKernel {
    @Override
    public int width() {
      return unchecked.width();
    }

    @Override
    public boolean isCompiled() {
      return unchecked.isCompiled();
    }

    @Override
    public String rendering() {
      return unchecked.rendering();
    }

    @Override
    public MemorySegment lanes() {
      return unchecked.lanes();
    }

    @Override
    public int run(int rounds) {
      FloatingPoint.check();
      Require.atLeast("rounds", 1, rounds);
      try {
        return unchecked.run(rounds);
      } finally {
        Reference.reachabilityFence(this);
      }
    }
  }
}
