package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Steps of one length. Nothing happens between them unless polynomials are kept: then whoever runs
 * a program counts them, for all lanes at once, otherwise the program. Both must be one.
 */
class FixedStepsTest {
  private static final String DECAY = "-a*x";
  private static final String FORCED = "-a*x + sin(3*t)";

  /** Infinite at t = 1/a. */
  private static final String EXPLOSION = "a*x*x";

  /** Not a number at 0, where lanes without a trajectory could be. */
  private static final String SINGULAR = "-a*x/(x*x)";

  private static OdeSystem system(String rate, double initial) {
    return OdeSystem.parse(
        "system Test\nparameter a = 1\nstate x = %s\nx' = %s\n".formatted(initial, rate));
  }

  private static Solver.Builder solver(String rate, Method method, Precision precision) {
    return Solver.of(system(rate, 1))
        .method(method)
        .precision(precision)
        .fixedStep(0.07)
        .kernels(Backends.named("scalar"));
  }

  private static Solver euler(OdeSystem system, double step) {
    return Solver.of(system)
        .method(Method.EULER)
        .fixedStep(step)
        .kernels(Backends.named("scalar"))
        .build();
  }

  private static Ensemble ensemble(int size) {
    return Ensemble.of(size)
        .parameter("a", i -> 0.5 + 0.25 * i)
        .start(i -> 0.125 * (i % 3))
        .end(i -> i % 5 == 4 ? -1.3 : 0.7 * (i % 4) + 0.3 * (i % 7) + 0.01);
  }

  @ParameterizedTest
  @CsvSource({
    "decay, DOUBLE",
    "decay, FLOAT",
    "forced, DOUBLE",
    "forced, FLOAT",
    "explosion, DOUBLE",
    "explosion, FLOAT",
    "singular, DOUBLE",
    "singular, FLOAT"
  })
  void theyAreCountedOutsideProgramsAsInside(String name, Precision precision) {
    String rate =
        switch (name) {
          case "decay" -> DECAY;
          case "forced" -> FORCED;
          case "explosion" -> EXPLOSION;
          default -> SINGULAR;
        };
    // The others have no polynomial of their own: for one, slopes are kept, of a time that is
    // summed and not counted.
    List<Method> methods =
        name.equals("forced")
            ? List.of(Method.TSIT5, Method.DOP853)
            : List.of(Method.EULER, Method.RK4, Method.TSIT5, Method.DOP853);
    for (Method method : methods) {
      for (int size : new int[] {1, 3, 19, 40}) {
        for (int most : new int[] {1_000_000, 11}) {
          Solution outside =
              solver(rate, method, precision).maximumSteps(most).build().solve(ensemble(size));
          Solution inside =
              solver(rate, method, precision)
                  .maximumSteps(most)
                  .fold(Fold.maximum("most", Expr.variable("x")))
                  .build()
                  .solve(ensemble(size));
          for (int i = 0; i < size; i++) {
            String what = "%s, %d of %d, at most %d".formatted(method, i, size, most);
            assertThat(outside.status(i)).as(what).isEqualTo(inside.status(i));
            assertThat(outside.states(i)).as(what).isEqualTo(inside.states(i));
            assertThat(outside.time(i)).as(what).isEqualTo(inside.time(i));
            assertThat(outside.acceptedSteps(i)).as(what).isEqualTo(inside.acceptedSteps(i));
          }
        }
      }
    }
  }

  @Test
  void theLastOneIsAsLongAsItMustBe() {
    Solution solution = euler(system("t", 0), 0.3).solve(Ensemble.of(1).end(1));
    // 0.3·(0 + 0.3 + 0.6) + 0.1·0.9
    assertThat(solution.states(0)[0]).isCloseTo(0.36, within(1e-15));
    assertThat(solution.time(0)).isEqualTo(1);
    assertThat(solution.acceptedSteps(0)).isEqualTo(4);
  }

  /** A millionth of a step is one, if the end says so; a rounding of the end is none. */
  @Test
  void aStepTooManyIsOnlyOneThatTimesTell() {
    Solver solver = euler(system("1", 0), 1e-3);
    double[] ends = {0.1 * 3, 100, 100 + 1e-9, 100 + 1e-6, 100 - 1e-6};
    Solution solution = solver.solve(Ensemble.of(ends.length).end(i -> ends[i]));
    int[] steps = {300, 100_000, 100_001, 100_001, 100_000};
    for (int i = 0; i < ends.length; i++) {
      assertThat(solution.acceptedSteps(i)).as("to %s", ends[i]).isEqualTo(steps[i]);
      assertThat(solution.states(i)[0]).isCloseTo(ends[i], within(5e-10));
    }
  }

  /** However much longer a step is, there is one. */
  @Test
  void aRowThatIsShorterThanAStepHasOne() {
    double[] ends = {Double.MIN_VALUE, 1e-300, 1e-30, 0.5, -1e-300};
    for (double step : new double[] {1e8, 1e300}) {
      Solution solution =
          euler(system("-x", 1), step).solve(Ensemble.of(ends.length).end(i -> ends[i]));
      for (int i = 0; i < ends.length; i++) {
        assertThat(solution.status(i)).isEqualTo(Status.DONE);
        assertThat(solution.acceptedSteps(i)).isEqualTo(1);
        assertThat(solution.time(i)).isEqualTo(ends[i]);
        assertThat(solution.states(i)[0]).isEqualTo(1 - ends[i]);
      }
    }
  }

  @Test
  void whatIsNoLongerFiniteEndsAtTheStepWhereItHappened() {
    // 1e50, 1e199, infinity.
    Solution solution = euler(system("x*x*x*x", 1e50), 0.25).solve(Ensemble.of(3).end(i -> 1 + i));
    for (int i = 0; i < 3; i++) {
      assertThat(solution.status(i)).isEqualTo(Status.NOT_FINITE);
      assertThat(solution.time(i)).isEqualTo(0.5);
      assertThat(solution.acceptedSteps(i)).isEqualTo(2);
    }
  }
}
