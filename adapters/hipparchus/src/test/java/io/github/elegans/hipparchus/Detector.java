package io.github.elegans.hipparchus;

import java.util.function.ToDoubleFunction;
import org.hipparchus.analysis.UnivariateFunction;
import org.hipparchus.analysis.solvers.BracketedUnivariateSolver;
import org.hipparchus.analysis.solvers.BracketingNthOrderBrentSolver;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.events.AdaptableInterval;
import org.hipparchus.ode.events.ODEEventDetector;
import org.hipparchus.ode.events.ODEEventHandler;

/** A detector of what its function says, with an action. */
record Detector(ToDoubleFunction<ODEStateAndDerivative> function, ODEEventHandler handler)
    implements ODEEventDetector {
  @Override
  public AdaptableInterval getMaxCheckInterval() {
    return (state, isForward) -> 0.1;
  }

  @Override
  public int getMaxIterationCount() {
    return 100;
  }

  @Override
  public BracketedUnivariateSolver<UnivariateFunction> getSolver() {
    return new BracketingNthOrderBrentSolver(0, 1e-12, 0, 5);
  }

  @Override
  public ODEEventHandler getHandler() {
    return handler;
  }

  @Override
  public double g(ODEStateAndDerivative state) {
    return function.applyAsDouble(state);
  }
}
