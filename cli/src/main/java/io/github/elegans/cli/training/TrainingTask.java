package io.github.elegans.cli.training;

import io.github.elegans.networks.Network;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is learnt, from which data. */
public interface TrainingTask {
  /** What it is called. */
  String name();

  /** What it is, in a line. */
  String title();

  /** The data to learn from. */
  Windows train();

  /** The data that are measured after every epoch. */
  @Nullable Windows validation();

  /** Outputs of the network: the targets of a step, or the classes. */
  default int outputSize() {
    return train().targetSize();
  }

  /** What else the file of the trained network tells, so that it can be used. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  /** Measures a trained network and prints how good it is, beside what is simple. */
  void report(Network network, PrintWriter out);
}
