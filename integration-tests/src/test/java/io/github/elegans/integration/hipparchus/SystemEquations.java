package io.github.elegans.integration.hipparchus;

import io.github.elegans.ode.OdeSystem;
import java.util.Map;
import org.hipparchus.ode.OrdinaryDifferentialEquation;

/** A system of ours as equations that Hipparchus' integrators solve; for one thread at a time. */
final class SystemEquations implements OrdinaryDifferentialEquation {
  private final OdeSystem system;
  private final double[] parameters;
  private final OdeSystem.VectorField field;

  /**
   * The equations of a system.
   *
   * @param parameters those that do not have the system's values
   * @throws IllegalArgumentException if the system has no parameter of a name
   */
  SystemEquations(OdeSystem system, Map<String, Double> parameters) {
    this.system = system;
    this.parameters =
        system.parameters().stream().mapToDouble(OdeSystem.Parameter::value).toArray();
    parameters.forEach((name, value) -> this.parameters[system.parameter(name)] = value);
    this.field = system.vectorField();
  }

  OdeSystem system() {
    return system;
  }

  /** The value of a parameter. */
  double parameter(int index) {
    return parameters[index];
  }

  @Override
  public String toString() {
    return system.title();
  }

  @Override
  public int getDimension() {
    return system.states().size();
  }

  @Override
  public double[] computeDerivatives(double time, double[] states) {
    double[] derivatives = new double[states.length];
    field.evaluate(time, states, parameters, derivatives);
    return derivatives;
  }
}
