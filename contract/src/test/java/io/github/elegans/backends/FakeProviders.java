package io.github.elegans.backends;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Providers as third parties might write them; only the child JVMs of {@link BackendsTest} find
 * them.
 */
public final class FakeProviders {
  private FakeProviders() {}

  /** A backend under a name, with the scalar backend's kernels. */
  abstract static class Fake implements KernelProvider {
    private final String name;
    private final int preference;

    Fake(String name, int preference) {
      this.name = name;
      this.preference = preference;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int preference() {
      return preference;
    }

    Kernels kernels(InstructionSet cap, Optional<String> caveat) {
      return Kernels.of(name, cap.label()).caveat(caveat).build();
    }
  }

  /** Runs anywhere. */
  public static final class Good extends Fake {
    /** For the service loader. */
    public Good() {
      super("good", 50);
    }

    @Override
    public Kernels open(InstructionSet cap) {
      return kernels(cap, Optional.empty());
    }
  }

  /** Takes longer to open than a calibration may take. */
  public static final class Late extends Fake {
    /** For the service loader. */
    public Late() {
      super("late", 60);
    }

    @Override
    public Kernels open(InstructionSet cap) {
      long end = System.nanoTime() + 2 * Backends.CALIBRATION_BUDGET.toNanos();
      while (end - System.nanoTime() > 0) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
      return kernels(cap, Optional.empty());
    }
  }

  /** Works, but should not be taken automatically. */
  public static final class Slow extends Fake {
    /** For the service loader. */
    public Slow() {
      super("slow", 90);
    }

    @Override
    public Kernels open(InstructionSet cap) {
      return kernels(cap, Optional.of("it is slow on purpose"));
    }
  }

  /** Cannot run. */
  public static final class Unavailable extends Fake {
    /** For the service loader. */
    public Unavailable() {
      super("unavailable", 80);
    }

    @Override
    public Kernels open(InstructionSet cap) {
      throw new BackendUnavailableException("turn the switch on");
    }
  }

  /** Was built against something that is not here. */
  public static final class Unlinked extends Fake {
    /** For the service loader. */
    public Unlinked() {
      super("unlinked", 70);
    }

    @Override
    public Kernels open(InstructionSet cap) {
      throw new NoClassDefFoundError("some/Missing");
    }
  }

  /** Cannot even be made. */
  public static final class Broken extends Fake {
    /** For the service loader. */
    public Broken() {
      super(name(null), 100);
    }

    private static String name(Object nothing) {
      return nothing.toString();
    }

    @Override
    public Kernels open(InstructionSet cap) {
      return kernels(cap, Optional.empty());
    }
  }
}
