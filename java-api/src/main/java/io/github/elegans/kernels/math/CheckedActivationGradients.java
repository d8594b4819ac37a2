package io.github.elegans.kernels.math;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
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
    FloatingPoint.check();
    Objects.requireNonNull(function, "function");
    Require.atLeast("n", 0, n);
    MemoryChecks.check("z", z, n, Float.BYTES);
    MemoryChecks.checkWritable("d", d, n, Float.BYTES);
    MemoryChecks.checkDisjoint("z", z, "d", d);
    try {
      if (Staging.lasts(z) && Staging.lasts(d)) {
        unchecked.gradient(function, z, d, n);
      } else {
        inChunks(function, z, d, n);
      }
    } finally {
      Reference.reachabilityFence(z);
      Reference.reachabilityFence(d);
    }
  }

  private void inChunks(Activation function, MemorySegment z, MemorySegment d, long n) {
    MemorySegment in = Staging.input(0);
    MemorySegment out = Staging.output(0);
    long most = Math.min(in.byteSize(), out.byteSize()) / Float.BYTES;
    for (long done = 0; done < n; done += most) {
      long m = Math.min(most, n - done);
      MemorySegment.copy(z, done * Float.BYTES, in, 0, m * Float.BYTES);
      unchecked.gradient(function, in, out, m);
      MemorySegment.copy(out, 0, d, done * Float.BYTES, m * Float.BYTES);
    }
  }
}
