package io.github.elegans.kernels;

import java.util.Optional;

/**
 * Another backend's kernels. A backend that writes only some families extends this over the scalar
 * backend, {@link io.github.elegans.scalar.ScalarProvider}, or another, and overrides its name, its
 * tier and those families; what families come later, it has, too.
 */
public abstract class ForwardingKernels implements Kernels {
  private final Kernels others;

  /**
   * Kernels like others.
   *
   * @param others whose families these kernels have
   */
  protected ForwardingKernels(Kernels others) {
    this.others = others;
  }

  @Override
  public String backend() {
    return others.backend();
  }

  @Override
  public String tier() {
    return others.tier();
  }

  @Override
  public Optional<String> caveat() {
    return others.caveat();
  }

  @Override
  public MathKernels math() {
    return others.math();
  }

  @Override
  public DenseKernels dense() {
    return others.dense();
  }

  @Override
  public CfcKernels cfc() {
    return others.cfc();
  }

  @Override
  public LtcKernels ltc() {
    return others.ltc();
  }

  @Override
  public LstmKernels lstm() {
    return others.lstm();
  }

  @Override
  public ProgramKernels programs() {
    return others.programs();
  }

  @Override
  public RooflineKernels roofline() {
    return others.roofline();
  }
}
