package io.github.elegans.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.dfp.Dfp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The definitions of the elementwise functions held to mathematics; their bits are held by the
 * contract.
 */
class ScalarMathTest {
  /** A prime: 107,000 arguments. */
  private static final long STRIDE = 40_009;

  private static final float[] BORDERS = {
    0x1p-126f, 0x1p-24f, 0x1p-12f, 0.625f, 0.75f, 0.9375f, 1, 5.1f, 7.98f, 9.1f, 9.985f, 13.1f,
    13.25f, 17.3f, 20, 28.7f, 87, 87.33f, 88.7f, 103.9f, 104
  };

  private static final long SEED = 20_261_123;

  /**
   * How far a result may be from the truth: so many units in the last place, or so much times the
   * larger of 1 and the truth. The second number of an accurate function is what may be flushed to
   * zero.
   */
  @ParameterizedTest
  @CsvSource({
    "EXP, FAST, 0.909, 0",
    "EXP, ACCURATE, 0.909, 0",
    "TANH, FAST, 0, 3.2e-7",
    "TANH, ACCURATE, 1.067, 0",
    "LECUN_TANH, FAST, 0, 6.2e-7",
    "LECUN_TANH, ACCURATE, 2.52, 0",
    "SIGMOID, FAST, 0, 1.9e-7",
    "SIGMOID, ACCURATE, 0.997, 1.65e-38",
    "SILU, FAST, 3.22, 1.45e-36",
    "SILU, ACCURATE, 1.73, 1.45e-36",
    "GELU, FAST, 0, 9.6e-7",
    "GELU, ACCURATE, 1.96, 1.18e-38",
    "GELU_TANH, FAST, 0, 6.8e-7",
    "GELU_TANH, ACCURATE, 1.9, 1.66e-37",
    "SOFTPLUS, FAST, 0, 2.4e-7",
    "SOFTPLUS, ACCURATE, 1.11, 0",
    "LINEAR, FAST, 0, 0",
    "LINEAR, ACCURATE, 0, 0",
    "RELU, FAST, 0, 0",
    "RELU, ACCURATE, 0, 0"
  })
  void floatsAreWithinTheirBounds(
      Activation function, Accuracy accuracy, double ulps, double absolute) {
    for (float x : arguments()) {
      double exact = Math.clamp(DoubleFunctions.of(function, x), -0x1p128, 0x1p128);
      double found = ScalarMath.apply(function, accuracy, x);
      if (Double.isInfinite(found)) {
        found = Math.copySign(0x1p128, found);
      }
      double unit = Math.scalb(1.0, Math.max(Math.getExponent(exact), Float.MIN_EXPONENT) - 23);
      double error = Math.abs(found - exact);
      double bound =
          Math.max(ulps * unit, absolute * (ulps == 0 ? Math.max(1, Math.abs(exact)) : 1));
      if (error > bound) {
        assertThat(error)
            .as(
                "%s %s of %s (%s) is %s, but exactly %s",
                function, accuracy, Float.toHexString(x), x, found, exact)
            .isLessThanOrEqualTo(bound);
      }
    }
  }

  /** The exact tier is correctly rounded. */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void exactFloatsAreTheNearest(Activation function) {
    int doubtful = 0;
    for (float x : arguments()) {
      double near = DoubleFunctions.of(function, x);
      float expected = (float) near;
      double slack = Math.abs(near) * DoubleFunctions.ERROR;
      if (!Double.isInfinite(near)
          && (expected != (float) (near - slack) || expected != (float) (near + slack))) {
        // Too close to the middle between two floats for a double to tell.
        doubtful++;
        expected = nearest(ExactFunctions.of(function, x), near);
      }
      float found = ScalarMath.apply(function, Accuracy.EXACT, x);
      if (found != expected) {
        assertThat(found)
            .as("%s exact of %s (%s)", function, Float.toHexString(x), x)
            .isEqualTo(expected);
      }
    }
    assertThat(doubtful).as("arguments that needed many digits").isLessThan(2000);
  }

  /**
   * The float nearest to a number of which an approximation is known; of two equally near ones, the
   * even.
   */
  private static float nearest(Dfp exact, double near) {
    float best = (float) near;
    Dfp least = exact.subtract(ExactFunctions.of(best)).abs();
    for (float candidate : new float[] {Math.nextDown((float) near), Math.nextUp((float) near)}) {
      Dfp distance = exact.subtract(ExactFunctions.of(candidate)).abs();
      boolean even = (Float.floatToRawIntBits(candidate) & 1) == 0;
      if (distance.lessThan(least) || (distance.equals(least) && even)) {
        best = candidate;
        least = distance;
      }
    }
    return best;
  }

  @ParameterizedTest
  @CsvSource({
    "TANH, ACCURATE",
    "SIGMOID, ACCURATE",
    "LECUN_TANH, ACCURATE",
    "SOFTPLUS, ACCURATE",
    "EXP, EXACT",
    "TANH, EXACT",
    "SIGMOID, EXACT",
    "LECUN_TANH, EXACT",
    "SOFTPLUS, EXACT"
  })
  void risesMonotonically(Activation function, Accuracy accuracy) {
    List<Float> starts = new ArrayList<>();
    for (float border : BORDERS) {
      starts.add(before(border));
      starts.add(-before(border));
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 40; i++) {
      starts.add((float) random.nextDouble(-20, 20));
      starts.add((float) random.nextDouble(-1, 1));
    }
    for (float start : starts) {
      float x = start;
      float y = ScalarMath.apply(function, accuracy, x);
      for (int i = 0; i < 20_000; i++) {
        x = Math.nextUp(x);
        float next = ScalarMath.apply(function, accuracy, x);
        if (!(next >= y)) {
          assertThat(next)
              .as("%s %s of %s", function, accuracy, Float.toHexString(x))
              .isGreaterThanOrEqualTo(y);
        }
        y = next;
      }
    }
  }

  /** The float ten thousand places below. */
  private static float before(float x) {
    return Float.intBitsToFloat(Math.max(0, Float.floatToRawIntBits(x) - 10_000));
  }

  @ParameterizedTest
  @CsvSource({"TANH", "LECUN_TANH"})
  void isOdd(Activation function) {
    for (Accuracy accuracy : Accuracy.values()) {
      for (float x : arguments()) {
        float y = ScalarMath.apply(function, accuracy, x);
        float mirrored = ScalarMath.apply(function, accuracy, -x);
        if (Float.floatToRawIntBits(mirrored) != Float.floatToRawIntBits(-y)) {
          assertThat(mirrored)
              .as("%s %s of %s", function, accuracy, Float.toHexString(-x))
              .isEqualTo(-y);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"TANH, -1, 1", "SIGMOID, 0, 1", "LECUN_TANH, -1.7159, 1.7159"})
  void staysInItsRange(Activation function, float least, float most) {
    for (Accuracy accuracy : Accuracy.values()) {
      for (float x : arguments()) {
        float y = ScalarMath.apply(function, accuracy, x);
        if (!(y >= least && y <= most)) {
          assertThat(y)
              .as("%s %s of %s", function, accuracy, Float.toHexString(x))
              .isBetween(least, most);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EXP, 0, 1, Infinity, 0",
    "TANH, 0, 0, 1, -1",
    "LECUN_TANH, 0, 0, 1.7159, -1.7159",
    "RELU, 0, 0, Infinity, 0",
    "SILU, 0, 0, Infinity, -0",
    "GELU, 0, 0, Infinity, -0",
    "GELU_TANH, 0, 0, Infinity, -0",
    "SOFTPLUS, 0, 0.693147180559945309417, Infinity, 0",
    "LINEAR, 0, 0, Infinity, -Infinity"
  })
  void valuesAtZeroAndInfinity(
      Activation function, float zero, float atZero, float atInfinity, float atMinusInfinity) {
    for (Accuracy accuracy : new Accuracy[] {Accuracy.ACCURATE, Accuracy.EXACT}) {
      String what = function + " " + accuracy;
      assertThat(ScalarMath.apply(function, accuracy, zero)).as(what).isEqualTo(atZero);
      assertThat(ScalarMath.apply(function, accuracy, Float.POSITIVE_INFINITY))
          .as(what)
          .isEqualTo(atInfinity);
      assertThat(ScalarMath.apply(function, accuracy, Float.NEGATIVE_INFINITY))
          .as(what)
          .isEqualTo(atMinusInfinity);
    }
  }

  @ParameterizedTest
  @CsvSource({"TANH", "LECUN_TANH", "RELU", "LINEAR", "SILU", "GELU", "GELU_TANH"})
  void negativeZeroStaysNegative(Activation function) {
    for (Accuracy accuracy : Accuracy.values()) {
      assertThat(Float.floatToRawIntBits(ScalarMath.apply(function, accuracy, -0f)))
          .as("%s %s", function, accuracy)
          .isEqualTo(Float.floatToRawIntBits(-0f));
    }
    assertThat(Double.doubleToRawLongBits(ScalarMath.apply(function, -0.0)))
        .as("%s double", function)
        .isEqualTo(Double.doubleToRawLongBits(-0.0));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void anyNanGivesNan(Activation function) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 10_000; i++) {
      int payload = i == 0 ? 0x400000 : Math.max(1, random.nextInt() & 0x7fffff);
      float x = Float.intBitsToFloat(0x7f800000 | payload | (random.nextInt() & 0x80000000));
      for (Accuracy accuracy : Accuracy.values()) {
        assertThat(ScalarMath.apply(function, accuracy, x))
            .as("%s %s of NaN %x", function, accuracy, payload)
            .isNaN();
      }
      long longPayload = Math.max(1, random.nextLong() & 0xfffffffffffffL);
      double wide =
          Double.longBitsToDouble(
              0x7ff0000000000000L | longPayload | (random.nextLong() & Long.MIN_VALUE));
      assertThat(ScalarMath.apply(function, wide))
          .as("%s of double NaN %x", function, longPayload)
          .isNaN();
    }
  }

  /** Floats all over the range and around the borders, both signs; no infinities, no NaN. */
  private static float[] arguments() {
    List<Float> list = new ArrayList<>();
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (Float.isFinite(x)) {
        list.add(x);
      }
    }
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 20_000; i++) {
      list.add((float) random.nextDouble(-20, 20));
      list.add((float) random.nextDouble(-1.2, 1.2));
    }
    for (float border : BORDERS) {
      int bits = Float.floatToRawIntBits(border);
      for (int i = -100; i <= 100; i++) {
        list.add(Float.intBitsToFloat(bits + i));
        list.add(-Float.intBitsToFloat(bits + i));
      }
    }
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i);
    }
    return values;
  }

  /**
   * How far a result may be from the truth: so many units in the last place, or what may be flushed
   * to zero.
   */
  @ParameterizedTest
  @CsvSource({
    "EXP, 0.88, 0",
    "TANH, 1.4, 0",
    "LECUN_TANH, 1.6, 0",
    "SIGMOID, 0.98, 3.4e-308",
    "SILU, 1.75, 2.4e-305",
    "GELU, 2, 2.3e-308",
    "GELU_TANH, 1.9, 7.1e-307",
    "SOFTPLUS, 1, 0",
    "LINEAR, 0, 0",
    "RELU, 0, 0"
  })
  void doublesAreWithinTheirBounds(Activation function, double ulps, double absolute) {
    for (double x : doubleArguments()) {
      Dfp exact = ExactFunctions.of(function, x);
      double near = exact.toDouble();
      double found = ScalarMath.apply(function, x);
      if (Double.isInfinite(near)) {
        assertThat(found).as("%s of %s", function, x).isEqualTo(near);
        continue;
      }
      Dfp error = exact.subtract(ExactFunctions.of(found)).abs();
      double unit = Math.ulp(near);
      double units = error.divide(ExactFunctions.of(unit)).toDouble();
      if (units > ulps && error.toDouble() > absolute) {
        assertThat(units)
            .as(
                "%s of %s (%s) is %s: error in units of %s",
                function, Double.toHexString(x), x, found, unit)
            .isLessThanOrEqualTo(ulps);
      }
    }
  }

  private static double[] doubleArguments() {
    List<Double> list = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 150; i++) {
      list.add(random.nextDouble(-40, 40));
      list.add(random.nextDouble(-2, 2));
      list.add(random.nextDouble(-750, 750));
      double magnitude = StrictMath.exp(random.nextDouble(-40, 7));
      list.add(magnitude);
      list.add(-magnitude);
    }
    for (double border :
        new double[] {
          Double.MIN_VALUE,
          Double.MIN_NORMAL,
          1e-300,
          0x1p-54,
          0.625,
          0.75,
          0.9375,
          1,
          19.1,
          21.14,
          28.7,
          36.7,
          37.5,
          37.6,
          38.5,
          707.9,
          708,
          708.4,
          709.78,
          745,
          746,
          1e10,
          1e300
        }) {
      for (double x : new double[] {Math.nextDown(border), border, Math.nextUp(border)}) {
        list.add(x);
        list.add(-x);
      }
    }
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
