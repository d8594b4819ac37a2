package io.github.elegans.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.ProgramKernel;
import io.github.elegans.ode.OdeSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many programs in one compilation, in each tier; and the library's own compiled ones. */
class NativeFuzzTest {
  @TempDir private static Path folder;

  private abstract static class Tier implements ProgramContract {
    private final int tier;
    private SymbolLookup batch = name -> Optional.empty();

    Tier(int tier) {
      this.tier = tier;
    }

    private String label() {
      return tier == Elegans.ELEGANS_TIER_V4() ? "v4" : "v3";
    }

    @Override
    public void prepare(List<Program> programs) {
      NativeTiers.requireLibrary();
      Assumptions.assumeTrue(
          Elegans.elegans_tier_supported(tier) == Elegans.ELEGANS_OK(), "the CPU lacks the tier");
      try {
        Path work = Files.createTempDirectory(folder, "batch-");
        List<ProgramText> texts = programs.stream().map(ProgramText::of).distinct().toList();
        Path source = Files.writeString(work.resolve("batch.c"), ProgramText.together(texts));
        Path library =
            ProgramCompiler.find(folder, "", label(), 300).build(source, work.resolve("batch.so"));
        batch = SymbolLookup.libraryLookup(library, Arena.ofAuto());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public ProgramKernel compile(Program program) {
      NativePrograms programs = new NativePrograms(tier, folder, "", 60);
      ProgramText text = ProgramText.of(program);
      MemorySegment function = batch.find(text.symbol(label())).orElse(null);
      return function == null ? programs.compile(program) : programs.of(program, text, function);
    }

    @Override
    public int programs() {
      return 200;
    }

    @Override
    public int longest() {
      return 400;
    }
  }

  @Nested
  class V3 extends Tier {
    V3() {
      super(Elegans.ELEGANS_TIER_V3());
    }
  }

  @Nested
  class V4 extends Tier {
    V4() {
      super(Elegans.ELEGANS_TIER_V4());
    }
  }

  /** Ten thousand, in two precisions. */
  @Nested
  @Tag("nightly")
  class Nightly extends Tier {
    Nightly() {
      super(NativeTiers.widest());
    }

    @Override
    public int programs() {
      return 5000;
    }
  }

  @Test
  void theCatalogueIsInTheLibrary() {
    NativeTiers.requireLibrary();
    NativePrograms library = new NativePrograms(NativeTiers.widest(), folder, "none", 1);
    for (String name : OdeSystem.CATALOGUE) {
      List<Program> programs =
          CataloguePrograms.solvers(OdeSystem.named(name)).stream()
              .flatMap(solver -> solver.programs().stream())
              .filter(program -> program.size() <= CataloguePrograms.MOST_OPERATIONS)
              .toList();
      assertThat(programs).as(name).hasSizeGreaterThanOrEqualTo(4);
      for (Program program : programs) {
        assertThat(library.compile(program).rendering()).as(name).startsWith("precompiled C, ");
      }
    }
  }
}
