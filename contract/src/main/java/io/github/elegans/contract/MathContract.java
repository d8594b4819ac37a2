package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The elementwise functions of a backend have the bits of the definition. */
public abstract class MathContract {
  private static final int[] SIZES =
      Contract.SMALL
          ? new int[] {0, 1, 3, 8, 16, 33}
          : new int[] {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 256, 1021};

  /** A float or a double at any multiple of its size is well placed. */
  private static final int[] MISALIGNMENTS = {0, 4, 60};

  private static final int SWEEP = Contract.SMALL ? 500 : 300_000;
  private static final int RANDOM = Contract.SMALL ? 200 : 100_000;
  private static final int THREADS = 4;

  /** Longer than any part that a backend might cut an array into. */
  private static final int LONG = Contract.SMALL ? 3_000 : (1 << 24) + 4_321;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  /** A function of one tier, with its definition. */
  private record Function(Activation activation, Accuracy accuracy) {

    static Stream<Function> all() {
      return Arrays.stream(Activation.values())
          .flatMap(f -> Arrays.stream(Accuracy.values()).map(a -> new Function(f, a)));
    }

    float[] define(float[] x) {
      float[] y = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = ScalarMath.apply(activation, accuracy, x[i]);
      }
      return y;
    }

    @Override
    public String toString() {
      return Contract.name(activation) + ", " + Contract.name(accuracy);
    }
  }

  @TestFactory
  Stream<DynamicNode> floatFunctionsAtSpecialValuesAndAllSizes() {
    return perFunction(MathContract::specialValuesAndSizes);
  }

  @TestFactory
  Stream<DynamicNode> floatFunctionsAllOverTheirRange() {
    return perFunction(MathContract::sweep);
  }

  @TestFactory
  Stream<DynamicNode> floatFunctionsHaveTheFingerprintsOfTheDefinition() {
    int stride = Contract.SMALL ? Fingerprint.FEW : Fingerprint.SOME;
    return perFunction((math, function) -> fingerprint(math, function, stride));
  }

  @Tag("nightly")
  @TestFactory
  Stream<DynamicNode> floatFunctionsHaveTheFingerprintsOfTheDefinitionForAllArguments() {
    return perFunction((math, function) -> fingerprint(math, function, Fingerprint.ALL));
  }

  @TestFactory
  Stream<DynamicNode> doubleFunctions() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(Activation.values())
                .map(f -> dynamicTest(Contract.name(f), () -> doubles(k.math(), f))));
  }

  @TestFactory
  Stream<DynamicNode> longArrays() {
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                dynamicTest(LONG + " floats", () -> longFloats(k.math())),
                dynamicTest(LONG + " doubles", () -> longDoubles(k.math()))));
  }

  @TestFactory
  Stream<DynamicNode> functionsMayRunInManyThreads() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest(THREADS + " threads", () -> manyThreads(k.math()))));
  }

  @FunctionalInterface
  private interface Check {
    void check(MathKernels math, Function function);
  }

  private Stream<DynamicNode> perFunction(Check check) {
    return Contract.each(
        kernels(),
        k -> Function.all().map(f -> dynamicTest(f.toString(), () -> check.check(k.math(), f))));
  }

  private static void specialValuesAndSizes(MathKernels math, Function function) {
    SplittableRandom random = Contract.random("sizes", function);
    float[] pool = shuffled(SampleValues.floats(), random);
    apply(math, function, pool, 0, 0);
    for (int size : SIZES) {
      int first = random.nextInt(pool.length - size);
      float[] x = Arrays.copyOfRange(pool, first, first + size);
      for (int xMisalignment : MISALIGNMENTS) {
        applyInPlace(math, function, x, xMisalignment);
        for (int yMisalignment : MISALIGNMENTS) {
          apply(math, function, x, xMisalignment, yMisalignment);
        }
      }
    }
  }

  private static void sweep(MathKernels math, Function function) {
    SplittableRandom random = Contract.random("sweep", function);
    int stride = (int) ((1L << 32) / SWEEP) | 1;
    int first = random.nextInt(stride);
    float[] x = new float[SWEEP];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(first + i * stride);
    }
    apply(math, function, x, 0, 0);
    apply(math, function, SampleValues.random(random, RANDOM), 0, 0);
  }

  private static void fingerprint(MathKernels math, Function function, int stride) {
    long found = Fingerprint.of(math, function.activation, function.accuracy, stride);
    long expected = Fingerprint.expected(function.activation, function.accuracy, stride);
    assertThat(Long.toHexString(found))
        .as("%s, every %d. bit pattern", function, stride)
        .isEqualTo(Long.toHexString(expected));
  }

  private static void apply(
      MathKernels math, Function function, float[] x, int xMisalignment, int yMisalignment) {
    String what = "%s of %d values".formatted(function, x.length);
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory from = GuardedMemory.of(arena, x, xMisalignment);
      GuardedMemory to = GuardedMemory.floats(arena, x.length, yMisalignment);
      math.apply(function.activation, function.accuracy, from.segment(), to.segment(), x.length);
      assertSame(what, function.define(x), to.toFloats());
      assertSame(what + ": input", x, from.toFloats());
      to.assertGuards(what);
      from.assertGuards(what);
    }
  }

  private static void applyInPlace(
      MathKernels math, Function function, float[] x, int misalignment) {
    String what = "%s of %d values in place".formatted(function, x.length);
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory memory = GuardedMemory.of(arena, x, misalignment);
      math.apply(
          function.activation, function.accuracy, memory.segment(), memory.segment(), x.length);
      assertSame(what, function.define(x), memory.toFloats());
      memory.assertGuards(what);
    }
  }

  private static void doubles(MathKernels math, Activation function) {
    SplittableRandom random = Contract.random("doubles", function);
    double[] special = SampleValues.doubles();
    applyDoubles(math, function, special, 0, 0);
    applyDoubles(math, function, SampleValues.randomDoubles(random, RANDOM), 0, 0);
    for (int size : SIZES) {
      int first = random.nextInt(special.length - size);
      double[] x = Arrays.copyOfRange(special, first, first + size);
      for (int misalignment : MISALIGNMENTS) {
        applyDoubles(math, function, x, misalignment, 8);
        applyDoublesInPlace(math, function, x, misalignment);
      }
    }
  }

  private static void applyDoubles(
      MathKernels math, Activation function, double[] x, int xMisalignment, int yMisalignment) {
    String what = "%s of %d doubles".formatted(function, x.length);
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory from = GuardedMemory.of(arena, x, xMisalignment);
      GuardedMemory to = GuardedMemory.doubles(arena, x.length, yMisalignment);
      math.applyDouble(function, from.segment(), to.segment(), x.length);
      assertSame(what, define(function, x), to.toDoubles());
      assertSame(what + ": input", x, from.toDoubles());
      to.assertGuards(what);
      from.assertGuards(what);
    }
  }

  private static void applyDoublesInPlace(
      MathKernels math, Activation function, double[] x, int misalignment) {
    String what = "%s of %d doubles in place".formatted(function, x.length);
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory memory = GuardedMemory.of(arena, x, misalignment);
      math.applyDouble(function, memory.segment(), memory.segment(), x.length);
      assertSame(what, define(function, x), memory.toDoubles());
      memory.assertGuards(what);
    }
  }

  private static double[] define(Activation function, double[] x) {
    return Arrays.stream(x).map(value -> ScalarMath.apply(function, value)).toArray();
  }

  private static void longFloats(MathKernels math) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(4L * LONG, 64);
      for (int i = 0; i < LONG; i++) {
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, i * 0x1p-22f - 2);
      }
      MemorySegment y = arena.allocate(4L * LONG, 64);
      math.apply(Activation.TANH, Accuracy.FAST, x, y, LONG);
      for (int i = 0; i < LONG; i++) {
        float expected =
            ScalarMath.apply(
                Activation.TANH, Accuracy.FAST, x.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        float found = y.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        if (Contract.differ(expected, found)) {
          Contract.failAt("long array", i, Contract.text(expected), Contract.text(found));
        }
      }
    }
  }

  private static void longDoubles(MathKernels math) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(8L * LONG, 64);
      for (int i = 0; i < LONG; i++) {
        x.setAtIndex(ValueLayout.JAVA_DOUBLE, i, i * 0x1p-22 - 2);
      }
      math.applyDouble(Activation.EXP, x, x, LONG);
      for (int i = 0; i < LONG; i++) {
        double expected = ScalarMath.apply(Activation.EXP, i * 0x1p-22 - 2);
        double found = x.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        if (Contract.differ(expected, found)) {
          Contract.failAt("long array", i, Contract.text(expected), Contract.text(found));
        }
      }
    }
  }

  private static void manyThreads(MathKernels math) throws Exception {
    List<Callable<Boolean>> tasks =
        IntStream.range(0, THREADS)
            .mapToObj(
                thread ->
                    (Callable<Boolean>)
                        () -> {
                          Function function =
                              Function.all().skip(3L * thread + 4).findFirst().get();
                          SplittableRandom random = Contract.random("threads", thread);
                          for (int i = 0; i < (Contract.SMALL ? 2 : 100); i++) {
                            apply(math, function, SampleValues.random(random, 100 + i), 0, 4);
                          }
                          return true;
                        })
            .toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Boolean> result : threads.invokeAll(tasks)) {
        assertThat(result.get()).isTrue();
      }
    }
  }

  private static float[] shuffled(float[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      float value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
    return values;
  }
}
