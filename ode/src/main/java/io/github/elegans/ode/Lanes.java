package io.github.elegans.ode;

import io.github.elegans.expressions.Program;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The lane engine of one thread. The kernel runs whole steps of all lanes until one asks for
 * attention; here is what happens then: crossings are located, states saved, trajectories ended,
 * and the next ones take their lanes.
 */
final class Lanes implements Runnable {
  private static final int ROUNDS = 4096;

  private final Solver solver;
  private final Setup setup;
  private final OdeSystem system;
  private final Layout layout;
  private final Ensemble ensemble;
  private final Solution solution;
  private final AtomicInteger next;
  private final Solver.Progress progress;
  private final int n;
  private final int m;

  private final LaneMemory lanes;
  private final LaneMemory stage;
  private final int[] trajectories;
  private final int[] staged;
  private final double[] stagedStarts;
  private final double[] stagedEnds;
  private int stagedFrom;
  private int stagedTo;
  private boolean exhausted;

  /** A stage's state was set to NaN: all are set again from then on. */
  private boolean unbounded;

  // of each lane
  private final double[] starts;

  /**
   * Steps under control that were tried, and those of them accepted, before the count in the lane.
   */
  private final int[] triedBefore;

  private final int[] acceptedBefore;

  /** The steps a lane may count by itself. */
  private final int counted;

  private final @Nullable FixedSteps fixed;

  /** The same if programs do not count. */
  private final @Nullable FixedSteps uncounted;

  private final EventFunction initial;
  private final boolean initialDepends;

  /** Of the trajectory that begins; those that nothing changes stay as they are. */
  private final double[] parameters;

  private final DependentParameter[] dependentParameters;
  private final IntToDoubleFunction @Nullable [] parameterValues;
  private final IntToDoubleFunction @Nullable [] initialValues;
  private final boolean isCut;
  private final Segments[] segments;
  private final Segments[] stagedSegments;

  /** One lane for those that begin again. */
  private final @Nullable LaneMemory restarting;

  private final double[] at;
  private final DenseStep dense;
  private final Crossings crossings;
  private final Instant instant;

  /** Which events reset or end trajectories, and whether any does. */
  private final boolean[] cuts;

  private final boolean isCutByEvents;
  private final SavedTimes saves;
  private final Folds folds;
  private long issued;
  private long useful;
  private int finished;

  Lanes(
      Solver solver,
      Ensemble ensemble,
      Solution solution,
      AtomicInteger next,
      Solver.Progress progress) {
    this.solver = solver;
    this.setup = solver.setup();
    this.system = solver.system();
    this.layout = solver.layout;
    this.ensemble = ensemble;
    this.solution = solution;
    this.next = next;
    this.progress = progress;
    this.n = system.states().size();
    this.m = system.parameters().size();
    int most = Math.max(1, ensemble.size());
    this.lanes = memory(solver.stepProgram(), most);
    this.stage = memory(solver.beginProgram(), most);
    int width = lanes.width();
    this.trajectories = new int[width];
    this.staged = new int[stage.width()];
    this.stagedStarts = new double[stage.width()];
    this.stagedEnds = new double[stage.width()];
    Arrays.fill(trajectories, -1);
    this.starts = new double[width];
    this.triedBefore = new int[width];
    this.acceptedBefore = new int[width];
    this.counted = FixedSteps.counted(setup.precision());
    this.fixed =
        setup.control() == null
            ? new FixedSteps(
                setup.precision(),
                lanes,
                layout,
                solver.fixedStep,
                solver.maximumSteps,
                setup.countsSteps())
            : null;
    this.uncounted = setup.countsSteps() ? null : fixed;
    this.initial =
        EventFunction.values(
            system, system.states().stream().map(OdeSystem.State::initial).toList());
    this.initialDepends =
        !ensemble.parameters().isEmpty()
            && system.states().stream()
                .anyMatch(
                    state ->
                        !ensemble.initials().containsKey(state.name())
                            && !state.initial().variables().isEmpty());
    this.parameters =
        system.parameters().stream().mapToDouble(OdeSystem.Parameter::value).toArray();
    this.dependentParameters =
        DependentParameter.following(system, ensemble.parameters().keySet())
            .toArray(DependentParameter[]::new);
    this.parameterValues =
        system.parameters().stream()
            .map(p -> ensemble.parameters().get(p.name()))
            .toArray(IntToDoubleFunction[]::new);
    this.initialValues =
        system.states().stream()
            .map(s -> ensemble.initials().get(s.name()))
            .toArray(IntToDoubleFunction[]::new);
    List<Event> events = setup.events();
    this.isCut = setup.switches().count() > 0 || ensemble.stops();
    this.segments = segments(width);
    this.stagedSegments = segments(stage.width());
    this.restarting = events.isEmpty() && !isCut ? null : memory(solver.beginProgram(), most);
    this.at = new double[n];
    this.dense = new DenseStep(lanes, layout, system);
    this.crossings = new Crossings(setup, lanes, layout, dense);
    this.cuts = new boolean[events.size()];
    for (int j = 0; j < cuts.length; j++) {
      cuts[j] = events.get(j).cuts();
    }
    this.isCutByEvents = events.stream().anyMatch(Event::cuts);
    this.instant =
        new Instant(setup, solver.maximumEvents, solution, crossings, lanes, layout, dense);
    this.saves = new SavedTimes(ensemble, solution, lanes, layout, dense, setup.precision(), n);
    this.folds = new Folds(setup, solution, lanes, layout, dense);
    for (int i = 0; i < m; i++) {
      initial.parameter(i, system.parameters().get(i).value());
    }
    initial.evaluate();
    for (int slot = 0; slot < stage.width(); slot++) {
      prepare(slot);
    }
  }

  /** Sets what all trajectories begin with: nothing in the stage writes there. */
  private void prepare(int slot) {
    for (int i = 0; i < m; i++) {
      stage.set(layout.parameters + i, slot, system.parameters().get(i).value());
    }
    for (int i = 0; i < n; i++) {
      stage.set(layout.states + i, slot, initial.result(i));
    }
    stage.set(layout.active, slot, 1);
    stage.set(layout.attention, slot, 0);
    for (int j = 0; j < setup.folds().size(); j++) {
      stage.set(layout.folds + j, slot, setup.folds().get(j).initial());
    }
    if (setup.control() != null) {
      for (int i = 0; i < (setup.tolerancePerState() ? n : 1); i++) {
        stage.set(layout.relative + i, slot, solver.relative[solver.relative.length > 1 ? i : 0]);
        stage.set(layout.absolute + i, slot, solver.absolute[solver.absolute.length > 1 ? i : 0]);
      }
      stage.set(layout.maximumStep, slot, solver.maximumStep);
      stage.set(layout.left, slot, Math.min(solver.maximumSteps, counted));
      stage.set(layout.acceptedSteps, slot, 0);
      stage.set(layout.logError, slot, StepControl.LOG2_LEAST_ERROR);
      stage.set(layout.earlierLogError, slot, StepControl.LOG2_LEAST_ERROR);
      stage.set(layout.error, slot, 0);
    }
  }

  private Segments[] segments(int slots) {
    Segments[] all = new Segments[isCut ? slots : 0];
    Arrays.setAll(all, i -> new Segments(setup, layout));
    return all;
  }

  private LaneMemory memory(Program program, int lanes) {
    return new LaneMemory(solver.kernels().programs().compile(program, lanes), setup.precision());
  }

  @Override
  public void run() {
    try {
      solve();
    } finally {
      // Nobody else keeps their memory.
      Reference.reachabilityFence(lanes);
      Reference.reachabilityFence(stage);
    }
  }

  private void solve() {
    for (int lane = 0; lane < lanes.width(); lane++) {
      refill(lane);
    }
    while (running()) {
      int rounds = lanes.run(uncounted == null ? ROUNDS : rounds(uncounted));
      issued += (long) rounds * lanes.width();
      if (uncounted != null) {
        went(rounds, uncounted);
      }
      if (progress.cancelled()) {
        cancel();
        break;
      }
      for (int lane = 0; lane < lanes.width(); lane++) {
        if (uncounted != null) {
          look(lane, uncounted);
        } else if (trajectories[lane] >= 0 && lanes.get(layout.attention, lane) != 0) {
          attend(lane);
        }
      }
    }
    report();
    solution.count(issued, useful);
  }

  /** How many steps all lanes have before them. */
  private int rounds(FixedSteps steps) {
    int least = ROUNDS;
    for (int lane = 0; lane < lanes.width(); lane++) {
      if (trajectories[lane] >= 0) {
        least = Math.min(least, steps.left(lane));
      }
    }
    return Math.max(1, least);
  }

  private void went(int rounds, FixedSteps steps) {
    for (int lane = 0; lane < lanes.width(); lane++) {
      if (trajectories[lane] >= 0) {
        steps.went(lane, rounds);
      }
    }
  }

  /** Looks whether a lane needs attention whose program does not say so. */
  private void look(int lane, FixedSteps steps) {
    if (trajectories[lane] >= 0 && (steps.left(lane) <= 0 || !isFinite(lane))) {
      steps.arrive(lane);
      attend(lane);
    } else if (trajectories[lane] < 0 && !isFinite(lane)) {
      imitate(lane);
    }
  }

  /** Lets an idle lane do what one with a trajectory does, so that it asks for nothing else. */
  private void imitate(int lane) {
    for (int other = 0; other < lanes.width(); other++) {
      if (trajectories[other] >= 0) {
        lanes.copy(other, lanes, lane, layout.count());
        return;
      }
    }
  }

  private boolean running() {
    for (int trajectory : trajectories) {
      if (trajectory >= 0) {
        return true;
      }
    }
    return false;
  }

  private void report() {
    if (finished > 0) {
      progress.add(finished);
      finished = 0;
    }
  }

  private void cancel() {
    for (int lane = 0; lane < lanes.width(); lane++) {
      if (trajectories[lane] >= 0) {
        exhausted = true;
        stagedFrom = stagedTo;
        if (uncounted != null) {
          uncounted.arrive(lane);
        }
        finish(lane, Status.CANCELLED);
      }
    }
  }

  /** Gives a lane the next trajectory, or lets it idle. */
  private void refill(int lane) {
    while (!exhausted || stagedFrom < stagedTo) {
      if (stagedFrom == stagedTo) {
        fillStage();
        continue;
      }
      int slot = stagedFrom++;
      int trajectory = staged[slot];
      stage.copy(slot, lanes, lane, layout.count());
      if (isCut) {
        Segments before = segments[lane];
        segments[lane] = stagedSegments[slot];
        stagedSegments[slot] = before;
      }
      trajectories[lane] = trajectory;
      starts[lane] = stage.get(layout.time, slot);
      instant.begin(lane);
      triedBefore[lane] = 0;
      acceptedBefore[lane] = 0;
      if (fixed != null) {
        fixed.begin(
            lane, stagedStarts[slot], isLast(lane) ? stagedEnds[slot] : segments[lane].end());
      }
      saves.begin(lane, trajectory, stagedEnds[slot]);
      if (stage.get(layout.accepted, slot) == 0) {
        finish(lane, Status.NOT_FINITE, false);
      } else if (stage.get(layout.time, slot) == stage.get(layout.end, slot)) {
        finish(lane, Status.DONE, false);
      } else {
        return;
      }
    }
    trajectories[lane] = -1;
    for (int v = 0; v < layout.count(); v++) {
      lanes.set(v, lane, 0);
    }
    if (uncounted != null) {
      imitate(lane);
    }
  }

  private void fillStage() {
    stagedFrom = 0;
    stagedTo = 0;
    int first = next.getAndAdd(stage.width());
    if (first < 0 || first >= ensemble.size() || progress.cancelled()) {
      next.set(ensemble.size());
      exhausted = true;
      return;
    }
    stagedTo = Math.min(stage.width(), ensemble.size() - first);
    for (int slot = 0; slot < stagedTo; slot++) {
      staged[slot] = first + slot;
      fill(slot, first + slot);
    }
    stage.run(1);
    for (int slot = 0; slot < stagedTo; slot++) {
      if (solver.firstStep > 0 && setup.control() != null) {
        double distance = Math.abs(stage.get(layout.end, slot) - stage.get(layout.time, slot));
        stage.set(
            layout.step,
            slot,
            stage.get(layout.direction, slot)
                * Math.min(Math.min(solver.firstStep, solver.maximumStep), distance));
      }
      if (stage.get(layout.accepted, slot) != 0
          && setup.control() != null
          && !(Math.abs(stage.get(layout.step, slot)) >= 0)) {
        stage.set(layout.accepted, slot, 0);
      }
      lengthen(stage, slot);
    }
  }

  /** Makes a first step as long as times can tell. */
  private void lengthen(LaneMemory memory, int lane) {
    if (setup.control() == null) {
      return;
    }
    double time = memory.get(layout.time, lane);
    double step = memory.get(layout.step, lane);
    double direction = memory.get(layout.direction, lane);
    double grain = setup.far() ? Math.abs(memory.get(layout.partOfGrain, lane)) / Setup.PART : 0;
    if (grain > 0) {
      step = direction * grain * Math.floor(Math.abs(step) / grain);
    }
    if (setup.precision().round(time + step) == time) {
      double distance = Math.abs(memory.get(layout.end, lane) - time);
      double one = Math.max(grain, setup.precision().ulp(time));
      double least = Math.max(one, Math.min(4 * one, solver.maximumStep));
      step = direction * Math.min(least, distance);
    }
    memory.set(layout.step, lane, step);
  }

  private void fill(int slot, int trajectory) {
    for (int i = 0; i < m; i++) {
      IntToDoubleFunction given = parameterValues[i];
      if (given != null) {
        parameters[i] = given.applyAsDouble(trajectory);
        stage.set(layout.parameters + i, slot, parameters[i]);
      }
    }
    if (dependentParameters.length > 0) {
      for (DependentParameter dependent : dependentParameters) {
        dependent.update(parameters);
      }
      for (int i = 0; i < m; i++) {
        stage.set(layout.parameters + i, slot, parameters[i]);
      }
    }
    if (initialDepends) {
      for (int i = 0; i < m; i++) {
        initial.parameter(i, parameters[i]);
      }
      initial.evaluate();
    }
    for (int i = 0; i < n; i++) {
      IntToDoubleFunction given = initialValues[i];
      if (given != null || initialDepends || unbounded) {
        stage.set(
            layout.states + i,
            slot,
            given != null ? given.applyAsDouble(trajectory) : initial.result(i));
      }
    }
    double start = ensemble.startOf(trajectory);
    double end = ensemble.endOf(trajectory);
    double direction = end < start ? -1 : 1;
    boolean bounded = Math.abs(start) + Math.abs(end) < Double.POSITIVE_INFINITY;
    if (!bounded) {
      // Begun with NaN, it ends as not finite, and touches nothing else.
      stage.set(layout.states, slot, Double.NaN);
      unbounded = true;
      start = Double.isFinite(start) ? start : 0;
      end = start + 1;
    }
    stagedStarts[slot] = start;
    stagedEnds[slot] = end;
    stage.set(layout.time, slot, start);
    stage.set(layout.end, slot, end);
    stage.set(layout.direction, slot, direction);
    if (setup.dense()) {
      stage.set(layout.nextSave, slot, direction * Double.POSITIVE_INFINITY);
    }
    if (isCut) {
      stagedSegments[slot].begin(stage, slot, ensemble.stopTimes(trajectory));
    }
    if (setup.control() != null && setup.far()) {
      double grain = setup.grain(start, end);
      stage.set(layout.partOfGrain, slot, direction * grain * Setup.PART);
      stage.set(layout.grains, slot, Math.scalb(1.5 * grain, setup.precision().mantissaBits()));
    }
  }

  private void attend(int lane) {
    boolean accepted = lanes.get(layout.accepted, lane) != 0;
    if (accepted && setup.dense() && afterStep(lane)) {
      return;
    }
    if (!isFinite(lane)) {
      finish(lane, Status.NOT_FINITE);
    } else if (fixed != null) {
      if (fixed.left(lane) <= 0 && !fixed.next(lane)) {
        if (fixed.truncated(lane)) {
          finish(lane, Status.MAXIMUM_STEPS);
        } else {
          endSegment(lane);
        }
      }
    } else if (accepted && lanes.get(layout.time, lane) == lanes.get(layout.end, lane)) {
      endSegment(lane);
    } else if (lanes.get(layout.left, lane) <= 0 && !countOn(lane)) {
      finish(lane, Status.MAXIMUM_STEPS);
    } else {
      double time = lanes.get(layout.time, lane);
      if (setup.precision().round(time + lanes.get(layout.step, lane)) == time) {
        finish(
            lane,
            lanes.get(layout.error, lane) < Double.POSITIVE_INFINITY
                ? Status.STEP_UNDERFLOW
                : Status.NOT_FINITE);
      }
    }
  }

  /** Lets a lane count further steps under control; false if it has had as many as it may. */
  private boolean countOn(int lane) {
    int tried = tried(lane);
    if (tried >= solver.maximumSteps) {
      return false;
    }
    acceptedBefore[lane] += (int) lanes.get(layout.acceptedSteps, lane);
    triedBefore[lane] = tried;
    lanes.set(layout.acceptedSteps, lane, 0);
    lanes.set(layout.left, lane, Math.min(solver.maximumSteps - tried, counted));
    return true;
  }

  /** Steps under control that were tried. */
  private int tried(int lane) {
    int given = Math.min(solver.maximumSteps - triedBefore[lane], counted);
    return triedBefore[lane] + given - (int) lanes.get(layout.left, lane);
  }

  private boolean isFinite(int lane) {
    for (int i = 0; i < n; i++) {
      if (!Double.isFinite(lanes.get(layout.states + i, lane))) {
        return false;
      }
    }
    return true;
  }

  /** Events and times to save at within the accepted step; says whether the trajectory ended. */
  private boolean afterStep(int lane) {
    int count = crossings.locate(lane);
    for (int r = 0; r < count; r++) {
      double time = dense.time(lane, crossings.theta(r));
      int until = r + 1;
      int cut = cuts[crossings.event(r)] ? r : -1;
      while (isCutByEvents && until < count && isOneInstant(lane, time, crossings.theta(until))) {
        if (cut < 0 && cuts[crossings.event(until)]) {
          cut = until;
        }
        until++;
      }
      if (cut >= 0) {
        return happen(lane, r, until, count, crossings.theta(cut));
      }
      dense.states(lane, crossings.theta(r), at, 0);
      solution.log(trajectories[lane], setup.events().get(crossings.event(r)), time, at);
    }
    double time = lanes.get(layout.time, lane);
    if (time == lanes.get(layout.end, lane) && !isLast(lane)) {
      // A switch may make an event happen that resets.
      saves.untilReset(lane, time);
    } else {
      saves.until(lane, time);
    }
    return false;
  }

  /** Whether a point of the step is at a time, within the rounding of both. */
  private boolean isOneInstant(int lane, double time, double theta) {
    double size =
        Math.max(
            Math.abs(lanes.get(layout.timeBefore, lane)), Math.abs(lanes.get(layout.time, lane)));
    return Math.abs(dense.time(lane, theta) - time) <= 4 * setup.precision().ulp(size);
  }

  /**
   * Crossings of one instant, with what follows from them; says whether the trajectory ended.
   *
   * @param from the first of the crossings
   * @param until the first of those that come later
   * @param count all of the step
   * @param theta where they are
   */
  private boolean happen(int lane, int from, int until, int count, double theta) {
    double time = dense.time(lane, theta);
    boolean resets = false;
    for (int r = from; r < until; r++) {
      resets |= !setup.events().get(crossings.event(r)).resets().isEmpty();
    }
    if (resets) {
      saves.untilReset(lane, time);
    } else {
      saves.until(lane, time);
    }
    folds.part(lane, theta);
    dense.states(lane, theta, at, 0);
    instant.open(lane, time, at);
    for (int r = from; r < until; r++) {
      instant.crosses(crossings.event(r), crossings.rising(r));
    }
    instant.look(lane, time, at);
    for (int r = until; r < count; r++) {
      instant.crossesLater(crossings.event(r), crossings.rising(r));
    }
    if (settle(lane, time)) {
      return true;
    }
    if (time == (fixed != null ? fixed.end(lane) : lanes.get(layout.end, lane))) {
      if (isLast(lane)) {
        finish(lane, Status.DONE);
        return true;
      }
      segments[lane].next(lanes, lane, time);
    }
    return restart(lane, time);
  }

  /** Goes on with what an instant has left; says whether the trajectory ended. */
  private boolean settle(int lane, double time) {
    Status status = instant.settle(lane, trajectories[lane], time, at);
    for (int i = 0; i < n; i++) {
      lanes.set(layout.states + i, lane, at[i]);
    }
    lanes.set(layout.time, lane, time);
    if (status != null) {
      finish(lane, status);
      return true;
    }
    return false;
  }

  /** Whether the trajectory ends where its segment does. */
  private boolean isLast(int lane) {
    return !isCut || segments[lane].isLast();
  }

  /** Goes on with the next segment as if it were a trajectory of its own. */
  private void endSegment(int lane) {
    if (isLast(lane)) {
      finish(lane, Status.DONE);
      return;
    }
    double time = lanes.get(layout.time, lane);
    for (int i = 0; i < n; i++) {
      at[i] = lanes.get(layout.states + i, lane);
    }
    instant.arrive(lane, time, at);
    if (settle(lane, time)) {
      return;
    }
    segments[lane].next(lanes, lane, time);
    if (setup.control() != null) {
      lanes.set(layout.logError, lane, StepControl.LOG2_LEAST_ERROR);
      lanes.set(layout.earlierLogError, lane, StepControl.LOG2_LEAST_ERROR);
    }
    restart(lane, time);
  }

  /** Begins again with the states that the lane has; says whether the trajectory ended. */
  private boolean restart(int lane, double time) {
    boolean goesOn =
        fixed == null
            ? lanes.get(layout.left, lane) > 0 || countOn(lane)
            : fixed.restart(lane, time, isCut ? segments[lane].end() : fixed.end(lane));
    if (!goesOn) {
      finish(lane, Status.MAXIMUM_STEPS);
      return true;
    }
    LaneMemory again = Objects.requireNonNull(restarting);
    lanes.copy(lane, again, 0, layout.count());
    again.run(1);
    again.copy(0, lanes, lane, layout.count());
    if (!instant.close(lane, time, at)) {
      finish(lane, Status.MAXIMUM_EVENTS);
      return true;
    }
    if (lanes.get(layout.accepted, lane) == 0) {
      finish(lane, Status.NOT_FINITE);
      return true;
    }
    lengthen(lanes, lane);
    if (setup.control() != null
        && setup.precision().round(time + lanes.get(layout.step, lane)) == time) {
      finish(lane, Status.STEP_UNDERFLOW);
      return true;
    }
    return false;
  }

  private void finish(int lane, Status status) {
    finish(lane, status, true);
    refill(lane);
  }

  private void finish(int lane, Status status, boolean begun) {
    int trajectory = trajectories[lane];
    saves.end(lane);
    for (int i = 0; i < n; i++) {
      solution.finalStates[trajectory * n + i] =
          Solution.canonical(lanes.get(layout.states + i, lane));
    }
    double time = lanes.get(layout.time, lane);
    solution.finalTimes[trajectory] = time;
    solution.statuses[trajectory] = status;
    if (begun) {
      if (fixed != null) {
        solution.accepted[trajectory] = fixed.taken(lane);
      } else {
        int accepted = acceptedBefore[lane] + (int) lanes.get(layout.acceptedSteps, lane);
        solution.accepted[trajectory] = accepted;
        solution.rejected[trajectory] = tried(lane) - accepted;
      }
      useful += solution.accepted[trajectory] + solution.rejected[trajectory];
    }
    folds.finish(lane, trajectory, time - starts[lane]);
    if (++finished >= 64) {
      report();
    }
  }
}
