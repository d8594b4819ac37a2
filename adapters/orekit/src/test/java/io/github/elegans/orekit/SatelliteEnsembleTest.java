package io.github.elegans.orekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.hipparchus.UntraceableException;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Status;
import java.util.ArrayList;
import java.util.List;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.hipparchus.ode.events.Action;
import org.junit.jupiter.api.Test;
import org.orekit.bodies.OneAxisEllipsoid;
import org.orekit.forces.ForceModel;
import org.orekit.forces.drag.DragForce;
import org.orekit.forces.drag.IsotropicDrag;
import org.orekit.forces.gravity.J2OnlyPerturbation;
import org.orekit.forces.gravity.NewtonianAttraction;
import org.orekit.forces.gravity.ThirdBodyAttraction;
import org.orekit.forces.maneuvers.ConstantThrustManeuver;
import org.orekit.forces.radiation.IsotropicRadiationSingleCoefficient;
import org.orekit.forces.radiation.RadiationPressureModel;
import org.orekit.forces.radiation.SolarRadiationPressure;
import org.orekit.frames.FramesFactory;
import org.orekit.models.earth.atmosphere.SimpleExponentialAtmosphere;
import org.orekit.orbits.CartesianOrbit;
import org.orekit.propagation.BoundedPropagator;
import org.orekit.propagation.SpacecraftState;
import org.orekit.propagation.events.EclipseDetector;
import org.orekit.propagation.events.ExtremumApproachDetector;
import org.orekit.propagation.numerical.NumericalPropagator;
import org.orekit.time.AbsoluteDate;
import org.orekit.utils.Constants;

class SatelliteEnsembleTest {
  private static final double CENTIMETRE = 0.01;

  /** What Orekit's own propagator is asked for, to be the truth. */
  private static final double FINE = 1e-6;

  private static final ForceModel OBLATENESS =
      new J2OnlyPerturbation(
          Satellites.MU, Satellites.RADIUS, Satellites.J2, FramesFactory.getEME2000());

  private static SatelliteEnsemble ensemble(ForceModel... forces) {
    return SatelliteEnsemble.of(Satellites.FRAME, Satellites.MU, forces);
  }

  private static void assertIsAsOrekitHasIt(
      List<SpacecraftState> initial, AbsoluteDate end, ForceModel... forces) {
    SatelliteTrajectories ours = ensemble(forces).propagate(initial, end);

    assertThat(ours.size()).isEqualTo(initial.size());
    for (int i = 0; i < initial.size(); i++) {
      SpacecraftState theirs = Satellites.numerical(initial.get(i), FINE, forces).propagate(end);
      SpacecraftState state = ours.state(i);
      assertThat(ours.status(i)).isEqualTo(Status.DONE);
      assertThat(state.getDate().durationFrom(theirs.getDate())).isCloseTo(0, within(1e-9));
      assertThat(Satellites.distance(state, theirs)).isLessThan(CENTIMETRE);
      assertThat(state.getVelocity().distance(theirs.getVelocity())).isLessThan(1e-5);
      assertThat(
              state
                  .getPVCoordinates()
                  .getAcceleration()
                  .distance(theirs.getPVCoordinates().getAcceleration()))
          .isLessThan(1e-7);
      assertThat(state.getMass()).isCloseTo(theirs.getMass(), within(1e-6));
      assertThat(state.getFrame()).isSameAs(Satellites.FRAME);
    }
  }

  @Test
  void aDayOfOblatenessIsOrekitsToACentimetre() {
    assertIsAsOrekitHasIt(Satellites.low(4), Satellites.NEXT_DAY, OBLATENESS);
  }

  @Test
  void aDayOfAllForcesIsOrekitsToACentimetre() {
    assertIsAsOrekitHasIt(
        Satellites.low(3),
        Satellites.NEXT_DAY,
        Satellites.gravity(),
        new ThirdBodyAttraction(Satellites.SUN, "Sun", Constants.JPL_SSD_SUN_GM),
        new ThirdBodyAttraction(Satellites.MOON, "Moon", Constants.JPL_SSD_MOON_GM),
        new RadiationPressureModel(
            new UnshadowedLightFlux(Satellites.SUN),
            new IsotropicRadiationSingleCoefficient(20, 1.5)));
  }

  @Test
  void severalDaysOfATurningFrameAreOrekits() {
    SpacecraftState initial = Satellites.low(1).getFirst();
    AbsoluteDate end = Satellites.DATE.shiftedBy(5 * Constants.JULIAN_DAY);

    SpacecraftState ours =
        ensemble(Satellites.gravity()).tolerance(1e-6).propagate(List.of(initial), end).state(0);

    SpacecraftState theirs =
        Satellites.numerical(initial, 1e-7, Satellites.gravity()).propagate(end);
    assertThat(Satellites.distance(ours, theirs)).isLessThan(CENTIMETRE);
  }

  @Test
  void aDayInOrekitsTerrestrialFrameIsOrekits() {
    assertIsAsOrekitHasIt(
        Satellites.low(1), Satellites.NEXT_DAY, Satellites.gravity(Satellites.terrestrial()));
  }

  /** The end of ten days, in a series over all of them. */
  @Test
  void tenDaysOfOrekitsTerrestrialFrameAreOrekits() {
    ForceModel gravity = Satellites.gravity(Satellites.terrestrial());
    SpacecraftState early = Satellites.low(1).getFirst();
    SpacecraftState late = early.shiftedBy(9.8 * Constants.JULIAN_DAY);
    AbsoluteDate end = Satellites.DATE.shiftedBy(10 * Constants.JULIAN_DAY);

    SpacecraftState ours = ensemble(gravity).propagate(List.of(early, late), end).state(1);

    assertThat(Satellites.distance(ours, Satellites.numerical(late, FINE, gravity).propagate(end)))
        .isLessThan(CENTIMETRE);
  }

  @Test
  void thrustBetweenTwoDatesIsOrekits() {
    ForceModel thrust =
        new ConstantThrustManeuver(
            Satellites.DATE.shiftedBy(7200), 600, 20, 300, new Vector3D(0.6, 0, 0.8));

    assertIsAsOrekitHasIt(Satellites.low(2), Satellites.DATE.shiftedBy(20_000), OBLATENESS, thrust);
    assertIsAsOrekitHasIt(Satellites.low(1), Satellites.DATE.shiftedBy(7000), thrust);
  }

  @Test
  void satellitesHaveTheirOwnDatesAndMasses() {
    List<SpacecraftState> initial = new ArrayList<>();
    for (SpacecraftState state : Satellites.low(3)) {
      initial.add(state.shiftedBy(-1000.0 * initial.size()).withMass(50 + initial.size()));
    }

    assertIsAsOrekitHasIt(
        initial,
        Satellites.DATE.shiftedBy(10_000),
        new RadiationPressureModel(
            new UnshadowedLightFlux(Satellites.SUN),
            new IsotropicRadiationSingleCoefficient(20, 1.5)));
  }

  @Test
  void theWayBackLeadsToWhereItBegan() {
    List<SpacecraftState> initial = Satellites.low(2);
    ForceModel[] forces = {Satellites.gravity()};

    List<SpacecraftState> there =
        ensemble(forces).propagate(initial, Satellites.DATE.shiftedBy(10_000)).states();
    SatelliteTrajectories back = ensemble(forces).saveEvery(60).propagate(there, Satellites.DATE);

    for (int i = 0; i < initial.size(); i++) {
      assertThat(Satellites.distance(back.state(i), initial.get(i))).isLessThan(CENTIMETRE);
      assertThat(back.ephemeris(i).getMinDate()).isEqualTo(back.state(i).getDate());
    }
  }

  @Test
  void anEphemerisIsOrekitsBetweenTheTimesSaved() {
    SpacecraftState initial = Satellites.low(1).getFirst();
    NumericalPropagator theirs = Satellites.numerical(initial, FINE, OBLATENESS);
    BoundedPropagator truth;
    var generator = theirs.getEphemerisGenerator();
    theirs.propagate(Satellites.DATE.shiftedBy(20_000));
    truth = generator.getGeneratedEphemeris();

    BoundedPropagator ours =
        ensemble(OBLATENESS)
            .saveEvery(60)
            .propagate(List.of(initial), Satellites.DATE.shiftedBy(20_000))
            .ephemeris(0);

    for (double t = 0; t <= 20_000; t += 333) {
      AbsoluteDate date = Satellites.DATE.shiftedBy(t);
      assertThat(Satellites.distance(ours.propagate(date), truth.propagate(date)))
          .isLessThan(CENTIMETRE);
    }
  }

  @Test
  void eclipsesAreWhereOrekitsDetectorHasThem() {
    OneAxisEllipsoid earth = new OneAxisEllipsoid(Satellites.RADIUS, 0, Satellites.FRAME);
    SpacecraftState initial = Satellites.low(1).getFirst();
    AbsoluteDate end = Satellites.DATE.shiftedBy(20_000);
    List<AbsoluteDate> theirs = new ArrayList<>();
    NumericalPropagator propagator = Satellites.numerical(initial, FINE, OBLATENESS);
    propagator.addEventDetector(
        new EclipseDetector(Satellites.SUN, Constants.SUN_RADIUS, earth)
            .withPenumbra()
            .withThreshold(1e-6)
            .withHandler(
                (state, detector, increasing) -> {
                  theirs.add(state.getDate());
                  return Action.CONTINUE;
                }));
    propagator.propagate(end);

    List<SatelliteEvent> ours =
        ensemble(OBLATENESS)
            .event(
                "penumbra",
                Eclipses.penumbra(Satellites.SUN, Constants.SUN_RADIUS, Satellites.RADIUS),
                Event.Direction.ANY)
            .propagate(List.of(initial), end)
            .events(0);

    assertThat(theirs).isNotEmpty();
    assertThat(ours).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i).state().getDate().durationFrom(theirs.get(i)))
          .isCloseTo(0, within(1e-4));
    }
  }

  @Test
  void closestApproachesAreWhereOrekitsDetectorHasThem() {
    List<SpacecraftState> all = Satellites.low(4);
    AbsoluteDate end = Satellites.DATE.shiftedBy(20_000);
    List<SpacecraftState> first = all.subList(0, 2);
    List<SpacecraftState> second = all.subList(2, 4);

    List<List<ClosestApproach>> ours =
        ensemble(OBLATENESS).closestApproaches(first, second, end, Double.POSITIVE_INFINITY);

    for (int i = 0; i < 2; i++) {
      List<SpacecraftState> theirs = new ArrayList<>();
      NumericalPropagator other = Satellites.numerical(second.get(i), FINE, OBLATENESS);
      var generator = other.getEphemerisGenerator();
      other.propagate(end);
      BoundedPropagator ephemeris = generator.getGeneratedEphemeris();
      NumericalPropagator propagator = Satellites.numerical(first.get(i), FINE, OBLATENESS);
      propagator.addEventDetector(
          new ExtremumApproachDetector(ephemeris)
              .withMaxCheck(60)
              .withThreshold(1e-7)
              .withHandler(
                  (state, detector, increasing) -> {
                    if (increasing) {
                      theirs.add(state);
                    }
                    return Action.CONTINUE;
                  }));
      propagator.propagate(end);

      assertThat(theirs).isNotEmpty();
      assertThat(ours.get(i)).hasSameSizeAs(theirs);
      for (int k = 0; k < theirs.size(); k++) {
        SpacecraftState state = theirs.get(k);
        ClosestApproach approach = ours.get(i).get(k);
        assertThat(approach.first().getDate().durationFrom(state.getDate()))
            .isCloseTo(0, within(1e-4));
        assertThat(approach.second().getDate()).isEqualTo(approach.first().getDate());
        assertThat(approach.distance())
            .isCloseTo(
                state
                    .getPosition()
                    .distance(ephemeris.getPosition(state.getDate(), Satellites.FRAME)),
                within(CENTIMETRE));
        assertThat(Satellites.distance(approach.first(), approach.second()))
            .isEqualTo(approach.distance());
      }
    }
    assertThat(ensemble(OBLATENESS).closestApproaches(first, second, end, 1))
        .allMatch(List::isEmpty);
  }

  @Test
  void closestApproachesBackwardsAreTheSame() {
    List<SpacecraftState> initial = Satellites.low(2);
    AbsoluteDate end = Satellites.DATE.shiftedBy(10_000);
    List<SpacecraftState> there = ensemble(OBLATENESS).propagate(initial, end).states();

    List<ClosestApproach> forwards =
        ensemble(OBLATENESS)
            .closestApproaches(initial.subList(0, 1), initial.subList(1, 2), end, 1e9)
            .getFirst();
    List<ClosestApproach> backwards =
        ensemble(OBLATENESS)
            .closestApproaches(there.subList(0, 1), there.subList(1, 2), Satellites.DATE, 1e9)
            .getFirst();

    assertThat(forwards).isNotEmpty();
    assertThat(backwards.reversed())
        .usingElementComparator(
            (a, b) -> {
              double seconds = a.first().getDate().durationFrom(b.first().getDate());
              return Math.abs(seconds) < 1e-4 ? 0 : (int) Math.signum(seconds);
            })
        .containsExactlyElementsOf(forwards);
  }

  @Test
  void bitsDoNotDependOnThreads() {
    List<SpacecraftState> initial = Satellites.low(40);
    AbsoluteDate end = Satellites.DATE.shiftedBy(5000);

    SatelliteTrajectories one = ensemble(Satellites.gravity()).propagate(initial, end);
    SatelliteTrajectories three = ensemble(Satellites.gravity()).threads(3).propagate(initial, end);

    for (int i = 0; i < initial.size(); i++) {
      assertThat(three.state(i).getPosition().toArray())
          .isEqualTo(one.state(i).getPosition().toArray());
    }
  }

  @Test
  void noSatelliteIsNoError() {
    assertThat(ensemble(OBLATENESS).propagate(List.of(), Satellites.NEXT_DAY).size()).isZero();
  }

  @Test
  void whatCannotBeTracedIsNamed() {
    OneAxisEllipsoid earth = new OneAxisEllipsoid(Satellites.RADIUS, 1 / 298.257, Satellites.EARTH);
    assertIsRefused(
            new DragForce(
                new SimpleExponentialAtmosphere(earth, 4e-13, 500e3, 60e3),
                new IsotropicDrag(10, 2.2)))
        .withMessageContaining("the force model DragForce cannot be traced")
        .withMessageContaining("getReal()")
        .withCauseInstanceOf(UntraceableException.class);
    assertIsRefused(
            new SolarRadiationPressure(
                Satellites.SUN, earth, new IsotropicRadiationSingleCoefficient(20, 1.5)))
        .withMessageContaining("the force model SolarRadiationPressure cannot be traced")
        .withMessageContaining("UnshadowedLightFlux");
  }

  @Test
  void whatJumpsWithTimeIsRefused() {
    for (double to : new double[] {2e9, -1e9}) {
      assertIsRefused(new ThirdBodyAttraction(new Jumping(to), "Jump", 1e12))
          .withMessageContaining(
              "the force model ThirdBodyAttraction changes too much or too suddenly");
    }
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<IllegalArgumentException>
      assertIsRefused(ForceModel force) {
    return assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble(force).propagate(Satellites.low(1), Satellites.NEXT_DAY));
  }

  @Test
  void faultyInputIsNamed() {
    List<SpacecraftState> initial = Satellites.low(2);
    SpacecraftState state = initial.getFirst();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SatelliteEnsemble.of(Satellites.EARTH, Satellites.MU))
        .withMessage("frame: an inertial one is expected, found turning Earth");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SatelliteEnsemble.of(Satellites.FRAME, -1))
        .withMessage("mu: a positive number is expected, found -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble(new NewtonianAttraction(1)))
        .withMessageContaining("NewtonianAttraction is there by mu");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble().tolerance(0))
        .withMessage("tolerance: a positive number is expected, found 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SatelliteEnsemble.of(FramesFactory.getEME2000(), Satellites.MU)
                    .propagate(initial, Satellites.NEXT_DAY))
        .withMessage("initial state 0: the frame EME2000 is expected, found GCRF");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> SatelliteEnsemble.of(Satellites.FRAME, 1).propagate(initial, Satellites.NEXT_DAY))
        .withMessageContaining("initial state 0: an orbit with mu 1.0 is expected");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ensemble()
                    .propagate(
                        List.of(state.shiftedBy(-10.0), state.shiftedBy(10.0)), Satellites.DATE))
        .withMessageContaining("end: a date after all initial ones or before them is expected");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble().closestApproaches(initial, List.of(), Satellites.NEXT_DAY, 1))
        .withMessage("second: 2 satellites are expected, one for each of the first, found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ensemble()
                    .closestApproaches(
                        List.of(state), List.of(state.shiftedBy(1.0)), Satellites.NEXT_DAY, 1))
        .withMessageContaining("pair 0: states at one date are expected");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ensemble()
                    .event("node", s -> s.getPosition().getZ(), Event.Direction.ANY)
                    .event("node", s -> s.getPosition().getX(), Event.Direction.ANY))
        .withMessage("there are two events 'node'");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ensemble()
                    .event(
                        "side",
                        s -> s.getPosition().getZ().isZero() ? s.getMass() : s.getMass().negate(),
                        Event.Direction.ANY)
                    .propagate(initial, Satellites.NEXT_DAY))
        .withMessageContaining("the event side cannot be traced");
    SpacecraftState nowhere =
        new SpacecraftState(
            new CartesianOrbit(
                new org.orekit.utils.PVCoordinates(
                    new Vector3D(Double.NaN, 0, 7e6), new Vector3D(7e3, 0, 0)),
                Satellites.FRAME,
                Satellites.DATE,
                Satellites.MU));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ensemble().propagate(List.of(state, nowhere), Satellites.NEXT_DAY))
        .withMessageContaining("initial state 1: finite numbers are expected");
  }

  @Test
  void aTrajectoryThatFallsIntoTheCentreSaysSo() {
    SpacecraftState falling =
        new SpacecraftState(
            new CartesianOrbit(
                new org.orekit.utils.PVCoordinates(new Vector3D(7e6, 0, 0), new Vector3D(1, 0, 0)),
                Satellites.FRAME,
                Satellites.DATE,
                Satellites.MU));

    SatelliteTrajectories trajectories =
        ensemble().saveEvery(60).propagate(List.of(falling), Satellites.NEXT_DAY);

    assertThat(trajectories.status(0)).isNotEqualTo(Status.DONE);
    assertThatIllegalStateException()
        .isThrownBy(() -> trajectories.ephemeris(0))
        .withMessageContaining("satellite 0 did not reach its end");
    assertThatIllegalStateException()
        .isThrownBy(() -> ensemble().propagate(Satellites.low(1), Satellites.NEXT_DAY).ephemeris(0))
        .withMessageContaining("no times to save at");
  }
}
