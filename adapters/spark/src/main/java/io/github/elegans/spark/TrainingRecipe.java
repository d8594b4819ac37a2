package io.github.elegans.spark;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.training.Training;
import java.io.Serializable;

/** Says how a network is trained, on every executor and on the driver: the same everywhere. */
@FunctionalInterface
public interface TrainingRecipe extends Serializable {
  /** The training of a network. */
  Training of(Network network);
}
