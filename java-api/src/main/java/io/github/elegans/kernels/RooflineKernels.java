package io.github.elegans.kernels;

import java.lang.foreign.MemorySegment;

/** What the hardware can do at most, through this backend: the yardstick of every benchmark. */
public interface RooflineKernels {

  /**
   * Runs independent float32 fused multiply-adds in registers.
   *
   * @param rounds at least 1
   * @return how many floating-point operations that were (two per fused multiply-add)
   */
  long multiplyAdd(long rounds);

  /**
   * Reads memory front to back.
   *
   * @param data n floats
   * @param n a multiple of 128
   * @return a value that depends on all of them, so that nothing can be left out
   */
  float read(MemorySegment data, long n);
}
