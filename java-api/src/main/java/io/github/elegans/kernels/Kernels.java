package io.github.elegans.kernels;

import java.util.Optional;

/**
 * One backend's kernels, by family. Implementations are immutable and safe for use by many threads;
 * operations only touch the memory that they are given.
 *
 * <p>What {@link Backends} hands out checks every argument before anything is read or written, and
 * throws {@link IllegalArgumentException} or {@link IndexOutOfBoundsException} naming the argument,
 * what was expected and what was found. Memory of mapped files, shared arenas and buffers, which
 * others might take away during a call, is copied through the library's own, so that it is best
 * left to sessions: if it vanishes, the call throws what the JDK throws ({@link InternalError},
 * {@link IllegalStateException}), and a workspace is as after some of the steps.
 */
public interface Kernels {

  /** The backend's name: {@code scalar}, {@code vector}, {@code native}, … */
  String backend();

  /** What it really runs on, for people: {@code "x86-64-v4"}, {@code "512-bit species"}, … */
  String tier();

  /**
   * Why automatic choice should pass this backend over although it works (it would be very slow,
   * say).
   */
  default Optional<String> caveat() {
    return Optional.empty();
  }

  MathKernels math();

  DenseKernels dense();

  CfcKernels cfc();

  LtcKernels ltc();

  LstmKernels lstm();

  ProgramKernels programs();

  RooflineKernels roofline();
}
