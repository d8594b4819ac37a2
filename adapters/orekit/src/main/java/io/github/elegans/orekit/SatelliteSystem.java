package io.github.elegans.orekit;

import io.github.elegans.expressions.Expr;
import io.github.elegans.hipparchus.Traced;
import io.github.elegans.ode.OdeSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.hipparchus.geometry.euclidean.threed.FieldRotation;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.orekit.attitudes.AttitudeProvider;
import org.orekit.attitudes.AttitudeRotationModel;
import org.orekit.attitudes.FieldAttitude;
import org.orekit.forces.ForceModel;
import org.orekit.forces.maneuvers.Maneuver;
import org.orekit.forces.maneuvers.trigger.DateBasedManeuverTriggers;
import org.orekit.frames.Frame;
import org.orekit.propagation.FieldSpacecraftState;
import org.orekit.time.FieldAbsoluteDate;
import org.orekit.utils.FieldAbsolutePVCoordinates;
import org.orekit.utils.FieldPVCoordinates;

/**
 * Makes equations of motion of Orekit's force models, for one satellite or more in one system: each
 * has x, y, z, vx, vy, vz and mass, followed by its number.
 */
record SatelliteSystem(
    Frame frame, AttitudeProvider attitude, List<ForceModel> forces, TimeTracing tracing) {
  static final String TIME = "t";

  /** Position and velocity. */
  static final int STATES = 6;

  private static final String[] NAMES = {"x", "y", "z", "vx", "vy", "vz"};

  static String name(int state, int satellite) {
    return NAMES[state] + satellite;
  }

  static String mass(int satellite) {
    return "mass" + satellite;
  }

  /**
   * The system.
   *
   * @param satellites how many there are in each trajectory
   */
  OdeSystem of(int satellites) {
    OdeSystem.Builder builder = OdeSystem.builder("satellites").time(TIME, "s");
    for (int s = 0; s < satellites; s++) {
      List<Expr> rates = rates(s);
      for (int i = 0; i < STATES; i++) {
        builder.state(name(i, s), Expr.constant(0), i < 3 ? "m" : "m/s");
        builder.derivative(name(i, s), i < 3 ? Expr.variable(name(i + 3, s)) : rates.get(i - 3));
      }
      if (rates.size() == 3) {
        builder.parameter(mass(s), 1, "kg");
      } else {
        builder.state(mass(s), Expr.constant(1), "kg").derivative(mass(s), rates.get(3));
      }
    }
    return builder.build();
  }

  /** Acceleration, and the rate of mass if that changes. */
  private List<Expr> rates(int satellite) {
    Expr[] sum = new Expr[4];
    for (ForceModel force : forces) {
      List<Expr> rates = rates(force, satellite);
      for (int i = 0; i < rates.size(); i++) {
        sum[i] = sum[i] == null ? rates.get(i) : sum[i].plus(rates.get(i));
      }
    }
    return Expr.factored(Arrays.stream(sum).filter(e -> e != null).toList());
  }

  private List<Expr> rates(ForceModel force, int satellite) {
    String what = "the force model " + force.getClass().getSimpleName();
    if (force instanceof Maneuver maneuver) {
      return thrust(what, maneuver, satellite);
    }
    if (force.getEventDetectors().findAny().isPresent()) {
      throw new IllegalArgumentException(
          "%s cannot be traced: it changes with events of its own (eclipses, triggers, spans of parameters). For the light of the Sun there is %s."
              .formatted(what, UnshadowedLightFlux.class.getSimpleName()));
    }
    return tracing.trace(
        what,
        date -> {
          FieldSpacecraftState<Traced> state = state(date, satellite);
          Traced[] parameters = force.getParameters(Traced.FIELD, date);
          return listed(
              force.acceleration(state, parameters), force.getMassDerivative(state, parameters));
        });
  }

  /** A list of acceleration and the rate of mass, unless that is 0. */
  private static List<Traced> listed(FieldVector3D<Traced> acceleration, Traced massRate) {
    List<Traced> all =
        new ArrayList<>(List.of(acceleration.getX(), acceleration.getY(), acceleration.getZ()));
    if (!massRate.isConstant() || massRate.getReal() != 0) {
      all.add(massRate);
    }
    return all;
  }

  /**
   * Thrust between two dates. Whether a manoeuvre fires is otherwise known to Orekit from events
   * only.
   */
  private List<Expr> thrust(String what, Maneuver maneuver, int satellite) {
    if (!(maneuver.getManeuverTriggers() instanceof DateBasedManeuverTriggers triggers)) {
      throw new IllegalArgumentException(
          "%s cannot be traced: it is triggered by %s, and only dates can be traced (DateBasedManeuverTriggers)"
              .formatted(what, maneuver.getManeuverTriggers().getClass().getSimpleName()));
    }
    double begin = triggers.getStartDate().durationFrom(tracing.reference());
    double end = triggers.getEndDate().durationFrom(tracing.reference());
    double from = Math.max(begin, tracing.from());
    double to = Math.min(end, tracing.to());
    if (from >= to) {
      return List.of();
    }
    Expr time = Expr.variable(TIME);
    Expr fires = Expr.constant(begin).isAtMost(time).and(time.isLess(Expr.constant(end)));
    return new TimeTracing(tracing.reference(), from, to, TIME)
        .trace(what, date -> thrust(maneuver, state(date, satellite))).stream()
            .map(rate -> fires.select(rate, Expr.constant(0)))
            .toList();
  }

  private List<Traced> thrust(Maneuver maneuver, FieldSpacecraftState<Traced> state) {
    Traced[] parameters = maneuver.getParameters(Traced.FIELD, state.getDate());
    Traced[] propulsion = maneuver.getPropulsionModelParameters(parameters);
    AttitudeRotationModel override = maneuver.getAttitudeOverride();
    FieldAttitude<Traced> direction = state.getAttitude();
    if (override != null) {
      int count = override.getParametersDrivers().size();
      FieldRotation<Traced> rotation =
          override.getAttitudeRotation(
              state, Arrays.copyOfRange(parameters, parameters.length - count, parameters.length));
      FieldVector3D<Traced> zero = FieldVector3D.getZero(Traced.FIELD);
      direction = new FieldAttitude<>(state.getDate(), frame, rotation, zero, zero);
    }
    return listed(
        maneuver.getPropulsionModel().getAcceleration(state, direction, propulsion),
        maneuver.getPropulsionModel().getMassDerivatives(state, propulsion));
  }

  /** An expression of the state of the first satellite. */
  Expr function(String what, Function<FieldSpacecraftState<Traced>, Traced> function) {
    return tracing.trace(what, date -> List.of(function.apply(state(date, 0)))).getFirst();
  }

  private FieldSpacecraftState<Traced> state(FieldAbsoluteDate<Traced> date, int satellite) {
    FieldAbsolutePVCoordinates<Traced> coordinates =
        new FieldAbsolutePVCoordinates<>(
            frame, date, new FieldPVCoordinates<>(vector(0, satellite), vector(3, satellite)));
    return new FieldSpacecraftState<>(coordinates, attitude.getAttitude(coordinates, date, frame))
        .withMass(Traced.of(Expr.variable(mass(satellite))));
  }

  private static FieldVector3D<Traced> vector(int first, int satellite) {
    return new FieldVector3D<>(
        Traced.of(variable(first, satellite)),
        Traced.of(variable(first + 1, satellite)),
        Traced.of(variable(first + 2, satellite)));
  }

  static Expr variable(int state, int satellite) {
    return Expr.variable(name(state, satellite));
  }
}
