package io.github.elegans.expressions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExprTest {
  private static final Expr X = Expr.variable("x");
  private static final Expr Y = Expr.variable("y");

  /** An expression's node, by which equal ones are known. */
  private static Node node(Graph graph, Expr expression) {
    return expression.addTo(
        graph, name -> graph.variable(List.of("x", "y", "a").indexOf(name)), Expr.noneKnown());
  }

  private static Expr form(Expr constant) {
    Expr shared = X.times(constant).plus(3);
    return shared.sqrt().plus(shared.pow(2)).times(Y);
  }

  @Test
  void versionsAreMergedWithTheirConstants() {
    List<double[]> asked = new ArrayList<>();

    List<Expr> merged =
        Expr.merge(
            List.of(
                List.of(form(Expr.constant(1)), X.minus(2)),
                List.of(form(Expr.constant(5)), X.minus(2)),
                List.of(form(Expr.constant(-1)), X.minus(2))),
            values -> {
              asked.add(values);
              return Expr.variable("a");
            });

    Graph graph = new Graph(Precision.DOUBLE);
    assertThat(merged).hasSize(2);
    assertThat(node(graph, merged.get(0))).isSameAs(node(graph, form(Expr.variable("a"))));
    assertThat(node(graph, merged.get(1))).isSameAs(node(graph, X.minus(2)));
    // What is shared is asked for once.
    assertThat(asked).containsExactly(new double[] {1, 5, -1});
  }

  @Test
  void oneVersionIsItself() {
    Expr only = form(Expr.constant(4));

    assertThat(Expr.merge(List.of(List.of(only)), values -> X)).containsExactly(only);
  }

  @Test
  void otherDifferencesAreRefused() {
    assertRefused(X.plus(1), X.minus(1), "add here, sub there");
    assertRefused(X.plus(1), X.plus(Y), "the constant 1.0 here, the variable y there");
    assertRefused(X, Y, "the variable x here, the variable y there");
    assertRefused(X.pow(2), X.pow(3), "powi here, powi there");
  }

  private static void assertRefused(Expr first, Expr second, String difference) {
    assertThatThrownBy(() -> Expr.merge(List.of(List.of(first), List.of(second)), values -> X))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("versions of an expression differ in more than constants: " + difference);
  }

  private static int operations(List<Expr> expressions) {
    Graph graph = new Graph(Precision.DOUBLE);
    expressions.forEach(e -> node(graph, e));
    return (int)
        graph.nodes().stream().filter(n -> n.op() != Op.CONSTANT && n.op() != Op.VARIABLE).count();
  }

  private static double value(Expr expression, double x, double y) {
    Graph graph = new Graph(Precision.DOUBLE);
    return ((Node.Real)
            expression.addTo(
                graph, name -> graph.constant(name.equals("x") ? x : y), Expr.noneKnown()))
        .value();
  }

  @Test
  void constantFactorsMeet() {
    // Legendre's recurrence: three operations a step instead of four.
    List<Expr> legendre = new ArrayList<>(List.of(Expr.constant(1), X));
    for (int n = 1; n < 10; n++) {
      Expr first = X.times((2 * n + 1) / (n + 1.0)).times(legendre.get(n));
      legendre.add(first.minus(legendre.get(n - 1).times(n / (n + 1.0))));
    }
    List<Expr> last = List.of(legendre.getLast());
    assertThat(operations(last)).isGreaterThan(34);
    assertThat(operations(Expr.factored(last))).isLessThan(22);
    assertThat(value(Expr.factored(last).getFirst(), 0.3, 0))
        .isCloseTo(0.2514763495160156, within(1e-15));
  }

  /** y − x, not −(x − y), which is an operation more and −0 where x is y. */
  @Test
  void differencesRemainDifferences() {
    List<Expr> difference = List.of(X.negate().plus(Y), X.times(-3).plus(Y.times(3)));
    assertThat(operations(Expr.factored(difference))).isEqualTo(2);
    for (Expr e : Expr.factored(difference)) {
      assertThat(Double.doubleToLongBits(value(e, 1, 1))).isZero();
    }
  }

  @Test
  void whatDividesTwiceBecomesItsInverse() {
    Expr r = X.times(X).plus(Y.times(Y)).sqrt();
    List<Expr> unit = Expr.factored(List.of(X.over(r), Y.over(r).times(-3), X.over(Y)));
    Graph graph = new Graph(Precision.DOUBLE);
    unit.forEach(e -> node(graph, e));
    assertThat(graph.nodes().stream().filter(n -> n.op() == Op.DIV)).hasSize(2);
    assertThat(value(unit.get(0), 3, 4)).isCloseTo(0.6, within(1e-15));
    assertThat(value(unit.get(1), 3, 4)).isCloseTo(-2.4, within(1e-15));
    assertThat(value(unit.get(2), 3, 4)).isEqualTo(0.75);
  }

  @Test
  void factoredExpressionsHaveTheirValues() {
    SplittableRandom random = new SplittableRandom(1);
    for (int c = 0; c < 300; c++) {
      List<Expr> made = new ArrayList<>(List.of(X, Y, Expr.constant(0), Expr.constant(-1)));
      for (int k = 0; k < 30; k++) {
        Expr a = made.get(random.nextInt(made.size()));
        Expr b = made.get(random.nextInt(made.size()));
        made.add(
            switch (random.nextInt(9)) {
              case 0 -> a.plus(b);
              case 1 -> a.minus(b);
              case 2 -> a.times(random.nextDouble(-2, 2)).times(b.sin());
              case 3 -> a.over(b.sin().plus(random.nextDouble(2, 3)));
              case 4 -> a.negate();
              case 5 -> a.times(b.abs().plus(1).sqrt().over(10));
              case 6 -> a.plus(random.nextDouble(-2, 2));
              case 7 -> a.sin().fma(b.times(0.1), a);
              default -> Expr.constant(random.nextDouble(-2, 2)).minus(a);
            });
      }
      List<Expr> factored = Expr.factored(made);
      for (int k = 0; k < made.size(); k++) {
        double expected = value(made.get(k), 0.7, -1.3);
        assertThat(value(factored.get(k), 0.7, -1.3))
            .isCloseTo(expected, within(1e-9 * Math.max(1, Math.abs(expected))));
      }
    }
  }

  @Test
  void whatIsScaledRemainsSo() {
    // Without its factor, the product is beyond all numbers.
    Expr scaled = X.times(1e-200).times(X).times(1e-200).times(X);
    assertThat(value(Expr.factored(List.of(scaled)).getFirst(), 1e150, 0))
        .isCloseTo(1e50, within(1e36));
  }

  @Test
  void deepExpressionsAreMerged() {
    List<Expr> versions = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Expr deep = X;
      for (int k = 0; k < 100_000; k++) {
        deep = deep.sin().plus(i);
      }
      versions.add(deep);
    }

    assertThat(
            Expr.merge(
                versions.stream().map(List::of).toList(), values -> Expr.constant(values[1])))
        .hasSize(1);
  }
}
