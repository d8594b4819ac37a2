package io.github.elegans.nativekernels;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/**
 * Programs as tapes compute what the interpreter does, in two tiers and two lengths of registers.
 */
class NativeTapeTest {

  private static ProgramKernel tape(Tier tier, Program program) {
    return new NativePrograms(tier, Path.of("unused"), "none", 1).compile(program);
  }

  @Nested
  class Narrowest implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return tape(NativeTiers.narrowest(), program);
    }
  }

  @Nested
  class Widest implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return tape(NativeTiers.widest(), program);
    }
  }

  @Nested
  class NarrowestWithShortRegisters implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return shortTape(NativeTiers.narrowest(), program);
    }
  }

  @Nested
  class WidestWithShortRegisters implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return shortTape(NativeTiers.widest(), program);
    }
  }

  private static ProgramKernel shortTape(Tier tier, Program program) {
    return new NativePrograms(tier, Path.of("unused"), "none", 1)
        .tape(program, tier.width().bits() / Byte.SIZE, "short");
  }
}
