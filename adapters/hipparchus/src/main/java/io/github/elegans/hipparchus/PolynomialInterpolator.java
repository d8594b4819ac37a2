package io.github.elegans.hipparchus;

import org.hipparchus.ode.EquationsMapper;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.sampling.AbstractODEStateInterpolator;

/** A step by its polynomials, of as high an order as the method gives; derivatives by theirs. */
final class PolynomialInterpolator extends AbstractODEStateInterpolator {
  private static final long serialVersionUID = 1;

  /** {@code [state][power of θ]}, shared by all restrictions of the step. */
  private final double[] coefficients;

  private final double length;

  PolynomialInterpolator(
      boolean forward,
      double[] coefficients,
      double length,
      ODEStateAndDerivative globalPrevious,
      ODEStateAndDerivative globalCurrent,
      ODEStateAndDerivative softPrevious,
      ODEStateAndDerivative softCurrent,
      EquationsMapper mapper) {
    super(forward, globalPrevious, globalCurrent, softPrevious, softCurrent, mapper);
    this.coefficients = coefficients;
    this.length = length;
  }

  @Override
  protected PolynomialInterpolator create(
      boolean forward,
      ODEStateAndDerivative globalPrevious,
      ODEStateAndDerivative globalCurrent,
      ODEStateAndDerivative softPrevious,
      ODEStateAndDerivative softCurrent,
      EquationsMapper mapper) {
    return new PolynomialInterpolator(
        forward,
        coefficients,
        length,
        globalPrevious,
        globalCurrent,
        softPrevious,
        softCurrent,
        mapper);
  }

  @Override
  protected ODEStateAndDerivative computeInterpolatedStateAndDerivatives(
      EquationsMapper mapper, double time, double theta, double thetaH, double oneMinusThetaH) {
    if (time == getGlobalCurrentState().getTime()) {
      return getGlobalCurrentState();
    }
    if (time == getGlobalPreviousState().getTime()) {
      return getGlobalPreviousState();
    }
    int n = mapper.getTotalDimension();
    double[] states = new double[n];
    double[] derivatives = new double[n];
    evaluate(coefficients, theta, length, states, derivatives);
    return mapper.mapStateAndDerivative(time, states, derivatives);
  }

  /**
   * Values and derivatives of polynomials.
   *
   * @param length of the step, whose part θ is
   */
  static void evaluate(
      double[] coefficients, double theta, double length, double[] states, double[] derivatives) {
    int degree = coefficients.length / states.length - 1;
    for (int i = 0; i < states.length; i++) {
      int first = i * (degree + 1);
      double value = coefficients[first + degree];
      double slope = 0;
      for (int j = degree - 1; j >= 0; j--) {
        slope = Math.fma(slope, theta, value);
        value = Math.fma(value, theta, coefficients[first + j]);
      }
      states[i] = value;
      derivatives[i] = slope / length;
    }
  }
}
