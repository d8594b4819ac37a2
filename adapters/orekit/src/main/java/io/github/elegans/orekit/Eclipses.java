package io.github.elegans.orekit;

import io.github.elegans.hipparchus.Traced;
import java.util.function.Function;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.orekit.propagation.FieldSpacecraftState;
import org.orekit.utils.ExtendedPositionProvider;

/**
 * Functions for {@link SatelliteEnsemble#event} that are positive in light and negative in the
 * shadow of a spherical central body: those of Orekit's eclipse detector without flattening, which
 * itself cannot be traced.
 */
public final class Eclipses {
  private Eclipses() {}

  /**
   * The angle, in radians, by which the Sun is wholly beside the body.
   *
   * @param sun where it is
   * @param sunRadius in metres
   * @param bodyRadius in metres
   */
  public static Function<FieldSpacecraftState<Traced>, Traced> penumbra(
      ExtendedPositionProvider sun, double sunRadius, double bodyRadius) {
    return state -> separation(state, sun, sunRadius, bodyRadius);
  }

  /**
   * The angle, in radians, by which the Sun is not wholly behind the body.
   *
   * @param sun where it is
   * @param sunRadius in metres
   * @param bodyRadius in metres
   */
  public static Function<FieldSpacecraftState<Traced>, Traced> umbra(
      ExtendedPositionProvider sun, double sunRadius, double bodyRadius) {
    return state -> separation(state, sun, -sunRadius, bodyRadius);
  }

  /** The angle between both centres, less the radii as seen. */
  private static Traced separation(
      FieldSpacecraftState<Traced> state,
      ExtendedPositionProvider sun,
      double sunRadius,
      double bodyRadius) {
    FieldVector3D<Traced> body = state.getPosition().negate();
    FieldVector3D<Traced> light = sun.getPosition(state.getDate(), state.getFrame()).add(body);
    return FieldVector3D.crossProduct(body, light)
        .getNorm()
        .atan2(FieldVector3D.dotProduct(body, light))
        .subtract(radius(sunRadius, light))
        .subtract(radius(bodyRadius, body));
  }

  private static Traced radius(double radius, FieldVector3D<Traced> towards) {
    return towards.getNorm().reciprocal().multiply(radius).asin();
  }
}
