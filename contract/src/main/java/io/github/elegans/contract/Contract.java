package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.Kernels;
import io.github.elegans.backends.ScalarProvider;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;

/** What the parts of the contract share. */
final class Contract {
  /** Only a few shapes, for an interpreter. */
  static final boolean SMALL = Boolean.getBoolean("elegans.test.small");

  /** Of all random cases. */
  static final long SEED = Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());

  /** The definition. */
  static final Kernels DEFINITION = new ScalarProvider().open(InstructionSet.V4);

  private Contract() {}

  /** A container of tests for each backend or tier. */
  static Stream<DynamicNode> each(
      List<Kernels> kernels, Function<Kernels, Stream<? extends DynamicNode>> tests) {
    if (kernels.isEmpty()) {
      throw new IllegalArgumentException("no kernels to test");
    }
    return kernels.stream()
        .map(k -> dynamicContainer(k.backend() + ", " + k.tier(), tests.apply(k)));
  }

  /** Random numbers for one case, which do not depend on the other cases. */
  static SplittableRandom random(Object... purpose) {
    long seed = SEED;
    for (Object part : purpose) {
      seed = seed * 0x9E3779B97F4A7C15L + part.toString().hashCode();
    }
    return new SplittableRandom(seed);
  }

  /** Fails unless the bits are equal; one NaN is as good as another. */
  static void assertSame(String what, float[] expected, float[] found) {
    if (expected.length != found.length) {
      fail("%s: expected %d values, found %d", what, expected.length, found.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (differ(expected[i], found[i])) {
        failAt(what, i, text(expected[i]), text(found[i]));
      }
    }
  }

  /** Fails unless the bits are equal; one NaN is as good as another. */
  static void assertSame(String what, double[] expected, double[] found) {
    if (expected.length != found.length) {
      fail("%s: expected %d values, found %d", what, expected.length, found.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (differ(expected[i], found[i])) {
        failAt(what, i, text(expected[i]), text(found[i]));
      }
    }
  }

  static void failAt(String what, Object where, String expected, String found) {
    fail(
        "%s: at %s expected %s, found %s (-Delegans.test.seed=%d)",
        what, where, expected, found, SEED);
  }

  static boolean differ(float a, float b) {
    return Float.floatToRawIntBits(a) != Float.floatToRawIntBits(b)
        && !(Float.isNaN(a) && Float.isNaN(b));
  }

  static boolean differ(double a, double b) {
    return Double.doubleToRawLongBits(a) != Double.doubleToRawLongBits(b)
        && !(Double.isNaN(a) && Double.isNaN(b));
  }

  static String text(float value) {
    return "%s = %s"
        .formatted(Float.toHexString(value), Integer.toHexString(Float.floatToRawIntBits(value)));
  }

  static String text(double value) {
    return "%s = %s"
        .formatted(Double.toHexString(value), Long.toHexString(Double.doubleToRawLongBits(value)));
  }

  static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
