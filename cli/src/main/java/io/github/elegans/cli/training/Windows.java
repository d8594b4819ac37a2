package io.github.elegans.cli.training;

import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.training.Metric;
import io.github.elegans.networks.training.Sequences;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Windows of sequences, as training takes them: n of T steps.
 *
 * @param isLastOnly whether there is a target only after the last step
 * @param x inputs, [n, T, I]
 * @param y targets, [n, T, O], or [n, O] after the last step
 * @param timespans [n, T], or null for ones
 * @param mask which steps count, [n, T], or null for all
 * @param weights of the targets' rows, or null for ones
 */
public record Windows(
    int samples,
    int steps,
    boolean isLastOnly,
    float[] x,
    float[] y,
    float @Nullable [] timespans,
    boolean @Nullable [] mask,
    float @Nullable [] weights) {
  private static final int BATCH = 256;

  /** Windows with a target for every step, all of which count. */
  static Windows perStep(
      int samples, int steps, float[] x, float[] y, float @Nullable [] timespans) {
    return new Windows(samples, steps, false, x, y, timespans, null, null);
  }

  /** Inputs of a step. */
  public int inputSize() {
    return x.length / (samples * steps);
  }

  /** Values of a target. */
  public int targetSize() {
    return y.length / targetRows();
  }

  private int targetRows() {
    return isLastOnly ? samples : samples * steps;
  }

  /** What training takes. */
  public Sequences sequences() {
    Sequences sequences =
        isLastOnly
            ? Sequences.lastOnly(samples, steps, x, y)
            : Sequences.perStep(samples, steps, x, y);
    if (timespans != null) {
      sequences = sequences.withTimespans(timespans);
    }
    if (mask != null) {
      sequences = sequences.withMask(mask);
    }
    return weights == null ? sequences : sequences.withWeights(weights);
  }

  /** The outputs of a network, rows as the targets. */
  float[] outputs(Network network) {
    int width = network.outputSize();
    int inputs = inputSize();
    int rowsOfSample = isLastOnly ? 1 : steps;
    float[] all = new float[targetRows() * width];
    for (int first = 0; first < samples; first += BATCH) {
      int n = Math.min(BATCH, samples - first);
      int begin = first * steps;
      int end = begin + n * steps;
      float[] in = Arrays.copyOfRange(x, begin * inputs, end * inputs);
      Timespans elapsed =
          timespans == null
              ? Timespans.ONE
              : Timespans.perRowAndStep(Arrays.copyOfRange(timespans, begin, end));
      Mask present = mask == null ? Mask.ALL : Mask.of(Arrays.copyOfRange(mask, begin, end));
      float[] out = new float[n * rowsOfSample * width];
      try (Session session = network.session(n)) {
        if (isLastOnly) {
          session.runToLast(in, steps, elapsed, present, out);
        } else {
          session.run(in, steps, elapsed, present, out);
        }
      }
      System.arraycopy(out, 0, all, first * rowsOfSample * width, out.length);
    }
    return all;
  }

  /** Whether a row of targets counts. */
  boolean counts(int row) {
    return (isLastOnly || mask == null || mask[row]) && (weights == null || weights[row] > 0);
  }

  /** The squared error of every column of the targets, over the rows that count. */
  double[] meanSquaredErrors(float[] outputs) {
    int width = targetSize();
    double[] sums = new double[width];
    int n = 0;
    for (int row = 0; row < targetRows(); row++) {
      if (counts(row)) {
        n++;
        for (int i = 0; i < width; i++) {
          double error = (double) outputs[row * width + i] - y[row * width + i];
          sums[i] += error * error;
        }
      }
    }
    for (int i = 0; i < width; i++) {
      sums[i] /= n;
    }
    return sums;
  }

  /** A metric of the rows that count. */
  double measure(Metric metric, float[] outputs) {
    int width = outputs.length / targetRows();
    int targetSize = targetSize();
    float[] some = new float[outputs.length];
    float[] targets = new float[y.length];
    int n = 0;
    for (int row = 0; row < targetRows(); row++) {
      if (counts(row)) {
        System.arraycopy(outputs, row * width, some, n * width, width);
        System.arraycopy(y, row * targetSize, targets, n * targetSize, targetSize);
        n++;
      }
    }
    return metric.of(Arrays.copyOf(some, n * width), Arrays.copyOf(targets, n * targetSize), width);
  }
}
