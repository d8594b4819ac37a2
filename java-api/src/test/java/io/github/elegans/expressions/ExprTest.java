package io.github.elegans.expressions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
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
