package io.github.elegans.networks;

import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.SplittableRandom;

/** Networks and numbers to feed them with. */
final class Data {
  private Data() {}

  static Cfc cfc(int inputs, int hidden, int projection) {
    CfcConfiguration c =
        CfcConfiguration.of(inputs, hidden).withBackbone(9, 1).withProjection(projection);
    return Cfc.initialised(c, 7L * inputs + hidden);
  }

  static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  static float[] timespans(long seed, int n) {
    float[] values = random(seed, n);
    for (int i = 0; i < n; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }

  static boolean[] mask(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] mask = new boolean[n];
    for (int i = 0; i < n; i++) {
      mask[i] = random.nextInt(3) > 0;
    }
    return mask;
  }

  /** Items of n floats, of [a, b, n] as [b, a, n]. */
  static float[] swapped(float[] values, int a, int b) {
    int n = values.length / (a * b);
    float[] swapped = new float[values.length];
    for (int i = 0; i < a; i++) {
      for (int j = 0; j < b; j++) {
        System.arraycopy(values, (i * b + j) * n, swapped, (j * a + i) * n, n);
      }
    }
    return swapped;
  }

  static boolean[] swapped(boolean[] values, int a, int b) {
    boolean[] swapped = new boolean[values.length];
    for (int i = 0; i < a; i++) {
      for (int j = 0; j < b; j++) {
        swapped[j * a + i] = values[i * b + j];
      }
    }
    return swapped;
  }

  /** Items of n floats at numbers. */
  static float[] items(float[] values, int n, int... numbers) {
    float[] items = new float[numbers.length * n];
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(values, numbers[i] * n, items, i * n, n);
    }
    return items;
  }
}
