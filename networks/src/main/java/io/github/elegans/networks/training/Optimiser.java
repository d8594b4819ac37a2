package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An optimiser's configuration: how parameters follow from gradients, and with which
 * hyper-parameters. Names and defaults are PyTorch's, or Keras' where the name says so. Immutable;
 * the state belongs to the caller.
 */
public sealed interface Optimiser {

  /** Stochastic gradient descent: learning rate 1e-3, no momentum. */
  static Sgd sgd() {
    return new Sgd(1e-3, 0, 0, false, 0);
  }

  /** Stochastic gradient descent without momentum. */
  static Sgd sgd(double learningRate) {
    return sgd().withLearningRate(learningRate);
  }

  /** Adam: learning rate 1e-3, betas 0.9 and 0.999, epsilon 1e-8. */
  static Adam adam() {
    return new Adam(1e-3, 0.9, 0.999, 1e-8, 0, false);
  }

  /** AdamW: as Adam, with decoupled weight decay 0.01. */
  static AdamW adamW() {
    return new AdamW(1e-3, 0.9, 0.999, 1e-8, 1e-2, false);
  }

  /** RMSprop: learning rate 1e-2, alpha 0.99, epsilon 1e-8. */
  static RmsProp rmsProp() {
    return new RmsProp(1e-2, 0.99, 1e-8, 0, 0, false);
  }

  /** RMSprop of Keras: learning rate 1e-3, rho 0.9, epsilon 1e-7 under the root. */
  static KerasRmsProp kerasRmsProp() {
    return new KerasRmsProp(1e-3, 0.9, 1e-7, 0);
  }

  /** Adam of Keras: learning rate 1e-3, betas 0.9 and 0.999, epsilon 1e-7. */
  static KerasAdam kerasAdam() {
    return new KerasAdam(1e-3, 0.9, 0.999, 1e-7, 0, false);
  }

  /** Lion: learning rate 1e-4, betas 0.9 and 0.99. */
  static Lion lion() {
    return new Lion(1e-4, 0.9, 0.99, 0);
  }

  /** What updates are multiplied with, before any schedule. */
  double learningRate();

  /** The same with another learning rate. */
  Optimiser withLearningRate(double newLearningRate);

  /** Weight decay, as a penalty or decoupled. */
  double weightDecay();

  /** The same with another weight decay. */
  Optimiser withWeightDecay(double newWeightDecay);

  /**
   * The names of the arrays that are kept between steps, in the order in which {@link #step} takes
   * them. Each is as large as the parameters, and at first zeros.
   */
  List<String> stateNames();

  /** How many arrays are kept between steps. */
  default int stateCount() {
    return stateNames().size();
  }

  /**
   * The constants of a step: one object for all regions of parameters that are treated alike.
   *
   * @param stepNumber how many steps there were before
   * @param rate the learning rate, schedule included
   * @param gradientScale what all gradients are multiplied with first
   * @param clip what they are then clamped to, on both sides; infinity for no clipping
   * @param decay the weight decay: {@link #weightDecay()}, or another, of biases say
   */
  OptimiserStep constants(
      long stepNumber, double rate, float gradientScale, float clip, double decay);

  /**
   * A step over {@code rows} rows of {@code width} floats that begin {@code stride} floats apart,
   * in all of the arrays; a contiguous array is one row. Parameters {@code p} and states are read
   * and written, gradients {@code g} stay as they are.
   *
   * @param states as many as {@link #stateCount()}
   * @param width a multiple of 16
   */
  default void step(
      Kernels kernels,
      long stepNumber,
      double rate,
      float gradientScale,
      float clip,
      double decay,
      MemorySegment p,
      MemorySegment g,
      List<MemorySegment> states,
      long stride,
      long width,
      long rows) {
    step(
        kernels,
        constants(stepNumber, rate, gradientScale, clip, decay),
        p,
        g,
        states,
        stride,
        width,
        rows);
  }

  /** The same with the constants of a step, {@link #constants}. */
  static void step(
      Kernels kernels,
      OptimiserStep constants,
      MemorySegment p,
      MemorySegment g,
      List<MemorySegment> states,
      long stride,
      long width,
      long rows) {
    int count = constants.rule().states();
    Require.noNull("states", states);
    Require.length("states", count, states.size());
    kernels
        .optimisers()
        .step(
            constants,
            p,
            g,
            count > 0 ? states.get(0) : null,
            count > 1 ? states.get(1) : null,
            count > 2 ? states.get(2) : null,
            stride,
            width,
            rows);
  }

  private static List<String> adamStates(boolean amsgrad) {
    return amsgrad
        ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
        : List.of("exp_avg", "exp_avg_sq");
  }

  private static void checkAdam(
      double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
    Hyperparameters.notNegative("learningRate", learningRate);
    Hyperparameters.share("beta1", beta1);
    Hyperparameters.share("beta2", beta2);
    Hyperparameters.notNegative("epsilon", epsilon);
    Hyperparameters.notNegative("weightDecay", weightDecay);
  }

  /**
   * Stochastic gradient descent.
   *
   * @param learningRate what updates are multiplied with
   * @param momentum what is kept of the momentum buffer; 0 for none
   * @param dampening what the momentum buffer does not take of a gradient
   * @param nesterov whether to use Nesterov's momentum
   * @param weightDecay weight decay as a penalty: how much of a parameter is added to its gradient
   */
  record Sgd(
      double learningRate, double momentum, double dampening, boolean nesterov, double weightDecay)
      implements Optimiser {
    /** Checks. */
    public Sgd {
      Hyperparameters.notNegative("learningRate", learningRate);
      Hyperparameters.notNegative("momentum", momentum);
      Hyperparameters.share("dampening", dampening);
      Hyperparameters.notNegative("weightDecay", weightDecay);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "Nesterov's momentum needs a momentum and no dampening, but they are %s and %s"
                .formatted(momentum, dampening));
      }
    }

    @Override
    public Sgd withLearningRate(double newLearningRate) {
      return new Sgd(newLearningRate, momentum, dampening, nesterov, weightDecay);
    }

    /** The same with another value of momentum. */
    public Sgd withMomentum(double newMomentum) {
      return new Sgd(learningRate, newMomentum, dampening, nesterov, weightDecay);
    }

    /** The same with another value of dampening. */
    public Sgd withDampening(double newDampening) {
      return new Sgd(learningRate, momentum, newDampening, nesterov, weightDecay);
    }

    @Override
    public Sgd withWeightDecay(double newWeightDecay) {
      return new Sgd(learningRate, momentum, dampening, nesterov, newWeightDecay);
    }

    @Override
    public List<String> stateNames() {
      return momentum == 0 ? List.of() : List.of("momentum_buffer");
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      OptimiserStep step =
          momentum == 0
              ? OptimiserStep.sgd(rate)
              : OptimiserStep.momentum(rate, momentum, dampening, nesterov, stepNumber);
      return step.withGradients(gradientScale, clip).withDecay(decay);
    }

    /** The same with Nesterov's momentum. */
    public Sgd withNesterov(double newMomentum) {
      return new Sgd(learningRate, newMomentum, 0, true, weightDecay);
    }
  }

  /**
   * Adam.
   *
   * @param learningRate what updates are multiplied with
   * @param beta1 what is kept of the average of the gradient
   * @param beta2 what is kept of the average of the squared gradient
   * @param epsilon what is added to the root of the average of squares, corrected
   * @param weightDecay weight decay as a penalty: how much of a parameter is added to its gradient
   * @param amsgrad whether to divide by the largest average of squares so far
   */
  record Adam(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean amsgrad)
      implements Optimiser {
    /** Checks. */
    public Adam {
      checkAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public Adam withLearningRate(double newLearningRate) {
      return new Adam(newLearningRate, beta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta1. */
    public Adam withBeta1(double newBeta1) {
      return new Adam(learningRate, newBeta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta2. */
    public Adam withBeta2(double newBeta2) {
      return new Adam(learningRate, beta1, newBeta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of epsilon. */
    public Adam withEpsilon(double newEpsilon) {
      return new Adam(learningRate, beta1, beta2, newEpsilon, weightDecay, amsgrad);
    }

    @Override
    public Adam withWeightDecay(double newWeightDecay) {
      return new Adam(learningRate, beta1, beta2, epsilon, newWeightDecay, amsgrad);
    }

    /** The same with another value of amsgrad. */
    public Adam withAmsgrad(boolean newAmsgrad) {
      return new Adam(learningRate, beta1, beta2, epsilon, weightDecay, newAmsgrad);
    }

    @Override
    public List<String> stateNames() {
      return adamStates(amsgrad);
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.adam(rate, beta1, beta2, epsilon, amsgrad, stepNumber)
          .withGradients(gradientScale, clip)
          .withDecay(decay);
    }
  }

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).
   *
   * @param learningRate what updates are multiplied with
   * @param beta1 what is kept of the average of the gradient
   * @param beta2 what is kept of the average of the squared gradient
   * @param epsilon what is added to the root of the average of squares, corrected
   * @param weightDecay decoupled weight decay: how much of a parameter is taken away in a step,
   *     times the learning rate
   * @param amsgrad whether to divide by the largest average of squares so far
   */
  record AdamW(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean amsgrad)
      implements Optimiser {
    /** Checks. */
    public AdamW {
      checkAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public AdamW withLearningRate(double newLearningRate) {
      return new AdamW(newLearningRate, beta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta1. */
    public AdamW withBeta1(double newBeta1) {
      return new AdamW(learningRate, newBeta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta2. */
    public AdamW withBeta2(double newBeta2) {
      return new AdamW(learningRate, beta1, newBeta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of epsilon. */
    public AdamW withEpsilon(double newEpsilon) {
      return new AdamW(learningRate, beta1, beta2, newEpsilon, weightDecay, amsgrad);
    }

    @Override
    public AdamW withWeightDecay(double newWeightDecay) {
      return new AdamW(learningRate, beta1, beta2, epsilon, newWeightDecay, amsgrad);
    }

    /** The same with another value of amsgrad. */
    public AdamW withAmsgrad(boolean newAmsgrad) {
      return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, newAmsgrad);
    }

    @Override
    public List<String> stateNames() {
      return adamStates(amsgrad);
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.adam(rate, beta1, beta2, epsilon, amsgrad, stepNumber)
          .withGradients(gradientScale, clip)
          .withDecoupledDecay(rate, decay);
    }
  }

  /**
   * RMSprop.
   *
   * @param learningRate what updates are multiplied with
   * @param alpha what is kept of the average of the squared gradient
   * @param epsilon what is added to the root of the average of squares
   * @param weightDecay weight decay as a penalty: how much of a parameter is added to its gradient
   * @param momentum what is kept of the momentum buffer; 0 for none
   * @param centered whether to divide by the deviation instead of the root mean square
   */
  record RmsProp(
      double learningRate,
      double alpha,
      double epsilon,
      double weightDecay,
      double momentum,
      boolean centered)
      implements Optimiser {
    /** Checks. */
    public RmsProp {
      Hyperparameters.notNegative("learningRate", learningRate);
      Hyperparameters.share("alpha", alpha);
      Hyperparameters.notNegative("epsilon", epsilon);
      Hyperparameters.notNegative("weightDecay", weightDecay);
      Hyperparameters.notNegative("momentum", momentum);
    }

    @Override
    public RmsProp withLearningRate(double newLearningRate) {
      return new RmsProp(newLearningRate, alpha, epsilon, weightDecay, momentum, centered);
    }

    /** The same with another value of alpha. */
    public RmsProp withAlpha(double newAlpha) {
      return new RmsProp(learningRate, newAlpha, epsilon, weightDecay, momentum, centered);
    }

    /** The same with another value of epsilon. */
    public RmsProp withEpsilon(double newEpsilon) {
      return new RmsProp(learningRate, alpha, newEpsilon, weightDecay, momentum, centered);
    }

    @Override
    public RmsProp withWeightDecay(double newWeightDecay) {
      return new RmsProp(learningRate, alpha, epsilon, newWeightDecay, momentum, centered);
    }

    /** The same with another value of momentum. */
    public RmsProp withMomentum(double newMomentum) {
      return new RmsProp(learningRate, alpha, epsilon, weightDecay, newMomentum, centered);
    }

    /** The same with another value of centered. */
    public RmsProp withCentered(boolean newCentered) {
      return new RmsProp(learningRate, alpha, epsilon, weightDecay, momentum, newCentered);
    }

    @Override
    public List<String> stateNames() {
      if (centered) {
        return momentum == 0
            ? List.of("square_avg", "grad_avg")
            : List.of("square_avg", "momentum_buffer", "grad_avg");
      }
      return momentum == 0 ? List.of("square_avg") : List.of("square_avg", "momentum_buffer");
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.rmsProp(rate, alpha, epsilon, momentum, centered)
          .withGradients(gradientScale, clip)
          .withDecay(decay);
    }
  }

  /**
   * RMSprop of Keras.
   *
   * @param learningRate what updates are multiplied with
   * @param rho what is kept of the average of the squared gradient
   * @param epsilon what is added under the root
   * @param weightDecay weight decay as a penalty: how much of a parameter is added to its gradient
   */
  record KerasRmsProp(double learningRate, double rho, double epsilon, double weightDecay)
      implements Optimiser {
    /** Checks. */
    public KerasRmsProp {
      Hyperparameters.notNegative("learningRate", learningRate);
      Hyperparameters.share("rho", rho);
      Hyperparameters.notNegative("epsilon", epsilon);
      Hyperparameters.notNegative("weightDecay", weightDecay);
    }

    @Override
    public KerasRmsProp withLearningRate(double newLearningRate) {
      return new KerasRmsProp(newLearningRate, rho, epsilon, weightDecay);
    }

    /** The same with another value of rho. */
    public KerasRmsProp withRho(double newRho) {
      return new KerasRmsProp(learningRate, newRho, epsilon, weightDecay);
    }

    /** The same with another value of epsilon. */
    public KerasRmsProp withEpsilon(double newEpsilon) {
      return new KerasRmsProp(learningRate, rho, newEpsilon, weightDecay);
    }

    @Override
    public KerasRmsProp withWeightDecay(double newWeightDecay) {
      return new KerasRmsProp(learningRate, rho, epsilon, newWeightDecay);
    }

    @Override
    public List<String> stateNames() {
      return List.of("square_avg");
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.kerasRmsProp(rate, rho, epsilon)
          .withGradients(gradientScale, clip)
          .withDecay(decay);
    }
  }

  /**
   * Adam of Keras.
   *
   * @param learningRate what updates are multiplied with
   * @param beta1 what is kept of the average of the gradient
   * @param beta2 what is kept of the average of the squared gradient
   * @param epsilon what is added to the root of the average of squares, before it is corrected
   * @param weightDecay weight decay as a penalty: how much of a parameter is added to its gradient
   * @param amsgrad whether to divide by the largest average of squares so far
   */
  record KerasAdam(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean amsgrad)
      implements Optimiser {
    /** Checks. */
    public KerasAdam {
      checkAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public KerasAdam withLearningRate(double newLearningRate) {
      return new KerasAdam(newLearningRate, beta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta1. */
    public KerasAdam withBeta1(double newBeta1) {
      return new KerasAdam(learningRate, newBeta1, beta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of beta2. */
    public KerasAdam withBeta2(double newBeta2) {
      return new KerasAdam(learningRate, beta1, newBeta2, epsilon, weightDecay, amsgrad);
    }

    /** The same with another value of epsilon. */
    public KerasAdam withEpsilon(double newEpsilon) {
      return new KerasAdam(learningRate, beta1, beta2, newEpsilon, weightDecay, amsgrad);
    }

    @Override
    public KerasAdam withWeightDecay(double newWeightDecay) {
      return new KerasAdam(learningRate, beta1, beta2, epsilon, newWeightDecay, amsgrad);
    }

    /** The same with another value of amsgrad. */
    public KerasAdam withAmsgrad(boolean newAmsgrad) {
      return new KerasAdam(learningRate, beta1, beta2, epsilon, weightDecay, newAmsgrad);
    }

    @Override
    public List<String> stateNames() {
      return adamStates(amsgrad);
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.kerasAdam(rate, beta1, beta2, epsilon, amsgrad, stepNumber)
          .withGradients(gradientScale, clip)
          .withDecay(decay);
    }
  }

  /**
   * Lion.
   *
   * @param learningRate what updates are multiplied with
   * @param beta1 what is kept of the average in the update
   * @param beta2 what is kept of the average for the next steps
   * @param weightDecay decoupled weight decay: how much of a parameter is taken away in a step,
   *     times the learning rate
   */
  record Lion(double learningRate, double beta1, double beta2, double weightDecay)
      implements Optimiser {
    /** Checks. */
    public Lion {
      Hyperparameters.notNegative("learningRate", learningRate);
      Hyperparameters.share("beta1", beta1);
      Hyperparameters.share("beta2", beta2);
      Hyperparameters.notNegative("weightDecay", weightDecay);
    }

    @Override
    public Lion withLearningRate(double newLearningRate) {
      return new Lion(newLearningRate, beta1, beta2, weightDecay);
    }

    /** The same with another value of beta1. */
    public Lion withBeta1(double newBeta1) {
      return new Lion(learningRate, newBeta1, beta2, weightDecay);
    }

    /** The same with another value of beta2. */
    public Lion withBeta2(double newBeta2) {
      return new Lion(learningRate, beta1, newBeta2, weightDecay);
    }

    @Override
    public Lion withWeightDecay(double newWeightDecay) {
      return new Lion(learningRate, beta1, beta2, newWeightDecay);
    }

    @Override
    public List<String> stateNames() {
      return List.of("exp_avg");
    }

    @Override
    public OptimiserStep constants(
        long stepNumber, double rate, float gradientScale, float clip, double decay) {
      return OptimiserStep.lion(rate, beta1, beta2)
          .withGradients(gradientScale, clip)
          .withDecoupledDecay(rate, decay);
    }
  }
}
