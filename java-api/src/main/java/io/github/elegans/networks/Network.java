package io.github.elegans.networks;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Kernels;

/** A recurrent network. Immutable; one network may serve any number of sessions and threads. */
public interface Network {

  /** What sessions advance: the layers on their backend, the output projection included. */
  Cell cell();

  /** A session for a batch of that many rows, with a zero state. */
  default Session session(int batch) {
    return new Session(this, batch);
  }

  /** The backend that sessions run on. */
  Kernels kernels();

  /** The tier of the elementwise functions. */
  Accuracy accuracy();

  /** The same network on another backend; the weights are shared. */
  Network on(Kernels other);

  /** The same network with another tier of its elementwise functions; the weights are shared. */
  Network with(Accuracy other);

  /** Number of trainable parameters. */
  long parameterCount();
}
