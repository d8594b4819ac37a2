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

    /** Until then the interpreter may not be compiled itself. */
    private static final long SHORTEST_WARM_UP = 150_000_000L;

    /** Whoever waits longer has a busy machine: then the interpreter goes on. */
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
      return shared.ready != null;
    }

    @Override
    public String rendering() {
      int methods = ProgramWriter.parts(program).count();
      return "bytecode over vectors of %d lanes, %d %s%s"
          .formatted(
              width,
              methods,
              methods == 1 ? "method" : "methods",
              shared.ready == null ? ", interpreted until it is compiled" : "");
    }

    @Override
    public int run(int rounds) {
      ProgramWriter.Rendered rendered = shared.ready;
      if (rendered == null) {
        warmUp();
        return interpreter().run(lanes, Math.min(rounds, INTERPRETED_ROUNDS));
      }
      if (scratch.byteSize() < rendered.scratch()) {
        scratch = scratch(rendered);
      }
      int done = rendered.run(lanes.address(), scratch.address(), rounds);
      Reference.reachabilityFence(this);
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
      ProgramWriter.Rendered rendered = ProgramWriter.render(program);
      Interpreter interpreter = new Interpreter(program, width);
      MemorySegment scratch = scratch(rendered);
      MemorySegment lanes = ProgramKernel.newLanes(program, width);
      Runnable reset = () -> lanes.copyFrom(begun);
      Runnable interpret = () -> interpreter.run(lanes, WARM_UP_ROUNDS);
      Runnable run = () -> rendered.run(lanes.address(), scratch.address(), WARM_UP_ROUNDS);
      // Code of the first compiler may be faster than the interpreter; only that of the second is
      // several times faster. One round is too short to tell.
      int factor = program.attention() < 0 ? 1 : 3;
      long begin = System.nanoTime();
      long interpreted = Long.MAX_VALUE;
      long compiled = Long.MAX_VALUE / 4;
      while (System.nanoTime() - begin < SHORTEST_WARM_UP
          || (factor * compiled >= interpreted && System.nanoTime() - begin < LONGEST_WARM_UP)) {
        interpreted = Math.min(interpreted, time(reset, interpret));
        compiled = time(reset, run);
      }
      if (compiled < interpreted) {
        shared.ready = rendered;
      }
      Reference.reachabilityFence(lanes);
      Reference.reachabilityFence(scratch);
    }

    private static long time(Runnable reset, Runnable run) {
      long from = System.nanoTime();
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        reset.run();
        run.run();
      }
      return System.nanoTime() - from;
    }
  }
}
