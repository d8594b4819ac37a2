package io.github.elegans.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.ffm.bindings.elegans_tape;
import io.github.elegans.ffm.library.LoadedLibrary;
import io.github.elegans.kernels.BackendUnavailableException;
import io.github.elegans.kernels.ProgramKernel;
import io.github.elegans.kernels.ProgramKernels;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Programs as C: the function that the library has of a well-known one; else one that the user's C
 * compiler makes; else a tape that the library runs.
 */
final class NativePrograms implements ProgramKernels {
  private static final long COMPILER_TIMEOUT_SECONDS = 60;

  /** A call does not see that a solve is cancelled: no longer than this, as far as can be told. */
  private static final double LONGEST_CALL_NANOSECONDS = 100_000;

  /** On the slow side, so that calls are shorter. */
  private static final double NANOSECONDS_PER_VECTOR_OPERATION = 0.5;

  /** Divisions and square roots take as long as so many others. */
  private static final int DIVISION = 10;

  /** Any address: the function is the first argument. */
  private static final MethodHandle CALL =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private final Tier tier;
  private final @Nullable Path cache;
  private final String compilerName;
  private final long timeoutSeconds;
  private final Map<Program, Rendering> renderings = new WeakHashMap<>();
  private @Nullable ProgramCompiler compiler;
  private @Nullable String noCompiler;

  NativePrograms(Tier tier) {
    this(tier, null, System.getProperty(ProgramCompiler.PROPERTY, ""), COMPILER_TIMEOUT_SECONDS);
  }

  /** For tests: with a cache (null: the user's), a compiler and patience of their own. */
  NativePrograms(Tier tier, @Nullable Path cache, String compilerName, long timeoutSeconds) {
    this.tier = tier;
    this.cache = cache;
    this.compilerName = compilerName;
    this.timeoutSeconds = timeoutSeconds;
  }

  /**
   * What a program became.
   *
   * @param function what C made of it, or null: then it runs as a tape
   * @param groups how many vectors of lanes the function takes at once
   * @param name for people; of a tape, why it is one
   */
  private record Rendering(@Nullable MemorySegment function, int groups, String name) {
    Rendering(MemorySegment function, ProgramText text, String kind) {
      this(function, text.groups(), name(text, kind));
    }

    private static String name(ProgramText text, String kind) {
      return kind
          + (text.parts() == 1 ? "" : " in %d functions".formatted(text.parts()))
          + (text.groups() == 1 ? "" : ", %d vectors side by side".formatted(text.groups()));
    }
  }

  /** Runs at most so many rounds; returns how many, negated if a lane asks for attention. */
  private interface Rounds {
    int run(int most);
  }

  @Override
  public ProgramKernel compile(Program program) {
    Rendering rendering;
    // Once a program: writing its text, asking the cache and, if it fails, the compiler takes long.
    synchronized (renderings) {
      rendering = renderings.computeIfAbsent(program, this::render);
    }
    return rendering.function == null
        ? tape(program, rendering.name)
        : compiled(program, rendering.function, rendering.groups, rendering.name);
  }

  private Rendering render(Program program) {
    ProgramText text = ProgramText.of(program);
    Optional<MemorySegment> known = LoadedLibrary.find(text.symbol(tier.label()));
    if (known.isPresent()) {
      return new Rendering(known.get(), text, "precompiled C");
    }
    try {
      return new Rendering(compiler().compile(text), text, "C");
    } catch (IOException
        | BackendUnavailableException
        | IllegalArgumentException
        | UnsupportedOperationException e) {
      return new Rendering(null, 0, String.valueOf(e.getMessage()));
    }
  }

  private int vectorBits() {
    return tier.width().bits();
  }

  /** Looked for once. */
  private synchronized ProgramCompiler compiler() throws IOException {
    if (noCompiler != null) {
      throw new IOException(noCompiler);
    }
    if (compiler == null) {
      try {
        Path folder = cache == null ? PrivateFolder.cache() : cache;
        compiler = ProgramCompiler.find(folder, compilerName, tier, timeoutSeconds);
      } catch (IOException e) {
        noCompiler = e.getMessage();
        throw e;
      }
    }
    return compiler;
  }

  /** A kernel of a function that takes so many vectors of lanes at once. */
  ProgramKernel compiled(Program program, MemorySegment function, int groups, String name) {
    int width = groups * vectorBits() / Byte.SIZE / bytesOf(program.precision());
    MemorySegment lanes = ProgramKernel.newLanes(program, width);
    return new Kernel(
        width,
        "%s, %d bits".formatted(name, vectorBits()),
        lanes,
        most -> {
          try {
            return (int) CALL.invokeExact(function, lanes, most);
          } catch (Throwable e) {
            throw new AssertionError("C throws nothing", e);
          }
        },
        program.attention() < 0,
        roundsPerCall(program, groups));
  }

  ProgramKernel tape(Program program, String reason) {
    ProgramTape tape = ProgramTape.write(program);
    MemorySegment structure = tape.structure();
    boolean doubles = program.precision() == Precision.DOUBLE;
    return new Kernel(
        ProgramTape.width(program.precision()),
        "tape, %d bits: %s".formatted(vectorBits(), reason),
        tape.variables(),
        most -> {
          NativeProvider.check(
              doubles
                  ? Elegans.elegans_tape_f64(tier.number(), structure, most)
                  : Elegans.elegans_tape_f32(tier.number(), structure, most));
          return elegans_tape.done(structure);
        },
        program.attention() < 0,
        roundsPerCall(program, Elegans.ELEGANS_TAPE_BLOCK() * Byte.SIZE / vectorBits()));
  }

  private static int bytesOf(Precision precision) {
    return precision == Precision.DOUBLE ? Double.BYTES : Float.BYTES;
  }

  private static int roundsPerCall(Program program, int vectors) {
    long operations = program.size() + 2L * program.stores();
    for (int i = 0; i < program.size(); i++) {
      if (program.op(i) == Op.DIV || program.op(i) == Op.SQRT) {
        operations += DIVISION;
      }
    }
    double nanoseconds = operations * vectors * NANOSECONDS_PER_VECTOR_OPERATION;
    return (int) Math.max(1, LONGEST_CALL_NANOSECONDS / nanoseconds);
  }

  private record Kernel(
      int width,
      String rendering,
      MemorySegment lanes,
      Rounds code,
      boolean single,
      int roundsPerCall)
      implements ProgramKernel {

    @Override
    public int run(int limit) {
      int rounds = single ? 1 : limit;
      int done = 0;
      while (true) {
        int most = Math.min(rounds - done, roundsPerCall);
        int ran = code.run(most);
        done += Math.abs(ran);
        // Negative if a lane asks for attention.
        if (ran < most || done == rounds) {
          return done;
        }
      }
    }
  }
}
