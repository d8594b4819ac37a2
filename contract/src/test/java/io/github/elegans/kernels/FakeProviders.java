package io.github.elegans.kernels;

import io.github.elegans.scalar.ScalarProvider;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Providers as third parties might write them; only the child JVMs of {@link BackendsTest} find
 * them.
 */
public final class FakeProviders {
  private FakeProviders() {}

  /** A backend under a name, with the scalar backend's kernels. */
  private abstract static class Fake implements KernelProvider {
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
      return new Renamed(new ScalarProvider().open(cap), name, cap.label(), caveat);
    }
  }

  private static final class Renamed extends ForwardingKernels {
    private final String backend;
    private final String tier;
    private final Optional<String> caveat;

    Renamed(Kernels scalar, String backend, String tier, Optional<String> caveat) {
      super(scalar);
      this.backend = backend;
      this.tier = tier;
      this.caveat = caveat;
    }

    @Override
    public String backend() {
      return backend;
    }

    @Override
    public String tier() {
      return tier;
    }

    @Override
    public Optional<String> caveat() {
      return caveat;
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
