package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import org.junit.jupiter.api.Test;

class NystromTest {
  private static Solver.Builder solver(OdeSystem system) {
    return Solver.of(system).method(Method.RKN1210).kernels(Backends.named("scalar"));
  }

  private static OdeSystem system(String rates) {
    return OdeSystem.parse("system S\nstate x = 1\nstate v = 0\n" + rates);
  }

  @Test
  void orbitsClose() {
    OdeSystem kepler = OdeSystem.named("kepler");
    Ensemble orbits =
        Ensemble.of(8)
            .parameter("eccentricity", i -> 0.1 * i)
            .end(20 * Math.PI)
            .saveAt(2 * Math.PI);
    Solution solution = solver(kepler).tolerance(1e-12, 1e-12).build().solve(orbits);
    Solution other =
        Solver.of(kepler).method(Method.DOP853).tolerance(1e-12, 1e-12).build().solve(orbits);
    for (int i = 0; i < 8; i++) {
      assertThat(solution.state(i, "x")).isCloseTo(1 - 0.1 * i, within(1e-9));
      assertThat(solution.state(i, "y")).isCloseTo(0, within(1e-9));
      assertThat(solution.saved(i)[0][0]).isCloseTo(1 - 0.1 * i, within(1e-10));
      assertThat(2 * solution.acceptedSteps(i)).isLessThan(other.acceptedSteps(i));
    }
  }

  /** A rate that only gathers is a velocity without a position. */
  @Test
  void integralsOfPositionsAreThere() {
    OdeSystem system = system("state area = 0\nx' = v\nv' = -x\narea' = x*t\n");
    Solution solution = solver(system).tolerance(1e-12, 1e-12).build().solve(Ensemble.of(1).end(3));
    assertThat(solution.state(0, "x")).isCloseTo(Math.cos(3), within(1e-11));
    assertThat(solution.state(0, "v")).isCloseTo(-Math.sin(3), within(1e-11));
    assertThat(solution.state(0, "area"))
        .isCloseTo(Math.cos(3) + 3 * Math.sin(3) - 1, within(1e-11));
  }

  @Test
  void frictionIsRefused() {
    OdeSystem system = system("x' = v\nv' = -x - 0.1*v\n");
    assertThat(Method.RKN1210.suits(system)).isFalse();
    assertThat(Method.DOP853.suits(system)).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> solver(system).build())
        .withMessage(
            "position' = velocity, velocity' = f(t, positions) is expected, but the derivative of 'v' depends on 'v', which is no position");
  }

  @Test
  void statesThatAreEachOthersRatesAreTakenInTheirOrder() {
    OdeSystem growth = system("x' = v\nv' = x\n");
    assertThat(Method.RKN1210.suits(growth)).isTrue();
    assertThat(
            solver(growth)
                .tolerance(1e-12, 1e-12)
                .build()
                .solve(Ensemble.of(1).end(1))
                .state(0, "x"))
        .isCloseTo(Math.cosh(1), within(1e-11));
    assertThat(Method.RKN1210.suits(system("x' = x\nv' = x\n"))).isFalse();
  }

  /** What is a velocity is no position, too: stages would not move it. */
  @Test
  void systemsOfThirdOrderAreRefused() {
    OdeSystem system = system("state a = 0.5\nx' = v\nv' = a\na' = -x\n");
    assertThat(Method.RKN1210.suits(system)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> solver(system).build())
        .withMessageContaining("the derivative of 'v' depends on 'a', which is no position");
  }
}
