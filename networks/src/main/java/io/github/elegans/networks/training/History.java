package io.github.elegans.networks.training;

import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Network;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How training went. */
public final class History {
  private final List<Epoch> epochs;
  private final Trainee trained;
  private final int bestEpoch;

  History(List<Epoch> epochs, Trainee trained, int bestEpoch) {
    this.epochs = List.copyOf(epochs);
    this.trained = trained;
    this.bestEpoch = bestEpoch;
  }

  /** One after the other, those of an interrupted run included. */
  public List<Epoch> epochs() {
    return epochs;
  }

  /**
   * The trained network: that of the best epoch if training was to restore it.
   *
   * @throws IllegalStateException if a {@link Bidirectional} was trained
   */
  public Network network() {
    return trained.network();
  }

  /**
   * The trained networks of both directions, likewise.
   *
   * @throws IllegalStateException if a single network was trained
   */
  public Bidirectional bidirectional() {
    return trained.bidirectional();
  }

  /** The epoch with the best validation loss, or else training loss; -1 without any. */
  public int bestEpoch() {
    return bestEpoch;
  }

  /**
   * An epoch.
   *
   * @param number from 0
   * @param loss mean over the batches' samples, as they were when they were learnt from
   * @param metrics of the validation data, by name, {@code loss} first; empty without validation
   * @param learningRate of the last step
   * @param gradientNorm of the last step, before clipping
   * @param seconds that it took
   */
  public record Epoch(
      int number,
      double loss,
      Map<String, Double> metrics,
      double learningRate,
      double gradientNorm,
      double seconds) {
    /** Copies the map. */
    public Epoch {
      Objects.requireNonNull(metrics, "metrics");
      metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** The validation loss, or else the training loss. */
    public double monitored() {
      return metrics.getOrDefault("loss", loss);
    }
  }
}
