package io.github.elegans.vector;

import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.ProgramKernel;
import io.github.elegans.kernels.ProgramKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Programs as bytecode over the Vector API. The JVM interprets such code so slowly at first that
 * kernels begin with the scalar interpreter; meanwhile the class is written and run on a copy of
 * the lanes in the background, and takes over when it has become faster. Both give the same bits,
 * so that when this happens does not matter.
 */
final class VectorPrograms implements ProgramKernels {
  private static final ExecutorService BACKGROUND =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("elegans-program-compiler").factory());

  private static final Map<Program, Shared> KNOWN = new WeakHashMap<>();

  /** What all kernels of a program share. */
  private static final class Shared {
    volatile ProgramWriter.@Nullable Rendered ready;

    /** Why it stays with the interpreter. */
    volatile @Nullable String failure;

    boolean begun;
  }

  @Override
  public ProgramKernel compile(Program program) {
    return new Kernel(program, shared(program));
  }

  /** A kernel that runs the written class from the start. */
  static ProgramKernel compileNow(Program program) {
    Shared shared = shared(program);
    synchronized (shared) {
      if (!shared.begun) {
        shared.begun = true;
        shared.ready = ProgramWriter.render(program);
      }
    }
    return new Kernel(program, shared);
  }

  private static Shared shared(Program program) {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(program, p -> new Shared());
    }
  }

  private static final class Kernel implements ProgramKernel {
    /** So that the compiled class takes over soon. */
    private static final int INTERPRETED_ROUNDS = 64;

    /** Short calls: the JVM counts them, and compiles what is called often. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final int WARM_UP_RUNS = 50;

    private static final long LONGEST_TIMING = 20_000_000L;

    private static final int IDLE_CALLS = 500;

    /** Until then the interpreter may not be compiled itself. */
    private static final long SHORTEST_WARM_UP = 150_000_000L;

    /** C2 takes a second or two a method. After this and a while, the interpreter goes on. */
    private static final long LONGEST_WARM_UP_OF_METHOD = 6_000_000_000L;

    private static final long LONGEST_WARM_UP = 60_000_000_000L;

    private final Program program;
    private final Shared shared;
    private final int width;
    private final MemorySegment lanes;
    private @Nullable Interpreter interpreter;
    private MemorySegment scratch = MemorySegment.NULL;

    Kernel(Program program, Shared shared) {
      this.program = program;
      this.shared = shared;
      this.width =
          (program.precision() == Precision.DOUBLE ? Vectors.DOUBLES : Vectors.FLOATS).length();
      this.lanes = ProgramKernel.newLanes(program, width);
    }

    @Override
    public MemorySegment lanes() {
      return lanes;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public boolean isCompiled() {
      return shared.ready != null || shared.failure != null;
    }

    @Override
    public String rendering() {
      String failure = shared.failure;
      if (failure != null) {
        return "interpreter, %d lanes: %s".formatted(width, failure);
      }
      int methods = ProgramWriter.parts(program).count();
      return "bytecode over vectors of %d lanes, %d %s%s%s"
          .formatted(
              width,
              methods,
              methods == 1 ? "method" : "methods",
              CompilerDirective.refusal().isEmpty()
                  ? ""
                  : ", short for C1, which may not be excluded",
              shared.ready == null ? ", interpreted until it is compiled" : "");
    }

    @Override
    public int run(int rounds) {
      ProgramWriter.Rendered rendered = shared.ready;
      if (rendered == null) {
        warmUp();
        return interpreter().run(lanes, Math.min(rounds, INTERPRETED_ROUNDS));
      }
      // Not by the field: another thread, which should not be here, may have put another one there.
      MemorySegment own = scratch;
      if (own.byteSize() < rendered.scratch()) {
        own = scratch(rendered);
        scratch = own;
      }
      int done = rendered.run(lanes.address(), own.address(), rounds);
      Reference.reachabilityFence(this);
      Reference.reachabilityFence(own);
      return done;
    }

    private static MemorySegment scratch(ProgramWriter.Rendered rendered) {
      return Arena.ofAuto().allocate(rendered.scratch(), DenseWeights.ALIGNMENT);
    }

    private Interpreter interpreter() {
      Interpreter current = interpreter;
      if (current == null) {
        current = new Interpreter(program, width);
        interpreter = current;
      }
      return current;
    }

    private void warmUp() {
      synchronized (shared) {
        if (shared.begun) {
          return;
        }
        shared.begun = true;
      }
      MemorySegment copy = ProgramKernel.newLanes(program, width).copyFrom(lanes);
      BACKGROUND.execute(() -> warmUp(program, shared, width, copy));
    }

    /** Runs the class until it is faster than the interpreter, then lets everyone use it. */
    private static void warmUp(Program program, Shared shared, int width, MemorySegment begun) {
      try {
        ProgramWriter.Rendered rendered = ProgramWriter.render(program);
        if (isFast(program, rendered, width, begun)) {
          shared.ready = rendered;
        } else {
          shared.failure =
              "the JVM made nothing faster of the bytecode in %d s"
                  .formatted(longest(program) / 1_000_000_000);
        }
      } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
        shared.failure = ("the bytecode failed: " + e).lines().findFirst().orElseThrow();
      }
    }

    private static boolean isFast(
        Program program, ProgramWriter.Rendered rendered, int width, MemorySegment begun) {
      Interpreter interpreter = new Interpreter(program, width);
      MemorySegment scratch = scratch(rendered);
      MemorySegment lanes = ProgramKernel.newLanes(program, width);
      Runnable interpret =
          () -> {
            lanes.copyFrom(begun);
            interpreter.run(lanes, WARM_UP_ROUNDS);
          };
      Runnable run =
          () -> {
            lanes.copyFrom(begun);
            rendered.run(lanes.address(), scratch.address(), WARM_UP_ROUNDS);
          };
      // Code of the first compiler may be faster than the interpreter; only that of the second is
      // several times faster. One round is too short to tell.
      int factor = program.attention() < 0 ? 1 : 3;
      long longest = longest(program);
      long begin = System.nanoTime();
      double interpreted = Double.POSITIVE_INFINITY;
      double compiled = Double.POSITIVE_INFINITY;
      while (System.nanoTime() - begin < SHORTEST_WARM_UP
          || (!(factor * compiled < interpreted) && System.nanoTime() - begin < longest)) {
        call(rendered);
        interpreted = Math.min(interpreted, time(interpret));
        compiled = time(run);
        if (System.nanoTime() - begin > SHORTEST_WARM_UP) {
          // C2 has what it needs, and takes a while.
          LockSupport.parkNanos(LONGEST_TIMING);
        }
      }
      Reference.reachabilityFence(lanes);
      Reference.reachabilityFence(scratch);
      return compiled < interpreted;
    }

    private static long longest(Program program) {
      return LONGEST_WARM_UP + ProgramWriter.parts(program).count() * LONGEST_WARM_UP_OF_METHOD;
    }

    /**
     * The JVM compiles what was called some thousand times. Calls that do nothing count, too, if
     * there were others: of what was never done, it compiles nothing.
     */
    private static void call(ProgramWriter.Rendered rendered) {
      for (int i = 0; i < IDLE_CALLS; i++) {
        rendered.run(0, 0, 0);
      }
    }

    /** Nanoseconds of a run, of as many as fit into a while. */
    private static double time(Runnable run) {
      long from = System.nanoTime();
      long time;
      int runs = 0;
      do {
        run.run();
        runs++;
        time = System.nanoTime() - from;
      } while (runs < WARM_UP_RUNS && time < LONGEST_TIMING);
      return (double) time / runs;
    }
  }
}
