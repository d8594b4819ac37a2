package io.github.elegans.ode;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Solves ensembles of trajectories of one system, many at a time, on the lanes of a backend. Each
 * trajectory has its own time, step and status; a lane whose trajectory ends takes the next one. A
 * trajectory's result depends on nothing but its own numbers: not on lane, neighbours, threads or
 * backend, bit for bit.
 *
 * <pre>{@code
 * Solver solver = Solver.of(OdeSystem.named("lorenz")).tolerance(1e-8, 1e-8).build();
 * Solution solution = solver.solve(Ensemble.of(1000).parameter("rho", i -> 0.028 * i).end(10));
 * }</pre>
 *
 * <p>Where a right-hand side jumps or bends at times that only time and parameters decide, as
 * {@code if(t >= start and t < start + duration, 1, 0)} or {@code max(0, sin(2*pi*t))} do, a step
 * ends exactly, on the side that it comes from, and the next one begins afresh on the other: no
 * pulse is stepped over. These times are found in the expressions, for each trajectory from its
 * parameters. The same holds for events of time and parameters that end a trajectory or reset it,
 * and for times that an ensemble says ({@link Ensemble#stopAt}). Fixed steps begin a new row there,
 * the step before being shorter if it must.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class Solver {
  /** The options, which nobody else has. */
  private final Builder origin;

  private final Setup setup;
  private final Kernels kernels;
  final Layout layout;
  private final Program step;
  private final Program begin;
  final double fixedStep;
  final double[] relative;
  final double[] absolute;
  final double firstStep;
  final double maximumStep;
  final int maximumSteps;
  final int maximumEvents;
  private final int threads;
  private volatile Solved last;

  /** What was run for an ensemble. */
  private record Solved(Program step, int trajectories) {}

  private Solver(Builder builder, boolean saves, boolean far) {
    this.origin = builder;
    this.setup =
        new Setup(
            builder.system,
            builder.method,
            builder.precision,
            builder.fixedStep > 0 ? null : builder.control,
            builder.relative.length > 1 || builder.absolute.length > 1,
            saves || !builder.events.isEmpty() || !builder.folds.isEmpty(),
            List.copyOf(builder.events),
            List.copyOf(builder.folds),
            switches(builder),
            far);
    this.kernels = builder.kernels != null ? builder.kernels : Backends.get();
    this.layout = StepProgram.layout(setup);
    this.step = StepProgram.step(setup);
    this.last = new Solved(step, Integer.MAX_VALUE);
    this.begin = StepProgram.begin(setup);
    this.fixedStep = builder.fixedStep;
    this.relative = builder.relative;
    this.absolute = builder.absolute;
    this.firstStep = builder.firstStep;
    this.maximumStep = builder.maximumStep;
    this.maximumSteps = builder.maximumSteps;
    this.maximumEvents = builder.maximumEvents;
    this.threads = builder.threads;
  }

  private static Switches switches(Builder builder) {
    List<Expr> integrated = new ArrayList<>();
    builder.system.states().forEach(state -> integrated.add(state.derivative()));
    builder.folds.forEach(fold -> integrated.add(fold.value()));
    List<Expr> watched = new ArrayList<>();
    List<Expr> cutting = new ArrayList<>();
    for (Event event : builder.events) {
      watched.add(event.function());
      if (event.terminal() || !event.resets().isEmpty()) {
        cutting.add(event.function());
      }
    }
    return new Switches(builder.system, integrated, watched, cutting);
  }

  /** A solver for a system, to be told more. */
  public static Builder of(OdeSystem system) {
    return new Builder(system);
  }

  /** The system that it solves. */
  public OdeSystem system() {
    return setup.system();
  }

  /** How steps are taken. */
  public Method method() {
    return setup.method();
  }

  Setup setup() {
    return setup;
  }

  /** What is gathered along trajectories, in the order in which it was given. */
  public List<Fold> folds() {
    return setup.folds();
  }

  /** What may happen along trajectories, in the order in which it was given. */
  public List<Event> events() {
    return setup.events();
  }

  Kernels kernels() {
    return kernels;
  }

  Program stepProgram() {
    return step;
  }

  Program beginProgram() {
    return begin;
  }

  /**
   * What a backend runs: the program that begins trajectories and that of a step; then the same two
   * for ensembles with times to save at.
   */
  public List<Program> programs() {
    Solver saving = setup.dense() ? this : variant(true, false);
    return List.of(begin, step, saving.begin, saving.step);
  }

  /**
   * Whether the steps of an ensemble like the last one run as fast as they will: the vector backend
   * interprets them at first, while they are being compiled.
   */
  public boolean isCompiled() {
    Solved solved = last;
    return kernels.programs().compile(solved.step, solved.trajectories).isCompiled();
  }

  /**
   * What the backend made of a step, for people, in one line; of what was to be compiled and could
   * not be, the reason.
   *
   * @param trajectories how many are solved at once: backends may have something else for one than
   *     for many
   */
  public String rendering(int trajectories) {
    return kernels.programs().compile(step, Math.max(1, trajectories)).rendering();
  }

  /**
   * The compiled step, for people: method, operations, registers, and what the backend made of it.
   */
  public String explain() {
    Map<Op, Integer> counts = new EnumMap<>(Op.class);
    for (int i = 0; i < step.size(); i++) {
      counts.merge(step.op(i), 1, Integer::sum);
    }
    String operations =
        counts.entrySet().stream()
            .map(e -> e.getValue() + " " + e.getKey().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return """
    %s by %s, %s
    states %d, parameters %d, variables of a lane %d
    operations of a step %d: %s
    registers: at most %d values and %d constants are in use at once
    backend %s, %s
    """
        .formatted(
            system().title(),
            setup.method(),
            setup.control() == null ? "fixed steps" : "steps by " + setup.control() + " control",
            system().states().size(),
            system().parameters().size(),
            layout.count(),
            step.size(),
            operations,
            step.alive(),
            step.constants(),
            kernels.backend(),
            kernels.programs().compile(step).rendering());
  }

  /**
   * Solves all trajectories.
   *
   * @throws IllegalArgumentException if the ensemble names an unknown state or parameter, lacks an
   *     end time, or has times to save at that a trajectory does not pass
   */
  public Solution solve(Ensemble ensemble) {
    return solve(ensemble, done -> true);
  }

  /**
   * Solves all trajectories and reports how many are done, now and then, from any of the threads.
   *
   * @param proceed is told how many are done; if it says false, the rest is cancelled, and what was
   *     computed is returned
   */
  public Solution solve(Ensemble ensemble, LongPredicate proceed) {
    FloatingPoint.check();
    if (!ensemble.hasEnd()) {
      throw new IllegalArgumentException("the ensemble has no end time: say end(…)");
    }
    ensemble.parameters().keySet().forEach(system()::parameter);
    ensemble.initials().keySet().forEach(system()::state);
    boolean needsDense = setup.dense() || ensemble.saves();
    boolean isFar = isFar(ensemble);
    if (needsDense != setup.dense() || isFar != setup.far()) {
      Solver variant = variant(needsDense, isFar);
      last = new Solved(variant.step, Math.max(1, ensemble.size()));
      return variant.solve(ensemble, proceed);
    }
    last = new Solved(step, Math.max(1, ensemble.size()));
    if (ensemble.saves()) {
      SavedTimes.check(ensemble, setup.precision());
    }
    Solution solution =
        new Solution(this, ensemble, setup.folds().size(), !setup.events().isEmpty());
    AtomicInteger next = new AtomicInteger();
    Progress progress = new Progress(proceed);
    int workers = Math.max(1, Math.min(threads, (ensemble.size() + 7) / 8));
    if (workers == 1) {
      new Lanes(this, ensemble, solution, next, progress).run();
      return solution;
    }
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    try {
      work(ensemble, solution, next, progress, workers, failure);
    } catch (Throwable e) {
      // Whoever was started stops soon. No call: the stack may have no room for one.
      progress.cancelled = true;
      throw e;
    }
    Throwable thrown = failure.get();
    if (thrown instanceof RuntimeException e) {
      throw e;
    } else if (thrown instanceof Error e) {
      throw e;
    } else if (thrown != null) {
      throw new IllegalStateException("a function of the caller's failed: " + thrown, thrown);
    }
    return solution;
  }

  /** On threads of their own, until all are done. */
  private void work(
      Ensemble ensemble,
      Solution solution,
      AtomicInteger next,
      Progress progress,
      int workers,
      AtomicReference<@Nullable Throwable> failure) {
    List<Thread> started = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      Lanes lanes = new Lanes(this, ensemble, solution, next, progress);
      started.add(
          Thread.ofPlatform()
              .name("elegans-solver-" + i)
              .daemon()
              .start(
                  () -> {
                    try {
                      lanes.run();
                    } catch (Throwable e) {
                      failure.compareAndSet(null, e);
                      progress.cancel();
                    }
                  }));
    }
    boolean interrupted = false;
    for (Thread thread : started) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          progress.cancel();
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isFar(Ensemble ensemble) {
    for (int i = 0; setup.control() != null && i < ensemble.size(); i++) {
      if (setup.grain(ensemble.startOf(i), ensemble.endOf(i)) > 0) {
        return true;
      }
    }
    return false;
  }

  private final Map<List<Boolean>, Solver> variants = new HashMap<>();

  /** The same solver by the programs that an ensemble needs. */
  private synchronized Solver variant(boolean needsDense, boolean isFar) {
    return variants.computeIfAbsent(
        List.of(needsDense, isFar), with -> new Solver(origin, needsDense, isFar));
  }

  /** How far a solve is, and whether it goes on. */
  static final class Progress {
    private final LongPredicate proceed;
    private final AtomicLong done = new AtomicLong();
    private volatile boolean cancelled;

    Progress(LongPredicate proceed) {
      this.proceed = proceed;
    }

    boolean cancelled() {
      return cancelled;
    }

    void cancel() {
      cancelled = true;
    }

    void add(int finished) {
      if (!proceed.test(done.addAndGet(finished))) {
        cancelled = true;
      }
    }
  }

  /** Collects a solver's options. */
  public static final class Builder {
    private final OdeSystem system;
    private Method method = Method.TSIT5;
    private Precision precision = Precision.DOUBLE;
    private StepControl control = StepControl.PI;
    private double fixedStep;
    private double[] relative = {1e-6};
    private double[] absolute = {1e-9};
    private double firstStep;
    private double maximumStep = Double.POSITIVE_INFINITY;
    private int maximumSteps = 10_000_000;
    private int maximumEvents = 1_000_000;
    private int threads = 1;
    private @Nullable Kernels kernels;
    private final List<Event> events = new ArrayList<>();
    private final List<Fold> folds = new ArrayList<>();

    private Builder(OdeSystem system) {
      this.system = system;
    }

    /** The method, TSIT5 by default. */
    public Builder method(Method method) {
      this.method = method;
      return this;
    }

    /**
     * The numbers computed with, double by default. In single precision time and states have 24
     * bits: what a step adds below half the last of them is lost, so 2²⁴ steps and more over one
     * range change little or too much, however well they are counted.
     */
    public Builder precision(Precision precision) {
      this.precision = precision;
      return this;
    }

    /** Fixed steps of this length, the last one shorter; positive, backwards too. */
    public Builder fixedStep(double step) {
      this.fixedStep = Options.fixedStep(step);
      return this;
    }

    /** Steps chosen so that the local error stays within relative·|y| + absolute. */
    public Builder tolerance(double relative, double absolute) {
      return tolerance(new double[] {relative}, new double[] {absolute});
    }

    /** Tolerances by state; one number stands for all. */
    public Builder tolerance(double[] relative, double[] absolute) {
      this.relative = tolerances("relative", relative);
      this.absolute = tolerances("absolute", absolute);
      this.fixedStep = 0;
      return this;
    }

    private double[] tolerances(String name, double[] values) {
      int n = system.states().size();
      if (values.length != 1 && values.length != n) {
        throw new IllegalArgumentException(
            "%s tolerance: 1 or %d numbers are expected, found %d"
                .formatted(name, n, values.length));
      }
      for (double value : values) {
        Options.tolerance(name, value);
      }
      return values.clone();
    }

    /** How steps follow from errors, PI by default. */
    public Builder control(StepControl control) {
      this.control = control;
      return this;
    }

    /** The first step to try; by default it is estimated. */
    public Builder firstStep(double step) {
      this.firstStep = Options.step("first step", step);
      return this;
    }

    /** No step is longer. */
    public Builder maximumStep(double step) {
      this.maximumStep = Options.step("maximum step", step);
      return this;
    }

    /** How many steps a trajectory may try, 10,000,000 by default. */
    public Builder maximumSteps(int steps) {
      if (steps < 1) {
        throw new IllegalArgumentException("maximum steps: at least 1 is expected, found " + steps);
      }
      this.maximumSteps = steps;
      return this;
    }

    /** How often a trajectory may be reset by events, 1,000,000 by default. */
    public Builder maximumEvents(int events) {
      if (events < 0) {
        throw new IllegalArgumentException(
            "maximum events: at least 0 is expected, found " + events);
      }
      this.maximumEvents = events;
      return this;
    }

    /** On how many threads, 1 by default. */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("threads: at least 1 is expected, found " + threads);
      }
      this.threads = threads;
      return this;
    }

    /** On which backend; by default the best one. */
    public Builder kernels(Kernels kernels) {
      this.kernels = kernels;
      return this;
    }

    /**
     * Something that happens along trajectories.
     *
     * @throws IllegalArgumentException if there is one of that name, or it resets what is no state
     */
    public Builder event(Event event) {
      event.resets().keySet().forEach(system::state);
      if (events.stream().anyMatch(e -> e.name().equals(event.name()))) {
        throw new IllegalArgumentException("there are two events '%s'".formatted(event.name()));
      }
      events.add(event);
      return this;
    }

    /**
     * A number gathered along trajectories.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public Builder fold(Fold fold) {
      if (folds.stream().anyMatch(f -> f.name().equals(fold.name()))) {
        throw new IllegalArgumentException("there are two folds '%s'".formatted(fold.name()));
      }
      folds.add(fold);
      return this;
    }

    /**
     * The solver.
     *
     * @throws IllegalArgumentException if the method cannot choose its steps and none was given, or
     *     does not {@linkplain Method#suits suit} the system
     */
    public Solver build() {
      if (fixedStep == 0 && !method.isAdaptive()) {
        throw new IllegalArgumentException(
            "%s has no error estimate: say fixedStep(…)".formatted(method));
      }
      if (relative.length == 1 && relative[0] == 0 && absolute.length == 1 && absolute[0] == 0) {
        throw new IllegalArgumentException("both tolerances are 0");
      }
      return new Solver(copy(), false, false);
    }

    /**
     * One trajectory, step by step, with these options but for threads and numbers of steps.
     *
     * @throws IllegalArgumentException if steps are fixed, in single precision, or events or folds
     *     are asked for: who steps looks at steps; or if the method does not {@linkplain
     *     Method#suits suit} the system
     */
    public Stepper stepper() {
      if (fixedStep > 0 || !method.isAdaptive()) {
        throw new IllegalArgumentException(
            "a stepper chooses its steps: tolerances and a method that estimates its error are"
                + " expected, found "
                + (fixedStep > 0 ? "fixed steps" : method));
      }
      if (precision != Precision.DOUBLE) {
        throw new IllegalArgumentException(
            "a stepper computes in double precision, not in " + precision);
      }
      if (!events.isEmpty() || !folds.isEmpty()) {
        throw new IllegalArgumentException("a stepper knows neither events nor folds");
      }
      Setup setup =
          new Setup(
              system,
              method,
              precision,
              control,
              system.states().size() > 1,
              true,
              List.of(),
              List.of(),
              switches(this),
              true);
      return new Stepper(setup, kernels, relative, absolute, firstStep, maximumStep);
    }

    private Builder copy() {
      Builder copy = new Builder(system);
      copy.method = method;
      copy.precision = precision;
      copy.control = control;
      copy.fixedStep = fixedStep;
      copy.relative = relative;
      copy.absolute = absolute;
      copy.firstStep = firstStep;
      copy.maximumStep = maximumStep;
      copy.maximumSteps = maximumSteps;
      copy.maximumEvents = maximumEvents;
      copy.threads = threads;
      copy.kernels = kernels;
      copy.events.addAll(events);
      copy.folds.addAll(folds);
      return copy;
    }
  }
}
