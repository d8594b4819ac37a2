package io.github.elegans.orekit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;
import org.hipparchus.util.FastMath;
import org.orekit.forces.ForceModel;
import org.orekit.frames.Frame;
import org.orekit.frames.FramesFactory;
import org.orekit.orbits.CartesianOrbit;
import org.orekit.orbits.KeplerianOrbit;
import org.orekit.orbits.OrbitType;
import org.orekit.orbits.PositionAngleType;
import org.orekit.propagation.SpacecraftState;
import org.orekit.propagation.ToleranceProvider;
import org.orekit.propagation.numerical.NumericalPropagator;
import org.orekit.time.AbsoluteDate;
import org.orekit.utils.Constants;

/** Satellites, and what Orekit's own propagator makes of them. Nothing here needs Orekit's data. */
final class Satellites {
  static final Frame FRAME = FramesFactory.getGCRF();
  static final double MU = Constants.EGM96_EARTH_MU;
  static final double RADIUS = Constants.EGM96_EARTH_EQUATORIAL_RADIUS;
  static final double J2 = -Constants.EGM96_EARTH_C20;

  /** J2000.0, of Terrestrial Time: without leap seconds. */
  static final AbsoluteDate DATE = AbsoluteDate.J2000_EPOCH;

  static final AbsoluteDate NEXT_DAY = DATE.shiftedBy(Constants.JULIAN_DAY);

  private Satellites() {}

  /** Low orbits, 500 to 1,500 km high, of all inclinations and small eccentricities. */
  static List<SpacecraftState> low(int count) {
    SplittableRandom random = new SplittableRandom(1);
    List<SpacecraftState> states = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      KeplerianOrbit orbit =
          new KeplerianOrbit(
              RADIUS + random.nextDouble(500e3, 1500e3),
              random.nextDouble(0, 0.01),
              FastMath.acos(random.nextDouble(-1, 1)),
              random.nextDouble(0, 6.28),
              random.nextDouble(0, 6.28),
              random.nextDouble(0, 6.28),
              PositionAngleType.MEAN,
              FRAME,
              DATE,
              MU);
      states.add(new SpacecraftState(new CartesianOrbit(orbit)));
    }
    return states;
  }

  /** Orekit's propagator, in Cartesian coordinates as ours is. */
  static NumericalPropagator numerical(
      SpacecraftState initial, double tolerance, ForceModel... forces) {
    double[][] tolerances =
        ToleranceProvider.getDefaultToleranceProvider(tolerance)
            .getTolerances(initial.getOrbit(), OrbitType.CARTESIAN);
    NumericalPropagator propagator =
        new NumericalPropagator(
            new DormandPrince853Integrator(1e-3, 1000, tolerances[0], tolerances[1]));
    propagator.setOrbitType(OrbitType.CARTESIAN);
    for (ForceModel force : forces) {
      propagator.addForceModel(force);
    }
    propagator.setInitialState(initial);
    return propagator;
  }

  static double distance(SpacecraftState a, SpacecraftState b) {
    return a.getPosition().distance(b.getPosition());
  }
}
