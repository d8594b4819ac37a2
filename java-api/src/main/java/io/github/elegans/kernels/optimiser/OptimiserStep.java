package io.github.elegans.kernels.optimiser;

import java.util.Objects;

/**
 * The constants of one step of an optimiser, each computed in double and rounded once. What a rule
 * does not use is 0. {@link ScalarOptimisers} says how they are used.
 *
 * @param rule how parameters are updated
 * @param scale what every gradient is multiplied with first: of clipping by norm, of accumulation
 * @param clip what gradients are then clamped to, on both sides; infinity for no clipping
 * @param shrink what parameters are multiplied with first: decoupled weight decay
 * @param decay how much of the parameter is added to its gradient: weight decay as a penalty
 * @param rate what the update is multiplied with before it is subtracted
 * @param firstKeep what the momentum buffer of gradient descent, or Lion's average in its update,
 *     is multiplied with
 * @param firstTake what the gradient beside it is multiplied with; the share of the gradient in its
 *     average
 * @param secondKeep what the average of squares, or Lion's average in its own update, is multiplied
 *     with
 * @param secondTake what the square, or the gradient, beside it is multiplied with
 * @param momentum of Nesterov's look ahead, and of RMSprop's buffer
 * @param root what the root of the average of squares is multiplied with: Adam's bias correction
 * @param epsilon what is added to the root
 * @param innerEpsilon what is added under the root
 */
public record OptimiserStep(
    UpdateRule rule,
    float scale,
    float clip,
    float shrink,
    float decay,
    float rate,
    float firstKeep,
    float firstTake,
    float secondKeep,
    float secondTake,
    float momentum,
    float root,
    float epsilon,
    float innerEpsilon) {
  /** Checks that there is a rule. */
  public OptimiserStep {
    Objects.requireNonNull(rule, "rule");
  }

  private static OptimiserStep of(
      UpdateRule rule,
      double rate,
      double firstKeep,
      double firstTake,
      double secondKeep,
      double secondTake,
      double momentum,
      double root,
      double epsilon,
      double innerEpsilon) {
    return new OptimiserStep(
        rule,
        1,
        Float.POSITIVE_INFINITY,
        1,
        0,
        (float) rate,
        (float) firstKeep,
        (float) firstTake,
        (float) secondKeep,
        (float) secondTake,
        (float) momentum,
        (float) root,
        (float) epsilon,
        (float) innerEpsilon);
  }

  /** Gradient descent, p = p - rate · g. */
  public static OptimiserStep sgd(double rate) {
    return of(UpdateRule.SGD, rate, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Gradient descent with momentum, as PyTorch's: the buffer's first value is the gradient.
   *
   * @param momentum what is kept of the buffer
   * @param dampening what the buffer does not take of a gradient
   * @param nesterov whether to look ahead
   * @param stepNumber how many steps there were before
   */
  public static OptimiserStep momentum(
      double rate, double momentum, double dampening, boolean nesterov, long stepNumber) {
    boolean first = stepNumber == 0;
    return of(
        nesterov ? UpdateRule.SGD_NESTEROV : UpdateRule.SGD_MOMENTUM,
        rate,
        first ? 0 : momentum,
        first ? 1 : 1 - dampening,
        0,
        0,
        momentum,
        0,
        0,
        0);
  }

  /**
   * Adam, as PyTorch's: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, with
   * epsilon beside the corrected root; with AMSGrad, Reddi and others, On the convergence of Adam
   * and beyond, ICLR 2018.
   *
   * @param stepNumber how many steps there were before
   */
  public static OptimiserStep adam(
      double rate, double beta1, double beta2, double epsilon, boolean amsgrad, long stepNumber) {
    return of(
        amsgrad ? UpdateRule.ADAM_AMSGRAD : UpdateRule.ADAM,
        rate / correction(beta1, stepNumber),
        0,
        1 - beta1,
        beta2,
        1 - beta2,
        0,
        1 / Math.sqrt(correction(beta2, stepNumber)),
        epsilon,
        0);
  }

  /**
   * Adam, as Keras': epsilon beside the root before it is corrected, what the paper calls epsilon
   * hat.
   *
   * @param stepNumber how many steps there were before
   */
  public static OptimiserStep kerasAdam(
      double rate, double beta1, double beta2, double epsilon, boolean amsgrad, long stepNumber) {
    return of(
        amsgrad ? UpdateRule.ADAM_AMSGRAD : UpdateRule.ADAM,
        rate * Math.sqrt(correction(beta2, stepNumber)) / correction(beta1, stepNumber),
        0,
        1 - beta1,
        beta2,
        1 - beta2,
        0,
        1,
        epsilon,
        0);
  }

  /** 1 - betaᵗ, t from 1. */
  private static double correction(double beta, long stepNumber) {
    return 1 - StrictMath.pow(beta, stepNumber + 1.0);
  }

  /** RMSprop (Tieleman and Hinton), as PyTorch's: epsilon beside the root. */
  public static OptimiserStep rmsProp(
      double rate, double alpha, double epsilon, double momentum, boolean centered) {
    return of(
        rmsPropRule(momentum, centered),
        rate,
        0,
        1 - alpha,
        alpha,
        1 - alpha,
        momentum,
        1,
        epsilon,
        0);
  }

  private static UpdateRule rmsPropRule(double momentum, boolean centered) {
    if (centered) {
      return momentum == 0 ? UpdateRule.RMSPROP_CENTERED : UpdateRule.RMSPROP_CENTERED_MOMENTUM;
    }
    return momentum == 0 ? UpdateRule.RMSPROP : UpdateRule.RMSPROP_MOMENTUM;
  }

  /** RMSprop as Keras': epsilon under the root. */
  public static OptimiserStep kerasRmsProp(double rate, double rho, double epsilon) {
    return of(UpdateRule.RMSPROP, rate, 0, 1 - rho, rho, 1 - rho, 0, 1, 0, epsilon);
  }

  /** Lion: Chen and others, Symbolic discovery of optimization algorithms, NeurIPS 2023. */
  public static OptimiserStep lion(double rate, double beta1, double beta2) {
    return of(UpdateRule.LION, rate, beta1, 1 - beta1, beta2, 1 - beta2, 0, 0, 0, 0);
  }

  /** p = p + factor · g, which is what a step of gradient descent does, too. */
  public static OptimiserStep addition(double factor) {
    return sgd(-factor);
  }

  /** The same with gradients that are first multiplied with a factor, then clamped. */
  public OptimiserStep withGradients(float newScale, float newClip) {
    return with(newScale, newClip, shrink, decay);
  }

  /** The same with weight decay as a penalty: g = g + weightDecay · p, after clipping. */
  public OptimiserStep withDecay(double weightDecay) {
    return with(scale, clip, shrink, (float) weightDecay);
  }

  /**
   * The same with decoupled weight decay: p = p · (1 - rate · weightDecay) before the update.
   *
   * @param rate the learning rate
   */
  public OptimiserStep withDecoupledDecay(double rate, double weightDecay) {
    return with(scale, clip, (float) (1 - rate * weightDecay), decay);
  }

  private OptimiserStep with(float newScale, float newClip, float newShrink, float newDecay) {
    return new OptimiserStep(
        rule,
        newScale,
        newClip,
        newShrink,
        newDecay,
        rate,
        firstKeep,
        firstTake,
        secondKeep,
        secondTake,
        momentum,
        root,
        epsilon,
        innerEpsilon);
  }
}
