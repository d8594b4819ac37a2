package io.github.elegans.contract;

import java.util.SplittableRandom;

/** Arguments at which elementwise functions go wrong if they go wrong anywhere. */
final class SampleValues {

  /**
   * Where pieces of the functions meet, saturate, overflow or underflow; in float32 and in float64.
   */
  private static final double[] BORDERS = {
    0.25,
    0.5,
    0.625,
    0.75,
    1,
    2,
    3,
    4,
    5,
    6,
    7.9807181358,
    8,
    9,
    9.01,
    9.1,
    10,
    12,
    13,
    13.5,
    14,
    15,
    16.6,
    17.3,
    18.36,
    19.1,
    20,
    27.3,
    36.7,
    37.5,
    38.6,
    39,
    40,
    50,
    64,
    86,
    87,
    87.33,
    88,
    88.37,
    88.7,
    88.72,
    89,
    100,
    103.28,
    103.97,
    104,
    105,
    127,
    128,
    150,
    700,
    707,
    708,
    708.39,
    709,
    709.78,
    710,
    740,
    744.44,
    745.13,
    746,
    750,
    1000,
    1024,
    1e4,
    12582912,
    1e10,
    1e18,
    1e19,
    1e20,
    1e30,
    1e38
  };

  private static final int NEIGHBOURS = 4;

  private SampleValues() {}

  /** All special float32 values: zeros, subnormals, the ends of every range, infinities, NaNs. */
  static float[] floats() {
    FloatList list = new FloatList();
    for (float value :
        new float[] {0, Float.MIN_NORMAL, Float.MAX_VALUE, 0x1p-24f, 0x1p-12f, 0x1p-100f, 1}) {
      list.around(value);
    }
    for (double border : BORDERS) {
      list.around((float) border);
    }
    for (int exponent = -149; exponent <= 127; exponent += 3) {
      list.both(Math.scalb(1f, exponent));
      list.both(Math.scalb(1.7f, exponent));
    }
    list.both(Float.POSITIVE_INFINITY);
    for (int bits : new int[] {0x7fc00000, 0x7fc12345, 0x7f800001, 0x7fffffff}) {
      list.both(Float.intBitsToFloat(bits));
    }
    return list.toArray();
  }

  /** All special float64 values. */
  static double[] doubles() {
    float[] narrow = floats();
    double[] values = new double[narrow.length + 2 * BORDERS.length * (2 * NEIGHBOURS + 1) + 12];
    int n = 0;
    for (float value : narrow) {
      values[n++] = value;
    }
    for (double border : BORDERS) {
      double value = border;
      for (int i = 0; i < NEIGHBOURS; i++) {
        value = Math.nextDown(value);
      }
      for (int i = -NEIGHBOURS; i <= NEIGHBOURS; i++) {
        values[n++] = value;
        values[n++] = -value;
        value = Math.nextUp(value);
      }
    }
    for (double value :
        new double[] {
          Double.MIN_VALUE,
          Double.MIN_NORMAL,
          Math.nextDown(Double.MIN_NORMAL),
          Double.MAX_VALUE,
          0x1p-54,
          Double.longBitsToDouble(0x7ff0000000000001L)
        }) {
      values[n++] = value;
      values[n++] = -value;
    }
    return values;
  }

  /**
   * Any bit pattern is as likely as any other, but half of the values lie where the functions are
   * not constant.
   */
  static float[] random(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          random.nextBoolean()
              ? Float.intBitsToFloat(random.nextInt())
              : (float) random.nextDouble(-20, 20);
    }
    return values;
  }

  /**
   * Any bit pattern is as likely as any other, but half of the values lie where the functions are
   * not constant.
   */
  static double[] randomDoubles(SplittableRandom random, int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          random.nextBoolean()
              ? Double.longBitsToDouble(random.nextLong())
              : random.nextDouble(-40, 40);
    }
    return values;
  }

  private static final class FloatList {
    private float[] values = new float[4096];
    private int size;

    /** Adds a value, its neighbours, and all of their negatives. */
    void around(float middle) {
      float value = middle;
      for (int i = 0; i < NEIGHBOURS; i++) {
        value = Math.nextDown(value);
      }
      for (int i = -NEIGHBOURS; i <= NEIGHBOURS; i++) {
        both(value);
        value = Math.nextUp(value);
      }
    }

    void both(float value) {
      values[size++] = value;
      values[size++] = -value;
    }

    float[] toArray() {
      return java.util.Arrays.copyOf(values, size);
    }
  }
}
