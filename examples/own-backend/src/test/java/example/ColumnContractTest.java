package example;

import io.github.elegans.contract.BackendContract;

/** Holds the backend to the bits of the definition. */
class ColumnContractTest extends BackendContract {
  ColumnContractTest() {
    super(new ColumnProvider());
  }
}
