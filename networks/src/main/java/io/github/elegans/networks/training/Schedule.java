package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import java.util.List;
import java.util.Objects;

/**
 * A schedule of learning rates: what the optimiser's learning rate is multiplied with in each of
 * its steps. Immutable; the same bits on every machine. Those of the same names are PyTorch's,
 * advanced once for each step.
 */
public sealed interface Schedule {

  /**
   * The factor of a step.
   *
   * @param step how many steps there were before
   */
  double factor(long step);

  /** Always 1. */
  static Schedule constant() {
    return new Constant();
  }

  /** gamma^⌊step / size⌋. */
  static Schedule step(long size, double gamma) {
    return new Step(size, gamma);
  }

  /** Multiplied with gamma at each of these steps, which must ascend. */
  static Schedule multistep(List<Long> milestones, double gamma) {
    return new Multistep(milestones, gamma);
  }

  /** gammaˢᵗᵉᵖ. */
  static Schedule exponential(double gamma) {
    return new Exponential(gamma, 1);
  }

  /**
   * decay^(step / steps), not in stages: what the CfC authors' scripts do, steps being an epoch's.
   */
  static Schedule exponential(double decay, long steps) {
    return new Exponential(decay, steps);
  }

  /**
   * Half a wave from 1 down to the minimum, {@code minimum + (1 - minimum) (1 + cos(π step /
   * steps)) / 2}; further on it rises again, as PyTorch's.
   */
  static Schedule cosine(long steps, double minimum) {
    return new Cosine(steps, minimum);
  }

  /** In a line from start to 1 in so many steps, then 1. */
  static Schedule linear(double start, long steps) {
    return new Linear(start, steps);
  }

  /** (step + 1) / steps, then 1. */
  static Schedule warmUp(long steps) {
    return new WarmUp(steps);
  }

  /** (1 - step / steps)ᵖᵒʷᵉʳ, then 0. */
  static Schedule polynomial(long steps, double power) {
    return new Polynomial(steps, power);
  }

  /**
   * One cycle with PyTorch's defaults (Smith and Topin, Super-convergence, 2018): half a wave from
   * 1/25 up to 1 in 30 % of the steps, and half a wave down to 1/250000 in the others. The
   * optimiser's learning rate is the largest one.
   */
  static Schedule oneCycle(long steps) {
    return new OneCycle(steps, 0.3, 25, 1e4);
  }

  /** This one for so many steps, and then another from its beginning. */
  default Schedule then(long steps, Schedule next) {
    return new Then(this, steps, next);
  }

  /** Always 1. */
  record Constant() implements Schedule {
    @Override
    public double factor(long step) {
      return 1;
    }
  }

  /**
   * In stages of equal length.
   *
   * @param size steps of a stage
   * @param gamma the factor between stages
   */
  record Step(long size, double gamma) implements Schedule {
    /** Checks. */
    public Step {
      Require.atLeast("size", 1, size);
      Hyperparameters.notNegative("gamma", gamma);
    }

    @Override
    public double factor(long step) {
      return StrictMath.pow(gamma, (double) Math.floorDiv(step, size));
    }
  }

  /**
   * In stages.
   *
   * @param milestones the first steps of all stages but the first
   * @param gamma the factor between stages
   */
  record Multistep(List<Long> milestones, double gamma) implements Schedule {
    /** Checks. */
    public Multistep {
      Require.noNull("milestones", milestones);
      milestones = List.copyOf(milestones);
      long before = 0;
      for (long milestone : milestones) {
        Require.atLeast("a milestone behind " + before, before, milestone);
        before = milestone;
      }
      Hyperparameters.notNegative("gamma", gamma);
    }

    @Override
    public double factor(long step) {
      int stage = 0;
      while (stage < milestones.size() && milestones.get(stage) <= step) {
        stage++;
      }
      return StrictMath.pow(gamma, stage);
    }
  }

  /**
   * Exponential.
   *
   * @param decay the factor of so many steps
   * @param steps so many
   */
  record Exponential(double decay, long steps) implements Schedule {
    /** Checks. */
    public Exponential {
      Hyperparameters.notNegative("decay", decay);
      Require.atLeast("steps", 1, steps);
    }

    @Override
    public double factor(long step) {
      return StrictMath.pow(decay, (double) step / steps);
    }
  }

  /**
   * Half a wave.
   *
   * @param steps its length
   * @param minimum its end
   */
  record Cosine(long steps, double minimum) implements Schedule {
    /** Checks. */
    public Cosine {
      Require.atLeast("steps", 1, steps);
      Hyperparameters.notNegative("minimum", minimum);
    }

    @Override
    public double factor(long step) {
      return wave(1, minimum, (double) step / steps);
    }
  }

  /** Half a wave between two values. */
  private static double wave(double from, double to, double share) {
    return to + (from - to) * (1 + StrictMath.cos(Math.PI * share)) / 2;
  }

  /**
   * A line, then 1.
   *
   * @param start the first factor
   * @param steps the length of the line
   */
  record Linear(double start, long steps) implements Schedule {
    /** Checks. */
    public Linear {
      Hyperparameters.notNegative("start", start);
      Require.atLeast("steps", 1, steps);
    }

    @Override
    public double factor(long step) {
      return step >= steps ? 1 : start + (1 - start) * step / steps;
    }
  }

  /**
   * A line that reaches 1 with its last step.
   *
   * @param steps its length
   */
  record WarmUp(long steps) implements Schedule {
    /** Checks. */
    public WarmUp {
      Require.atLeast("steps", 1, steps);
    }

    @Override
    public double factor(long step) {
      return step >= steps ? 1 : (step + 1.0) / steps;
    }
  }

  /**
   * A power of what is left.
   *
   * @param steps until 0
   * @param power the exponent
   */
  record Polynomial(long steps, double power) implements Schedule {
    /** Checks. */
    public Polynomial {
      Require.atLeast("steps", 1, steps);
      Hyperparameters.positive("power", power);
    }

    @Override
    public double factor(long step) {
      return step >= steps ? 0 : StrictMath.pow(1 - (double) step / steps, power);
    }
  }

  /**
   * Half a wave up and half a wave down.
   *
   * @param steps of both, at least 2
   * @param rising the share of those that go up
   * @param division what 1 is divided by at the start
   * @param finalDivision what the start is divided by at the end
   */
  record OneCycle(long steps, double rising, double division, double finalDivision)
      implements Schedule {
    /** Checks. */
    public OneCycle {
      Require.atLeast("steps", 2, steps);
      Hyperparameters.share("rising", rising);
      Hyperparameters.positive("division", division);
      Hyperparameters.positive("finalDivision", finalDivision);
    }

    @Override
    public double factor(long step) {
      double top = rising * steps - 1;
      double last = steps - 1.0;
      double start = 1 / division;
      double end = start / finalDivision;
      if (step >= last) {
        return end;
      }
      return step <= top ? wave(start, 1, step / top) : wave(1, end, (step - top) / (last - top));
    }
  }

  /**
   * One after another.
   *
   * @param first the first
   * @param steps its length
   * @param next the next, from its beginning
   */
  record Then(Schedule first, long steps, Schedule next) implements Schedule {
    /** Checks. */
    public Then {
      Objects.requireNonNull(first, "first");
      Require.atLeast("steps", 0, steps);
      Objects.requireNonNull(next, "next");
    }

    @Override
    public double factor(long step) {
      return step < steps ? first.factor(step) : next.factor(step - steps);
    }
  }
}
