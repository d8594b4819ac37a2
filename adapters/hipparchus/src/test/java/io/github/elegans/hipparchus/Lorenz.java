package io.github.elegans.hipparchus;

import org.hipparchus.CalculusFieldElement;
import org.hipparchus.ode.FieldOrdinaryDifferentialEquation;
import org.hipparchus.util.MathArrays;

/** Equations as a user of Hipparchus has them. */
final class Lorenz<T extends CalculusFieldElement<T>>
    implements FieldOrdinaryDifferentialEquation<T> {
  private final T sigma;
  private final T rho;
  private final T beta;

  Lorenz(T sigma, T rho, T beta) {
    this.sigma = sigma;
    this.rho = rho;
    this.beta = beta;
  }

  @Override
  public int getDimension() {
    return 3;
  }

  @Override
  public T[] computeDerivatives(T t, T[] y) {
    T[] derivatives = MathArrays.buildArray(t.getField(), 3);
    derivatives[0] = y[1].subtract(y[0]).multiply(sigma);
    derivatives[1] = y[0].multiply(rho.subtract(y[2])).subtract(y[1]);
    derivatives[2] = y[0].multiply(y[1]).subtract(y[2].multiply(beta));
    return derivatives;
  }
}
