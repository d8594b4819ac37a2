package io.github.elegans.kernels.math;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** The checks before derivatives of elementwise functions. */
record CheckedActivationGradients(ActivationGradientKernels unchecked)
    implements ActivationGradientKernels {

  @Override
  public void gradient(Activation function, MemorySegment z, MemorySegment d, long n) {
    check(function, z, "d", d, n);
    try {
      if (Staging.lasts(z) && Staging.lasts(d)) {
        unchecked.gradient(function, z, d, n);
      } else {
        inChunks(function, z, d, n, false);
      }
    } finally {
      Reference.reachabilityFence(z);
      Reference.reachabilityFence(d);
    }
  }

  @Override
  public void backward(Activation function, MemorySegment z, MemorySegment dy, long n) {
    check(function, z, "dy", dy, n);
    try {
      if (Staging.lasts(z) && Staging.lasts(dy)) {
        unchecked.backward(function, z, dy, n);
      } else {
        inChunks(function, z, dy, n, true);
      }
    } finally {
      Reference.reachabilityFence(z);
      Reference.reachabilityFence(dy);
    }
  }

  private static void check(
      Activation function, MemorySegment z, String name, MemorySegment out, long n) {
    FloatingPoint.check();
    Objects.requireNonNull(function, "function");
    Require.atLeast("n", 0, n);
    MemoryChecks.check("z", z, n, Float.BYTES);
    MemoryChecks.checkWritable(name, out, n, Float.BYTES);
    MemoryChecks.checkDisjoint("z", z, name, out);
  }

  private void inChunks(
      Activation function, MemorySegment z, MemorySegment d, long n, boolean inPlace) {
    MemorySegment in = Staging.input(0);
    MemorySegment out = Staging.output(0);
    long most = Math.min(in.byteSize(), out.byteSize()) / Float.BYTES;
    for (long done = 0; done < n; done += most) {
      long m = Math.min(most, n - done);
      FloatSegments.copy(z, done, in, 0, m);
      if (inPlace) {
        FloatSegments.copy(d, done, out, 0, m);
        unchecked.backward(function, in, out, m);
      } else {
        unchecked.gradient(function, in, out, m);
      }
      FloatSegments.copy(out, 0, d, done, m);
    }
  }
}
