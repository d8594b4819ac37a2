package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import io.github.elegans.ode.OdeSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many programs in one compilation, in two tiers; and the library's own compiled ones. */
class NativeFuzzTest {
  @TempDir private static Path folder;

  abstract static class Batches implements ProgramContract {
    private final Tier tier;
    private final NativePrograms library;
    private SymbolLookup batch = name -> Optional.empty();

    Batches(Tier tier) {
      this.tier = tier;
      this.library = new NativePrograms(tier, folder, "", 60);
    }

    @Override
    public void prepare(List<Program> programs) {
      try {
        Path work = Files.createTempDirectory(folder, "batch-");
        List<ProgramText> texts = programs.stream().map(ProgramText::of).distinct().toList();
        Path source = Files.writeString(work.resolve("batch.c"), ProgramText.together(texts));
        Path product =
            ProgramCompiler.find(folder, "", tier, 300).build(source, work.resolve("batch.so"));
        batch = SymbolLookup.libraryLookup(product, Arena.ofAuto());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public ProgramKernel compile(Program program) {
      ProgramText text = ProgramText.of(program);
      return batch
          .find(text.symbol(tier.label()))
          .map(function -> library.compiled(program, function, text))
          .orElseGet(() -> library.compile(program));
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
  class Narrowest extends Batches {
    Narrowest() {
      super(NativeTiers.narrowest());
    }
  }

  @Nested
  class Widest extends Batches {
    Widest() {
      super(NativeTiers.widest());
    }
  }

  /** Ten thousand, in two precisions. */
  @Nested
  @Tag("nightly")
  class Nightly extends Batches {
    Nightly() {
      super(NativeTiers.widest());
    }

    @Override
    public int programs() {
      return Integer.getInteger("elegans.test.programs", 5000);
    }
  }

  @Test
  void theCatalogueIsInTheLibrary() {
    NativeTiers.requireLibrary();
    NativePrograms library = new NativePrograms(NativeTiers.widest(), folder, "none", 1);
    for (String name : OdeSystem.CATALOGUE) {
      List<Program> programs = CataloguePrograms.programs(OdeSystem.named(name));
      assertThat(programs).as(name).hasSizeGreaterThanOrEqualTo(4);
      for (Program program : programs) {
        assertThat(library.compile(program).rendering()).as(name).startsWith("precompiled C");
      }
    }
  }
}
