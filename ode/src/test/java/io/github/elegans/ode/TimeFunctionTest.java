package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.expressions.Derivatives;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.ExprParser;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Ranges hold all values of a function, and no change of sign is missed. */
class TimeFunctionTest {
  private final Graph graph = new Graph(Precision.DOUBLE);
  private final Real time = graph.variable(0);

  private Real node(String text) {
    return (Real) ExprParser.parse(text, List.of("t")).addTo(graph, name -> time, Expr.noneKnown());
  }

  private TimeFunction function(Real node) {
    Real slope = new Derivatives(graph).by(node, time);
    return new TimeFunction(graph, node, slope, 0);
  }

  private static String random(Random random, int depth) {
    if (depth == 0) {
      return switch (random.nextInt(3)) {
        case 0 -> "t";
        case 1 -> "(t - %s)".formatted(random.nextInt(-8, 9) / 4.0);
        default -> Double.toString(random.nextInt(-12, 13) / 4.0);
      };
    }
    String x = random(random, depth - 1);
    String y = random(random, depth - 1);
    return switch (random.nextInt(23)) {
      case 0 -> "(%s + %s)".formatted(x, y);
      case 1 -> "(%s - %s)".formatted(x, y);
      case 2 -> "(%s)*(%s)".formatted(x, y);
      case 3 -> "(%s)/(%s)".formatted(x, y);
      case 4 -> "fma(%s, %s, 0.5)".formatted(x, y);
      case 5 -> "(-(%s))".formatted(x);
      case 6 -> "abs(%s)".formatted(x);
      case 7 -> "sqrt(abs(%s))".formatted(x);
      case 8 -> "min(%s, %s)".formatted(x, y);
      case 9 -> "max(%s, %s)".formatted(x, y);
      case 10 -> "if(%s < %s, %s, 1)".formatted(x, y, x);
      case 11 -> "if(%s <= 0.5 or not (%s > 1 and %s != 2), %s, %s)".formatted(x, y, x, y, x);
      case 12 -> "exp(%s)".formatted(x);
      case 13 -> "log(1.5 + %s)".formatted(x);
      case 14 -> "sin(%s)".formatted(x);
      case 15 -> "cos(%s)".formatted(x);
      case 16 -> "tanh(%s)".formatted(x);
      case 17 -> "sigmoid(%s)".formatted(x);
      case 18 -> "(%s)^%d".formatted(x, random.nextInt(-3, 5));
      case 19 -> "exprel(%s)".formatted(x);
      case 20 -> "bernoulli(%s)".formatted(x);
      case 21 -> "pow(%s, %s)".formatted(x, y);
      default -> "expm1(log1p(%s))".formatted(x);
    };
  }

  @Test
  void rangesHoldAllValues() {
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      String text = random(random, 1 + random.nextInt(3));
      Real node = node(text);
      Ranges ranges = new Ranges(graph, node);
      Interpreter interpreter =
          new Interpreter(new Program(graph, 2, new int[] {1}, new Real[] {node}, null), 1);
      double low = random.nextGaussian() * 3;
      double high = low + Math.scalb(random.nextDouble(), 3 - random.nextInt(30));
      ranges.variable(0, low, high);
      ranges.evaluate();
      for (int s = 0; s <= 40; s++) {
        double t = Math.clamp(low + (high - low) * s / 40, low, high);
        double[] memory = {t, 0};
        interpreter.run(memory, 1);
        if (Double.isNaN(memory[1])) {
          assertThat(ranges.isPartial()).as("%s is NaN at %s", text, t).isTrue();
        } else {
          assertThat(ranges.contains(memory[1])).as("%s at %s is %s", text, t, memory[1]).isTrue();
        }
      }
    }
  }

  /** Between changes that are found, a fine grid sees one sign only: forth and back. */
  @Test
  void noChangeOfSignIsMissed() {
    Random random = new Random(2);
    int changes = 0;
    for (int i = 0; i < 500; i++) {
      String text = random(random, 1 + random.nextInt(3));
      Real node = node(text);
      TimeFunction function = function(node);
      Interpreter interpreter =
          new Interpreter(new Program(graph, 2, new int[] {1}, new Real[] {node}, null), 1);
      double from = i % 2 == 0 ? -2.1 : 2.3;
      double to = -from;
      double direction = Math.signum(to - from);
      double least = 16 * Math.ulp(to);
      double at = from;
      for (int segments = 0; at != to && segments < 60; segments++) {
        double next = function.next(at, to, least);
        assertThat((next - at) * direction).as(text).isPositive();
        double first = 0;
        boolean isFirst = true;
        for (int s = 1; s < 200; s++) {
          double t = at + (next - at) * s / 200;
          if (Math.abs(t - at) > 2 * least && Math.abs(t - next) > 2 * least) {
            double sign = function.sign(t);
            boolean isAlone =
                Double.compare(sign, function.sign(t + 1e-9)) != 0
                    && Double.compare(sign, function.sign(t - 1e-9)) != 0;
            double[] value = {t, 0};
            interpreter.run(value, 1);
            if (isAlone || Math.abs(value[1]) < 1e-12) {
              // A zero or a gap at one time is no change, nor is what rounding makes of 0.
              continue;
            }
            first = isFirst ? sign : first;
            isFirst = false;
            assertThat(Double.compare(sign + 0.0, first + 0.0))
                .as("%s at %s, between %s and %s", text, t, at, next)
                .isZero();
          }
        }
        changes += next == to ? 0 : 1;
        at = next;
      }
    }
    assertThat(changes).isGreaterThan(200);
  }

  /** It is NaN up to 5, which is no reason to stop anywhere before. */
  @Test
  void whereItIsUndefinedNothingChanges() {
    TimeFunction function = function(node("log(t - 5)"));
    double defined = function.next(0, 10, 1e-15);
    assertThat(defined).isCloseTo(5, within(1e-14));
    assertThat(function.next(defined, 10, 1e-15)).isCloseTo(6, within(1e-14));
    assertThat(function.next(6.5, 10, 1e-15)).isEqualTo(10);
    // Unknown to ranges: the power of a number that may be negative.
    TimeFunction power = function(node("pow(t - 5, 2.5) - 1"));
    double at = power.next(0, 10, 1e-15);
    assertThat(at).isCloseTo(5, within(1e-14));
    assertThat(power.next(at, 10, 1e-15)).isCloseTo(6, within(1e-14));
  }

  @Test
  void zerosInClosedFormAreFoundToRounding() {
    TimeFunction wave = function(node("sin(2*pi*t/0.8) - 0.5"));
    double at = 0;
    for (int k = 0; k < 5000; k++) {
      at = wave.next(at, 1e6, 1e-9);
      int turn = k / 2;
      double turns = turn + (k % 2 == 0 ? 1 / 12.0 : 5 / 12.0);
      assertThat(at).isCloseTo(0.8 * turns, within(1e-12 * Math.max(1, at)));
    }
    TimeFunction last = function(node("t^2 - 2"));
    assertThat(last.next(0, 10, 1e-15)).isCloseTo(Math.sqrt(2), within(4e-16));
    assertThat(last.next(1.5, 10, 1e-15)).isEqualTo(10);
    assertThat(last.next(10, -10, 1e-15)).isCloseTo(Math.sqrt(2), within(4e-16));
  }
}
