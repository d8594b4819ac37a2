package io.github.elegans.example;

import io.github.elegans.kernels.DenseKernels;
import io.github.elegans.kernels.ForwardingKernels;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.KernelProvider;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.scalar.ScalarProvider;

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
    Kernels scalar = new ScalarProvider().open(cap);
    DenseKernels dense = new BlockedDense();
    return new ForwardingKernels(scalar) {
      @Override
      public String backend() {
        return name();
      }

      @Override
      public String tier() {
        return "blocks of %d in plain Java".formatted(BlockedDense.BLOCK);
      }

      @Override
      public DenseKernels dense() {
        return dense;
      }
    };
  }
}
