package io.github.elegans.contract;

import java.util.SplittableRandom;

/** Kinds of numbers to feed a network with. */
enum Values {
  /** What networks are made of. */
  ORDINARY,
  /** Subnormal inputs, weights just above the flush: sums lose bits or vanish. */
  TINY,
  /** Inputs and weights whose sums overflow, to infinity or NaN. */
  HUGE,
  /** Ordinary, but NaN, infinities and negative zeros here and there in every third row. */
  SPECIAL;

  private static final float[] SPECIALS = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f, Float.MIN_VALUE
  };

  /** Rows of inputs. */
  float[] rows(SplittableRandom random, int rows, int width) {
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = input(random, i / Math.max(1, width));
    }
    return values;
  }

  /** Weights or biases of a layer of that many inputs. */
  float[] weights(SplittableRandom random, int n, int inputs) {
    float[] values = new float[n];
    double bound = 1.5 / Math.sqrt(inputs);
    for (int i = 0; i < n; i++) {
      values[i] =
          switch (this) {
            case ORDINARY, SPECIAL -> (float) random.nextDouble(-bound, bound);
            case TINY -> power(random, -102, -60);
            // Below what would round to infinity in some storage.
            case HUGE -> power(random, -10, 126);
          };
    }
    return values;
  }

  private float input(SplittableRandom random, int row) {
    float ordinary = (float) random.nextDouble(-2, 2);
    return switch (this) {
      case ORDINARY -> ordinary;
      case TINY -> power(random, -149, -60);
      case HUGE -> power(random, -10, 127);
      case SPECIAL ->
          row % 3 == 1 && random.nextInt(8) == 0
              ? SPECIALS[random.nextInt(SPECIALS.length)]
              : ordinary;
    };
  }

  private static float power(SplittableRandom random, int least, int most) {
    float value = Math.scalb((float) random.nextDouble(1, 2), random.nextInt(least, most + 1));
    return random.nextBoolean() ? value : -value;
  }
}
