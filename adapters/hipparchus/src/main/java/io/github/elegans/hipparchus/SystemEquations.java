package io.github.elegans.hipparchus;

import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Stepper;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.ode.LocalizedODEFormats;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.ParametersController;

/**
 * A system as Hipparchus' equations: what {@link ElegansIntegrator} integrates by compiled steps,
 * and every other integrator of Hipparchus by its own. Keep one for as long as the system is used:
 * what is compiled of it is kept with it.
 *
 * <p>Parameters may change between integrations, and in event handlers that then reset the state or
 * the derivatives. For one thread at a time.
 */
public final class SystemEquations implements OrdinaryDifferentialEquation, ParametersController {
  private final OdeSystem system;
  private final OdeSystem.VectorField field;
  private final double[] parameters;
  private final Map<Method, Stepper> steppers = new EnumMap<>(Method.class);

  /** Equations of a system, with the values that its parameters have there. */
  public SystemEquations(OdeSystem system) {
    this.system = system;
    this.field = system.vectorField();
    this.parameters =
        system.parameters().stream().mapToDouble(OdeSystem.Parameter::value).toArray();
  }

  /** The system. */
  public OdeSystem system() {
    return system;
  }

  double[] parameters() {
    return parameters;
  }

  /** A stepper by a method: of each, the programs are made once. */
  Stepper stepper(Method method) {
    return steppers
        .computeIfAbsent(method, m -> Solver.of(system).method(m).tolerance(1e-6, 1e-6).stepper())
        .another();
  }

  @Override
  public int getDimension() {
    return system.states().size();
  }

  @Override
  public double[] computeDerivatives(double t, double[] y) {
    double[] derivatives = new double[system.states().size()];
    field.evaluate(t, y, parameters, derivatives);
    return derivatives;
  }

  @Override
  public List<String> getParametersNames() {
    return system.parameters().stream().map(OdeSystem.Parameter::name).toList();
  }

  @Override
  public boolean isSupported(String name) {
    return getParametersNames().contains(name);
  }

  @Override
  public double getParameter(String name) {
    return parameters[index(name)];
  }

  @Override
  public void setParameter(String name, double value) {
    parameters[index(name)] = value;
  }

  private int index(String name) {
    if (!isSupported(name)) {
      throw new MathIllegalArgumentException(LocalizedODEFormats.UNKNOWN_PARAMETER, name);
    }
    return system.parameter(name);
  }
}
