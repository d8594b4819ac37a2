package io.github.elegans.nativekernels;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import io.github.elegans.kernels.programs.ProgramKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_tape;
import io.github.elegans.nativekernels.library.LoadedLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Programs as C: the function that the library has of a well-known one; else one that the user's C
 * compiler makes; else a tape that the library runs. A program so long that its compilation would
 * be waited for begins as a tape, too: if it runs for long enough, it is compiled beside that, and
 * the function takes over between two rounds. Both have the same bits, so that it does not matter
 * when.
 */
final class NativePrograms implements ProgramKernels {
  private static final long COMPILER_TIMEOUT_SECONDS = 60;

  /** Nobody waits for what is compiled in the background. */
  private static final int BACKGROUND_PATIENCE = 10;

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
  private final Map<Program, Known> programs = new WeakHashMap<>();
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

  /** What was found out about a program. */
  private static final class Known {
    final int groups;
    @Nullable Rendering one;
    @Nullable Rendering many;

    Known(Program program) {
      groups = ProgramText.groups(program);
    }
  }

  /** What a program became. */
  private sealed interface Rendering {}

  /**
   * A function.
   *
   * @param groups how many vectors of lanes it takes at once
   * @param scratch how many vectors it needs behind the variables
   * @param name for people
   */
  private record Compiled(MemorySegment function, int groups, int scratch, String name)
      implements Rendering {
    Compiled(MemorySegment function, ProgramText text, String kind) {
      this(function, text.groups(), text.scratch(), name(text, kind));
    }

    private static String name(ProgramText text, String kind) {
      return kind
          + (text.parts() == 1 ? "" : " in %d functions".formatted(text.parts()))
          + (text.groups() == 1 ? "" : ", %d vectors side by side".formatted(text.groups()));
    }

    int run(MemorySegment lanes, int most) {
      try {
        return (int) CALL.invokeExact(function, lanes, most);
      } catch (Throwable e) {
        throw new AssertionError("C throws nothing", e);
      }
    }
  }

  /** A tape, and why it is one. */
  private record Taped(String reason) implements Rendering {
    Taped(Throwable e) {
      this(String.valueOf(e.getMessage()));
    }
  }

  /**
   * A tape until it is compiled. The thread that compiles knows the text only: a program that is
   * forgotten meanwhile is not kept.
   */
  private static final class Pending implements Rendering {
    /** A twentieth of what a compiler takes. */
    private static final long WORTH_NANOSECONDS_PER_OPERATION = 7_500;

    private static final long LONGEST_END_MILLISECONDS = 2_000;

    /** One after the other: each uses several processes. */
    private static final Object COMPILING = new Object();

    private final ProgramCompiler compiler;
    private final int scratch;
    private final long patience;
    private final WeakReference<Program> program;
    private final AtomicLong left;
    private @Nullable ProgramText text;
    private volatile @Nullable Rendering result;

    Pending(ProgramCompiler compiler, Program program, ProgramText text, long patience) {
      this.compiler = compiler;
      this.scratch = text.scratch();
      this.patience = patience;
      this.program = new WeakReference<>(program);
      this.left = new AtomicLong(program.size() * WORTH_NANOSECONDS_PER_OPERATION);
      this.text = text;
    }

    /** The tape has run for so long: from some time on, compiling pays. */
    void ran(long nanoseconds) {
      if (left.get() > 0 && left.addAndGet(-nanoseconds) <= 0) {
        Thread.ofPlatform().daemon().name("elegans-c-compiler").start(this::compile);
      }
    }

    private void compile() {
      Thread compiling = Thread.currentThread();
      Thread end =
          new Thread(
              () -> {
                compiling.interrupt();
                try {
                  compiling.join(LONGEST_END_MILLISECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      synchronized (COMPILING) {
        ProgramText known = text;
        text = null;
        if (known == null || program.refersTo(null)) {
          return;
        }
        try {
          // Compilers would outlive the JVM.
          Runtime.getRuntime().addShutdownHook(end);
        } catch (IllegalStateException e) {
          return;
        }
        try {
          result = new Compiled(compiler.compile(known, patience), known, "C");
        } catch (Exception | OutOfMemoryError e) {
          result = new Taped(e);
        }
        try {
          Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
          // The JVM ends.
        }
      }
    }
  }

  /** Runs at most so many rounds; returns how many, negated if a lane asks for attention. */
  private interface Rounds {
    int run(int most);
  }

  @Override
  public ProgramKernel compile(Program program) {
    return compile(program, Integer.MAX_VALUE);
  }

  @Override
  public ProgramKernel compile(Program program, int lanes) {
    Rendering rendering;
    // Once a program: writing its text, asking the cache and, if it fails, the compiler takes long.
    synchronized (programs) {
      Known known = programs.computeIfAbsent(program, Known::new);
      // Vectors side by side share the time, but one alone is done sooner.
      boolean one = known.groups > 1 && program.attention() >= 0 && lanes <= lanesOfVector(program);
      rendering = one ? known.one : known.many;
      if (rendering == null) {
        rendering = render(program, one ? 1 : known.groups);
        known.one = one ? rendering : known.one;
        known.many = one ? known.many : rendering;
      }
    }
    if (rendering instanceof Pending pending) {
      Rendering result = pending.result;
      if (result == null) {
        return pending(program, pending, tapeBytes(program, lanes));
      }
      rendering = result;
    }
    return rendering instanceof Compiled compiled
        ? compiled(program, compiled)
        : tape(program, tapeBytes(program, lanes), ((Taped) rendering).reason);
  }

  /**
   * The bytes of a tape's registers. An instruction over a long one takes about as much time as
   * three over a vector.
   */
  private int tapeBytes(Program program, int lanes) {
    return lanes > 2 * lanesOfVector(program)
        ? Elegans.ELEGANS_TAPE_BLOCK()
        : vectorBits() / Byte.SIZE;
  }

  private int lanesOfVector(Program program) {
    return vectorBits() / Byte.SIZE / bytesOf(program.precision());
  }

  private Rendering render(Program program, int groups) {
    ProgramText text = ProgramText.of(program, groups);
    Optional<MemorySegment> known = LoadedLibrary.find(text.symbol(tier.label()));
    if (known.isPresent()) {
      return new Compiled(known.get(), text, "precompiled C");
    }
    try {
      ProgramCompiler compiler = compiler();
      if (text.parts() == 1) {
        return new Compiled(compiler.compile(text, timeoutSeconds), text, "C");
      }
      Optional<MemorySegment> found = compiler.find(text);
      return found.isPresent()
          ? new Compiled(found.get(), text, "C")
          : new Pending(compiler, program, text, BACKGROUND_PATIENCE * timeoutSeconds);
    } catch (IOException
        | BackendUnavailableException
        | IllegalArgumentException
        | UnsupportedOperationException e) {
      return new Taped(e);
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

  /** A kernel of a function. */
  ProgramKernel compiled(Program program, MemorySegment function, ProgramText text) {
    return compiled(program, new Compiled(function, text, "C"));
  }

  private ProgramKernel compiled(Program program, Compiled compiled) {
    int vector = vectorBits() / Byte.SIZE;
    long numbers = (long) program.variables() * compiled.groups;
    MemorySegment memory =
        Arena.ofAuto().allocate(Math.max(1, numbers + compiled.scratch) * vector, 64);
    String rendering = "%s, %d bits".formatted(compiled.name, vectorBits());
    return new Kernel(
        compiled.groups * vector / bytesOf(program.precision()),
        () -> rendering,
        () -> true,
        memory.asSlice(0, numbers * vector),
        most -> compiled.run(memory, most),
        program.attention() < 0,
        roundsPerCall(program, compiled.groups));
  }

  /** A tape with registers of so many bytes. */
  ProgramKernel tape(Program program, int bytes, String reason) {
    ProgramTape tape = ProgramTape.write(program, bytes, 0);
    String rendering = "tape, %d bits: %s".formatted(vectorBits(), reason);
    return new Kernel(
        tape.width(),
        () -> rendering,
        () -> true,
        tape.variables(),
        rounds(program, tape),
        program.attention() < 0,
        roundsPerCall(program, bytes * Byte.SIZE / vectorBits()));
  }

  private ProgramKernel pending(Program program, Pending pending, int bytes) {
    ProgramTape tape = ProgramTape.write(program, bytes, program.variables() + pending.scratch);
    MemorySegment lanes = tape.variables();
    int vectors = bytes * Byte.SIZE / vectorBits();
    Rounds taped = rounds(program, tape);
    Rounds after =
        new Rounds() {
          private @Nullable Rounds compiled;

          @Override
          public int run(int most) {
            if (pending.result instanceof Compiled function) {
              if (compiled == null) {
                compiled =
                    vectors == 1
                        ? rounds -> function.run(lanes, rounds)
                        : inVectors(program, function, lanes, vectors);
              }
              return compiled.run(most);
            }
            long begin = System.nanoTime();
            int done = taped.run(most);
            pending.ran(System.nanoTime() - begin);
            return done;
          }
        };
    return new Kernel(
        tape.width(),
        () ->
            switch (pending.result) {
              case Compiled compiled -> "%s, %d bits".formatted(compiled.name, vectorBits());
              case Taped(String reason) -> "tape, %d bits: %s".formatted(vectorBits(), reason);
              case null, default ->
                  "tape, %d bits, until C is compiled beside it".formatted(vectorBits());
            },
        () -> pending.result != null,
        lanes,
        after,
        program.attention() < 0,
        roundsPerCall(program, vectors));
  }

  /** Runs a function that takes one vector on lanes of several: round by round, each vector. */
  private Rounds inVectors(Program program, Compiled function, MemorySegment lanes, int vectors) {
    int vector = vectorBits() / Byte.SIZE;
    long all = program.variables() + (long) function.scratch;
    MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, vectors * all) * vector, 64);
    MemorySegment[] parts = new MemorySegment[vectors];
    Arrays.setAll(parts, i -> memory.asSlice(i * all * vector, all * vector));
    return most -> {
      for (int v = 0; v < program.variables(); v++) {
        for (int i = 0; i < vectors; i++) {
          long from = ((long) v * vectors + i) * vector;
          MemorySegment.copy(lanes, from, parts[i], (long) v * vector, vector);
        }
      }
      int done = 0;
      boolean attention = false;
      while (!attention && done < most) {
        for (MemorySegment part : parts) {
          attention |= function.run(part, 1) < 0;
        }
        done++;
      }
      for (int v = 0; v < program.variables(); v++) {
        for (int i = 0; i < vectors; i++) {
          long to = ((long) v * vectors + i) * vector;
          MemorySegment.copy(parts[i], (long) v * vector, lanes, to, vector);
        }
      }
      return attention ? -done : done;
    };
  }

  private Rounds rounds(Program program, ProgramTape tape) {
    MemorySegment structure = tape.structure();
    boolean doubles = program.precision() == Precision.DOUBLE;
    return most -> {
      NativeProvider.check(
          doubles
              ? Elegans.elegans_tape_f64(tier.number(), structure, most)
              : Elegans.elegans_tape_f32(tier.number(), structure, most));
      return elegans_tape.done(structure);
    };
  }

  static int bytesOf(Precision precision) {
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
      Supplier<String> name,
      BooleanSupplier ready,
      MemorySegment lanes,
      Rounds code,
      boolean single,
      int roundsPerCall)
      implements ProgramKernel {

    @Override
    public String rendering() {
      return name.get();
    }

    @Override
    public boolean isCompiled() {
      return ready.getAsBoolean();
    }

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
