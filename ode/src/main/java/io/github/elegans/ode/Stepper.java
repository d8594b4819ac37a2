package io.github.elegans.ode;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One trajectory, step by step, for programs that look at each step themselves: integrators of
 * other libraries, displays, simulations in which more happens than events can say. Its steps are
 * those of a {@link Solver} of the same options, bit for bit.
 *
 * <pre>{@code
 * Stepper stepper = Solver.of(OdeSystem.named("lorenz")).tolerance(1e-8, 1e-8).stepper();
 * stepper.begin(0, new double[] {1, 0, 0}, new double[] {10, 28, 8.0 / 3}, 10);
 * while (!stepper.isDone()) {
 *   if (stepper.step()) {
 *     double x = stepper.state(0);
 *   }
 * }
 * }</pre>
 *
 * <p>It begins at once, by the definition of the programs; after some steps the backend's are
 * compiled in a thread of their own, and it goes on with those: both have the same bits. For one
 * thread at a time.
 */
public final class Stepper {
  /** Steps that lanes count down, and nobody here counts. */
  private static final double MANY = 0x1p50;

  private static final int WARM_UP_ROUNDS = 64;

  /** Runs before compiling: a short trajectory, maybe the only one, is to have the processor. */
  private static final int PATIENCE = 64;

  /** What steppers of the same options share. */
  private record Programs(
      Setup setup, Layout layout, Program begin, Program step, Supplier<Kernels> kernels) {}

  /** The kernels of the backend. */
  private record Compiled(LaneMemory begin, LaneMemory step) {}

  private final Programs programs;
  private final Setup setup;
  private final Layout layout;
  private final int n;
  private final int m;
  private final double[] relative;
  private final double[] absolute;
  private double firstStep;
  private double maximumStep;

  private LaneMemory beginning;
  private LaneMemory stepping;
  private final Segments segments;
  private int runs;
  private boolean isCompiled;
  private volatile @Nullable Compiled compiled;
  private volatile @Nullable RuntimeException failure;

  /** Nothing faster is to come. */
  private volatile boolean isFinal;

  private double end;

  /** Before {@link #begin}, there is nothing to step from. */
  private boolean isBegun;

  Stepper(
      Setup setup,
      @Nullable Kernels kernels,
      double[] relative,
      double[] absolute,
      double firstStep,
      double maximumStep) {
    this(
        new Programs(
            setup,
            StepProgram.layout(setup),
            StepProgram.begin(setup),
            StepProgram.step(setup),
            kernels != null ? () -> kernels : Backends::get),
        relative,
        absolute,
        firstStep,
        maximumStep);
  }

  private Stepper(
      Programs programs,
      double[] relative,
      double[] absolute,
      double firstStep,
      double maximumStep) {
    this.programs = programs;
    this.setup = programs.setup;
    this.layout = programs.layout;
    this.n = setup.system().states().size();
    this.m = setup.system().parameters().size();
    this.relative = spread(relative);
    this.absolute = spread(absolute);
    this.firstStep = firstStep;
    this.maximumStep = maximumStep;
    this.beginning = OneLane.of(programs.begin);
    this.stepping = OneLane.of(programs.step);
    this.segments = new Segments(setup, layout);
  }

  private double[] spread(double[] values) {
    double[] all = new double[n];
    for (int i = 0; i < n; i++) {
      all[i] = values[values.length > 1 ? i : 0];
    }
    return all;
  }

  /**
   * Another stepper with the options that this one has now, for another thread: it shares the
   * programs.
   */
  public Stepper another() {
    return new Stepper(programs, relative, absolute, firstStep, maximumStep);
  }

  /** The system that it solves. */
  public OdeSystem system() {
    return setup.system();
  }

  /** How steps are taken. */
  public Method method() {
    return setup.method();
  }

  /**
   * Tolerances from the next {@link #begin} on, one of each kind for every state.
   *
   * @throws IllegalArgumentException if there are more or fewer, or one is negative or not finite
   */
  public void tolerance(double[] relative, double[] absolute) {
    Require.length("relative tolerance", n, relative.length);
    Require.length("absolute tolerance", n, absolute.length);
    for (int i = 0; i < n; i++) {
      Options.tolerance("relative", relative[i]);
      Options.tolerance("absolute", absolute[i]);
    }
    System.arraycopy(relative, 0, this.relative, 0, n);
    System.arraycopy(absolute, 0, this.absolute, 0, n);
  }

  /**
   * No step is longer, from the next {@link #begin} on.
   *
   * @param step positive; infinity for no limit
   */
  public void maximumStep(double step) {
    this.maximumStep = Options.step("maximum step", step);
  }

  /**
   * The first step to try, from the next {@link #begin} on.
   *
   * @param step positive, or 0 for one that is estimated
   */
  public void firstStep(double step) {
    this.firstStep = step == 0 ? 0 : Options.step("first step", step);
  }

  /**
   * Begins a trajectory, or begins again.
   *
   * @param states y at the start, in the order of {@link OdeSystem#states}
   * @param parameters p, in the order of {@link OdeSystem#parameters}
   * @param end where the last step ends; before the start, to go backwards
   * @return whether the states and their derivatives are finite: otherwise there are no steps
   * @throws IllegalArgumentException if an array has another length, or a time is not finite
   */
  public boolean begin(double start, double[] states, double[] parameters, double end) {
    Require.length("states", n, states.length);
    Require.length("parameters", m, parameters.length);
    if (!Double.isFinite(start) || !Double.isFinite(end)) {
      throw new IllegalArgumentException(
          "start and end: finite times are expected, found %s and %s".formatted(start, end));
    }
    changeOver();
    LaneMemory lane = beginning;
    double direction = end < start ? -1 : 1;
    for (int i = 0; i < n; i++) {
      lane.set(layout.states + i, 0, states[i]);
    }
    for (int i = 0; i < m; i++) {
      lane.set(layout.parameters + i, 0, parameters[i]);
    }
    for (int i = 0; i < (setup.tolerancePerState() ? n : 1); i++) {
      lane.set(layout.relative + i, 0, relative[i]);
      lane.set(layout.absolute + i, 0, absolute[i]);
    }
    lane.set(layout.time, 0, start);
    lane.set(layout.end, 0, end);
    lane.set(layout.direction, 0, direction);
    lane.set(layout.active, 0, 1);
    lane.set(layout.maximumStep, 0, maximumStep);
    lane.set(layout.acceptedSteps, 0, 0);
    lane.set(layout.nextSave, 0, direction * Double.POSITIVE_INFINITY);
    double grain = setup.grain(start, end);
    lane.set(layout.partOfGrain, 0, direction * grain * Setup.PART);
    lane.set(layout.grains, 0, Math.scalb(1.5 * grain, setup.precision().mantissaBits()));
    this.end = end;
    segments.begin(lane, 0, new double[0]);
    isBegun = beginSegment();
    if (isBegun && firstStep > 0) {
      nextStep(direction * Math.min(Math.min(firstStep, maximumStep), Math.abs(end - start)));
    }
    return isBegun;
  }

  /** Makes the lane ready for steps from its states on. */
  private boolean beginSegment() {
    beginning.set(layout.error, 0, 0);
    beginning.set(layout.left, 0, MANY);
    beginning.set(layout.logError, 0, StepControl.LOG2_LEAST_ERROR);
    beginning.set(layout.earlierLogError, 0, StepControl.LOG2_LEAST_ERROR);
    beginning.run(1);
    beginning.copy(0, stepping, 0, layout.count());
    boolean isFinite = stepping.get(layout.accepted, 0) != 0 && Math.abs(nextStep()) >= 0;
    if (isFinite && time() != end) {
      lengthen();
    }
    return isFinite;
  }

  /** Makes a first step as long as times can tell. */
  private void lengthen() {
    double time = time();
    double step = nextStep();
    double direction = stepping.get(layout.direction, 0);
    double grain = Math.abs(stepping.get(layout.partOfGrain, 0)) / Setup.PART;
    if (grain > 0) {
      step = direction * grain * Math.floor(Math.abs(step) / grain);
    }
    if (time + step == time) {
      double one = Math.max(grain, Math.ulp(time));
      double least = Math.max(one, Math.min(4 * one, maximumStep));
      step = direction * Math.min(least, Math.abs(stepping.get(layout.end, 0) - time));
    }
    nextStep(step);
  }

  /**
   * Tries a step.
   *
   * @return whether it was accepted: otherwise a shorter one is to be tried
   * @throws IllegalStateException if there is none to try: before {@link #begin}, at the end, or
   *     where the next one would not change the time
   * @throws io.github.elegans.backends.BackendUnavailableException after a while, if a backend is
   *     asked for that is not there
   */
  public boolean step() {
    if (!isBegun) {
      throw new IllegalStateException("there is no trajectory: begin one whose start is finite");
    }
    if (isDone()) {
      throw new IllegalStateException("the trajectory is at its end, " + end);
    }
    if (isStuck()) {
      throw new IllegalStateException(
          "the next step, %s, is too short to change the time, %s".formatted(nextStep(), time()));
    }
    changeOver();
    if (time() == stepping.get(layout.end, 0)) {
      // What only time decides switches here.
      stepping.copy(0, beginning, 0, layout.count());
      segments.next(beginning, 0, time());
      if (!beginSegment()) {
        isBegun = false;
        throw new IllegalStateException("the derivatives at %s are not finite".formatted(time()));
      }
    }
    stepping.run(1);
    return stepping.get(layout.accepted, 0) != 0;
  }

  /** Whether the time is the end's. */
  public boolean isDone() {
    return isBegun && time() == end;
  }

  /** Whether the next step is too short to change the time. */
  public boolean isStuck() {
    return !isDone() && time() != stepping.get(layout.end, 0) && time() + nextStep() == time();
  }

  /** The time. */
  public double time() {
    return stepping.get(layout.time, 0);
  }

  /** A state at the time. */
  public double state(int index) {
    return stepping.get(layout.states + Objects.checkIndex(index, n), 0);
  }

  /** The length of the step to be tried next, negative backwards. */
  public double nextStep() {
    return stepping.get(layout.step, 0);
  }

  /** Changes the length of the step to be tried next, negative backwards. */
  public void nextStep(double length) {
    stepping.set(layout.step, 0, length);
  }

  /**
   * The estimated error of the last step that was tried, by what is tolerated: accepted up to 1;
   * NaN or infinite where states were not finite.
   */
  public double error() {
    return Math.sqrt(stepping.get(layout.error, 0));
  }

  /** When the last step that was tried began. */
  public double timeBefore() {
    return stepping.get(layout.timeBefore, 0);
  }

  /** How long the last step was that was tried, negative backwards. */
  public double lastStep() {
    return stepping.get(layout.stepTaken, 0);
  }

  /** The degree of the polynomials of steps. */
  public int degree() {
    return layout.degree;
  }

  /**
   * The last step as polynomials in θ, from 0 where it began to 1 at its end: Σ cⱼθʲ.
   *
   * @param coefficients c, written: {@code [state][0 … degree]}, row by row
   * @throws IllegalArgumentException if it has another length
   */
  public void polynomials(double[] coefficients) {
    int count = n * (layout.degree + 1);
    Require.length("coefficients", count, coefficients.length);
    for (int i = 0; i < count; i++) {
      coefficients[i] = stepping.get(layout.dense + i, 0);
    }
  }

  /** How often a step that is tried evaluates the right-hand side. */
  public int evaluationsOfStep() {
    return switch (setup.method().tableau()) {
      // The first stage is known from the step before if it is carried over.
      case Tableau.Explicit e -> {
        int stages = e.c().length - (layout.slopes >= 0 ? 1 : 0);
        int extra = e.extraC() == null || e.extraC().length == 0 ? 0 : 1 + e.extraC().length;
        yield stages + extra + (usesHermite(e) && !e.firstSameAsLast() ? 1 : 0);
      }
      case Tableau.Nystrom nystrom -> nystrom.c().length + 1;
      case Tableau.Rosenbrock r -> r.c().length + (r.dense() == null ? 1 : 0);
      case null -> throw new AssertionError("steps under control have a tableau");
    };
  }

  private static boolean usesHermite(Tableau.Explicit tableau) {
    return tableau.dense() == null;
  }

  /** How often {@link #begin} evaluates the right-hand side. */
  public int evaluationsOfBegin() {
    return 2;
  }

  /** Whether steps run as fast as they will. */
  public boolean isCompiled() {
    return isCompiled || compiled != null || isFinal;
  }

  /**
   * Lets the backend's kernels take over, if there are some; has them made after a while, and
   * throws what that threw.
   */
  private void changeOver() {
    if (isCompiled) {
      return;
    }
    if (runs < PATIENCE && ++runs == PATIENCE) {
      Thread.ofPlatform().daemon().name("elegans-stepper-compiler").start(this::compile);
      return;
    }
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
    Compiled ready = compiled;
    if (ready != null) {
      stepping.copy(0, ready.step, 0, layout.count());
      beginning = ready.begin;
      stepping = ready.step;
      isCompiled = true;
    }
  }

  private void compile() {
    try {
      Kernels kernels = programs.kernels.get();
      if (kernels.backend().equals("scalar")) {
        // It is what runs already, for more lanes than one.
        return;
      }
      ProgramKernel begin = kernels.programs().compile(programs.begin, 1);
      ProgramKernel step = kernels.programs().compile(programs.step, 1);
      for (ProgramKernel kernel : List.of(step, begin)) {
        while (!kernel.isCompiled()) {
          kernel.run(WARM_UP_ROUNDS);
        }
        kernel.lanes().fill((byte) 0);
      }
      compiled =
          new Compiled(
              new LaneMemory(begin, setup.precision()), new LaneMemory(step, setup.precision()));
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      isFinal = true;
    }
  }

  /** A program run by its definition. */
  private record OneLane(Interpreter interpreter, MemorySegment lanes) implements ProgramKernel {
    static LaneMemory of(Program program) {
      ProgramKernel kernel =
          new OneLane(new Interpreter(program, 1), ProgramKernel.newLanes(program, 1));
      return new LaneMemory(kernel, Precision.DOUBLE);
    }

    @Override
    public int width() {
      return 1;
    }

    @Override
    public String rendering() {
      return "interpreter, 1 lane";
    }

    @Override
    public int run(int rounds) {
      try {
        return interpreter.run(lanes, rounds);
      } finally {
        Reference.reachabilityFence(lanes);
      }
    }
  }
}
