package io.github.elegans.backends;

import io.github.elegans.contract.BackendContract;

/** The definition in other places of memory, cut into other calls, and on the border. */
class ScalarContractTest extends BackendContract {
  ScalarContractTest() {
    super(new ScalarProvider());
  }
}
