package io.github.elegans.peers;

import io.github.elegans.bench.peers.Peer;

/** A way to use PyTorch. */
interface TorchPeer extends Peer {
  @Override
  default String version() {
    return Torch.version();
  }

  @Override
  default String reason() {
    return Torch.reason();
  }
}
