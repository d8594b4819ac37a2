package io.github.elegans.checks;

/**
 * The arithmetic of the calling thread. Its processor may have been told, by any native library
 * that the thread has ever called, to round otherwise than to nearest or to treat subnormal numbers
 * as zero; Java's own arithmetic then has other results, too.
 */
public final class FloatingPoint {
  // Not final, and so unknown to compilers: the processor is to add them.
  private static float one = 1;
  private static float little = 0x1p-30f;
  private static float subnormal = Float.MIN_VALUE;

  private FloatingPoint() {}

  /**
   * Throws unless this thread rounds to nearest and keeps subnormal numbers; three additions.
   *
   * @throws IllegalStateException if it does not
   */
  public static void check() {
    if (one + little != one - little || subnormal + subnormal == 0) {
      throw new IllegalStateException(
          "%s %s, as a native library must have left it: results would not have the right bits. Have the library restore the floating-point environment (fesetenv(FE_DFL_ENV)), or use another thread"
              .formatted(Thread.currentThread(), deviation()));
    }
  }

  private static String deviation() {
    if (one + little > one) {
      return "rounds upward";
    } else if (-one - little < -one) {
      return "rounds downward";
    } else if (one - little < one) {
      return "rounds toward zero";
    }
    return "treats subnormal numbers as zero";
  }
}
