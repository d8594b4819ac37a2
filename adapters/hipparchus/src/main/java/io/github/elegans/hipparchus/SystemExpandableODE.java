package io.github.elegans.hipparchus;

import org.hipparchus.ode.ExpandableODE;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.SecondaryODE;

/**
 * A system as Hipparchus' primary and secondary equations: its first states are those of the
 * primary ones. Made by {@link HipparchusSystems#traceExpandable}.
 */
public final class SystemExpandableODE extends ExpandableODE {
  private final SystemEquations equations;

  /**
   * Of a system.
   *
   * @param dimensions how many states the primary equations have, and each secondary ones
   */
  SystemExpandableODE(SystemEquations equations, int[] dimensions) {
    super(new Part(dimensions[0]));
    for (int i = 1; i < dimensions.length; i++) {
      super.addSecondaryEquations(new Part(dimensions[i]));
    }
    this.equations = equations;
  }

  /** All equations together: the system and its parameters. */
  public SystemEquations equations() {
    return equations;
  }

  /**
   * Refused: secondary equations are traced with the primary ones.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public int addSecondaryEquations(SecondaryODE secondary) {
    throw new UnsupportedOperationException(
        "%s is traced already: add secondary equations to the FieldExpandableODE that is traced"
            .formatted(equations.system().title()));
  }

  @Override
  public void init(ODEState s0, double finalTime) {
    // There is nothing to prepare.
  }

  @Override
  public double[] computeDerivatives(double t, double[] y) {
    return equations.computeDerivatives(t, y);
  }

  /** Stands for equations that are only known together with the others. */
  private record Part(int dimension) implements OrdinaryDifferentialEquation, SecondaryODE {
    @Override
    public int getDimension() {
      return dimension;
    }

    @Override
    public double[] computeDerivatives(double t, double[] y) {
      throw new UnsupportedOperationException("only all equations together have derivatives");
    }

    @Override
    public double[] computeDerivatives(
        double t, double[] primary, double[] primaryDot, double[] secondary) {
      throw new UnsupportedOperationException("only all equations together have derivatives");
    }
  }
}
