package io.github.elegans.expressions;

import io.github.elegans.checks.FloatingPoint;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A growing graph of operations without duplicates: equal operations on equal operands are one
 * node. Nodes are numbers in the order of their making, so operands come before what uses them.
 * Constants are folded and neutral elements vanish where a node is made; what is left is rendered
 * as it stands, so that all renderings agree.
 *
 * <p>Simplification is that of real algebra: {@code 0·x} is 0, even for an infinite x.
 *
 * <p>Where a node is made of operands that do not exist, there is an IndexOutOfBoundsException;
 * where they are of another type than the operation takes, an IllegalArgumentException.
 */
public final class Graph {
  private final Precision precision;
  private final Map<Node, Integer> numbers = new HashMap<>();
  private Op[] ops = new Op[64];
  private int[] a = new int[64];
  private int[] b = new int[64];
  private int[] c = new int[64];
  private long[] immediates = new long[64];
  private int size;

  private record Node(Op op, int a, int b, int c, long immediate) {}

  /** An empty graph whose constants are folded in the given precision. */
  public Graph(Precision precision) {
    FloatingPoint.check();
    this.precision = precision;
  }

  /** The precision that constants are folded in. */
  public Precision precision() {
    return precision;
  }

  /** How many nodes there are. */
  public int size() {
    return size;
  }

  /**
   * The operation of a node.
   *
   * @throws IndexOutOfBoundsException if there is no such node
   */
  public Op op(int node) {
    return ops[known(node)];
  }

  /**
   * A node that there is: the arrays are longer.
   *
   * @throws IndexOutOfBoundsException if there is no such node
   */
  private int known(int node) {
    if (node < 0 || node >= size) {
      throw new IndexOutOfBoundsException(
          "node %d does not exist: the graph has %d".formatted(node, size));
    }
    return node;
  }

  /** The first, second or third operand. */
  public int operand(int node, int which) {
    known(node);
    return which == 0 ? a[node] : which == 1 ? b[node] : c[node];
  }

  /**
   * The number of a variable, the bits of a constant, the count of a shift, the power's exponent.
   */
  public long immediate(int node) {
    return immediates[known(node)];
  }

  /** Whether a node is a constant number. */
  public boolean isConstant(int node) {
    return op(node) == Op.CONSTANT;
  }

  /** The value of a constant. */
  public double value(int node) {
    return Double.longBitsToDouble(immediate(node));
  }

  private boolean is(int node, double value) {
    return op(node) == Op.CONSTANT && value(node) == value;
  }

  /**
   * A variable.
   *
   * @param number at least 0
   */
  public int variable(int number) {
    return intern(Op.VARIABLE, -1, -1, -1, number);
  }

  /** A constant number, rounded to the precision. */
  public int constant(double value) {
    return intern(Op.CONSTANT, -1, -1, -1, Double.doubleToLongBits(precision.round(value)));
  }

  /** Constant bits: the low ones of the value, as many as a number has. */
  public int bits(long value) {
    return intern(Op.BITS_CONSTANT, -1, -1, -1, precision.truncate(value));
  }

  /** x + y. */
  public int add(int x, int y) {
    if (is(x, 0)) {
      return y;
    }
    if (is(y, 0)) {
      return x;
    }
    if (op(y) == Op.NEG) {
      return sub(x, a[y]);
    }
    if (op(x) == Op.NEG) {
      return sub(y, a[x]);
    }
    return binary(Op.ADD, Math.min(x, y), Math.max(x, y));
  }

  /** x − y. */
  public int sub(int x, int y) {
    if (is(y, 0)) {
      return x;
    }
    if (is(x, 0)) {
      return neg(y);
    }
    if (x == y) {
      return constant(0);
    }
    if (op(y) == Op.NEG) {
      return add(x, a[y]);
    }
    return binary(Op.SUB, x, y);
  }

  /** x·y. */
  public int mul(int x, int y) {
    if (is(x, 0) || is(y, 0)) {
      return constant(0);
    }
    if (is(x, 1)) {
      return y;
    }
    if (is(y, 1)) {
      return x;
    }
    if (is(x, -1)) {
      return neg(y);
    }
    if (is(y, -1)) {
      return neg(x);
    }
    if (op(x) == Op.NEG && op(y) == Op.NEG) {
      return mul(a[x], a[y]);
    }
    if (op(x) == Op.NEG) {
      return isConstant(y) ? mul(a[x], neg(y)) : neg(mul(a[x], y));
    }
    if (op(y) == Op.NEG) {
      return isConstant(x) ? mul(neg(x), a[y]) : neg(mul(x, a[y]));
    }
    return binary(Op.MUL, Math.min(x, y), Math.max(x, y));
  }

  /** x / y. */
  public int div(int x, int y) {
    if (is(x, 0)) {
      return x;
    }
    if (is(y, 1)) {
      return x;
    }
    if (is(y, -1)) {
      return neg(x);
    }
    if (isConstant(y) && !isConstant(x)) {
      double divisor = value(y);
      // A power of two divides as exactly as its inverse multiplies.
      if (Math.getExponent(divisor) > -100
          && Math.getExponent(divisor) < 100
          && divisor == Math.copySign(Math.scalb(1.0, Math.getExponent(divisor)), divisor)) {
        return mul(x, constant(1 / divisor));
      }
    }
    if (op(x) == Op.NEG) {
      return neg(div(a[x], y));
    }
    if (op(y) == Op.NEG) {
      return neg(div(x, a[y]));
    }
    if (op(x) == Op.DIV && op(y) == Op.DIV && b[x] == b[y]) {
      return div(a[x], a[y]);
    }
    return binary(Op.DIV, x, y);
  }

  /** x·y + z. */
  public int fma(int x, int y, int z) {
    if (is(x, 0) || is(y, 0)) {
      return z;
    }
    if (is(z, 0)) {
      return mul(x, y);
    }
    if (is(x, 1)) {
      return add(y, z);
    }
    if (is(y, 1)) {
      return add(x, z);
    }
    if (is(x, -1)) {
      return sub(z, y);
    }
    if (is(y, -1)) {
      return sub(z, x);
    }
    return make(Op.FMA, Math.min(x, y), Math.max(x, y), z, 0);
  }

  /** A polynomial by Horner's rule, one fused multiply-add for each coefficient but the first. */
  public int polynomial(int x, double... highestFirst) {
    int y = constant(highestFirst[0]);
    for (int i = 1; i < highestFirst.length; i++) {
      y = fma(y, x, constant(highestFirst[i]));
    }
    return y;
  }

  /** −x. */
  public int neg(int x) {
    return op(x) == Op.NEG ? a[x] : unary(Op.NEG, x);
  }

  /** |x|. */
  public int abs(int x) {
    return op(x) == Op.ABS ? x : op(x) == Op.NEG ? abs(a[x]) : unary(Op.ABS, x);
  }

  /** The square root of x; NaN below 0. */
  public int sqrt(int x) {
    return unary(Op.SQRT, x);
  }

  /** {@code x < y ? x : y}: y if one is NaN. */
  public int min(int x, int y) {
    return x == y ? x : binary(Op.MIN, x, y);
  }

  /** {@code x > y ? x : y}: y if one is NaN. */
  public int max(int x, int y) {
    return x == y ? x : binary(Op.MAX, x, y);
  }

  /** The mask {@code x < y}; false if one is NaN. */
  public int less(int x, int y) {
    return binary(Op.LESS, x, y);
  }

  /** The mask {@code x <= y}; false if one is NaN. */
  public int lessEqual(int x, int y) {
    return binary(Op.LESS_EQUAL, x, y);
  }

  /** The mask {@code x == y}; false if one is NaN. */
  public int equal(int x, int y) {
    return binary(Op.EQUAL, x, y);
  }

  /** The mask that holds where x and y hold. */
  public int and(int x, int y) {
    return x == y
        ? x
        : isAlways(x)
            ? y
            : isAlways(y) ? x : isNever(x) ? x : isNever(y) ? y : binary(Op.AND, x, y);
  }

  /** The mask that holds where x, y or both hold. */
  public int or(int x, int y) {
    return x == y
        ? x
        : isNever(x) ? y : isNever(y) ? x : isAlways(x) ? x : isAlways(y) ? y : binary(Op.OR, x, y);
  }

  /** The mask that holds where x does not. */
  public int not(int x) {
    return op(x) == Op.NOT ? a[x] : unary(Op.NOT, x);
  }

  /** {@code mask ? yes : no}, of numbers. */
  public int select(int mask, int yes, int no) {
    return yes == no || isAlways(mask)
        ? yes
        : isNever(mask) ? no : make(Op.SELECT, mask, yes, no, 0);
  }

  // A comparison of constants is one of 0 and 0 (always) or 0 and 1 (never).
  private boolean isAlways(int mask) {
    return op(mask) == Op.EQUAL && is(a[mask], 0) && is(b[mask], 0);
  }

  private boolean isNever(int mask) {
    return op(mask) == Op.EQUAL && is(a[mask], 0) && is(b[mask], 1);
  }

  /** The mask that holds everywhere or nowhere. */
  public int mask(boolean value) {
    return intern(Op.EQUAL, constant(0), constant(value ? 0 : 1), -1, 0);
  }

  /** The bits of the number x. */
  public int toBits(int x) {
    return op(x) == Op.FROM_BITS ? a[x] : unary(Op.TO_BITS, x);
  }

  /** The number with the bits x. */
  public int fromBits(int x) {
    return op(x) == Op.TO_BITS ? a[x] : unary(Op.FROM_BITS, x);
  }

  /** {@code x + y} of bits as integers; what overflows is lost. */
  public int bitsAdd(int x, int y) {
    return binary(Op.BITS_ADD, x, y);
  }

  /** {@code x - y} of bits as integers; what overflows is lost. */
  public int bitsSub(int x, int y) {
    return binary(Op.BITS_SUB, x, y);
  }

  /** {@code x & y} of bits. */
  public int bitsAnd(int x, int y) {
    return binary(Op.BITS_AND, x, y);
  }

  /** {@code x | y} of bits. */
  public int bitsOr(int x, int y) {
    return binary(Op.BITS_OR, x, y);
  }

  /** {@code x ^ y} of bits. */
  public int bitsXor(int x, int y) {
    return binary(Op.BITS_XOR, x, y);
  }

  /** {@code x << count} of bits; count from 0 to 63, in single precision 31. */
  public int shiftLeft(int x, int count) {
    return make(Op.SHIFT_LEFT, x, -1, -1, count);
  }

  /** {@code x >>> count} of bits; count from 0 to 63, in single precision 31. */
  public int shiftRight(int x, int count) {
    return make(Op.SHIFT_RIGHT, x, -1, -1, count);
  }

  /** xⁿ. */
  public int powi(int x, int n) {
    return switch (n) {
      case 0 -> constant(1);
      case 1 -> x;
      case 2 -> mul(x, x);
      default -> make(Op.POWI, x, -1, -1, n);
    };
  }

  /** A function of one argument: EXP, LOG, … */
  public int function(Op op, int x) {
    return unary(op, x);
  }

  /**
   * x to the power of y. A constant y is done without the function POW if it is an integer of at
   * most 64 in magnitude, by multiplications, or 0.5, by a square root.
   */
  public int pow(int x, int y) {
    if (isConstant(y)) {
      double exponent = value(y);
      if (exponent == Math.rint(exponent) && Math.abs(exponent) <= 64) {
        return powi(x, (int) exponent);
      }
      if (exponent == 0.5) {
        return sqrt(x);
      }
    }
    return binary(Op.POW, x, y);
  }

  /**
   * Makes any node again from its operands in this graph.
   *
   * @throws IndexOutOfBoundsException if an operand is no node of this graph
   * @throws IllegalArgumentException if an operand is of another type than the operation takes, or
   *     the immediate is no number of a variable, count of a shift or exponent
   */
  public int make(Op op, int x, int y, int z, long immediate) {
    check(op, x, y, z, immediate);
    return switch (op) {
      case CONSTANT -> constant(Double.longBitsToDouble(immediate));
      case BITS_CONSTANT -> bits(immediate);
      case ADD -> add(x, y);
      case SUB -> sub(x, y);
      case MUL -> mul(x, y);
      case DIV -> div(x, y);
      case NEG -> neg(x);
      case ABS -> abs(x);
      case AND -> and(x, y);
      case OR -> or(x, y);
      case NOT -> not(x);
      case MIN -> min(x, y);
      case MAX -> max(x, y);
      case POW -> pow(x, y);
      case POWI ->
          immediate >= 0 && immediate <= 2
              ? powi(x, (int) immediate)
              : folded(op, x, y, z, immediate);
      case SELECT -> yesNo(x, y, z);
      default -> folded(op, x, y, z, immediate);
    };
  }

  private int yesNo(int mask, int yes, int no) {
    return yes == no || isAlways(mask)
        ? yes
        : isNever(mask) ? no : intern(Op.SELECT, mask, yes, no, 0);
  }

  private int unary(Op op, int x) {
    return folded(op, x, -1, -1, 0);
  }

  private int binary(Op op, int x, int y) {
    return folded(op, x, y, -1, 0);
  }

  private int folded(Op op, int x, int y, int z, long immediate) {
    boolean constant =
        op.isPrimitive()
            && op.arity() > 0
            && isLiteral(x)
            && (op.arity() < 2 || isLiteral(y))
            && (op.arity() < 3 || isLiteral(z));
    if (!constant) {
      return intern(op, x, y, z, immediate);
    }
    check(op, x, y, z, immediate);
    long result =
        Scalar.apply(
            op,
            precision,
            literal(x),
            op.arity() > 1 ? literal(y) : 0,
            op.arity() > 2 ? literal(z) : 0,
            (int) immediate);
    return switch (op.type()) {
      case REAL -> constant(Double.longBitsToDouble(result));
      case BITS -> bits(result);
      case MASK -> mask(result != 0);
    };
  }

  private boolean isLiteral(int node) {
    return op(node) == Op.CONSTANT
        || op(node) == Op.BITS_CONSTANT
        || isAlways(node)
        || isNever(node);
  }

  /** As {@link Scalar} takes it. */
  private long literal(int node) {
    return op(node).type() == Op.Type.MASK ? (isAlways(node) ? 1 : 0) : immediates[node];
  }

  /** Backends trust a graph: whatever becomes a node goes through here. */
  private void check(Op op, int x, int y, int z, long immediate) {
    for (int i = 0; i < op.arity(); i++) {
      int operand = i == 0 ? x : i == 1 ? y : z;
      if (op(operand).type() != op.operandType(i)) {
        throw new IllegalArgumentException(
            "operand %d of %s must be of type %s, but is %s"
                .formatted(i, op, op.operandType(i), op(operand).type()));
      }
    }
    switch (op) {
      case VARIABLE -> between("the number of a variable", 0, Integer.MAX_VALUE, immediate);
      case SHIFT_LEFT, SHIFT_RIGHT ->
          between(
              "the count of a shift",
              0,
              (precision == Precision.DOUBLE ? Double.SIZE : Float.SIZE) - 1L,
              immediate);
      case POWI -> between("an integer exponent", Integer.MIN_VALUE, Integer.MAX_VALUE, immediate);
      default -> {}
    }
  }

  private static void between(String what, long least, long most, long found) {
    if (found < least || found > most) {
      throw new IllegalArgumentException(
          "%s must lie between %d and %d, but is %d".formatted(what, least, most, found));
    }
  }

  private int intern(Op op, int x, int y, int z, long immediate) {
    check(op, x, y, z, immediate);
    Node node = new Node(op, x, y, z, immediate);
    Integer known = numbers.get(node);
    if (known != null) {
      return known;
    }
    if (size == ops.length) {
      int length = 2 * size;
      ops = Arrays.copyOf(ops, length);
      a = Arrays.copyOf(a, length);
      b = Arrays.copyOf(b, length);
      c = Arrays.copyOf(c, length);
      immediates = Arrays.copyOf(immediates, length);
    }
    ops[size] = op;
    a[size] = x;
    b[size] = y;
    c[size] = z;
    immediates[size] = immediate;
    numbers.put(node, size);
    return size++;
  }
}
