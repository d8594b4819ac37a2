package io.github.elegans.networks.training;

import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/** How good outputs are, over all rows that count. */
public enum Metric {
  /** Share of rows whose largest output is that of the class. */
  ACCURACY,
  /** Share of outputs that are above 0 just where the target is above ½: of logits. */
  BINARY_ACCURACY,
  /** Mean squared error. */
  MSE,
  /** Root of the mean squared error. */
  RMSE,
  /** Mean absolute error. */
  MAE,
  /**
   * Area under the receiver operating characteristic of single logits: the probability that a
   * positive row has a larger output than a negative one, ties counting half.
   */
  ROC_AUC,
  /** F1 score of single logits, positive above 0: 2 TP / (2 TP + FP + FN). */
  F1;

  /** The name in histories and on the command line. */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The metric.
   *
   * @param outputs rows of {@code width}
   * @param targets rows of {@code width}, or of 1 for classes
   */
  public double of(float[] outputs, float[] targets, int width) {
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(targets, "targets");
    return switch (this) {
      case ACCURACY -> accuracy(outputs, targets, width);
      case BINARY_ACCURACY ->
          mean(outputs.length, i -> outputs[i] > 0 == targets[i] > 0.5f ? 1 : 0);
      case MSE -> mse(outputs, targets);
      case RMSE -> Math.sqrt(mse(outputs, targets));
      case MAE -> mean(outputs.length, i -> Math.abs((double) outputs[i] - targets[i]));
      case ROC_AUC -> rocAuc(outputs, targets);
      case F1 -> f1(outputs, targets);
    };
  }

  /** Throws unless it is one of outputs and targets of these sizes. */
  void check(int outputSize, int targetSize) {
    boolean fits =
        switch (this) {
          case ACCURACY -> targetSize == 1;
          case BINARY_ACCURACY, MSE, RMSE, MAE -> targetSize == outputSize;
          case ROC_AUC, F1 -> targetSize == 1 && outputSize == 1;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "metric %s must have %s, but they are %d and %d"
              .formatted(
                  fieldName(),
                  switch (this) {
                    case ACCURACY -> "outputs for each class and targets of 1 value";
                    case BINARY_ACCURACY, MSE, RMSE, MAE -> "as many outputs as target values";
                    case ROC_AUC, F1 -> "1 output and 1 target value";
                  },
                  outputSize,
                  targetSize));
    }
  }

  private interface Term {
    double of(int i);
  }

  private static double mean(int n, Term term) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += term.of(i);
    }
    return sum / n;
  }

  private static double mse(float[] outputs, float[] targets) {
    return mean(
        outputs.length,
        i -> {
          double error = (double) outputs[i] - targets[i];
          return error * error;
        });
  }

  private static double accuracy(float[] outputs, float[] classes, int width) {
    return mean(
        classes.length,
        row -> {
          int best = 0;
          for (int i = 1; i < width; i++) {
            if (outputs[row * width + i] > outputs[row * width + best]) {
              best = i;
            }
          }
          return best == classes[row] ? 1 : 0;
        });
  }

  private static double rocAuc(float[] outputs, float[] targets) {
    Integer[] order =
        IntStream.range(0, outputs.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> outputs[i]))
            .toArray(Integer[]::new);
    long positives = 0;
    double ranks = 0;
    for (int begin = 0; begin < order.length; ) {
      int end = begin;
      long here = 0;
      while (end < order.length && outputs[order[end]] == outputs[order[begin]]) {
        here += targets[order[end]] > 0.5f ? 1 : 0;
        end++;
      }
      // Ranks from 1; ties share their mean.
      ranks += here * ((begin + 1 + end) / 2.0);
      positives += here;
      begin = end;
    }
    long negatives = order.length - positives;
    return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }

  private static double f1(float[] outputs, float[] targets) {
    long right = 0;
    long positive = 0;
    long said = 0;
    for (int i = 0; i < outputs.length; i++) {
      boolean is = targets[i] > 0.5f;
      boolean says = outputs[i] > 0;
      right += is && says ? 1 : 0;
      positive += is ? 1 : 0;
      said += says ? 1 : 0;
    }
    return said + positive == 0 ? 1 : 2.0 * right / (said + positive);
  }
}
