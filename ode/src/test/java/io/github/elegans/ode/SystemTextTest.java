package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.TextException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Systems as text and as Java are the same; what cannot be read is said with its place. */
class SystemTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "state x = 1;x' = y | 2 | 6 | unknown name 'y'",
        "state x = 1;x' = 2*(x + 1 | 2 | 14 | ')' expected",
        "state x = 1 | 1 | 7 | state 'x' has no derivative",
        "x' = 1 | 1 | 1 | there is no state 'x'",
        "state x = 1;x' = x;x' = 2*x | 3 | 1 | 'x' has two derivatives",
        "state x = 1;x' = foo(x) | 2 | 6 | unknown function 'foo'",
        "state x = 1;x' = 1.2.3 | 2 | 6 | '1.2.3' is no number",
        "state x = 1;x' = x < 2 | 2 | 6 | is a condition, no number",
        "state x = 1 < 2;x' = x | 1 | 11 | is a condition, no number",
        "parameter p = not 1 < 2;state x = 1;x' = x | 1 | 15 | is a condition, no number",
        "state x = 1;output o = x < 2;x' = x | 2 | 12 | is a condition, no number",
        "state x = 1;c = x < 2;x' = c + 1 | 3 | 8 | add: a number is expected, a condition is"
            + " found",
        "state x = 1;c = x < 2;x' = if(c, c, 2) | 3 | 6 | select: a number is expected",
        "state x = 1;x' = if((x < 2) < 3, 1, 2) | 2 | 9 | a number is expected, a condition is"
            + " found",
        "state x = 1;x' = if(0 < x < 2, 1, 2) | 2 | 15 | comparisons form no chains",
        "state x = 1;x' = if(x, 1, 2) | 2 | 6 | a condition is expected",
        "state x = 1;x' = x $ 2 | 2 | 8 | the end of the line expected",
        "state x = 1;state x = 2 | 2 | 7 | 'x' is defined twice: in line 1 and here",
        "k = 3;state x = 1;parameter k = 5;x' = -k*x | 3 | 11 | 'k' is defined twice: in line 1",
        "output k = 3;state x = 1;k = 5;x' = -k*x | 3 | 1 | 'k' is defined twice: in line 1",
        "t = 3;state x = 1;x' = x | 1 | 1 | 't' is the time",
        "time s;parameter s = 2;state x = 1;x' = x | 2 | 11 | 's' is the time",
        "state x = 1;time x;x' = x | 2 | 6 | 'x' is defined twice: in line 1 and here",
        "state x = 1;x' = t;time s | 3 | 6 | the time is named after its use in line 2",
        "time s;time t;state x = 1;x' = x | 2 | 6 | the time is named twice: in line 1 and here",
        "parameter p = q;state x = 1;x' = x | 1 | 15 | unknown name 'q'",
        "state x = 1;x' = k*x;parameter k = 2 | 2 | 6 | 'k' is used before its definition in line"
            + " 3",
        "a = a + 1;state x = 1;x' = x | 1 | 5 | 'a' is used in its own definition",
        "state x = 1;x' = pi*x;pi = 3 | 2 | 6 | 'pi' is used before its definition in line 3",
        "x' = 1;state x = 1 | 1 | 1 | there is no state 'x' yet: its definition is in line 2",
        "k = 1;state x = 1;k' = 1 | 3 | 1 | 'k' is no state, but defined in line 1",
        "parameter b = 2*x;state x = 1;x' = x | 1 | 17 | 'x' is used before its definition",
        "state x = 1;parameter b = 2*x;x' = x | 2 | 15 | 'x' is no parameter that is known here",
        "parameter k = 2;source = 3*k;state x = 1;x' = -source*x | 2 | 1 | 'source' is a word of",
        "parameter output = 2;state x = 1;x' = x | 1 | 11 | 'output' is a word of this language",
        "state gate = 1;gate' = 1 | 1 | 7 | 'gate' is a word of this language",
        "time = 1;state x = 1;x' = x | 1 | 1 | 'time' is a word of this language",
        "state x = 1;x' = x;gate' = 2 | 3 | 1 | 'gate' is a word of this language",
        "if = 1;state x = 1;x' = x | 1 | 1 | 'if' is a word of this language",
        "state x = 1;gate y;x' = x | 2 | 6 | there is no state 'y' to be a gate",
        "state y = 1;state x = 1;x' = x;t2 = t | 1 | 7 | state 'y' has no derivative",
        "state x = 1;x' = x^2;gate x;output o = x | 3 | 6 | not affine",
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
            """
            system Oscillator
            parameter k = 2^2 # stiffness
            state x = 1
            state y = 0
            x' = y
            y' = -(x*k)
            """);
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

  /** Editors write a byte order mark; lines end as they did on any machine. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void aByteOrderMarkIsSkipped(String end) {
    OdeSystem system =
        OdeSystem.parse("\uFEFFsystem Marked\nstate x = 1\nx' = -x\n".replace("\n", end));
    assertThat(system.title()).isEqualTo("Marked");
    assertThat(system.states()).hasSize(1);
  }

  /** x(t) = b e^(−b t), where b = 2 a unless it is given itself. */
  @Test
  void parametersFollowThoseTheyAreMadeOf() {
    OdeSystem system =
        OdeSystem.parse(
            """
            parameter a = 2
            parameter b = 2*a
            parameter c = b/4 + exp(0*b)
            state x = b
            x' = -b*x
            """);
    assertThat(system.parameters())
        .extracting(OdeSystem.Parameter::value)
        .containsExactly(2., 4., 2.);
    Solver solver =
        Solver.of(system)
            .tolerance(1e-11, 1e-11)
            .kernels(Backends.named("scalar"))
            .fold(Fold.maximum("c", system.expression("c")))
            .build();
    double[] a = {0.5, 1, 1.5};
    Solution following = solver.solve(Ensemble.of(3).parameter("a", a).end(1));
    Solution given = solver.solve(Ensemble.of(3).parameter("a", a).parameter("b", 3).end(1));
    Solution alike = solver.solve(Ensemble.of(1).parameter("a", 2).end(1));
    for (int i = 0; i < 3; i++) {
      assertThat(following.state(i, "x")).isCloseTo(2 * a[i] * Math.exp(-2 * a[i]), within(1e-9));
      assertThat(following.fold(i, "c")).isEqualTo(a[i] / 2 + 1);
      assertThat(given.state(i, "x")).isCloseTo(3 * Math.exp(-3), within(1e-9));
      assertThat(given.fold(i, "c")).isEqualTo(1.75);
    }
    assertThat(alike.states(0)).isEqualTo(solver.solve(Ensemble.of(1).end(1)).states(0));
  }

  @Test
  void parametersFollowOthersInJavaToo() {
    OdeSystem.Builder builder = OdeSystem.builder("Decay").parameter("a", 2);
    assertThatThrownBy(() -> builder.parameter("b", Expr.variable("c"), ""))
        .hasMessageContaining("'c' is no parameter that is known here");
    OdeSystem system =
        builder
            .parameter("b", Expr.variable("a").times(2), "1/s")
            .state("x", 1)
            .derivative("x", Expr.variable("b").negate())
            .build();
    Solution solution =
        Solver.of(system)
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(1).parameter("a", 5).end(1));
    assertThat(solution.state(0, "x")).isCloseTo(-9, within(1e-12));
  }

  /** A fold's x is the value it looks at, even where a state has that name. */
  @Test
  void theNamesOfAFoldComeBeforeThoseOfTheSystem() {
    OdeSystem system = OdeSystem.parse("state x = 0\nstate y = 0\nx' = 1\ny' = 3");
    Solution solution =
        Solver.of(system)
            .method(Method.EULER)
            .fixedStep(0.25)
            .kernels(Backends.named("scalar"))
            .fold(Fold.of("last", Expr.variable("y"), 0, Expr.variable("x")))
            .build()
            .solve(Ensemble.of(1).end(1));
    assertThat(solution.fold(0, "last")).isEqualTo(3);
  }

  @Test
  void namesOfEventsAndFoldsAreGivenOnce() {
    OdeSystem system = OdeSystem.parse("state x = 1\nx' = -x");
    Expr x = Expr.variable("x");
    Event event = Event.log("half", x.minus(0.5), Event.Direction.ANY);
    Solver.Builder events = Solver.of(system).event(event);
    assertThatThrownBy(() -> events.event(event)).hasMessage("there are two events 'half'");
    Solver.Builder folds = Solver.of(system).fold(Fold.mean("m", x));
    assertThatThrownBy(() -> folds.fold(Fold.maximum("m", x)))
        .hasMessage("there are two folds 'm'");
    assertThatThrownBy(() -> Fold.mean("m", x.isLess(x)))
        .hasMessage("fold 'm': a number is expected, a condition is found");
    assertThatThrownBy(() -> Event.reset("half", x, Event.Direction.ANY, Map.of("x", x.isLess(x))))
        .hasMessage("event 'half', reset of 'x': a number is expected, a condition is found");
  }

  /** Two states a cell, each next to its neighbours: once 110 s to read. */
  @Test
  @Timeout(20)
  void largeSystemsAreReadAndCompiledInTimeThatGrowsWithThem() {
    int cells = 1000;
    StringBuilder text = new StringBuilder("parameter d = 0.02\n");
    for (int i = 0; i < cells; i++) {
      text.append("state u%d = 1\nstate v%d = 3\n".formatted(i, i));
    }
    for (int i = 0; i < cells; i++) {
      int left = Math.max(0, i - 1);
      int right = Math.min(cells - 1, i + 1);
      text.append(
          "u%1$d' = 1 + u%1$d^2*v%1$d - 4*u%1$d + d*(u%2$d - 2*u%1$d + u%3$d)\n"
              .formatted(i, left, right));
      text.append(
          "v%1$d' = 3*u%1$d - u%1$d^2*v%1$d + d*(v%2$d - 2*v%1$d + v%3$d)\n"
              .formatted(i, left, right));
    }
    OdeSystem system = OdeSystem.parse(text.toString());
    for (Method method :
        new Method[] {Method.TSIT5, Method.RODAS4, Method.GRL1, Method.RUSH_LARSEN}) {
      Solver solver =
          Solver.of(system)
              .method(method)
              .fixedStep(0.1)
              .event(Event.log("first", system.expression("u1 - 2"), Event.Direction.ANY))
              .kernels(Backends.named("scalar"))
              .build();
      assertThat(solver.programs().get(1).stores()).isGreaterThan(2 * cells);
    }
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
    assertThat(value("atan(1)")).isEqualTo(Math.PI / 4);
    assertThat(value("atan2(1, -1)")).isEqualTo(3 * Math.PI / 4);
    assertThat(value("asin(1)")).isEqualTo(Math.PI / 2);
    assertThat(value("acos(-1)")).isEqualTo(Math.PI);
    assertThat(value("hypot(3, 4)")).isEqualTo(5);
    assertThat(value("rint(2.5)")).isEqualTo(2);
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
    double[] values = new double[1];
    system
        .vectorField(List.of(system.expression("z - x*t")))
        .evaluate(0.5, new double[] {3, 5}, new double[] {4}, values);
    assertThat(values).containsExactly(10.5);
    assertThatThrownBy(() -> system.vectorField(List.of(system.expression("x < y"))))
        .hasMessage("value 0: a number is expected, a condition is found");
  }
}
