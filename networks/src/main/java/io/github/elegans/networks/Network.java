package io.github.elegans.networks;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Calibration;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/** A recurrent network. Immutable; one network may serve any number of sessions and threads. */
public interface Network {

  /** What sessions advance: the layers on their backend, the output projection included. */
  Cell cell();

  /** I: floats of an input item. */
  default int inputSize() {
    return cell().inputSize();
  }

  /** O: floats of an output item. */
  default int outputSize() {
    return cell().outputSize();
  }

  /** S: floats of a row's hidden state (ncps's {@code hx}, or {@code h} of a pair). */
  default int stateSize() {
    return cell().stateSize();
  }

  /** M: floats of a row's memory ({@code c} of a pair with an LSTM), 0 for most networks. */
  default int memorySize() {
    return cell().memorySize();
  }

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

  /**
   * The same network with its weights in another storage, those of its output projection included.
   * {@link WeightStorage#BFLOAT16} reads half the memory in every step, which pays with small
   * batches, and rounds the weights once, here: what that costs in accuracy is the network's
   * matter, but all backends agree in every bit.
   *
   * @throws IllegalArgumentException if a weight is too large for the storage
   * @throws UnsupportedOperationException if this kind of network has only one storage
   */
  default Network with(WeightStorage storage) {
    throw new UnsupportedOperationException(
        "the weights of %s cannot be stored as %s".formatted(this, storage));
  }

  /**
   * The parameters that it was made of.
   *
   * @throws UnsupportedOperationException if this kind of network does not tell
   */
  default StateDict stateDict() {
    throw new UnsupportedOperationException("%s does not tell its parameters".formatted(this));
  }

  /**
   * What a file of its parameters must tell beside them, by the names in the metadata of such
   * files: what kind of network it is, and what its tensors do not show.
   *
   * @throws UnsupportedOperationException if this kind of network does not tell
   */
  default Map<String, String> metadata() {
    throw new UnsupportedOperationException("%s does not tell its metadata".formatted(this));
  }

  /** Number of trainable parameters. */
  long parameterCount();

  /**
   * Measures which backend is the fastest for single steps of so many rows, through a session of
   * one thread: {@link Backends#calibrate(String, Function)}. {@code
   * network.on(network.calibrate(64).kernels())} is the network on it.
   */
  default Calibration calibrate(int batch) {
    return Backends.calibrate(NetworkSteps.name(this, batch), NetworkSteps.of(this, batch));
  }

  /** As {@link #calibrate(int)}, within another budget. */
  default Calibration calibrate(int batch, Duration budget) {
    return Backends.calibrate(NetworkSteps.name(this, batch), NetworkSteps.of(this, batch), budget);
  }

  /**
   * As {@link #calibrate(int)}, but only once: the file keeps the result, {@link
   * Backends#calibrate(String, Function, Path)}.
   *
   * @throws IOException if the file cannot be read or written
   * @throws IllegalArgumentException if there is a file that is no calibration
   */
  default Calibration calibrate(int batch, Path file) throws IOException {
    return Backends.calibrate(NetworkSteps.name(this, batch), NetworkSteps.of(this, batch), file);
  }
}
