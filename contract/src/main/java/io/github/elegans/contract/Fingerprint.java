package io.github.elegans.contract;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * One number for all the bits that a float32 function gives: over all arguments, or over every
 * n-th.
 *
 * <p>Arguments are the bit patterns 0, n, 2n, … up to that of infinity, in blocks of 65,536 whose
 * tail is filled with NaN; then the same with the sign bit. The sum of a block is that of
 * bits(y[i]) (0x9E3779B97F4A7C15 + 2 i), any NaN counting as 0x7fc00000; the sums are combined by h
 * = (h xor sum) 1099511628211 from 1469598103934665603.
 *
 * <p>The expected numbers come from C programs that were written from the definitions' text, not
 * from this project's Java; see {@code src/test/c}.
 */
final class Fingerprint {
  /** Every argument: minutes to hours. */
  static final int ALL = 1;

  /** A prime: 8.4 million arguments. */
  static final int SOME = 509;

  /** A prime: 4,280 arguments. */
  static final int FEW = 1_000_003;

  private static final int BLOCK = 65_536;
  private static final int INFINITY = 0x7f800000;
  private static final int NAN = 0x7fc00000;
  private static final int SIGN = 0x80000000;
  private static final int[] STRIDES = {ALL, SOME, FEW};

  private static final Map<String, Long> EXPECTED = readExpected();

  private final MathKernels math;
  private final Activation function;
  private final Accuracy accuracy;
  private final int stride;
  private final int blocks;
  private final long[] sums;
  private final AtomicInteger done = new AtomicInteger();

  private Fingerprint(MathKernels math, Activation function, Accuracy accuracy, int stride) {
    this.math = math;
    this.function = function;
    this.accuracy = accuracy;
    this.stride = stride;
    blocks = INFINITY / stride / BLOCK + 1;
    sums = new long[2 * blocks];
  }

  /** The number that a backend gives. */
  static long of(MathKernels math, Activation function, Accuracy accuracy, int stride) {
    return new Fingerprint(math, function, accuracy, stride).compute();
  }

  /** The number that it must give. */
  static long expected(Activation function, Accuracy accuracy, int stride) {
    Long expected = EXPECTED.get(key(Contract.name(function), Contract.name(accuracy), stride));
    if (expected == null) {
      throw new AssertionError("no fingerprint of " + function + " " + accuracy);
    }
    return expected;
  }

  private long compute() {
    int workers = Math.min(Runtime.getRuntime().availableProcessors(), sums.length);
    IntStream.range(0, workers).parallel().forEach(worker -> work(worker, workers));
    long hash = 1469598103934665603L;
    for (long sum : sums) {
      hash = (hash ^ sum) * 1099511628211L;
    }
    return hash;
  }

  private void work(int first, int workers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(4L * BLOCK, 64);
      MemorySegment y = arena.allocate(4L * BLOCK, 64);
      for (int block = first; block < sums.length; block += workers) {
        int sign = block < blocks ? 0 : SIGN;
        int n = fill(x, block % blocks, sign);
        math.apply(function, accuracy, x, y, n);
        sums[block] = sum(y, n);
        int finished = done.incrementAndGet();
        if (stride == ALL && finished % (sums.length / 8) == 0) {
          System.out.printf(
              "%s %s: %d %%%n", function, accuracy, Math.round(100.0 * finished / sums.length));
        }
      }
    }
  }

  /**
   * Fills in a block's arguments, and returns how many there are up to and including the first NaN.
   */
  private int fill(MemorySegment x, int block, int sign) {
    for (int i = 0; i < BLOCK; i++) {
      long bits = ((long) block * BLOCK + i) * stride;
      x.setAtIndex(ValueLayout.JAVA_INT, i, (bits > INFINITY ? NAN : (int) bits) | sign);
      if (bits > INFINITY) {
        return i + 1;
      }
    }
    return BLOCK;
  }

  /**
   * The sum of a block of which n values were computed; the others are NaN as the last one must be.
   */
  private static long sum(MemorySegment y, int n) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      int bits = i < n ? y.getAtIndex(ValueLayout.JAVA_INT, i) : NAN;
      int canonical = (bits & ~SIGN) > INFINITY ? NAN : bits;
      sum += Integer.toUnsignedLong(canonical) * (0x9E3779B97F4A7C15L + 2L * i);
    }
    return sum;
  }

  private static Map<String, Long> readExpected() {
    String text;
    try (InputStream in = Fingerprint.class.getResourceAsStream("fingerprints.txt")) {
      if (in == null) {
        throw new AssertionError("fingerprints.txt is missing");
      }
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Long> expected = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              String[] words = line.split(" ", -1);
              for (int i = 0; i < STRIDES.length; i++) {
                expected.put(
                    key(words[0], words[1], STRIDES[i]), Long.parseUnsignedLong(words[2 + i], 16));
              }
            });
    return expected;
  }

  private static String key(String function, String accuracy, int stride) {
    return function + " " + accuracy + " " + stride;
  }
}
