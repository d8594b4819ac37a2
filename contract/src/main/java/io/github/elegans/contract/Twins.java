package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The same call by the definition and by a backend, on equal memory. */
final class Twins {
  private Twins() {}

  /** A call on pieces of memory. */
  interface Call {
    void on(Kernels kernels, MemorySegment[] memory);
  }

  /**
   * Fails unless afterwards all memory is the same, what lies between rows included.
   *
   * @param memory what the pieces hold before
   */
  static void check(String what, Kernels kernels, Call call, float[]... memory) {
    float[][] expected = run(what, Contract.DEFINITION, call, 0, memory);
    for (int misalignment : new int[] {0, 4}) {
      float[][] found = run(what, kernels, call, misalignment, memory);
      for (int i = 0; i < memory.length; i++) {
        assertSame("%s: argument %d".formatted(what, i), expected[i], found[i]);
      }
    }
  }

  /** What the memory holds after a call. */
  static float[][] run(
      String what, Kernels kernels, Call call, int misalignment, float[]... memory) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory[] guarded = new GuardedMemory[memory.length];
      MemorySegment[] segments = new MemorySegment[memory.length];
      for (int i = 0; i < memory.length; i++) {
        guarded[i] = GuardedMemory.of(arena, memory[i], (long) misalignment * i);
        segments[i] = guarded[i].segment();
      }
      call.on(kernels, segments);
      float[][] after = new float[memory.length][];
      for (int i = 0; i < memory.length; i++) {
        after[i] = guarded[i].toFloats();
        guarded[i].assertGuards("%s: argument %d".formatted(what, i));
      }
      return after;
    }
  }

  /** A function of one number, to be differentiated. */
  interface Function {
    double at(double x);
  }

  /** Fails unless a derivative is that of the function, as far as differences and float32 allow. */
  static void assertDerivative(String what, Function function, double x, double found) {
    double step = 1e-4;
    double narrow = (function.at(x + step) - function.at(x - step)) / (2 * step);
    double wide = (function.at(x + 2 * step) - function.at(x - 2 * step)) / (4 * step);
    double expected = (4 * narrow - wide) / 3;
    assertThat(found).as(what).isCloseTo(expected, within(4e-6 * Math.max(1, Math.abs(expected))));
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
