package io.github.elegans.example;

import io.github.elegans.contract.BackendContract;

class BlockedContractTest extends BackendContract {
  BlockedContractTest() {
    super(new BlockedProvider());
  }
}
