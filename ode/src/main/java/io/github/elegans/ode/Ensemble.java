package io.github.elegans.ode;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Trajectories of one system to be solved: what differs from one to the next. Values are asked for
 * when a trajectory begins, from several threads, and must depend on its number alone.
 */
public final class Ensemble {
  private static final double[] NONE = {};

  private final int size;
  private final Map<String, IntToDoubleFunction> parameters = new LinkedHashMap<>();
  private final Map<String, IntToDoubleFunction> initials = new LinkedHashMap<>();
  private IntToDoubleFunction start = i -> 0;
  private @Nullable IntToDoubleFunction end;
  private double @Nullable [] saveAt;
  private @Nullable IntFunction<double[]> saveGrids;
  private int savedInStep;
  private @Nullable IntFunction<double[]> stops;

  private Ensemble(int size) {
    this.size = size;
  }

  /** So many trajectories, alike at first. */
  public static Ensemble of(int size) {
    if (size < 0) {
      throw new IllegalArgumentException("size: at least 0 is expected, found " + size);
    }
    return new Ensemble(size);
  }

  /** A parameter's value in each trajectory, by its number from 0. */
  public Ensemble parameter(String name, IntToDoubleFunction value) {
    parameters.put(name, value);
    return this;
  }

  /** A parameter's value in all trajectories. */
  public Ensemble parameter(String name, double value) {
    return parameter(name, i -> value);
  }

  /** A parameter's values, one for each trajectory. */
  public Ensemble parameter(String name, double[] values) {
    requireLength(name, values.length);
    double[] own = values.clone();
    return parameter(name, i -> own[i]);
  }

  /** A state's value at the start of each trajectory, by its number from 0. */
  public Ensemble initial(String state, IntToDoubleFunction value) {
    initials.put(state, value);
    return this;
  }

  /** A state's value at the start of all trajectories. */
  public Ensemble initial(String state, double value) {
    return initial(state, i -> value);
  }

  /**
   * A state's values at the start, one for each trajectory.
   *
   * @throws IllegalArgumentException if there are more or fewer
   */
  public Ensemble initial(String state, double[] values) {
    requireLength(state, values.length);
    double[] own = values.clone();
    return initial(state, i -> own[i]);
  }

  private void requireLength(String name, int length) {
    if (length != size) {
      throw new IllegalArgumentException(
          "%s: %d values are expected, one for each trajectory, found %d"
              .formatted(name, size, length));
    }
  }

  /** The time at which trajectories begin, 0 by default. */
  public Ensemble start(IntToDoubleFunction time) {
    this.start = time;
    return this;
  }

  /** The time at which all trajectories begin. */
  public Ensemble start(double time) {
    return start(i -> time);
  }

  /** The time at which trajectories end; before the start, to go backwards. */
  public Ensemble end(IntToDoubleFunction time) {
    this.end = time;
    return this;
  }

  /** The time at which all trajectories end; before the start, to go backwards. */
  public Ensemble end(double time) {
    return end(i -> time);
  }

  /**
   * Times at which states are kept, for all trajectories: in their order, from start to end. What
   * is beyond one of both by rounding only, up to 4 units in the last place, is that time. A time
   * at which an event resets states is that before the reset; if it is listed again, that after.
   */
  public Ensemble saveAt(double... times) {
    double[] copy = times.clone();
    this.saveAt = copy;
    this.saveGrids = null;
    this.savedInStep = 0;
    return this;
  }

  /** The same, for each trajectory its own times. */
  public Ensemble saveAt(IntFunction<double[]> times) {
    this.saveGrids = times;
    this.saveAt = null;
    this.savedInStep = 0;
    return this;
  }

  /**
   * Keeps the states of every step, however short: at the start, at times of equal distance in each
   * step, the last one its end, and where an event gives states new values, before and after.
   * {@link Solution#savedTimes} says when.
   *
   * @param points how many times in each step, at least 1
   */
  public Ensemble saveSteps(int points) {
    if (points < 1) {
      throw new IllegalArgumentException("points: at least 1 is expected, found " + points);
    }
    this.savedInStep = points;
    this.saveAt = null;
    this.saveGrids = null;
    return this;
  }

  /**
   * Times that steps end at exactly, and where the next one begins afresh: where a right-hand side
   * changes suddenly in a way that its expressions do not show. Conditions of time and parameters
   * are found without. In any order; those that a trajectory does not pass do nothing.
   *
   * @throws IllegalArgumentException if one is not finite
   */
  public Ensemble stopAt(double... times) {
    double[] rising = rising(times);
    this.stops = i -> rising;
    return this;
  }

  /** The same, for each trajectory its own. */
  public Ensemble stopAt(IntFunction<double[]> times) {
    this.stops = i -> rising(times.apply(i));
    return this;
  }

  private static double[] rising(double[] times) {
    double[] rising = times.clone();
    Arrays.sort(rising);
    for (double time : rising) {
      if (!Double.isFinite(time)) {
        throw new IllegalArgumentException(
            "times to stop at: finite ones are expected, found " + time);
      }
    }
    return rising;
  }

  /**
   * The first trajectories of this ensemble, the same ones.
   *
   * @throws IllegalArgumentException if it has fewer
   */
  public Ensemble first(int count) {
    if (count < 0 || count > size) {
      throw new IllegalArgumentException(
          "count: 0 to %d is expected, found %d".formatted(size, count));
    }
    Ensemble part = new Ensemble(count);
    part.parameters.putAll(parameters);
    part.initials.putAll(initials);
    part.start = start;
    part.end = end;
    part.saveAt = saveAt;
    part.saveGrids = saveGrids;
    part.savedInStep = savedInStep;
    part.stops = stops;
    return part;
  }

  /**
   * The values of a system's parameters in one trajectory, in the order of {@link
   * OdeSystem#parameters}: those given here, those that follow them, and the others' own.
   */
  public double[] parameterValues(OdeSystem system, int trajectory) {
    List<OdeSystem.Parameter> all = system.parameters();
    double[] values = new double[all.size()];
    for (int i = 0; i < values.length; i++) {
      IntToDoubleFunction given = parameters.get(all.get(i).name());
      values[i] = given != null ? given.applyAsDouble(trajectory) : all.get(i).value();
    }
    DependentParameter.following(system, parameters.keySet()).forEach(p -> p.update(values));
    return values;
  }

  /** How many trajectories there are. */
  public int size() {
    return size;
  }

  Map<String, IntToDoubleFunction> parameters() {
    return parameters;
  }

  Map<String, IntToDoubleFunction> initials() {
    return initials;
  }

  boolean stops() {
    return stops != null;
  }

  /** Rising. */
  double[] stopTimes(int trajectory) {
    return stops == null ? NONE : stops.apply(trajectory);
  }

  double startOf(int trajectory) {
    return start.applyAsDouble(trajectory);
  }

  double endOf(int trajectory) {
    return Objects.requireNonNull(end, "the ensemble has no end time").applyAsDouble(trajectory);
  }

  boolean hasEnd() {
    return end != null;
  }

  boolean saves() {
    return saveAt != null || saveGrids != null || savedInStep > 0;
  }

  /** How many times are saved in each step, or 0 if it is given times that are. */
  int savedInStep() {
    return savedInStep;
  }

  double[] saveTimes(int trajectory) {
    return saveGrids != null
        ? saveGrids.apply(trajectory)
        : saveAt != null ? saveAt : new double[0];
  }
}
