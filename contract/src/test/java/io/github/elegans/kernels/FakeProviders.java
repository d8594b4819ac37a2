package io.github.elegans.kernels;

import io.github.elegans.scalar.ScalarProvider;
import java.util.Optional;

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

  private record Renamed(Kernels scalar, String backend, String tier, Optional<String> caveat)
      implements Kernels {

    @Override
    public MathKernels math() {
      return scalar.math();
    }

    @Override
    public DenseKernels dense() {
      return scalar.dense();
    }

    @Override
    public CfcKernels cfc() {
      return scalar.cfc();
    }

    @Override
    public LtcKernels ltc() {
      return scalar.ltc();
    }

    @Override
    public LstmKernels lstm() {
      return scalar.lstm();
    }

    @Override
    public ProgramKernels programs() {
      return scalar.programs();
    }

    @Override
    public RooflineKernels roofline() {
      return scalar.roofline();
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
