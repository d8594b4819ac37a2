package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Methods and their interpolants have the order that they claim. */
class MethodTest {
  // Not linear, not autonomous, and with a solution in closed form: u = exp(sin t), w = exp(cos t).
  private static final OdeSystem SYSTEM =
      OdeSystem.parse(
          """
          system Coupled
          state u = 1
          state w = exp(1)
          u' = u*log(w)
          w' = -w*log(u) + 0.25*(u - exp(sin(t)))*cos(t)
          """);

  // The same of second order.
  private static final OdeSystem WITHOUT_FRICTION =
      OdeSystem.parse(
          """
          system Coupled, without friction
          state u = 1
          state w = exp(1)
          state p = 1
          state q = 0
          u' = p
          w' = q
          p' = u*(cos(t)^2 - log(u))
          q' = w*(log(u)^2 - log(w)) + 0.25*(u - exp(sin(t)))*cos(t)
          """);

  private static OdeSystem system(Method method) {
    return method == Method.RKN1210 ? WITHOUT_FRICTION : SYSTEM;
  }

  private static double error(Method method, double step, boolean between) {
    Solver solver =
        Solver.of(system(method))
            .method(method)
            .fixedStep(step)
            .kernels(Backends.named("scalar"))
            .build();
    Ensemble ensemble = Ensemble.of(1).end(2);
    if (!between) {
      double[] end = solver.solve(ensemble).states(0);
      return distance(end, 2);
    }
    // One step from the exact solution, and its worst point: the local error.
    double[] times = {0.13 * step, 0.37 * step, 0.5 * step, 0.71 * step, 0.93 * step};
    double worst = 0;
    Ensemble one =
        Ensemble.of(1)
            .start(0.3)
            .end(0.3 + step)
            .initial("u", Math.exp(Math.sin(0.3)))
            .initial("w", Math.exp(Math.cos(0.3)))
            .saveAt(Arrays.stream(times).map(t -> 0.3 + t).toArray());
    if (method == Method.RKN1210) {
      one.initial("p", Math.exp(Math.sin(0.3)) * Math.cos(0.3))
          .initial("q", -Math.exp(Math.cos(0.3)) * Math.sin(0.3));
    }
    Solution solution = solver.solve(one);
    for (int i = 0; i < times.length; i++) {
      worst = Math.max(worst, distance(solution.saved(0)[i], 0.3 + times[i]));
    }
    return worst;
  }

  private static double distance(double[] state, double t) {
    return Math.hypot(state[0] - Math.exp(Math.sin(t)), state[1] - Math.exp(Math.cos(t)));
  }

  private static double slope(Method method, double step, boolean between) {
    return Math.log(error(method, step, between) / error(method, step / 2, between)) / Math.log(2);
  }

  // Steps at which the order shows: small enough for the theory, too large for rounding.
  private static double step(Method method) {
    return switch (method) {
      case EULER, HEUN, RUSH_LARSEN, GRL1 -> 0.00625;
      case BS3, RK4, RODAS4, ROS34PW2 -> 0.0125;
      case TSIT5 -> 0.025;
      case DP5, RODAS5P -> 0.05;
      case DOP853 -> 0.4;
      case RKN1210 -> 2;
    };
  }

  @ParameterizedTest
  @EnumSource
  void aMethodHasItsOrder(Method method) {
    // TSIT5 comes to its order from above: 5.5, 5.3, 5.2, and then there is rounding.
    boolean isLate = method == Method.TSIT5 || method == Method.RKN1210;
    assertThat(slope(method, step(method), false))
        .isCloseTo(method.order(), within(isLate ? 0.25 : 0.1));
  }

  @ParameterizedTest
  @EnumSource
  void anInterpolantHasItsOrder(Method method) {
    // Of the local error: one more than the interpolant's order, but no more than the method's.
    int expected =
        switch (method) {
          case EULER, RUSH_LARSEN, GRL1 -> 2;
          case HEUN -> 3;
          case RK4, BS3, RODAS4, ROS34PW2 -> 4;
          case DP5, TSIT5, RODAS5P -> 5;
          case DOP853 -> 8;
          case RKN1210 -> 11;
        };
    double step = expected == 11 ? 0.63 : expected == 8 ? 0.4 : expected == 5 ? 0.025 : 0.0125;
    assertThat(slope(method, step, true)).isCloseTo(expected, within(0.1));
  }
}
