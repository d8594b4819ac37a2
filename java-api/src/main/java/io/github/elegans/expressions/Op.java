package io.github.elegans.expressions;

/**
 * The operations of a {@link Graph}. Those up to {@link #NOT} are primitive: each is one IEEE 754
 * or integer operation, rounded to nearest, with the same bits on every backend. The others are
 * functions that {@link Lowering} writes in primitives.
 */
public enum Op {
  /** A variable of the lane, by its number. */
  VARIABLE(Type.REAL, 0),
  CONSTANT(Type.REAL, 0),
  ADD(Type.REAL, 2),
  SUB(Type.REAL, 2),
  MUL(Type.REAL, 2),
  DIV(Type.REAL, 2),
  /** a·b + c, rounded once. */
  FMA(Type.REAL, 3),
  NEG(Type.REAL, 1),
  ABS(Type.REAL, 1),
  SQRT(Type.REAL, 1),
  /** {@code a < b ? a : b}: b if one is NaN. */
  MIN(Type.REAL, 2),
  /** {@code a > b ? a : b}: b if one is NaN. */
  MAX(Type.REAL, 2),
  /** {@code a ? b : c}. */
  SELECT(Type.REAL, 3),
  /** The number with these bits. */
  FROM_BITS(Type.REAL, 1),

  TO_BITS(Type.BITS, 1),
  BITS_CONSTANT(Type.BITS, 0),
  BITS_ADD(Type.BITS, 2),
  BITS_SUB(Type.BITS, 2),
  BITS_AND(Type.BITS, 2),
  BITS_OR(Type.BITS, 2),
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
  AND(Type.MASK, 2),
  OR(Type.MASK, 2),
  NOT(Type.MASK, 1),

  /** The power by the immediate, an integer. */
  POWI(Type.REAL, 1),
  POW(Type.REAL, 2),
  EXP(Type.REAL, 1),
  EXPM1(Type.REAL, 1),
  LOG(Type.REAL, 1),
  LOG1P(Type.REAL, 1),
  SIN(Type.REAL, 1),
  COS(Type.REAL, 1),
  TANH(Type.REAL, 1),
  SIGMOID(Type.REAL, 1),
  /** (eˣ − 1) / x, 1 at 0. */
  EXPREL(Type.REAL, 1),
  /** x / (eˣ − 1), 1 at 0. */
  BERNOULLI(Type.REAL, 1);

  /** What an operation gives. */
  public enum Type {
    REAL,
    BITS,
    MASK
  }

  private final Type type;
  private final int arity;

  Op(Type type, int arity) {
    this.type = type;
    this.arity = arity;
  }

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
