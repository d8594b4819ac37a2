package io.github.elegans.networks.training;

/** How gradients that are too large are made smaller before the optimiser's step. */
public sealed interface Clipping {

  /** As they are. */
  static Clipping none() {
    return new None();
  }

  /**
   * By the norm of all gradients together, as {@code torch.nn.utils.clip_grad_norm_}: all are
   * multiplied with min(1, most / (norm + 1e-6)).
   */
  static Clipping byNorm(double most) {
    return new ByNorm(most);
  }

  /** Each element to ±most, as {@code torch.nn.utils.clip_grad_value_}. */
  static Clipping byValue(double most) {
    return new ByValue(most);
  }

  /**
   * By the norm of each variable's gradient, as Keras' {@code clipnorm}: multiplied with most /
   * max(most, norm).
   */
  static Clipping byVariable(double most) {
    return new ByVariable(most);
  }

  /** Whether {@link #factor} depends on a norm: of all gradients, or of each variable's. */
  default boolean needsNorm() {
    return false;
  }

  /** Whether the norm is that of each variable's gradient alone. */
  default boolean perVariable() {
    return false;
  }

  /** What the gradients are multiplied with whose Euclidean norm is given. */
  default double factor(double norm) {
    return 1;
  }

  /** What every element is then clamped to, on both sides. */
  default float limit() {
    return Float.POSITIVE_INFINITY;
  }

  /** As they are. */
  record None() implements Clipping {}

  /**
   * By the norm of all gradients together.
   *
   * @param most the largest norm
   */
  record ByNorm(double most) implements Clipping {
    /** Beside the norm, so that PyTorch need not divide by 0. */
    private static final double GUARD = 1e-6;

    /** Checks. */
    public ByNorm {
      Hyperparameters.positive("the largest norm", most);
    }

    @Override
    public boolean needsNorm() {
      return true;
    }

    @Override
    public double factor(double norm) {
      return Math.min(1, most / (norm + GUARD));
    }
  }

  /**
   * Each element.
   *
   * @param most the largest magnitude
   */
  record ByValue(double most) implements Clipping {
    /** Checks. */
    public ByValue {
      Hyperparameters.positive("the largest magnitude", most);
    }

    @Override
    public float limit() {
      return (float) most;
    }
  }

  /**
   * By the norm of each variable's gradient.
   *
   * @param most the largest norm
   */
  record ByVariable(double most) implements Clipping {
    /** Checks. */
    public ByVariable {
      Hyperparameters.positive("the largest norm", most);
    }

    @Override
    public boolean needsNorm() {
      return true;
    }

    @Override
    public boolean perVariable() {
      return true;
    }

    @Override
    public double factor(double norm) {
      return most / Math.max(most, norm);
    }
  }
}
