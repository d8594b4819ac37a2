package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Network;
import java.util.Locale;
import java.util.Objects;

/** What is trained: a network, or those of both directions. */
sealed interface Trainee {
  /** The backend. */
  Kernels kernels();

  /** S. */
  int stateSize();

  /** M. */
  int memorySize();

  /**
   * Takes it apart.
   *
   * @param layout receives the parameters
   * @param lastOnly whether only the output after the last step of a sequence counts
   */
  TrainablePart part(ParameterLayout layout, boolean lastOnly);

  /**
   * The network.
   *
   * @throws IllegalStateException if it is a {@link Bidirectional}
   */
  default Network network() {
    if (this instanceof One(Network network)) {
      return network;
    }
    throw new IllegalStateException(
        "network() is that of a training of one network, but bidirectional() is trained");
  }

  /**
   * The networks of both directions.
   *
   * @throws IllegalStateException if it is a single network
   */
  default Bidirectional bidirectional() {
    if (this instanceof Both(Bidirectional networks)) {
      return networks;
    }
    throw new IllegalStateException(
        "bidirectional() is that of a training in both directions, but network() is trained");
  }

  /** A network. */
  record One(Network network) implements Trainee {
    public One {
      Objects.requireNonNull(network, "network");
    }

    @Override
    public Kernels kernels() {
      return network.kernels();
    }

    @Override
    public int stateSize() {
      return network.stateSize();
    }

    @Override
    public int memorySize() {
      return network.memorySize();
    }

    @Override
    public TrainablePart part(ParameterLayout layout, boolean lastOnly) {
      return new TrainableNetwork(network, "", layout, 0, lastOnly);
    }

    @Override
    public String toString() {
      return network.toString();
    }
  }

  /** Networks of both directions; one that serves both is trained as two that begin equal. */
  record Both(Bidirectional networks) implements Trainee {
    public Both {
      Objects.requireNonNull(networks, "networks");
    }

    @Override
    public Kernels kernels() {
      return networks.forward().kernels();
    }

    @Override
    public int stateSize() {
      return networks.forward().stateSize() + networks.backward().stateSize();
    }

    @Override
    public int memorySize() {
      return networks.forward().memorySize() + networks.backward().memorySize();
    }

    @Override
    public TrainablePart part(ParameterLayout layout, boolean lastOnly) {
      Network forward = networks.forward();
      Network backward = networks.backward();
      if (backward.kernels() != forward.kernels() || backward.accuracy() != forward.accuracy()) {
        throw new IllegalArgumentException(
            "the backward network must be on the backend and tier of the forward one (%s) to be trained, but is on %s"
                .formatted(where(forward), where(backward)));
      }
      TrainableNetwork first = new TrainableNetwork(forward, "forward.", layout, 0, lastOnly);
      TrainableNetwork second =
          new TrainableNetwork(backward, "backward.", layout, first.nextDenseLayer(), lastOnly);
      return new TrainableBidirectional(first, second, networks.merge());
    }

    private static String where(Network network) {
      return "%s %s, %s"
          .formatted(
              network.kernels().backend(),
              network.kernels().tier(),
              network.accuracy().name().toLowerCase(Locale.ROOT));
    }

    @Override
    public String toString() {
      return networks.toString();
    }
  }
}
