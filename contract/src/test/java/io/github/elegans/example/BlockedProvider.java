package io.github.elegans.example;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.dense.DenseKernels;

/** Offers a backend that has dense layers of its own; what else there is, it has of the scalar. */
public final class BlockedProvider implements KernelProvider {

  @Override
  public String name() {
    return "blocked";
  }

  /** After all others: nobody wants an example unasked. */
  @Override
  public int preference() {
    return -1;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    return Kernels.of(name(), "blocks of %d in plain Java".formatted(BlockedDense.BLOCK))
        .with(DenseKernels.FAMILY, new BlockedDense())
        .build();
  }
}
