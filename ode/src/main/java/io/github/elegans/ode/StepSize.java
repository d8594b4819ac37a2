package io.github.elegans.ode;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Bits;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;

/** How long steps are, as part of a graph. */
final class StepSize {
  // Minimax polynomials on [1, 2] and [-1/2, 1/2], highest power first.
  private static final double[] LOG2 = {
    0.04392862784795462,
    -0.4094755857664545,
    1.6101775468967237,
    -3.5202188381453325,
    5.069756316633084,
    -2.794153676535978
  };
  private static final double[] EXP2 = {
    0.00967603709787742,
    0.05592203564726202,
    0.24022107355830324,
    0.6931210339915467,
    1.0000000754953493
  };

  private final Graph g;
  private final Precision precision;
  private final double order;

  /**
   * For one method.
   *
   * @param errorOrder of its error estimate
   */
  StepSize(Graph g, Precision precision, int errorOrder) {
    this.g = g;
    this.precision = precision;
    this.order = errorOrder + 1.0;
  }

  /**
   * What was before a choice, as nodes.
   *
   * @param step that was tried, signed
   * @param accepted 1 if the step before it was accepted, else 0
   * @param logError log₂ of the error of the last accepted step
   * @param earlierLogError that of the one before
   * @param maximum length of a step
   * @param direction 1 or -1
   */
  record Before(
      Real step,
      Real accepted,
      Real logError,
      Real earlierLogError,
      Real maximum,
      Real direction) {}

  /** The next step, and the errors to be remembered. */
  record Choice(Real step, Real logError, Real earlierLogError) {}

  /**
   * The next step.
   *
   * @param accepted the mask of whether this step was
   * @param error its square, relative to what is tolerated
   */
  Choice next(StepControl control, Before before, Mask accepted, Real error) {
    Real log = g.mul(constant(0.5), log2(error));
    Real last = before.logError;
    Real earlier = before.earlierLogError;
    Real exponent = g.mul(constant(-control.now / order), log);
    exponent = g.fma(constant(control.before / order), last, exponent);
    exponent = g.fma(constant(-control.earlier / order), earlier, exponent);
    Real factor = g.mul(constant(StepControl.SAFETY), exp2(exponent));
    Mask afterRejection = g.equal(before.accepted, constant(0));
    Real most = g.select(afterRejection, constant(1), constant(StepControl.GREATEST_FACTOR));
    factor = g.min(factor, most);
    Real smaller =
        g.min(
            g.mul(constant(StepControl.SAFETY), exp2(g.mul(constant(-1 / order), log))),
            constant(StepControl.SAFETY));
    factor = g.max(g.select(accepted, factor, smaller), constant(StepControl.LEAST_FACTOR));
    // Errors below 1e-4 say little of the next one.
    Real floor = constant(StepControl.LOG2_LEAST_ERROR);
    Real remembered = g.max(log, floor);
    Real next = g.mul(before.step, factor);
    Mask tooLong = g.less(before.maximum, g.abs(next));
    return new Choice(
        g.select(tooLong, g.mul(before.maximum, before.direction), next),
        g.select(accepted, remembered, last),
        g.select(accepted, last, earlier));
  }

  /**
   * The length tried for the first step (Hairer, Nørsett and Wanner, Solving Ordinary Differential
   * Equations I, section II.4).
   *
   * @param d0 norm of the states
   * @param d1 norm of their slopes
   */
  Real tried(Real d0, Real d1, Real distance) {
    Real small = constant(1e-5);
    Mask isSmall = g.or(g.less(d0, small), g.less(d1, small));
    Real h0 = g.select(isSmall, constant(1e-6), g.mul(constant(0.01), g.div(d0, d1)));
    return g.min(h0, distance);
  }

  /**
   * The length of the first step that follows from the one tried.
   *
   * @param most the greater of the norms of the slopes and of how they change
   */
  Real first(Real h0, Real most) {
    // (0.01 / most)^(1/order), to 5 digits, within 2^±8 steps of its logarithm's sum: done in two.
    Real log = g.mul(g.sub(constant(-6.643856189774724), log2(most)), constant(1 / order));
    // The logarithm of a NaN is the processor's choice: if the tried step left the domain, it is
    // not taken.
    return g.select(
        g.less(constant(1e-15), most),
        power2(log),
        g.max(constant(1e-6), g.mul(h0, constant(1e-3))));
  }

  private Real constant(double value) {
    return g.constant(value);
  }

  /** The logarithm to base 2 of a positive number, to about 5 digits: enough to choose a step. */
  private Real log2(Real x) {
    int mantissa = precision.mantissaBits();
    long ones = (1L << mantissa) - 1;
    long one = (long) precision.bias() << mantissa;
    Bits bits = g.toBits(x);
    Real m = g.fromBits(g.bitsOr(g.bitsAnd(bits, g.bits(ones)), g.bits(one)));
    double shifter = Math.scalb(1.0, mantissa);
    Real exponent =
        g.sub(
            g.fromBits(g.bitsOr(g.shiftRight(bits, mantissa), g.bits(precision.bits(shifter)))),
            constant(shifter + precision.bias()));
    return g.add(exponent, g.polynomial(m, LOG2));
  }

  /** 2ˣ, to about 5 digits, for x kept within what a step's factor may be. */
  private Real exp2(Real x) {
    int mantissa = precision.mantissaBits();
    x = g.max(g.min(x, constant(8)), constant(-8));
    double shifter = 1.5 * Math.scalb(1.0, mantissa);
    Real shifted = g.add(x, constant(shifter));
    Real r = g.sub(x, g.sub(shifted, constant(shifter)));
    Real y = g.polynomial(r, EXP2);
    return g.fromBits(g.bitsAdd(g.toBits(y), g.shiftLeft(g.toBits(shifted), mantissa)));
  }

  /** 2ˣ over the whole range of exponents. */
  private Real power2(Real x) {
    Real limit = constant(precision.bias() - 3);
    x = g.max(g.min(x, limit), g.neg(limit));
    int whole = precision.mantissaBits();
    double shifter = 1.5 * Math.scalb(1.0, whole);
    Real shifted = g.add(x, constant(shifter));
    Real r = g.sub(x, g.sub(shifted, constant(shifter)));
    Real scale =
        g.fromBits(g.shiftLeft(g.bitsAdd(g.toBits(shifted), g.bits(precision.bias())), whole));
    return g.mul(exp2(r), scale);
  }
}
