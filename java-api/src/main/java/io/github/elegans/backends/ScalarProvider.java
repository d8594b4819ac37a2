package io.github.elegans.backends;

import io.github.elegans.kernels.KernelFamily;

/** Offers the scalar backend, which runs everywhere: the definitions of all families. */
public final class ScalarProvider implements KernelProvider {
  /** For the service loader. */
  public ScalarProvider() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    Kernels.Builder builder = Kernels.of("scalar", "scalar Java");
    Kernels.FAMILIES.forEach(family -> define(builder, family));
    return builder.build();
  }

  private static <K> void define(Kernels.Builder builder, KernelFamily<K> family) {
    builder.with(family, family.definition());
  }
}
