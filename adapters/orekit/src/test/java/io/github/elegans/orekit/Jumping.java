package io.github.elegans.orekit;

import org.hipparchus.CalculusFieldElement;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.orekit.frames.Frame;
import org.orekit.time.AbsoluteDate;
import org.orekit.time.FieldAbsoluteDate;
import org.orekit.utils.ExtendedPositionProvider;

/**
 * A body that is suddenly elsewhere.
 *
 * @param to in the direction of x, from 1e9 m
 */
record Jumping(double to) implements ExtendedPositionProvider {
  @Override
  public Vector3D getPosition(AbsoluteDate date, Frame frame) {
    return new Vector3D(date.durationFrom(Satellites.DATE) < 40_000 ? 1e9 : to, 1e8, 1e7);
  }

  @Override
  public <T extends CalculusFieldElement<T>> FieldVector3D<T> getPosition(
      FieldAbsoluteDate<T> date, Frame frame) {
    return new FieldVector3D<>(date.getField(), getPosition(date.toAbsoluteDate(), frame));
  }
}
