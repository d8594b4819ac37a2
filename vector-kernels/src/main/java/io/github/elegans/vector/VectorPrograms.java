package io.github.elegans.vector;

import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import io.github.elegans.kernels.programs.ProgramKernels;
import java.lang.foreign.MemorySegment;
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

  private static final Map<Program, Variants> KNOWN = new WeakHashMap<>();

  /** Three vectors side by side gain as long as there is not too much to compile. */
  private static final int MOST_OPERATIONS_OF_THREE = 700;

  /**
   * The renderings of a program.
   *
   * @param full for as many lanes as it runs fastest with
   * @param one for one vector of lanes, maybe the same
   */
  private record Variants(Shared full, Shared one) {
    static Variants of(Program program) {
      int groups = groups(program);
      Shared full = new Shared(groups);
      return new Variants(full, groups == 1 ? full : new Shared(1));
    }
  }

  /** What all kernels of a rendering share. */
  private static final class Shared {
    /** How many vectors of lanes go through the program side by side. */
    final int groups;

    volatile ProgramWriter.@Nullable Rendering ready;

    /** Why it stays with the interpreter. */
    volatile @Nullable String failure;

    boolean begun;

    Shared(int groups) {
      this.groups = groups;
    }
  }

  /**
   * How many vectors side by side make the least time for each. Each more is more code for the
   * JVM's compiler, and leaves fewer registers for each: there must be something to wait for.
   */
  private static int groups(Program program) {
    double waiting = program.waiting();
    if (waiting > 2 && program.operations() <= MOST_OPERATIONS_OF_THREE) {
      return 3;
    }
    return waiting > 1.4 ? 2 : 1;
  }

  private static int lanesOfVector(Program program) {
    return (program.precision() == Precision.DOUBLE ? Vectors.DOUBLES : Vectors.FLOATS).length();
  }

  @Override
  public ProgramKernel compile(Program program) {
    return new Kernel(program, variants(program).full);
  }

  @Override
  public ProgramKernel compile(Program program, int lanes) {
    Variants variants = variants(program);
    return new Kernel(program, lanes <= lanesOfVector(program) ? variants.one : variants.full);
  }

  /** A kernel that runs the written class from the start. */
  static ProgramKernel compileNow(Program program) {
    return compileNow(program, variants(program).full);
  }

  /** The same with so many vectors side by side. */
  static ProgramKernel compileNow(Program program, int groups) {
    return compileNow(program, new Shared(groups));
  }

  private static ProgramKernel compileNow(Program program, Shared shared) {
    synchronized (shared) {
      if (!shared.begun) {
        shared.begun = true;
        shared.ready = ProgramWriter.render(program, shared.groups);
      }
    }
    return new Kernel(program, shared);
  }

  private static Variants variants(Program program) {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(program, Variants::of);
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
    private @Nullable MemorySegment scratch;

    Kernel(Program program, Shared shared) {
      this.program = program;
      this.shared = shared;
      this.width = shared.groups * lanesOfVector(program);
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
      int methods = ProgramWriter.plan(program, shared.groups).methods();
      return "bytecode%s, %d bits, %d %s%s%s"
          .formatted(
              shared.groups == 1 ? "" : ", %d vectors side by side".formatted(shared.groups),
              Vectors.SHAPE.vectorBitSize(),
              methods,
              methods == 1 ? "method" : "methods",
              CompilerDirective.refusal().isEmpty()
                  ? ""
                  : ", short for C1, which may not be excluded",
              shared.ready == null ? ", interpreted until it is compiled" : "");
    }

    @Override
    public int run(int rounds) {
      ProgramWriter.Rendering rendered = shared.ready;
      if (rendered == null) {
        warmUp();
        return interpreter().run(lanes, Math.min(rounds, INTERPRETED_ROUNDS));
      }
      // Not by the field: another thread, which should not be here, may have put another one there.
      MemorySegment own = scratch;
      if (own == null) {
        own = rendered.scratch();
        scratch = own;
      }
      return rendered.run(lanes, own, rounds);
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
        ProgramWriter.Rendering rendered = ProgramWriter.render(program, shared.groups);
        if (isFast(program, rendered, width, begun)) {
          shared.ready = rendered;
        } else {
          shared.failure =
              "the JVM made nothing faster of the bytecode in %d s"
                  .formatted(longest(rendered) / 1_000_000_000);
        }
      } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
        shared.failure = ("the bytecode failed: " + e).lines().findFirst().orElseThrow();
      }
    }

    private static boolean isFast(
        Program program, ProgramWriter.Rendering rendered, int width, MemorySegment begun) {
      Interpreter interpreter = new Interpreter(program, width);
      MemorySegment scratch = rendered.scratch();
      MemorySegment lanes = ProgramKernel.newLanes(program, width);
      Runnable interpret =
          () -> {
            lanes.copyFrom(begun);
            interpreter.run(lanes, WARM_UP_ROUNDS);
          };
      Runnable run =
          () -> {
            lanes.copyFrom(begun);
            rendered.run(lanes, scratch, WARM_UP_ROUNDS);
          };
      // Code of the first compiler may be faster than the interpreter; only that of the second is
      // several times faster. One round is too short to tell.
      int factor = program.attention() < 0 ? 1 : 3;
      long longest = longest(rendered);
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
      return compiled < interpreted;
    }

    private static long longest(ProgramWriter.Rendering rendered) {
      return LONGEST_WARM_UP + rendered.methods() * LONGEST_WARM_UP_OF_METHOD;
    }

    /**
     * The JVM compiles what was called some thousand times. Calls that do nothing count, too, if
     * there were others: of what was never done, it compiles nothing.
     */
    private static void call(ProgramWriter.Rendering rendered) {
      for (int i = 0; i < IDLE_CALLS; i++) {
        rendered.code().run(0, 0, 0, 0);
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
