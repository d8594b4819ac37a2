package io.github.elegans.orekit;

import java.util.List;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.Field;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.orekit.forces.radiation.AbstractSolarLightFluxModel;
import org.orekit.propagation.events.EventDetectionSettings;
import org.orekit.propagation.events.EventDetector;
import org.orekit.propagation.events.FieldEventDetector;
import org.orekit.utils.ExtendedPositionProvider;

/**
 * The light of the Sun, of Orekit's reference flux, that no body keeps off: for Orekit's {@link
 * org.orekit.forces.radiation.RadiationPressureModel}, in its own propagators, too.
 */
public final class UnshadowedLightFlux extends AbstractSolarLightFluxModel {
  /** The light of a body, the Sun, wherever that is. */
  public UnshadowedLightFlux(ExtendedPositionProvider sun) {
    super(sun, 0, EventDetectionSettings.getDefaultEventDetectionSettings());
  }

  @Override
  protected double getLightingRatio(Vector3D position, Vector3D sun) {
    return 1;
  }

  @Override
  protected <T extends CalculusFieldElement<T>> T getLightingRatio(
      FieldVector3D<T> position, FieldVector3D<T> sun) {
    return position.getX().getField().getOne();
  }

  @Override
  public List<EventDetector> getEclipseConditionsDetector() {
    return List.of();
  }

  @Override
  public <T extends CalculusFieldElement<T>>
      List<FieldEventDetector<T>> getFieldEclipseConditionsDetector(Field<T> field) {
    return List.of();
  }
}
