package example;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.dense.DenseKernels;

/** Offers the backend; the file in META-INF/services names this class. */
public final class ColumnProvider implements KernelProvider {
  @Override
  public String name() {
    return "columns";
  }

  /** After all others: only who names it gets it. */
  @Override
  public int preference() {
    return -1;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    return Kernels.of(name(), "columns in plain Java")
        .with(DenseKernels.FAMILY, new ColumnDense()) // other families are the scalar backend's
        .build();
  }
}
