package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.loss.Loss;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What training makes small: the mean over all elements that count. Names are PyTorch's.
 *
 * @param loss the loss of an element, or of a row of logits
 * @param parameter δ of the Huber loss, the positive weight of binary cross entropy, the label
 *     smoothing of cross entropy; otherwise 0
 * @param classWeights of cross entropy, one for each class; null for ones
 */
public record LossFunction(Loss loss, double parameter, float @Nullable [] classWeights) {
  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if the loss has no such parameter or weights
   */
  public LossFunction {
    Objects.requireNonNull(loss, "loss");
    // As float, which is what kernels compute with.
    switch (loss) {
      case HUBER -> Hyperparameters.positive("delta, as a float,", (float) parameter);
      case BINARY_CROSS_ENTROPY ->
          Hyperparameters.positive("the positive weight, as a float,", (float) parameter);
      case CROSS_ENTROPY -> Hyperparameters.share("the label smoothing", parameter);
      case MEAN_SQUARED_ERROR, MEAN_ABSOLUTE_ERROR -> {}
    }
    if (classWeights != null) {
      if (loss != Loss.CROSS_ENTROPY) {
        throw new IllegalArgumentException(
            "class weights must be null but for cross entropy, but are there for " + loss);
      }
      for (float weight : classWeights) {
        Hyperparameters.notNegative("class weights", weight);
      }
      classWeights = classWeights.clone();
    }
  }

  /** (o − y)². */
  public static LossFunction meanSquaredError() {
    return new LossFunction(Loss.MEAN_SQUARED_ERROR, 0, null);
  }

  /** |o − y|. */
  public static LossFunction meanAbsoluteError() {
    return new LossFunction(Loss.MEAN_ABSOLUTE_ERROR, 0, null);
  }

  /**
   * ½ (o − y)² where |o − y| ≤ δ, elsewhere δ (|o − y| − ½ δ).
   *
   * @param delta δ, greater than 0
   */
  public static LossFunction huber(double delta) {
    return new LossFunction(Loss.HUBER, delta, null);
  }

  /** Binary cross entropy of logits with targets from 0 to 1. */
  public static LossFunction binaryCrossEntropy() {
    return binaryCrossEntropy(1);
  }

  /**
   * Binary cross entropy of logits.
   *
   * @param positiveWeight what the loss of positive targets is multiplied with, greater than 0
   */
  public static LossFunction binaryCrossEntropy(double positiveWeight) {
    return new LossFunction(Loss.BINARY_CROSS_ENTROPY, positiveWeight, null);
  }

  /** Cross entropy of rows of logits with classes, numbered from 0. */
  public static LossFunction crossEntropy() {
    return crossEntropy(0, null);
  }

  /**
   * Cross entropy of rows of logits with classes.
   *
   * @param labelSmoothing from 0 to below 1
   * @param classWeights one for each class, finite and not negative; null for ones
   */
  public static LossFunction crossEntropy(double labelSmoothing, float @Nullable [] classWeights) {
    return new LossFunction(Loss.CROSS_ENTROPY, labelSmoothing, classWeights);
  }

  /** All of it, with the classes' weights as numbers: a checkpoint knows its training by this. */
  @Override
  public String toString() {
    return "%s, parameter %s, class weights %s"
        .formatted(loss, parameter, Arrays.toString(classWeights));
  }

  /** Whether targets are numbers of classes. */
  public boolean hasClasses() {
    return loss == Loss.CROSS_ENTROPY;
  }

  /** Throws unless the targets fit outputs of that size. */
  void check(Sequences data, int outputSize) {
    Require.length("values of a target", hasClasses() ? 1 : outputSize, data.targetSize());
    if (classWeights != null) {
      Require.length("class weights", outputSize, classWeights.length);
    }
    float[] y = data.y();
    if (loss == Loss.BINARY_CROSS_ENTROPY) {
      for (int i = 0; i < y.length; i++) {
        if (!(y[i] >= 0 && y[i] <= 1)) {
          throw new IllegalArgumentException(
              "targets of binary cross entropy must be from 0 to 1, but target %d is %s"
                  .formatted(i, y[i]));
        }
      }
    }
    if (hasClasses()) {
      for (int sample = 0; sample < data.samples(); sample++) {
        for (int step = 0; step < data.targetSteps(); step++) {
          float weight = data.weight(sample, step);
          if (weight != 0 && weight != 1) {
            throw new IllegalArgumentException(
                "weights of rows must be 0 or 1 for cross entropy, which takes weights of classes,"
                    + " but one is "
                    + weight);
          }
        }
      }
      for (int i = 0; i < y.length; i++) {
        if (!(y[i] >= 0 && y[i] < outputSize && y[i] == (int) y[i])) {
          throw new IllegalArgumentException(
              "classes must be whole numbers from 0 to %d, but target %d is %s"
                  .formatted(outputSize - 1, i, y[i]));
        }
      }
    }
  }
}
