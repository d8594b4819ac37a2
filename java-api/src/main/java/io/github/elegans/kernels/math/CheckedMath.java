package io.github.elegans.kernels.math;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** The checks before elementwise functions. */
record CheckedMath(MathKernels unchecked) implements MathKernels {

  @Override
  public void apply(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
    FloatingPoint.check();
    Objects.requireNonNull(function, "function");
    Objects.requireNonNull(accuracy, "accuracy");
    checkMap(x, y, n, Float.BYTES);
    try {
      if (Staging.lasts(x) && Staging.lasts(y)) {
        unchecked.apply(function, accuracy, x, y, n);
      } else {
        inChunks(function, accuracy, x, y, n, Float.BYTES);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  @Override
  public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
    FloatingPoint.check();
    Objects.requireNonNull(function, "function");
    checkMap(x, y, n, Double.BYTES);
    try {
      if (Staging.lasts(x) && Staging.lasts(y)) {
        unchecked.applyDouble(function, x, y, n);
      } else {
        inChunks(function, Accuracy.ACCURATE, x, y, n, Double.BYTES);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  private void inChunks(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n, int bytes) {
    MemorySegment chunk = Staging.input(0);
    long most = chunk.byteSize() / bytes;
    for (long done = 0; done < n; done += most) {
      long m = Math.min(most, n - done);
      MemorySegment.copy(x, done * bytes, chunk, 0, m * bytes);
      if (bytes == Double.BYTES) {
        unchecked.applyDouble(function, chunk, chunk, m);
      } else {
        unchecked.apply(function, accuracy, chunk, chunk, m);
      }
      MemorySegment.copy(chunk, 0, y, done * bytes, m * bytes);
    }
  }

  private static void checkMap(MemorySegment x, MemorySegment y, long n, long bytes) {
    Require.atLeast("n", 0, n);
    MemoryChecks.check("x", x, n, bytes);
    MemoryChecks.checkWritable("y", y, n, bytes);
    if (x.address() != y.address()) {
      MemoryChecks.checkDisjoint("x", x, "y", y);
    }
  }
}
