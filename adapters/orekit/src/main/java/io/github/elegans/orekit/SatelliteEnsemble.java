package io.github.elegans.orekit;

import io.github.elegans.expressions.Expr;
import io.github.elegans.hipparchus.Traced;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.orekit.attitudes.AttitudeProvider;
import org.orekit.attitudes.FrameAlignedProvider;
import org.orekit.forces.ForceModel;
import org.orekit.forces.gravity.NewtonianAttraction;
import org.orekit.frames.Frame;
import org.orekit.frames.FramesFactory;
import org.orekit.propagation.FieldSpacecraftState;
import org.orekit.propagation.SpacecraftState;
import org.orekit.time.AbsoluteDate;
import org.orekit.utils.PVCoordinates;

/**
 * Propagates many satellites at once by Orekit's force models, as they are.
 *
 * <pre>{@code
 * SatelliteTrajectories day =
 *     SatelliteEnsemble.of(FramesFactory.getGCRF(), mu, new J2OnlyPerturbation(mu, radius, j2, frame))
 *         .propagate(initial, date.shiftedBy(Constants.JULIAN_DAY));
 * SpacecraftState first = day.state(0);
 * }</pre>
 *
 * <p>Force models are traced for each propagation: computed with numbers that remember what was
 * done. What asks for the value of a position or velocity (drag, shadows, triggers by state) is
 * refused with its name. What depends on the date (a body's position, a rotating frame) is traced
 * at up to 256 dates of the span and becomes Chebyshev series to 9 digits or more; what does not
 * converge, for it jumps or turns too often, is refused. Values of parameter drivers are those when
 * tracing.
 *
 * <p>Steps are those of Dormand, El-Mikkawy and Prince's Runge-Kutta-Nyström method 12(10) where
 * forces depend on date and position alone and no events are asked for, otherwise of Dormand and
 * Prince's 8(5,3), in Cartesian coordinates. Results have the same bits on every backend and for
 * every number of threads. To be told what it does by one thread.
 */
public final class SatelliteEnsemble {
  private final Frame frame;
  private final double mu;
  private final List<ForceModel> forces = new ArrayList<>();
  private final Map<String, Watched> events = new LinkedHashMap<>();
  private AttitudeProvider attitude;

  /** 0 for that of the method. */
  private double tolerance;

  private double saveEvery = Double.POSITIVE_INFINITY;
  private int threads = 1;

  private record Watched(
      Function<FieldSpacecraftState<Traced>, Traced> function, Event.Direction direction) {}

  private SatelliteEnsemble(Frame frame, double mu) {
    this.frame = frame;
    this.mu = mu;
    this.attitude = FrameAlignedProvider.of(FramesFactory.getEME2000());
  }

  /**
   * Satellites under a central attraction and other forces.
   *
   * @param frame an inertial one, in which initial states are given
   * @param mu the central attraction's coefficient, in m³/s²
   * @param forces without the central attraction
   * @throws IllegalArgumentException if the frame is not inertial, the coefficient not positive, or
   *     a force is the central attraction
   */
  public static SatelliteEnsemble of(Frame frame, double mu, ForceModel... forces) {
    if (!frame.isPseudoInertial()) {
      throw new IllegalArgumentException(
          "frame: an inertial one is expected, found %s".formatted(frame.getName()));
    }
    requirePositive("mu", mu);
    SatelliteEnsemble ensemble = new SatelliteEnsemble(frame, mu);
    ensemble.forces.add(new NewtonianAttraction(mu));
    for (ForceModel force : forces) {
      if (force instanceof NewtonianAttraction) {
        throw new IllegalArgumentException(
            "forces: NewtonianAttraction is there by mu, and is not to be given");
      }
      ensemble.forces.add(Objects.requireNonNull(force, "force"));
    }
    return ensemble;
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s: a positive number is expected, found %s".formatted(what, value));
    }
  }

  /**
   * The error of position allowed in a step, in metres; by default 1e-4, and 5e-4 with the Nyström
   * method, whose steps are better than their estimates.
   */
  public SatelliteEnsemble tolerance(double metres) {
    requirePositive("tolerance", metres);
    this.tolerance = metres;
    return this;
  }

  /**
   * How satellites point, for thrust and results: aligned with EME2000 by default, as in Orekit's
   * numerical propagator.
   */
  public SatelliteEnsemble attitude(AttitudeProvider provider) {
    this.attitude = Objects.requireNonNull(provider, "provider");
    return this;
  }

  /** On how many threads, 1 by default. */
  public SatelliteEnsemble threads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: at least 1 is expected, found " + threads);
    }
    this.threads = threads;
    return this;
  }

  /**
   * Saves states every so many seconds from the start, and at the end, for ephemerides. By steps of
   * 60 s an ephemeris of a low orbit is as accurate as its states.
   */
  public SatelliteEnsemble saveEvery(double seconds) {
    requirePositive("seconds", seconds);
    this.saveEvery = seconds;
    return this;
  }

  /**
   * Logs where a function of the state crosses zero, as an eclipse ({@link Eclipses}) or a node.
   *
   * @param function traced as forces are: Orekit's detectors over fields may give one, {@code
   *     detector::g}
   * @throws IllegalArgumentException if there is one of that name
   */
  public SatelliteEnsemble event(
      String name,
      Function<FieldSpacecraftState<Traced>, Traced> function,
      Event.Direction direction) {
    if (events.putIfAbsent(name, new Watched(function, direction)) != null) {
      throw new IllegalArgumentException("there are two events '%s'".formatted(name));
    }
    return this;
  }

  /**
   * Propagates satellites, each from its own date.
   *
   * @param initial orbits in this frame and about this central attraction
   * @param end after all of their dates, or before all of them to go backwards
   * @throws IllegalArgumentException if an initial state is of another kind, or a force or event
   *     cannot be traced
   */
  public SatelliteTrajectories propagate(List<SpacecraftState> initial, AbsoluteDate end) {
    return propagate(List.of(initial), end, false);
  }

  private SatelliteTrajectories propagate(
      List<List<SpacecraftState>> initial, AbsoluteDate end, boolean approaches) {
    List<SpacecraftState> first = initial.getFirst();
    AbsoluteDate reference = first.isEmpty() ? end : first.getFirst().getDate();
    double[] starts = new double[first.size()];
    double finish = end.durationFrom(reference);
    double from = finish;
    double to = finish;
    for (int i = 0; i < starts.length; i++) {
      for (List<SpacecraftState> each : initial) {
        check("initial state " + i, each.get(i));
      }
      starts[i] = first.get(i).getDate().durationFrom(reference);
      from = Math.min(from, starts[i]);
      to = Math.max(to, starts[i]);
    }
    if (from < finish && finish < to) {
      throw new IllegalArgumentException(
          "end: a date after all initial ones or before them is expected, found " + end);
    }
    SatelliteSystem equations =
        new SatelliteSystem(
            frame, attitude, forces, new TimeTracing(reference, from, to, SatelliteSystem.TIME));
    OdeSystem system = equations.of(initial.size());
    // In long steps events that come and go are missed.
    boolean isWatched = approaches || !events.isEmpty();
    boolean stepsFar = !isWatched && Method.RKN1210.suits(system);
    double allowed = tolerance > 0 ? tolerance : stepsFar ? 5e-4 : 1e-4;
    Solver.Builder builder =
        Solver.of(system)
            .method(stepsFar ? Method.RKN1210 : Method.DOP853)
            .tolerance(new double[] {0}, tolerances(system, initial, allowed))
            .threads(threads);
    if (approaches) {
      // Backwards, distances grow where they shrink by the time.
      builder.event(
          Event.log(
              "closest approach",
              separationRate(),
              from < finish ? Event.Direction.RISING : Event.Direction.FALLING));
    } else {
      events.forEach(
          (name, event) ->
              builder.event(
                  Event.log(
                      name,
                      equations.function("the event " + name, event.function()),
                      event.direction())));
    }
    Ensemble ensemble = Ensemble.of(starts.length).start(i -> starts[i]).end(finish);
    for (int s = 0; s < initial.size(); s++) {
      begin(system, ensemble, initial.get(s), s);
    }
    if (!approaches && Double.isFinite(saveEvery)) {
      ensemble.saveAt(i -> times(starts[i], finish));
    }
    Solution solution = builder.build().solve(ensemble);
    return new SatelliteTrajectories(frame, mu, attitude, reference, system, ensemble, solution);
  }

  @SuppressWarnings("ReferenceEquality") // Frames have no other.
  private void check(String what, SpacecraftState state) {
    if (!state.isOrbitDefined()) {
      throw new IllegalArgumentException(what + ": an orbit is expected, found coordinates alone");
    }
    if (state.getFrame() != frame) {
      throw new IllegalArgumentException(
          "%s: the frame %s is expected, found %s"
              .formatted(what, frame.getName(), state.getFrame().getName()));
    }
    if (state.getOrbit().getMu() != mu) {
      throw new IllegalArgumentException(
          "%s: an orbit with mu %s is expected, found %s"
              .formatted(what, mu, state.getOrbit().getMu()));
    }
    PVCoordinates coordinates = state.getPVCoordinates();
    if (!(Double.isFinite(coordinates.getPosition().getNormSq())
        && Double.isFinite(coordinates.getVelocity().getNormSq())
        && Double.isFinite(state.getMass()))) {
      throw new IllegalArgumentException(
          "%s: finite numbers are expected, found a position of %s, a velocity of %s and a mass of %s"
              .formatted(
                  what, coordinates.getPosition(), coordinates.getVelocity(), state.getMass()));
    }
  }

  /** What a velocity may be wrong follows from the orbit's rate, of the slowest. */
  private double[] tolerances(
      OdeSystem system, List<List<SpacecraftState>> initial, double position) {
    double rate = Double.POSITIVE_INFINITY;
    for (List<SpacecraftState> each : initial) {
      for (SpacecraftState state : each) {
        double r = state.getPosition().getNorm();
        rate = Math.min(rate, mu / (r * r * state.getPVCoordinates().getVelocity().getNorm()));
      }
    }
    double velocity = Double.isFinite(rate) ? position * rate : position;
    return system.states().stream()
        .mapToDouble(
            state ->
                switch (state.unit()) {
                  case "m" -> position;
                  case "m/s" -> velocity;
                  default -> 1e-6;
                })
        .toArray();
  }

  private static void begin(
      OdeSystem system, Ensemble ensemble, List<SpacecraftState> initial, int satellite) {
    double[][] values = new double[SatelliteSystem.STATES][initial.size()];
    double[] masses = new double[initial.size()];
    for (int i = 0; i < masses.length; i++) {
      PVCoordinates coordinates = initial.get(i).getPVCoordinates();
      double[] position = coordinates.getPosition().toArray();
      double[] velocity = coordinates.getVelocity().toArray();
      for (int k = 0; k < 3; k++) {
        values[k][i] = position[k];
        values[k + 3][i] = velocity[k];
      }
      masses[i] = initial.get(i).getMass();
    }
    for (int k = 0; k < values.length; k++) {
      ensemble.initial(SatelliteSystem.name(k, satellite), values[k]);
    }
    String mass = SatelliteSystem.mass(satellite);
    if (system.parameters().stream().anyMatch(p -> p.name().equals(mass))) {
      ensemble.parameter(mass, masses);
    } else {
      ensemble.initial(mass, masses);
    }
  }

  private double[] times(double start, double end) {
    int steps = Math.toIntExact((long) Math.ceil(Math.abs(end - start) / saveEvery));
    double[] times = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      times[i] = start + Math.copySign(i * saveEvery, end - start);
    }
    times[steps] = end;
    return times;
  }

  /**
   * Relative position times relative velocity: from negative to positive where a distance is least.
   */
  private static Expr separationRate() {
    Expr sum = Expr.constant(0);
    for (int k = 0; k < 3; k++) {
      sum = difference(k).fma(difference(k + 3), sum);
    }
    return sum;
  }

  private static Expr difference(int state) {
    return SatelliteSystem.variable(state, 0).minus(SatelliteSystem.variable(state, 1));
  }

  /**
   * Where pairs of satellites are closest: all minima of their distances between their common start
   * and the end, in the order in which they are passed.
   *
   * @param first one of each pair
   * @param second the other, at the same date
   * @param below only those with a distance, in metres, of less
   * @return a list for each pair
   * @throws IllegalArgumentException if there are more of one than of the other, their dates
   *     differ, a state or force is faulty as in {@link #propagate}, or a trajectory cannot be
   *     followed to the end
   */
  public List<List<ClosestApproach>> closestApproaches(
      List<SpacecraftState> first, List<SpacecraftState> second, AbsoluteDate end, double below) {
    if (first.size() != second.size()) {
      throw new IllegalArgumentException(
          "second: %d satellites are expected, one for each of the first, found %d"
              .formatted(first.size(), second.size()));
    }
    for (int i = 0; i < first.size(); i++) {
      if (!first.get(i).getDate().equals(second.get(i).getDate())) {
        throw new IllegalArgumentException(
            "pair %d: states at one date are expected, found %s and %s"
                .formatted(i, first.get(i).getDate(), second.get(i).getDate()));
      }
    }
    SatelliteTrajectories pairs = propagate(List.of(first, second), end, true);
    List<List<ClosestApproach>> all = new ArrayList<>(first.size());
    for (int i = 0; i < first.size(); i++) {
      if (pairs.status(i) != Status.DONE) {
        throw new IllegalArgumentException(
            "pair %d cannot be followed to the end: %s".formatted(i, pairs.status(i)));
      }
      all.add(pairs.approaches(i, below));
    }
    return all;
  }
}
