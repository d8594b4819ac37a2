package example;

import io.github.elegans.contract.BackendContract;

/**
 * The whole contract, which takes minutes: all that the backend offers has the definition's bits.
 */
class ColumnContractTest extends BackendContract {
  ColumnContractTest() {
    super(new ColumnProvider());
  }
}
