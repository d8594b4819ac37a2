package io.github.elegans.expressions;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.expressions.Node.Real;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.hipparchus.dfp.Dfp;
import org.hipparchus.dfp.DfpField;
import org.hipparchus.dfp.DfpMath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The elementary functions against 60 decimal digits. */
class FunctionsTest {
  private static final DfpField FIELD = new DfpField(60);
  private static final long SEED = 20261124;

  private static Dfp exact(Op op, double x, double y) {
    Dfp a = FIELD.newDfp(x);
    boolean small = Math.abs(x) < 1e-5;
    return switch (op) {
      case EXP -> DfpMath.exp(a);
      case EXPM1 -> small ? series(a, 1, false) : DfpMath.exp(a).subtract(1);
      case LOG -> DfpMath.log(a);
      case LOG1P -> small ? series(a, 1, true) : DfpMath.log(a.add(1));
      case SIN -> DfpMath.sin(a);
      case COS -> DfpMath.cos(a);
      case TANH -> {
        if (small) {
          yield a.subtract(a.multiply(a).multiply(a).divide(3));
        }
        Dfp e = DfpMath.exp(a.multiply(2));
        yield e.subtract(1).divide(e.add(1));
      }
      case SIGMOID -> FIELD.getOne().divide(FIELD.getOne().add(DfpMath.exp(a.negate())));
      case EXPREL -> (small ? series(a, 1, false) : DfpMath.exp(a).subtract(1)).divide(a);
      case BERNOULLI -> a.divide(small ? series(a, 1, false) : DfpMath.exp(a).subtract(1));
      case ATAN -> Math.abs(x) < 1e-12 ? a.subtract(a.pow(3).divide(3)) : DfpMath.atan(a);
      case ATAN2 -> {
        Dfp quotient = a.divide(FIELD.newDfp(y));
        Dfp angle =
            quotient.abs().toDouble() < 1e-12
                ? quotient.subtract(quotient.pow(3).divide(3))
                : DfpMath.atan(quotient);
        yield y > 0 ? angle : x < 0 ? angle.subtract(FIELD.getPi()) : angle.add(FIELD.getPi());
      }
      case ASIN -> Math.abs(x) < 1e-12 ? a.add(a.pow(3).divide(6)) : DfpMath.asin(a);
      case ACOS -> DfpMath.acos(a);
      case HYPOT -> a.multiply(a).add(FIELD.newDfp(y).pow(2)).sqrt();
      case RINT -> FIELD.newDfp(Math.rint(x));
      case POW -> DfpMath.exp(DfpMath.log(a).multiply(FIELD.newDfp(y)));
      default -> throw new IllegalArgumentException(op.toString());
    };
  }

  /** x + x²/2! + …, or x − x²/2 + … */
  private static Dfp series(Dfp x, int first, boolean logarithm) {
    Dfp term = x;
    Dfp sum = x;
    for (int i = first + 1; i < 10; i++) {
      term = logarithm ? term.multiply(x).negate() : term.multiply(x).divide(i);
      sum = sum.add(logarithm ? term.divide(i) : term);
    }
    return sum;
  }

  /** A function of the first variable, of a power's exponent in the second; the value is third. */
  private static Interpreter function(Op op, Precision precision) {
    Graph g = new Graph(precision);
    Real x = g.variable(0);
    Real value = (Real) (op.arity() == 2 ? g.make(op, 0, x, g.variable(1)) : g.make(op, 0, x));
    return new Interpreter(new Program(g, 3, new int[] {2}, new Real[] {value}, null), 1);
  }

  // The bounds are those that the functions state.
  @ParameterizedTest
  @CsvSource({
    "EXP, 0.9, 1",
    "EXPM1, 1.1, 1.25",
    "LOG, 1, 1",
    "LOG1P, 1, 1",
    "SIN, 1, 1",
    "COS, 1, 1",
    "TANH, 1.4, 1.4",
    "SIGMOID, 1, 1",
    "EXPREL, 2.7, 2.7",
    "BERNOULLI, 2, 2",
    "POW, 1, 1",
    "ATAN, 1.4, 1.4",
    "ATAN2, 1.4, 1.4",
    "ASIN, 1.7, 1.7",
    "ACOS, 1.7, 1.7",
    "HYPOT, 1, 1",
    "RINT, 0, 0"
  })
  void errorsStayWithinTheirBound(Op op, double boundDouble, double boundFloat) {
    for (Precision precision : Precision.values()) {
      Interpreter function = function(op, precision);
      Random random = new Random(SEED);
      double bound = precision == Precision.DOUBLE ? boundDouble : boundFloat;
      // Exact inverse functions take longer.
      int samples = op.compareTo(Op.ATAN) < 0 ? 2000 : 500;
      for (int i = 0; i < samples; i++) {
        double a = precision.round(argument(op, precision, random, i));
        double b = precision.round((random.nextDouble() - 0.5) * (i % 2 == 0 ? 20 : 300));
        if (op == Op.POW) {
          a = Math.abs(a) + 0x1p-20;
          a = precision.round(a);
        }
        Dfp exact = exact(op, a, b);
        double rounded = precision.round(exact.toDouble());
        double least = precision == Precision.DOUBLE ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        if (Math.abs(rounded) < 2 * least || Double.isInfinite(rounded)) {
          continue;
        }
        double[] lanes = {a, b, 0};
        function.run(lanes, 1);
        double unit = precision == Precision.DOUBLE ? Math.ulp(rounded) : Math.ulp((float) rounded);
        double error =
            FIELD.newDfp(lanes[2]).subtract(exact).divide(FIELD.newDfp(unit)).abs().toDouble();
        assertThat(error)
            .as("%s(%s, %s) in %s, seed %d", op, a, b, precision, SEED)
            .isLessThanOrEqualTo(bound);
      }
    }
  }

  private static double argument(Op op, Precision precision, Random random, int i) {
    boolean isDouble = precision == Precision.DOUBLE;
    double small = Math.exp(random.nextDouble() * 40 - 38) * (random.nextBoolean() ? 1 : -1);
    double wide =
        switch (op) {
          case EXPREL -> (random.nextDouble() * 2 - 1) * (isDouble ? 716 : 93);
          case EXP, EXPM1, BERNOULLI, SIGMOID ->
              (random.nextDouble() * 2 - 1) * (isDouble ? 700 : 86);
          case SIN, COS ->
              i % 2 == 0
                  ? Math.rint(random.nextDouble() * (isDouble ? 0x1p29 : 0x1p19)) * Math.PI / 2
                  : (random.nextDouble() * 2 - 1) * (isDouble ? 0x1p30 : 0x1p20);
          case LOG -> Math.exp((random.nextDouble() - 0.5) * (isDouble ? 1400 : 170));
          default -> (random.nextDouble() * 2 - 1) * 20;
        };
    double value = i % 3 == 0 ? small : i % 3 == 1 ? wide : (random.nextDouble() * 2 - 1) * 2;
    return switch (op) {
      case LOG -> Math.abs(value);
      case ASIN, ACOS -> Math.abs(value) > 1 ? Math.sin(value) : value;
      case LOG1P -> value <= -1 ? -1 / (value - 1e-3) : value;
      case EXPREL -> value;
      case SIGMOID, EXP, EXPM1, BERNOULLI ->
          Math.clamp(value, isDouble ? -700 : -86, isDouble ? 700 : 86);
      case SIN, COS -> Math.clamp(value, isDouble ? -0x1p30 : -0x1p20, isDouble ? 0x1p30 : 0x1p20);
      default -> value;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "EXP, 0, 1",
    "EXP, -Infinity, 0",
    "EXP, Infinity, Infinity",
    "EXP, NaN, NaN",
    "EXP, 710, Infinity",
    "EXPM1, -0.0, -0.0",
    "EXPM1, -Infinity, -1",
    "EXPM1, Infinity, Infinity",
    "EXPM1, NaN, NaN",
    "LOG, 1, 0",
    "LOG, 0, -Infinity",
    "LOG, -0.0, -Infinity",
    "LOG, -1, NaN",
    "LOG, Infinity, Infinity",
    "LOG, NaN, NaN",
    "LOG1P, -0.0, -0.0",
    "LOG1P, -1, -Infinity",
    "LOG1P, -2, NaN",
    "LOG1P, Infinity, Infinity",
    "SIN, -0.0, -0.0",
    "SIN, Infinity, NaN",
    "SIN, NaN, NaN",
    "COS, 0, 1",
    "COS, -Infinity, NaN",
    "TANH, -0.0, -0.0",
    "TANH, Infinity, 1",
    "TANH, -Infinity, -1",
    "TANH, NaN, NaN",
    "SIGMOID, 0, 0.5",
    "SIGMOID, Infinity, 1",
    "SIGMOID, NaN, NaN",
    "EXPREL, 0, 1",
    "EXPREL, -0.0, 1",
    "EXPREL, Infinity, Infinity",
    "EXPREL, 1e30, Infinity",
    "EXPREL, -Infinity, 0",
    "EXPREL, NaN, NaN",
    "BERNOULLI, 0, 1",
    "BERNOULLI, -0.0, 1",
    "BERNOULLI, Infinity, 0",
    "BERNOULLI, -Infinity, Infinity",
    "BERNOULLI, NaN, NaN",
    "ATAN, -0.0, -0.0",
    "ATAN, NaN, NaN",
    "ASIN, -0.0, -0.0",
    "ASIN, 1.5, NaN",
    "ASIN, -Infinity, NaN",
    "ASIN, NaN, NaN",
    "ACOS, 1, 0",
    "ACOS, -1.5, NaN",
    "ACOS, NaN, NaN",
    "RINT, -0.0, -0.0",
    "RINT, -0.5, -0.0",
    "RINT, 0.5, 0",
    "RINT, 1.5, 2",
    "RINT, -2.5, -2",
    "RINT, 1099511627776, 1099511627776",
    "RINT, Infinity, Infinity",
    "RINT, NaN, NaN"
  })
  void specialValuesAreAsUsual(Op op, double x, double expected) {
    for (Precision precision : Precision.values()) {
      double[] lanes = {x, 0, 0};
      function(op, precision).run(lanes, 1);
      // As objects: NaN equals NaN, and -0 is not 0.
      assertThat(Double.valueOf(lanes[2]))
          .as("in %s", precision)
          .isEqualTo(Double.valueOf(expected));
    }
  }

  /** Those that divide by x cancel near 0, where a series takes over. */
  @ParameterizedTest
  @CsvSource({"EXPREL, 1e-11", "BERNOULLI, 1e-10"})
  void derivativesHoldNearZeroToo(Op op, double bound) {
    Graph g = new Graph(Precision.DOUBLE);
    Real x = g.variable(0);
    Real slope = new Derivatives(g).by(g.function(op, x), x);
    Interpreter function =
        new Interpreter(new Program(g, 2, new int[] {1}, new Real[] {slope}, null), 1);
    for (double magnitude = 1e-9; magnitude < 300; magnitude *= 1.7) {
      for (double at : new double[] {magnitude, -magnitude}) {
        double[] lanes = {at, 0};
        function.run(lanes, 1);
        Dfp a = FIELD.newDfp(at);
        Dfp e = DfpMath.exp(a);
        Dfp grown = Math.abs(at) < 1e-5 ? series(a, 1, false) : e.subtract(1);
        // (x eˣ − (eˣ − 1)) / x², of which the numerator is Σ k xᵏ⁺¹ / (k + 1)!.
        Dfp numerator = a.multiply(e).subtract(grown);
        Dfp exact =
            op == Op.EXPREL
                ? numerator.divide(a.multiply(a))
                : numerator.negate().divide(grown.multiply(grown));
        assertThat(FIELD.newDfp(lanes[1]).subtract(exact).divide(exact).abs().toDouble())
            .as("%s'(%s)", op, at)
            .isLessThan(bound);
      }
    }
  }

  /** Zeros, infinities and NaN in all places, and numbers whose sums and squares overflow. */
  @Test
  void anglesOfSpecialPointsAreAsInC() {
    double[] special = {
      0.0,
      -0.0,
      1,
      -1,
      3,
      0x1p-1074,
      -0x1p-1050,
      1e300,
      0x1.8p1023,
      -Double.MAX_VALUE,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.NaN
    };
    Interpreter angle = function(Op.ATAN2, Precision.DOUBLE);
    Interpreter arc = function(Op.ATAN, Precision.DOUBLE);
    Interpreter distance = function(Op.HYPOT, Precision.DOUBLE);
    for (double y : special) {
      assertThat(Double.valueOf(value(arc, y, 0)))
          .as("atan(%s)", y)
          .isEqualTo(Double.valueOf(StrictMath.atan(y)));
      for (double x : special) {
        double expected = StrictMath.atan2(y, x);
        double found = value(angle, y, x);
        // Of one sign, too, if it is zero; NaN is only NaN.
        boolean isNear =
            Math.abs(found - expected) <= Math.ulp(expected)
                && Math.copySign(1, found) == Math.copySign(1, expected);
        assertThat(Double.isNaN(expected) ? Double.isNaN(found) : isNear)
            .as("atan2(%s, %s) = %s, found %s", y, x, expected, found)
            .isTrue();
        double hypotenuse =
            Double.isNaN(x) || Double.isNaN(y) ? Double.NaN : StrictMath.hypot(y, x);
        assertThat(Double.valueOf(value(distance, y, x)))
            .as("hypot(%s, %s)", y, x)
            .isEqualTo(Double.valueOf(hypotenuse));
      }
    }
  }

  private static double value(Interpreter function, double x, double y) {
    double[] lanes = {x, y, 0};
    function.run(lanes, 1);
    return lanes[2];
  }

  @ParameterizedTest
  @CsvSource({
    "ATAN, 0.3, 0",
    "ATAN, -4, 0",
    "ASIN, 0.3, 0",
    "ASIN, -0.8, 0",
    "ACOS, 0.9, 0",
    "ATAN2, 1.5, -2",
    "ATAN2, -0.2, 0.7",
    "HYPOT, 3, -2",
    "HYPOT, -1e-3, 5"
  })
  void derivativesOfInverseFunctionsAreThoseOfDifferences(Op op, double x, double y) {
    Graph g = new Graph(Precision.DOUBLE);
    Real a = g.variable(0);
    Real b = g.variable(1);
    Real f = (Real) (op.arity() == 2 ? g.make(op, 0, a, b) : g.make(op, 0, a));
    Derivatives derivatives = new Derivatives(g);
    Real[] slopes = {derivatives.by(f, a), derivatives.by(f, b)};
    Interpreter gradient = new Interpreter(new Program(g, 4, new int[] {2, 3}, slopes, null), 1);
    double[] lanes = {x, y, 0, 0};
    gradient.run(lanes, 1);
    Interpreter function = function(op, Precision.DOUBLE);
    double h = 0x1p-17;
    double byX = (value(function, x + h, y) - value(function, x - h, y)) / (2 * h);
    double byY = (value(function, x, y + h) - value(function, x, y - h)) / (2 * h);
    assertThat(lanes[2]).isCloseTo(byX, Offset.offset(1e-8));
    assertThat(lanes[3]).isCloseTo(byY, Offset.offset(1e-8));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "NaN, 0, 1",
    "1, NaN, 1",
    "1, Infinity, 1",
    "-2, 3, -8",
    "-2, 2, 4",
    "-2, 0.5, NaN",
    "0, 2.5, 0",
    "0, -2.5, Infinity",
    "Infinity, 0.5, Infinity",
    "Infinity, -1.5, 0",
    "NaN, 2.5, NaN",
    "2.5, NaN, NaN",
    "10, -400, 0",
    "10, 400, Infinity",
    "2, Infinity, Infinity",
    "0.5, Infinity, 0",
    "-2, -3, -0.125"
  })
  void powersOfSpecialNumbersAreAsInC(double x, double y, double expected) {
    double[] lanes = {x, y, 0};
    function(Op.POW, Precision.DOUBLE).run(lanes, 1);
    assertThat(Double.valueOf(lanes[2])).isEqualTo(Double.valueOf(expected));
  }
}
