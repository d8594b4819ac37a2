package io.github.elegans.kernels;

/**
 * A compiled program. A kernel has scratch memory of its own: one thread uses it at a time.
 *
 * <p>Variable v of lane l lies at {@code v * width() + l}.
 */
public interface ProgramKernel {
  /** How many lanes it runs at a time. */
  int width();

  /** How it is executed, for people: {@code "bytecode, 512 bits"}, {@code "tape"}, … */
  String rendering();

  /** Whether it runs as fast as it will; some begin slowly, while they are being compiled. */
  default boolean isCompiled() {
    return true;
  }

  /**
   * Runs rounds until a lane asks for attention.
   *
   * @param lanes the variables of all lanes, of a program in double precision
   * @param rounds how many at most, at least 1
   * @return how many there were
   * @throws IllegalArgumentException if the array has another length than variables times width, or
   *     the program is in another precision
   */
  int run(double[] lanes, int rounds);

  /** The same for a program in single precision. */
  int run(float[] lanes, int rounds);
}
