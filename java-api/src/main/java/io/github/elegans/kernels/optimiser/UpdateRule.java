package io.github.elegans.kernels.optimiser;

/**
 * How an optimiser's step makes new parameters of gradients, and which state arrays it keeps
 * between steps. The ordinal is part of the native ABI ({@code elegans.h}): append only.
 */
public enum UpdateRule {
  /** Gradient descent. */
  SGD(0),
  /** With momentum: the momentum buffer. */
  SGD_MOMENTUM(1),
  /** With Nesterov's momentum: the momentum buffer. */
  SGD_NESTEROV(1),
  /** Adam: the averages of the gradient and of its square. */
  ADAM(2),
  /**
   * Adam with AMSGrad: the averages of the gradient and of its square, and the latter's maximum.
   */
  ADAM_AMSGRAD(3),
  /** RMSprop: the average of the squared gradient. */
  RMSPROP(1),
  /** RMSprop with momentum: the average of the squared gradient, the momentum buffer. */
  RMSPROP_MOMENTUM(2),
  /** Centered RMSprop: the averages of the squared gradient and of the gradient. */
  RMSPROP_CENTERED(2),
  /**
   * Centered RMSprop with momentum: the average of the squared gradient, the momentum buffer, the
   * average of the gradient.
   */
  RMSPROP_CENTERED_MOMENTUM(3),
  /** Lion: the average of the gradient. */
  LION(1);

  /** The most state arrays that a rule keeps. */
  public static final int MOST_STATES = 3;

  private final int states;

  UpdateRule(int states) {
    this.states = states;
  }

  /** How many state arrays it keeps, each as large as the parameters and at first zeros. */
  public int states() {
    return states;
  }
}
