package io.github.elegans.orekit;

import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.orekit.attitudes.AttitudeProvider;
import org.orekit.frames.Frame;
import org.orekit.orbits.CartesianOrbit;
import org.orekit.propagation.BoundedPropagator;
import org.orekit.propagation.SpacecraftState;
import org.orekit.propagation.analytical.Ephemeris;
import org.orekit.time.AbsoluteDate;
import org.orekit.utils.TimeStampedPVCoordinates;

/** What became of satellites, by their number from 0. Safe for use by many threads. */
public final class SatelliteTrajectories {
  /** Hermite's interpolation of position, velocity and acceleration: a polynomial of degree 11. */
  private static final int INTERPOLATION_POINTS = 4;

  private final Frame frame;
  private final double mu;
  private final AttitudeProvider attitude;
  private final AbsoluteDate reference;
  private final OdeSystem system;
  private final OdeSystem.VectorField field;
  private final Ensemble ensemble;
  private final Solution solution;

  SatelliteTrajectories(
      Frame frame,
      double mu,
      AttitudeProvider attitude,
      AbsoluteDate reference,
      OdeSystem system,
      Ensemble ensemble,
      Solution solution) {
    this.frame = frame;
    this.mu = mu;
    this.attitude = attitude;
    this.reference = reference;
    this.system = system;
    this.field = system.vectorField();
    this.ensemble = ensemble;
    this.solution = solution;
  }

  /** How many satellites there are. */
  public int size() {
    return solution.size();
  }

  /** How a trajectory ended; {@link Status#DONE} at its end. */
  public Status status(int satellite) {
    return solution.status(satellite);
  }

  /** The state where a trajectory ended. */
  public SpacecraftState state(int satellite) {
    return state(satellite, solution.time(satellite), solution.states(satellite), 0);
  }

  /** The states in which all trajectories ended. */
  public List<SpacecraftState> states() {
    List<SpacecraftState> states = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      states.add(state(i));
    }
    return states;
  }

  /** The events of a satellite, in their order. */
  public List<SatelliteEvent> events(int satellite) {
    return solution.crossings(satellite).stream()
        .map(c -> new SatelliteEvent(c.event(), state(satellite, c.time(), c.states(), 0)))
        .toList();
  }

  /**
   * The states of a trajectory at the times to be saved, in the order of dates.
   *
   * @throws IllegalStateException if no times were said, or the trajectory did not reach its end
   */
  public List<SpacecraftState> saved(int satellite) {
    double[] times = solution.savedTimes(satellite);
    if (status(satellite) != Status.DONE) {
      throw new IllegalStateException(
          "satellite %d did not reach its end: %s at %s"
              .formatted(
                  satellite, status(satellite), reference.shiftedBy(solution.time(satellite))));
    }
    double[][] states = solution.saved(satellite);
    List<SpacecraftState> all = new ArrayList<>(times.length);
    for (int i = 0; i < times.length; i++) {
      all.add(state(satellite, times[i], states[i], 0));
    }
    if (times.length > 1 && times[0] > times[times.length - 1]) {
      Collections.reverse(all);
    }
    return all;
  }

  /**
   * A trajectory between the times saved, by Hermite interpolation of four of them: to be used as
   * any propagator of Orekit.
   *
   * @throws IllegalStateException if no times were said, or the trajectory did not reach its end
   */
  public BoundedPropagator ephemeris(int satellite) {
    List<SpacecraftState> saved = saved(satellite);
    Ephemeris ephemeris = new Ephemeris(saved, Math.min(INTERPOLATION_POINTS, saved.size()));
    ephemeris.setAttitudeProvider(attitude);
    return ephemeris;
  }

  /** Where the two satellites of a trajectory are closest. */
  List<ClosestApproach> approaches(int trajectory, double below) {
    List<ClosestApproach> found = new ArrayList<>();
    for (Solution.Crossing crossing : solution.crossings(trajectory)) {
      double[] y = crossing.states();
      int second = system.state(SatelliteSystem.name(0, 1));
      double distance = vector(y, 0).distance(vector(y, second));
      if (distance < below) {
        found.add(
            new ClosestApproach(
                state(trajectory, crossing.time(), y, 0),
                state(trajectory, crossing.time(), y, 1),
                distance));
      }
    }
    return found;
  }

  /** A state of the system, of one of the satellites of a trajectory. */
  SpacecraftState state(int trajectory, double time, double[] y, int satellite) {
    double[] parameters = ensemble.parameterValues(system, trajectory);
    double[] rates = new double[y.length];
    synchronized (field) {
      field.evaluate(time, y, parameters, rates);
    }
    int first = system.state(SatelliteSystem.name(0, satellite));
    AbsoluteDate date = reference.shiftedBy(time);
    CartesianOrbit orbit =
        new CartesianOrbit(
            new TimeStampedPVCoordinates(
                date, vector(y, first), vector(y, first + 3), vector(rates, first + 3)),
            frame,
            mu);
    return new SpacecraftState(orbit, attitude.getAttitude(orbit, date, frame))
        .withMass(mass(y, parameters, satellite));
  }

  private double mass(double[] y, double[] parameters, int satellite) {
    String name = SatelliteSystem.mass(satellite);
    return system.parameters().stream().anyMatch(p -> p.name().equals(name))
        ? parameters[system.parameter(name)]
        : y[system.state(name)];
  }

  static Vector3D vector(double[] all, int first) {
    return new Vector3D(all[first], all[first + 1], all[first + 2]);
  }
}
