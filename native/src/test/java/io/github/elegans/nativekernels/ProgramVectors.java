package io.github.elegans.nativekernels;

import io.github.elegans.contract.RandomPrograms;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.ode.OdeSystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Writes programs as C, and what the interpreter makes of them, for processors where no JVM runs:
 * {@code replay.c} reads it. No test by itself, {@code replay.sh} runs it by name.
 */
class ProgramVectors {
  /**
   * A multiple of what functions take at once: one to three vectors of up to 512 bits, of floats.
   */
  private static final int LANES = 96;

  private static final int NAME_BYTES = 64;
  private static final long SEED = 20261125;

  private final Set<String> names = new HashSet<>();

  /**
   * Into the folder {@code elegans.vectors}: {@code programs.bin}; C files of random programs,
   * {@code elegans.vectors.programs} in each precision, and of the systems {@code
   * elegans.vectors.systems}, if it is set; else the library must have those of the whole
   * catalogue; and the flags of GCC for each tier and kind of library.
   */
  @Test
  void write() throws IOException {
    String property = "elegans.vectors";
    Path folder = Path.of(Objects.requireNonNull(System.getProperty(property), property));
    int count = Integer.getInteger(property + ".programs", 20);
    String systems = System.getProperty(property + ".systems");
    for (Tier tier : Tier.values()) {
      for (LibraryFormat format : List.of(LibraryFormat.ELF, LibraryFormat.PE)) {
        List<String> flags = new ArrayList<>(ProgramCompiler.flags(tier, format, "gcc"));
        flags.remove("-shared");
        String name = tier.label() + format.suffix() + ".flags";
        Files.write(folder.resolve(name), flags);
      }
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("programs.bin"))) {
      for (Precision precision : Precision.values()) {
        List<ProgramText> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          RandomPrograms random = new RandomPrograms(SEED + i);
          Program program = random.program(precision, i % 20 == 0 ? 300 : 3 + i % 40);
          write(program, ProgramText.of(program, 1 + i % 3), random, texts, out);
        }
        Files.writeString(
            folder.resolve("programs-%s.c".formatted(precision)), ProgramText.together(texts));
      }
      for (String system : systems == null ? OdeSystem.CATALOGUE : List.of(systems.split(","))) {
        List<ProgramText> texts = new ArrayList<>();
        for (Program program : CataloguePrograms.programs(OdeSystem.named(system))) {
          write(program, ProgramText.of(program), new RandomPrograms(SEED), texts, out);
        }
        if (systems != null) {
          Files.writeString(folder.resolve(system + ".c"), ProgramText.together(texts));
        }
      }
    }
  }

  /**
   * One program, unless it was there; the form is that of {@code struct program} and what follows
   * it.
   */
  private void write(
      Program program,
      ProgramText text,
      RandomPrograms random,
      List<ProgramText> texts,
      OutputStream out)
      throws IOException {
    if (!names.add(text.name())) {
      return;
    }
    texts.add(text);
    int variables = program.variables();
    double[] before = random.lanes(program, LANES);
    SplittableRandom ordinary = new SplittableRandom(SEED);
    for (int i = 0; i < before.length; i++) {
      // Every second lane has no special values: they spread until there is nothing else.
      if (i % 2 == 0) {
        before[i] = program.precision().round(ordinary.nextDouble(0.05, 0.95));
      }
    }
    double[] once = new double[before.length];
    double[] twice = new double[before.length];
    int[] asksOnce = new int[LANES];
    int[] asksTwice = new int[LANES];
    Interpreter interpreter = new Interpreter(program, 1);
    for (int lane = 0; lane < LANES; lane++) {
      double[] state = new double[variables];
      for (int v = 0; v < variables; v++) {
        state[v] = before[v * LANES + lane];
      }
      asksOnce[lane] = asks(program, interpreter, state);
      advance(interpreter, state, once, lane);
      asksTwice[lane] = asks(program, interpreter, state);
      advance(interpreter, state, twice, lane);
    }
    ByteBuffer buffer =
        ByteBuffer.allocate(
                NAME_BYTES
                    + 5 * Integer.BYTES
                    + 3 * before.length * Double.BYTES
                    + 2 * LANES * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(text.name().getBytes(StandardCharsets.US_ASCII)).position(NAME_BYTES);
    buffer.putInt(program.precision() == Precision.FLOAT ? 1 : 0);
    buffer.putInt(variables).putInt(text.groups()).putInt(text.scratch());
    buffer.putInt(LANES);
    for (double[] numbers : new double[][] {before, once, twice}) {
      for (double number : numbers) {
        buffer.putDouble(number);
      }
    }
    for (int[] asks : new int[][] {asksOnce, asksTwice}) {
      for (int ask : asks) {
        buffer.putInt(ask);
      }
    }
    out.write(buffer.array());
  }

  /** Whether a lane asks for attention after a round, 1 or 0; -1 if programs like this run once. */
  private static int asks(Program program, Interpreter interpreter, double[] state) {
    return program.attention() < 0 ? -1 : interpreter.run(state.clone(), 2) == 1 ? 1 : 0;
  }

  private static void advance(Interpreter interpreter, double[] state, double[] to, int lane) {
    interpreter.run(state, 1);
    for (int v = 0; v < state.length; v++) {
      to[v * LANES + lane] = state[v];
    }
  }
}
