package example;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.DenseContract;
import java.util.List;

/** The part of the contract that is about dense layers: seconds, while a kernel is written. */
class ColumnDenseTest extends DenseContract {
  @Override
  protected List<Kernels> kernels() {
    return List.of(Backends.named("columns"));
  }
}
