package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.TextException;
import io.github.elegans.kernels.Backends;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Systems as text and as Java are the same; what cannot be read is said with its place. */
class SystemTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "state x = 1;x' = y | 2 | 6 | unknown name 'y'",
        "state x = 1;x' = 2*(x + 1 | 2 | 14 | ')' expected",
        "state x = 1 | 1 | 1 | state 'x' has no derivative",
        "x' = 1 | 1 | 1 | there is no state 'x'",
        "state x = 1;x' = x;x' = 2*x | 3 | 1 | 'x' has two derivatives",
        "state x = 1;x' = foo(x) | 2 | 6 | unknown function 'foo'",
        "state x = 1;x' = 1.2.3 | 2 | 6 | '1.2.3' is no number",
        "state x = 1;x' = x < 2 | 2 | 1 | is a condition",
        "state x = 1;x' = if(x, 1, 2) | 2 | 6 | a condition is expected",
        "state x = 1;x' = x $ 2 | 2 | 8 | the end of the line expected",
        "state x = 1;state x = 2 | 2 | 1 | 'x' is defined twice",
        "parameter p = q;state x = 1;x' = x | 1 | 15 | unknown name 'q'",
        "state x = 1;x' = x^2;gate x | 3 | 1 | not affine",
        "state x = 1 [mV;x' = x | 1 | 16 | ']' expected",
        "state x = 1;x 3 | 2 | 3 | expected",
      })
  void errorsPointAtLineAndColumn(String text, int line, int column, String message) {
    assertThatThrownBy(() -> OdeSystem.parse(text.replace(';', '\n')))
        .isInstanceOfSatisfying(
            TextException.class,
            e -> {
              assertThat(e).hasMessageContaining(message);
              assertThat(e.line()).isEqualTo(line);
              assertThat(e.column()).isEqualTo(column);
            });
  }

  @Test
  void javaAndTextGiveTheSameSystem() {
    Expr x = Expr.variable("x");
    Expr y = Expr.variable("y");
    OdeSystem built =
        OdeSystem.builder("Oscillator")
            .parameter("k", 4)
            .state("x", 1)
            .state("y", 0)
            .derivative("x", y)
            .derivative("y", x.times(Expr.variable("k")).negate())
            .build();
    OdeSystem read =
        OdeSystem.parse(
            "system Oscillator\n"
                + "parameter k = 2^2 # stiffness\n"
                + "state x = 1\n"
                + "state y = 0\n"
                + "x' = y\n"
                + "y' = -(x*k)\n");
    assertThat(solve(built)).isEqualTo(solve(read));
    assertThat(solve(read)[0]).isCloseTo(Math.cos(2 * 3), within(1e-6));
  }

  private static double[] solve(OdeSystem system) {
    return Solver.of(system)
        .tolerance(1e-9, 1e-9)
        .kernels(Backends.named("scalar"))
        .build()
        .solve(Ensemble.of(1).end(3))
        .states(0);
  }

  @Test
  void outputsThatNeedEachOtherAreRefused() {
    Expr x = Expr.variable("x");
    assertThatThrownBy(
            () ->
                OdeSystem.builder("Circle")
                    .state("x", 1)
                    .derivative("x", x)
                    .output("a", Expr.variable("b"), "")
                    .output("b", Expr.variable("a").plus(x), "")
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown name 'b'");
  }

  @Test
  void operatorsBindAsTheyDoOnPaper() {
    assertThat(value("-2^2")).isEqualTo(-4);
    assertThat(value("2^3^2")).isEqualTo(512);
    assertThat(value("2^-1")).isEqualTo(0.5);
    assertThat(value("1 - 2 - 3")).isEqualTo(-4);
    assertThat(value("12/2/3")).isEqualTo(2);
    assertThat(value("2 + 3*4^0.5")).isEqualTo(8);
    assertThat(value("if(1 < 2 and not 3 <= 2 or 1 == 2, 7, 8)")).isEqualTo(7);
    assertThat(value("1e3 + .5 - 2.5E-1")).isEqualTo(1000.25);
    assertThat(value("max(min(3, 2), -1) + abs(-4) + fma(2, 3, 4)")).isEqualTo(16);
  }

  /** As {@code scipy.special.exprel}, and the Bernoulli function, its reciprocal. */
  @Test
  void functionsOfExponentialsHaveTheirUsualNames() {
    assertThat(value("exprel(1)")).isEqualTo(Math.E - 1);
    assertThat(value("exprel(-2)")).isCloseTo(0.43233235838169365, within(1e-16));
    assertThat(value("exprel(0)")).isEqualTo(1);
    assertThat(value("bernoulli(1)")).isEqualTo(1 / (Math.E - 1));
    assertThat(value("bernoulli(0)")).isEqualTo(1);
  }

  private static double value(String expression) {
    return OdeSystem.parse("parameter p = " + expression + "\nstate x = p\nx' = 0*x\n")
        .parameters()
        .getFirst()
        .value();
  }

  /** Whatever the text, there is a system or an exception that says where. */
  @Test
  void noTextDoesMoreThanFail() {
    long seed = 20261124;
    Random random = new Random(seed);
    String good = "system A\nparameter k = 4 [1/s]\nstate x = 1\nx' = -k*exp(x)^2 + if(x<1,2,3)\n";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int k = random.nextInt(4); k >= 0; k--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.setCharAt(at, "()'=*^-+x1.e<[]\n #,".charAt(random.nextInt(19)));
        } else {
          text.insert(at, text.substring(random.nextInt(text.length())));
        }
      }
      try {
        OdeSystem.parse(text.toString());
      } catch (TextException e) {
        assertThat(e.line()).as("seed %d, text %d", seed, i).isPositive();
      }
    }
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "(".repeat(100_000) + "x" + ")".repeat(100_000);
    assertThatThrownBy(() -> OdeSystem.parse("state x = 1\nx' = " + deep))
        .isInstanceOf(TextException.class)
        .hasMessageContaining("nested");
  }

  @Test
  void rightHandSidesAreEvaluatedPointByPoint() {
    OdeSystem system =
        OdeSystem.parse(
            """
            parameter k = 2
            state x = 1
            state y = 1
            output z = k*x
            x' = z + t
            y' = x*y
            """);
    OdeSystem.VectorField field = system.vectorField();
    double[] derivatives = new double[2];
    field.evaluate(0.5, new double[] {3, 5}, new double[] {4}, derivatives);
    assertThat(derivatives).containsExactly(12.5, 15);
    assertThatThrownBy(() -> field.evaluate(0, new double[] {3, 5}, new double[0], new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parameters must have 1 elements, but has 0");
  }
}
