package io.github.elegans.kernels.ltc;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.kernels.math.ScalarFloats;
import org.junit.jupiter.api.Test;

/** The activations of synapses against double precision. */
class LogisticTest {
  private static final int STRIDE = 997;

  @Test
  void accurateIsWithinItsUlpBound() {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float y = Float.intBitsToFloat((int) bits);
      if (Math.abs(y) <= 87) {
        double exact = 1 / (1 + StrictMath.exp(y));
        float found = ScalarFloats.logistic(y);
        worst = Math.max(worst, Math.abs(found - exact) / Math.ulp((float) exact));
      }
    }
    assertThat(worst).isBetween(1.0, 2.5);
  }

  @Test
  void fastIsWithinItsAbsoluteBound() {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float y = Float.intBitsToFloat((int) bits);
      if (Float.isFinite(y)) {
        double exact = 1 / (1 + StrictMath.exp(y)) - 0.5;
        worst = Math.max(worst, Math.abs(ScalarFloats.logisticFast(y) - exact));
      }
    }
    assertThat(worst).isBetween(1e-8, 1.7e-7);
  }

  @Test
  void beyondTheClampNothingIsSubnormal() {
    float least = ScalarFloats.logistic(87f);
    assertThat(least).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
    assertThat(ScalarFloats.logistic(1e30f)).isEqualTo(least);
    assertThat(ScalarFloats.logistic(Float.POSITIVE_INFINITY)).isEqualTo(least);
    assertThat(ScalarFloats.logistic(Float.NEGATIVE_INFINITY)).isEqualTo(1);
    assertThat(ScalarFloats.logistic(Float.NaN)).isNaN();
    assertThat(ScalarFloats.logisticFast(Float.NaN)).isNaN();
  }

  /** Every factor that was moved into the coefficients is a power of two. */
  @Test
  void fastIsHalfAHyperbolicTangent() {
    for (float y = -20; y < 20; y += 0.0371f) {
      assertThat(ScalarFloats.logisticFast(y)).isEqualTo(-0.5f * ScalarFloats.tanhFast(0.5f * y));
    }
  }
}
