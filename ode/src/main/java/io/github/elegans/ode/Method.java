package io.github.elegans.ode;

import org.jspecify.annotations.Nullable;

/** How a step is taken. */
public enum Method {
  /** Euler's method, of order 1. */
  EULER(Tableau.EULER),
  /** Heun's method of order 2: by the mean of the slopes at both ends. */
  HEUN(Tableau.HEUN),
  /** The classical method of order 4. */
  RK4(Tableau.RK4),
  /** Bogacki and Shampine's 3(2). */
  BS3(Tableau.BS3),
  /** Dormand and Prince's 5(4). */
  DP5(Tableau.DP5),
  /** Tsitouras' 5(4): the first to try when nothing is stiff. */
  TSIT5(Tableau.TSIT5),
  /** Dormand and Prince's 8(5,3), for tight tolerances. */
  DOP853(Tableau.DOP853),
  /**
   * Dormand, El-Mikkawy and Prince's Runge-Kutta-Nyström method 12(10), for orbits and whatever
   * else is of second order without friction: {@code x' = v, v' = f(t, x)}. Refuses other systems.
   *
   * <p>Its steps are long: set the longest one where events come and go within a part of a step,
   * and for folds, which look at its ends and its middle. Within a step, states are less accurate
   * than at its ends: off by up to 30 times the tolerance, velocities by some hundred times; in
   * single precision they are good for two or three digits.
   */
  RKN1210(Tableau.RKN1210),
  /** Exact exponentials for gates, Euler's method for the rest: fixed steps, order 1. */
  RUSH_LARSEN(null),
  /**
   * Rush and Larsen's method with every state linearised (Sundnes et al. 2009): fixed steps, order
   * 1.
   */
  GRL1(null),
  /** Hairer and Wanner's Rosenbrock method 4(3), for stiff systems. */
  RODAS4(Tableau.RODAS4),
  /** Steinebach's Rosenbrock method 5(4): the first to try when a system is stiff. */
  RODAS5P(Tableau.RODAS5P),
  /** Rang and Angermann's Rosenbrock-W method 3(2). */
  ROS34PW2(Tableau.ROS34PW2);

  @SuppressWarnings("ImmutableEnumChecker") // It is immutable; saying so takes a library.
  private final @Nullable Tableau tableau;

  Method(@Nullable Tableau tableau) {
    this.tableau = tableau;
  }

  /** The order of the error of a whole solution. */
  public int order() {
    return tableau == null ? 1 : tableau.order();
  }

  /** Whether it estimates its error, and so can choose its steps. */
  public boolean isAdaptive() {
    return tableau != null && tableau.errorOrder() > 0;
  }

  /** Whether it solves linear systems, and so stands stiffness. */
  public boolean isImplicit() {
    return tableau instanceof Tableau.Rosenbrock;
  }

  /** Whether it takes a system: any, but that {@link #RKN1210} wants one of second order. */
  public boolean suits(OdeSystem system) {
    return !(tableau instanceof Tableau.Nystrom) || RightHandSide.isOfSecondOrder(system);
  }

  @Nullable Tableau tableau() {
    return tableau;
  }
}
