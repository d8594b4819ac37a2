package io.github.elegans.contract;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A main class for {@link ChildJvm}: chooses a backend as users do, says which, why the others were
 * not taken, and whether it computes.
 */
public final class BackendsProbe {
  private BackendsProbe() {}

  /**
   * Prints a line of {@code key = value} each, or {@code thrown = class: message} with status 1.
   */
  public static void main(String[] arguments) {
    try {
      Kernels chosen = arguments.length == 0 ? Backends.get() : Backends.named(arguments[0]);
      System.out.println("chosen = " + chosen.backend() + ", " + chosen.tier());
      System.out.println("tanh = " + tanh(chosen));
      for (Backends.Status status : Backends.statuses()) {
        System.out.printf(
            "%s = %s%n", status.name(), status.kernels() == null ? "-" : status.kernels().tier());
        System.out.printf("%s.reason = %s%n", status.name(), status.reason());
      }
      System.out.println(Backends.report());
    } catch (RuntimeException e) {
      System.out.println("thrown = " + e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(1);
    }
  }

  private static float tanh(Kernels kernels) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment y = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.5f);
      kernels.math().apply(Activation.TANH, Accuracy.ACCURATE, y, y, 1);
      return y.get(ValueLayout.JAVA_FLOAT, 0);
    }
  }
}
