package io.github.elegans.expressions;

/**
 * The operations of a {@link Graph}. Those up to {@link #NOT} are primitive: each is one IEEE 754
 * or integer operation, rounded to nearest, with the same bits on every backend. The others are
 * functions that {@link Lowering} writes in primitives.
 */
public enum Op {
  /** A variable of the lane, by its number. */
  VARIABLE(Type.REAL, 0),
  /** A number; the immediate has the bits of a double. */
  CONSTANT(Type.REAL, 0),
  /** a + b. */
  ADD(Type.REAL, 2),
  /** a − b. */
  SUB(Type.REAL, 2),
  /** a·b. */
  MUL(Type.REAL, 2),
  /** a / b. */
  DIV(Type.REAL, 2),
  /** a·b + c, rounded once. */
  FMA(Type.REAL, 3),
  /** −a. */
  NEG(Type.REAL, 1),
  /** |a|. */
  ABS(Type.REAL, 1),
  /** The square root of a; NaN below 0. */
  SQRT(Type.REAL, 1),
  /** {@code a < b ? a : b}: b if one is NaN. */
  MIN(Type.REAL, 2),
  /** {@code a > b ? a : b}: b if one is NaN. */
  MAX(Type.REAL, 2),
  /** {@code a ? b : c}. */
  SELECT(Type.REAL, 3),
  /** The number with these bits. */
  FROM_BITS(Type.REAL, 1),

  /** The bits of a number. */
  TO_BITS(Type.BITS, 1),
  /** Constant bits: the immediate. */
  BITS_CONSTANT(Type.BITS, 0),
  /** a + b of integers; what overflows is lost. */
  BITS_ADD(Type.BITS, 2),
  /** a − b of integers; what overflows is lost. */
  BITS_SUB(Type.BITS, 2),
  /** {@code a & b}. */
  BITS_AND(Type.BITS, 2),
  /** {@code a | b}. */
  BITS_OR(Type.BITS, 2),
  /** {@code a ^ b}. */
  BITS_XOR(Type.BITS, 2),
  /** Shifted left by the immediate. */
  SHIFT_LEFT(Type.BITS, 1),
  /** Shifted right by the immediate, filled with zeros. */
  SHIFT_RIGHT(Type.BITS, 1),

  /** False if one is NaN. */
  LESS(Type.MASK, 2),
  /** False if one is NaN. */
  LESS_EQUAL(Type.MASK, 2),
  /** False if one is NaN; -0 equals 0. */
  EQUAL(Type.MASK, 2),
  /** Whether both hold. */
  AND(Type.MASK, 2),
  /** Whether one or both hold. */
  OR(Type.MASK, 2),
  /** Whether a does not hold. */
  NOT(Type.MASK, 1),

  /** The power by the immediate, an integer. */
  POWI(Type.REAL, 1),
  /**
   * a to the power of b; NaN of a finite negative number if b has a fraction, 0 where it would be
   * below the least normal number.
   */
  POW(Type.REAL, 2),
  /** eˣ; 0 where that is below the least normal number. */
  EXP(Type.REAL, 1),
  /** eˣ − 1. */
  EXPM1(Type.REAL, 1),
  /** The natural logarithm. */
  LOG(Type.REAL, 1),
  /** log(1 + x). */
  LOG1P(Type.REAL, 1),
  /** sin x; NaN where |x| exceeds 2³⁰, in single precision 2²⁰. */
  SIN(Type.REAL, 1),
  /** cos x; NaN where |x| exceeds 2³⁰, in single precision 2²⁰. */
  COS(Type.REAL, 1),
  /** The hyperbolic tangent. */
  TANH(Type.REAL, 1),
  /** 1 / (1 + e⁻ˣ). */
  SIGMOID(Type.REAL, 1),
  /** (eˣ − 1) / x, 1 at 0. */
  EXPREL(Type.REAL, 1),
  /** x / (eˣ − 1), 1 at 0. */
  BERNOULLI(Type.REAL, 1),
  /** The arc tangent. */
  ATAN(Type.REAL, 1),
  /** The angle of the point (b, a), from −π to π. */
  ATAN2(Type.REAL, 2),
  /** The arc sine; NaN beyond 1 in magnitude. */
  ASIN(Type.REAL, 1),
  /** The arc cosine; NaN beyond 1 in magnitude. */
  ACOS(Type.REAL, 1),
  /** √(a² + b²) where a² and b² would overflow or vanish, too. */
  HYPOT(Type.REAL, 2),
  /** The nearest whole number, the even one of two. */
  RINT(Type.REAL, 1);

  /** What an operation gives. */
  public enum Type {
    /** A number, double or float by the precision. */
    REAL,
    /** An integer of as many bits as a number has: 64 or 32. */
    BITS,
    /** True or false. */
    MASK
  }

  private final Type type;
  private final int arity;

  Op(Type type, int arity) {
    this.type = type;
    this.arity = arity;
  }

  /** What it gives. */
  public Type type() {
    return type;
  }

  /** What an operand must be. */
  public Type operandType(int which) {
    return switch (this) {
      case SELECT -> which == 0 ? Type.MASK : Type.REAL;
      case AND, OR, NOT -> Type.MASK;
      case FROM_BITS, BITS_ADD, BITS_SUB, BITS_AND, BITS_OR, BITS_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
          Type.BITS;
      default -> Type.REAL;
    };
  }

  /** How many operands it has, 0 to 3. */
  public int arity() {
    return arity;
  }

  /** Whether backends run it as it is. */
  public boolean isPrimitive() {
    return compareTo(POWI) < 0;
  }
}
