package io.github.elegans.networks;

import io.github.elegans.kernels.Require;
import java.util.Objects;

/**
 * Two networks over the same whole sequences, one from their beginning and one from their end, with
 * the outputs of both merged (Keras's {@code Bidirectional}).
 *
 * @param backward may be the same network
 */
public record Bidirectional(Network forward, Network backward, Merge merge) {

  /** How the outputs f of the forward and b of the backward network become one. */
  public enum Merge {
    /** [f, b]. */
    CONCAT,
    /** f + b. */
    SUM,
    /** f b. */
    MUL,
    /** (f + b) / 2. */
    AVE
  }

  public Bidirectional {
    Objects.requireNonNull(merge, "merge");
    Require.length(
        "inputs of the backward network", forward.cell().inputSize(), backward.cell().inputSize());
    if (merge != Merge.CONCAT) {
      Require.length(
          "outputs of the backward network",
          forward.cell().outputSize(),
          backward.cell().outputSize());
    }
  }

  /** I: floats of an input item. */
  public int inputSize() {
    return forward.cell().inputSize();
  }

  /** O: floats of an output item. */
  public int outputSize() {
    int size = forward.cell().outputSize();
    return merge == Merge.CONCAT ? Math.addExact(size, backward.cell().outputSize()) : size;
  }

  /** A session for a batch of that many rows, with zero states. */
  public BidirectionalSession session(int batch) {
    return new BidirectionalSession(this, batch);
  }
}
