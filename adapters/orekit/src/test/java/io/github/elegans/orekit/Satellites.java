package io.github.elegans.orekit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.hipparchus.geometry.euclidean.threed.Rotation;
import org.hipparchus.geometry.euclidean.threed.RotationConvention;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;
import org.hipparchus.util.FastMath;
import org.hipparchus.util.MathUtils;
import org.orekit.data.LazyLoadedDataContext;
import org.orekit.forces.ForceModel;
import org.orekit.forces.gravity.HolmesFeatherstoneAttractionModel;
import org.orekit.forces.gravity.potential.GravityFieldFactory;
import org.orekit.forces.gravity.potential.TideSystem;
import org.orekit.frames.EOPEntry;
import org.orekit.frames.FieldTransform;
import org.orekit.frames.Frame;
import org.orekit.frames.FramesFactory;
import org.orekit.frames.ITRFVersion;
import org.orekit.frames.Transform;
import org.orekit.frames.TransformProvider;
import org.orekit.orbits.CartesianOrbit;
import org.orekit.orbits.KeplerianOrbit;
import org.orekit.orbits.OrbitType;
import org.orekit.orbits.PositionAngleType;
import org.orekit.propagation.SpacecraftState;
import org.orekit.propagation.ToleranceProvider;
import org.orekit.propagation.numerical.NumericalPropagator;
import org.orekit.time.AbsoluteDate;
import org.orekit.time.DateComponents;
import org.orekit.time.FieldAbsoluteDate;
import org.orekit.time.OffsetModel;
import org.orekit.utils.Constants;
import org.orekit.utils.ExtendedPositionProvider;
import org.orekit.utils.IERSConventions;

/** Satellites, and what Orekit's own propagator makes of them. Nothing here needs Orekit's data. */
final class Satellites {
  static final Frame FRAME = FramesFactory.getGCRF();
  static final double MU = Constants.EGM96_EARTH_MU;
  static final double RADIUS = Constants.EGM96_EARTH_EQUATORIAL_RADIUS;
  static final double J2 = -Constants.EGM96_EARTH_C20;

  /** J2000.0, of Terrestrial Time: without leap seconds. */
  static final AbsoluteDate DATE = AbsoluteDate.J2000_EPOCH;

  static final AbsoluteDate NEXT_DAY = DATE.shiftedBy(Constants.JULIAN_DAY);

  /**
   * A frame that turns with the Earth, about an axis that is not the frame's own. As in Orekit's
   * frames of the Earth, its angle starts again with every turn.
   */
  static final Frame EARTH =
      new Frame(
          FRAME,
          new TransformProvider() {
            private static final long serialVersionUID = 1;

            @Override
            public Transform getTransform(AbsoluteDate date) {
              double rate = Constants.WGS84_EARTH_ANGULAR_VELOCITY;
              double angle = MathUtils.normalizeAngle(4.9 + rate * date.durationFrom(DATE), 3);
              Rotation turn = new Rotation(AXIS, angle, RotationConvention.FRAME_TRANSFORM);
              return new Transform(date, turn, AXIS.scalarMultiply(rate));
            }

            @Override
            public <T extends CalculusFieldElement<T>> FieldTransform<T> getTransform(
                FieldAbsoluteDate<T> date) {
              return new FieldTransform<>(date.getField(), getTransform(date.toAbsoluteDate()));
            }
          },
          "turning Earth");

  private static final Vector3D AXIS = new Vector3D(1e-3, -2e-3, 1).normalize();

  /**
   * Orekit's International Terrestrial Reference Frame, of leap seconds and orientation parameters
   * that are given here: the latter are made up, of the size that they have.
   */
  static Frame terrestrial() {
    LazyLoadedDataContext context = new LazyLoadedDataContext();
    context
        .getTimeScales()
        .addUTCTAIOffsetsLoader(
            () ->
                List.of(
                    new OffsetModel(new DateComponents(1972, 1, 1), 10),
                    new OffsetModel(new DateComponents(1999, 1, 1), 32)));
    context
        .getFrames()
        .addEOPHistoryLoader(
            IERSConventions.IERS_2010,
            (converter, history) -> {
              for (int day = -30; day < 60; day++) {
                history.add(
                    new EOPEntry(
                        51544 + day,
                        0.3555 - 0.0008 * day + 0.0003 * FastMath.sin(day / 4.0),
                        0.0008,
                        2e-7 + 1e-9 * FastMath.sin(day / 10.0),
                        1.8e-6 + 1e-9 * day,
                        Double.NaN,
                        Double.NaN,
                        1e-7,
                        2e-7,
                        1e-9,
                        1e-9,
                        ITRFVersion.ITRF_2014,
                        AbsoluteDate.createMJDDate(
                            51544 + day, 0, context.getTimeScales().getUTC())));
              }
            });
    return context.getFrames().getITRF(IERSConventions.IERS_2010, false);
  }

  /** A Sun and a Moon in circles. */
  static final Circle SUN = new Circle(1.496e11, 1.991e-7, 0.409, 4.9);

  static final Circle MOON = new Circle(3.844e8, 2.6617e-6, 0.45, 1);

  /**
   * A body that goes round in a circle.
   *
   * @param inclination to the equator, in radians
   * @param phase its angle at the start
   */
  record Circle(double radius, double rate, double inclination, double phase)
      implements ExtendedPositionProvider {
    @Override
    public Vector3D getPosition(AbsoluteDate date, Frame frame) {
      double angle = phase + rate * date.durationFrom(DATE);
      Vector3D position =
          new Vector3D(
              FastMath.cos(angle),
              FastMath.sin(angle) * FastMath.cos(inclination),
              FastMath.sin(angle) * FastMath.sin(inclination));
      return FRAME
          .getStaticTransformTo(frame, date)
          .transformPosition(position.scalarMultiply(radius));
    }

    @Override
    public <T extends CalculusFieldElement<T>> FieldVector3D<T> getPosition(
        FieldAbsoluteDate<T> date, Frame frame) {
      T angle = date.durationFrom(DATE).multiply(rate).add(phase);
      FieldVector3D<T> position =
          new FieldVector3D<>(
              angle.cos(),
              angle.sin().multiply(FastMath.cos(inclination)),
              angle.sin().multiply(FastMath.sin(inclination)));
      return FRAME
          .getStaticTransformTo(frame, date)
          .transformPosition(position.scalarMultiply(radius));
    }
  }

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

  /** The Earth's gravity to degree and order 8, but for its centre's. */
  static ForceModel gravity() {
    return gravity(EARTH);
  }

  /** The same in another frame that turns. */
  static ForceModel gravity(Frame earth) {
    double[][] c = triangle(8);
    double[][] s = triangle(8);
    try (InputStream file =
        Objects.requireNonNull(Satellites.class.getResourceAsStream("egm96-8x8.txt"))) {
      String text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : text.lines().toList()) {
        String[] numbers = line.strip().split(" +");
        int degree = Integer.parseInt(numbers[0]);
        int order = Integer.parseInt(numbers[1]);
        c[degree][order] = Double.parseDouble(numbers[2]);
        s[degree][order] = Double.parseDouble(numbers[3]);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return new HolmesFeatherstoneAttractionModel(
        earth, GravityFieldFactory.getNormalizedProvider(RADIUS, MU, TideSystem.TIDE_FREE, c, s));
  }

  private static double[][] triangle(int degree) {
    double[][] rows = new double[degree + 1][];
    Arrays.setAll(rows, n -> new double[n + 1]);
    return rows;
  }

  static double distance(SpacecraftState a, SpacecraftState b) {
    return a.getPosition().distance(b.getPosition());
  }
}
