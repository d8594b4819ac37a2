package io.github.elegans.ffm;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.ProgramKernel;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** Programs as tapes compute what the interpreter does, in each tier. */
class NativeTapeTest {

  private static ProgramKernel tape(int tier, Program program) {
    NativeTiers.require(tier);
    return new NativePrograms(tier, Path.of("unused"), "none", 1).compile(program);
  }

  @Nested
  class V3 implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return tape(Elegans.ELEGANS_TIER_V3(), program);
    }
  }

  @Nested
  class V4 implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return tape(Elegans.ELEGANS_TIER_V4(), program);
    }
  }
}
