package com.example.others;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.elegans.backends.Backends;
import io.github.elegans.djl.SequenceInput;
import io.github.elegans.djl.SequenceOutput;
import io.github.elegans.hipparchus.ElegansIntegrator;
import io.github.elegans.hipparchus.HipparchusSystems;
import io.github.elegans.hipparchus.SystemEquations;
import io.github.elegans.orekit.SatelliteEnsemble;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.ode.FieldOrdinaryDifferentialEquation;
import org.hipparchus.ode.ODEState;
import org.hipparchus.util.MathArrays;
import org.orekit.forces.gravity.J2OnlyPerturbation;
import org.orekit.frames.Frame;
import org.orekit.frames.FramesFactory;
import org.orekit.orbits.CartesianOrbit;
import org.orekit.orbits.KeplerianOrbit;
import org.orekit.orbits.PositionAngleType;
import org.orekit.propagation.SpacecraftState;
import org.orekit.time.AbsoluteDate;
import org.orekit.utils.Constants;

/** Elegans inside Deep Java Library, Hipparchus and Orekit, on either path. */
public class OtherLibraries {
  public static void main(String[] args) throws Exception {
    System.out.println(OtherLibraries.class.getModule() + ", " + Backends.get().backend());
    deepJavaLibrary();
    hipparchus();
    orekit();
  }

  /** A step of the CO2 model: a change of nothing in spring. */
  private static void deepJavaLibrary() throws Exception {
    Criteria<SequenceInput, SequenceOutput> criteria =
        Criteria.builder()
            .setTypes(SequenceInput.class, SequenceOutput.class)
            .optGroupId("io.github.elegans")
            .optArtifactId("co2-cfc")
            .build();
    try (ZooModel<SequenceInput, SequenceOutput> model = criteria.loadModel();
        Predictor<SequenceInput, SequenceOutput> predictor = model.newPredictor()) {
      float[][] output = predictor.predict(SequenceInput.of(new float[][] {{0, 1, 0}})).output();
      System.out.println("Deep Java Library: " + output.length + " step, " + output[0].length + " output");
    }
  }

  /** Equations as users of Hipparchus have them: y' = -y. */
  private static final class Decay<T extends CalculusFieldElement<T>>
      implements FieldOrdinaryDifferentialEquation<T> {
    @Override
    public int getDimension() {
      return 1;
    }

    @Override
    public T[] computeDerivatives(T t, T[] y) {
      T[] derivatives = MathArrays.buildArray(t.getField(), 1);
      derivatives[0] = y[0].negate();
      return derivatives;
    }
  }

  private static void hipparchus() {
    SystemEquations decay = new SystemEquations(HipparchusSystems.trace(new Decay<>()));
    ElegansIntegrator integrator = new ElegansIntegrator(0, 1, 1e-12, 1e-12);
    double y = integrator.integrate(decay, new ODEState(0, new double[] {1}), 1).getPrimaryState()[0];
    System.out.printf(Locale.ROOT, "Hipparchus: %.9f, exactly %.9f%n", y, Math.exp(-1));
  }

  /** A hundred satellites for a day. */
  private static void orekit() {
    Frame frame = FramesFactory.getGCRF();
    double mu = Constants.EGM96_EARTH_MU;
    double radius = Constants.EGM96_EARTH_EQUATORIAL_RADIUS;
    AbsoluteDate start = AbsoluteDate.J2000_EPOCH;
    List<SpacecraftState> initial =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    new SpacecraftState(
                        new CartesianOrbit(
                            new KeplerianOrbit(
                                radius + 500e3, 1e-3, 0.9, 0, 0.06 * i, 0,
                                PositionAngleType.MEAN, frame, start, mu))))
            .toList();
    J2OnlyPerturbation oblateness =
        new J2OnlyPerturbation(mu, radius, -Constants.EGM96_EARTH_C20, frame);
    int size =
        SatelliteEnsemble.of(frame, mu, oblateness)
            .propagate(initial, start.shiftedBy(Constants.JULIAN_DAY))
            .size();
    System.out.println("Orekit: " + size + " satellites");
  }
}
