package io.github.elegans.kernels.roofline;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;

/** What the hardware can do at most, through this backend: the yardstick of every benchmark. */
public interface RooflineKernels {
  /** The family. */
  KernelFamily<RooflineKernels> FAMILY =
      new KernelFamily<>(
          "roofline", RooflineKernels.class, ScalarRoofline::new, CheckedRoofline::new);

  /**
   * Runs independent float32 fused multiply-adds in registers.
   *
   * @param rounds at least 1
   * @return how many floating-point operations that were (two per fused multiply-add)
   */
  long multiplyAdd(long rounds);

  /**
   * Runs independent float32 divisions in registers.
   *
   * @param rounds at least 1
   * @return how many divisions that were
   */
  long divide(long rounds);

  /**
   * Gathers floats from a table within the first-level cache, each by an index of its own.
   *
   * @param rounds at least 1
   * @return how many floats that were
   */
  long gather(long rounds);

  /**
   * Reads memory front to back.
   *
   * @param data n floats
   * @param n a multiple of 128
   * @return a value that depends on all of them, so that nothing can be left out
   */
  float read(MemorySegment data, long n);
}
