package io.github.elegans.expressions;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.expressions.Node.Bits;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A growing graph of operations without duplicates: equal operations on equal operands are one
 * node. Nodes are numbered in the order of their making, so operands come before what uses them.
 * Constants are folded and neutral elements vanish where a node is made; what is left is rendered
 * as it stands, so that all renderings agree.
 *
 * <p>Simplification is that of real algebra: {@code 0·x} is 0, even for an infinite x.
 *
 * <p>An operation on a node of another graph, or a program of one, is refused by an
 * IllegalArgumentException.
 */
public final class Graph {
  private final Precision precision;
  private final List<Node> nodes = new ArrayList<>();

  /** The nodes by what they compute: each at the first free place from the one of its hash. */
  private @Nullable Node[] table = new Node[256];

  /** An empty graph whose constants are folded in the given precision. */
  public Graph(Precision precision) {
    FloatingPoint.check();
    this.precision = Objects.requireNonNull(precision, "precision");
  }

  /** The precision that constants are folded in. */
  public Precision precision() {
    return precision;
  }

  /** All nodes in the order of their making, as the graph grows. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /**
   * A variable.
   *
   * @param number at least 0
   */
  public Real variable(int number) {
    return (Real) intern(Op.VARIABLE, new Node[0], number);
  }

  /** A constant number, rounded to the precision. */
  public Real constant(double value) {
    long bits = Double.doubleToLongBits(precision.round(value));
    return (Real) intern(Op.CONSTANT, new Node[0], bits);
  }

  /** Constant bits: the low ones of the value, as many as a number has. */
  public Bits bits(long value) {
    return (Bits) intern(Op.BITS_CONSTANT, new Node[0], precision.truncate(value));
  }

  /** x + y. */
  public Real add(Real x, Real y) {
    own(x, y);
    if (x.is(0)) {
      return y;
    }
    if (y.is(0)) {
      return x;
    }
    if (y.op() == Op.NEG) {
      return sub(x, y.real(0));
    }
    if (x.op() == Op.NEG) {
      return sub(y, x.real(0));
    }
    return real(Op.ADD, first(x, y), second(x, y));
  }

  /** x − y. */
  public Real sub(Real x, Real y) {
    own(x, y);
    if (y.is(0)) {
      return x;
    }
    if (x.is(0)) {
      return neg(y);
    }
    if (x == y) {
      return constant(0);
    }
    if (y.op() == Op.NEG) {
      return add(x, y.real(0));
    }
    return real(Op.SUB, x, y);
  }

  /** x·y. */
  public Real mul(Real x, Real y) {
    own(x, y);
    if (x.is(0) || y.is(0)) {
      return constant(0);
    }
    if (x.is(1)) {
      return y;
    }
    if (y.is(1)) {
      return x;
    }
    if (x.is(-1)) {
      return neg(y);
    }
    if (y.is(-1)) {
      return neg(x);
    }
    if (x.op() == Op.NEG && y.op() == Op.NEG) {
      return mul(x.real(0), y.real(0));
    }
    if (x.op() == Op.NEG) {
      return y.isConstant() ? mul(x.real(0), neg(y)) : neg(mul(x.real(0), y));
    }
    if (y.op() == Op.NEG) {
      return x.isConstant() ? mul(neg(x), y.real(0)) : neg(mul(x, y.real(0)));
    }
    return real(Op.MUL, first(x, y), second(x, y));
  }

  /** x / y. */
  public Real div(Real x, Real y) {
    own(x, y);
    if (x.is(0)) {
      return x;
    }
    if (y.is(1)) {
      return x;
    }
    if (y.is(-1)) {
      return neg(x);
    }
    if (y.isConstant() && !x.isConstant() && isPowerOfTwo(y.value())) {
      // It divides as exactly as its inverse multiplies.
      return mul(x, constant(1 / y.value()));
    }
    if (x.op() == Op.NEG) {
      return neg(div(x.real(0), y));
    }
    if (y.op() == Op.NEG) {
      return neg(div(x, y.real(0)));
    }
    if (x.op() == Op.DIV && y.op() == Op.DIV && x.real(1) == y.real(1)) {
      return div(x.real(0), y.real(0));
    }
    return real(Op.DIV, x, y);
  }

  /** Whether products with a number and with its inverse are exact, far from what overflows. */
  public static boolean isPowerOfTwo(double x) {
    int exponent = Math.getExponent(x);
    return Math.abs(exponent) < 100 && Math.abs(x) == Math.scalb(1.0, exponent);
  }

  /** x·y + z. */
  public Real fma(Real x, Real y, Real z) {
    own(x, y, z);
    if (x.is(0) || y.is(0)) {
      return z;
    }
    if (z.is(0)) {
      return mul(x, y);
    }
    if (x.is(1)) {
      return add(y, z);
    }
    if (y.is(1)) {
      return add(x, z);
    }
    if (x.is(-1)) {
      return sub(z, y);
    }
    if (y.is(-1)) {
      return sub(z, x);
    }
    return real(Op.FMA, first(x, y), second(x, y), z);
  }

  /** A polynomial by Horner's rule, one fused multiply-add for each coefficient but the first. */
  public Real polynomial(Real x, double... highestFirst) {
    Real y = constant(highestFirst[0]);
    for (int i = 1; i < highestFirst.length; i++) {
      y = fma(y, x, constant(highestFirst[i]));
    }
    return y;
  }

  /** −x. */
  public Real neg(Real x) {
    own(x);
    return x.op() == Op.NEG ? x.real(0) : real(Op.NEG, x);
  }

  /** |x|. */
  public Real abs(Real x) {
    own(x);
    return x.op() == Op.ABS ? x : x.op() == Op.NEG ? abs(x.real(0)) : real(Op.ABS, x);
  }

  /** The square root of x; NaN below 0. */
  public Real sqrt(Real x) {
    return real(Op.SQRT, x);
  }

  /** {@code x < y ? x : y}: y if one is NaN. */
  public Real min(Real x, Real y) {
    own(x, y);
    return x == y ? x : real(Op.MIN, x, y);
  }

  /** {@code x > y ? x : y}: y if one is NaN. */
  public Real max(Real x, Real y) {
    own(x, y);
    return x == y ? x : real(Op.MAX, x, y);
  }

  /** The mask {@code x < y}; false if one is NaN. */
  public Mask less(Real x, Real y) {
    return mask(Op.LESS, x, y);
  }

  /** The mask {@code x <= y}; false if one is NaN. */
  public Mask lessEqual(Real x, Real y) {
    return mask(Op.LESS_EQUAL, x, y);
  }

  /** The mask {@code x == y}; false if one is NaN. */
  public Mask equal(Real x, Real y) {
    return mask(Op.EQUAL, x, y);
  }

  /** The mask that holds where x and y hold. */
  public Mask and(Mask x, Mask y) {
    own(x, y);
    return x == y
        ? x
        : x.is(true) ? y : y.is(true) ? x : x.is(false) ? x : y.is(false) ? y : mask(Op.AND, x, y);
  }

  /** The mask that holds where x, y or both hold. */
  public Mask or(Mask x, Mask y) {
    own(x, y);
    return x == y
        ? x
        : x.is(false) ? y : y.is(false) ? x : x.is(true) ? x : y.is(true) ? y : mask(Op.OR, x, y);
  }

  /** The mask that holds where x does not. */
  public Mask not(Mask x) {
    own(x);
    return x.op() == Op.NOT ? x.mask(0) : mask(Op.NOT, x);
  }

  /** {@code mask ? yes : no}, of numbers. */
  public Real select(Mask mask, Real yes, Real no) {
    own(mask, yes, no);
    return yes == no || mask.is(true)
        ? yes
        : mask.is(false) ? no : (Real) intern(Op.SELECT, new Node[] {mask, yes, no}, 0);
  }

  /** The mask that holds everywhere or nowhere. */
  public Mask mask(boolean value) {
    return (Mask) intern(Op.EQUAL, new Node[] {constant(0), constant(value ? 0 : 1)}, 0);
  }

  /** The bits of the number x. */
  public Bits toBits(Real x) {
    own(x);
    return x.op() == Op.FROM_BITS ? x.bits(0) : bits(Op.TO_BITS, 0, x);
  }

  /** The number with the bits x. */
  public Real fromBits(Bits x) {
    own(x);
    return x.op() == Op.TO_BITS ? x.real(0) : real(Op.FROM_BITS, x);
  }

  /** {@code x + y} of bits as integers; what overflows is lost. */
  public Bits bitsAdd(Bits x, Bits y) {
    return bits(Op.BITS_ADD, 0, x, y);
  }

  /** {@code x - y} of bits as integers; what overflows is lost. */
  public Bits bitsSub(Bits x, Bits y) {
    return bits(Op.BITS_SUB, 0, x, y);
  }

  /** {@code x & y} of bits. */
  public Bits bitsAnd(Bits x, Bits y) {
    return bits(Op.BITS_AND, 0, x, y);
  }

  /** {@code x | y} of bits. */
  public Bits bitsOr(Bits x, Bits y) {
    return bits(Op.BITS_OR, 0, x, y);
  }

  /** {@code x ^ y} of bits. */
  public Bits bitsXor(Bits x, Bits y) {
    return bits(Op.BITS_XOR, 0, x, y);
  }

  /** {@code x << count} of bits; count from 0 to 63, in single precision 31. */
  public Bits shiftLeft(Bits x, int count) {
    return bits(Op.SHIFT_LEFT, count, x);
  }

  /** {@code x >>> count} of bits; count from 0 to 63, in single precision 31. */
  public Bits shiftRight(Bits x, int count) {
    return bits(Op.SHIFT_RIGHT, count, x);
  }

  /** xⁿ. */
  public Real powi(Real x, int n) {
    own(x);
    return switch (n) {
      case 0 -> constant(1);
      case 1 -> x;
      case 2 -> mul(x, x);
      default -> (Real) intern(Op.POWI, new Node[] {x}, n);
    };
  }

  /**
   * A function of one argument: EXP, LOG, …
   *
   * @throws IllegalArgumentException if the operation is none
   */
  public Real function(Op op, Real x) {
    if (op.arity() != 1 || op.type() != Op.Type.REAL || op.operandType(0) != Op.Type.REAL) {
      throw new IllegalArgumentException(op + " is no function of one number");
    }
    return real(op, x);
  }

  /**
   * x to the power of y. A constant y is done without the function POW if it is an integer of at
   * most 64 in magnitude, by multiplications, or 0.5, by a square root.
   */
  public Real pow(Real x, Real y) {
    own(x, y);
    if (y.isConstant()) {
      double exponent = y.value();
      if (exponent == Math.rint(exponent) && Math.abs(exponent) <= 64) {
        return powi(x, (int) exponent);
      }
      if (exponent == 0.5) {
        return sqrt(x);
      }
    }
    return real(Op.POW, x, y);
  }

  /**
   * Makes any node from its operands in this graph.
   *
   * @throws IllegalArgumentException if there are more or fewer operands than the operation takes,
   *     one is of another type or another graph, or the immediate is no number of a variable, count
   *     of a shift or exponent
   */
  public Node make(Op op, long immediate, Node... operands) {
    checkTypes(op, operands);
    return switch (op) {
      case CONSTANT -> constant(Double.longBitsToDouble(immediate));
      case BITS_CONSTANT -> bits(immediate);
      case ADD -> add((Real) operands[0], (Real) operands[1]);
      case SUB -> sub((Real) operands[0], (Real) operands[1]);
      case MUL -> mul((Real) operands[0], (Real) operands[1]);
      case DIV -> div((Real) operands[0], (Real) operands[1]);
      case NEG -> neg((Real) operands[0]);
      case ABS -> abs((Real) operands[0]);
      case AND -> and((Mask) operands[0], (Mask) operands[1]);
      case OR -> or((Mask) operands[0], (Mask) operands[1]);
      case NOT -> not((Mask) operands[0]);
      case MIN -> min((Real) operands[0], (Real) operands[1]);
      case MAX -> max((Real) operands[0], (Real) operands[1]);
      case POW -> pow((Real) operands[0], (Real) operands[1]);
      case POWI ->
          immediate >= 0 && immediate <= 2
              ? powi((Real) operands[0], (int) immediate)
              : intern(op, operands.clone(), immediate);
      case SELECT -> select((Mask) operands[0], (Real) operands[1], (Real) operands[2]);
      default -> folded(op, operands.clone(), immediate);
    };
  }

  private Real real(Op op, Node... operands) {
    return (Real) folded(op, operands, 0);
  }

  private Bits bits(Op op, long immediate, Node... operands) {
    return (Bits) folded(op, operands, immediate);
  }

  private Mask mask(Op op, Node... operands) {
    return (Mask) folded(op, operands, 0);
  }

  // Where the order of operands does not matter, the one that was made first comes first.
  private static Real first(Real x, Real y) {
    return x.number() < y.number() ? x : y;
  }

  private static Real second(Real x, Real y) {
    return x.number() < y.number() ? y : x;
  }

  /** The constant that an operation on constants gives; otherwise the operation. */
  private Node folded(Op op, Node[] operands, long immediate) {
    if (!op.isPrimitive() || operands.length == 0 || !areLiterals(operands)) {
      return intern(op, operands, immediate);
    }
    own(operands);
    checkImmediate(op, immediate);
    long result =
        Scalar.apply(
            op,
            precision,
            literal(operands, 0),
            literal(operands, 1),
            literal(operands, 2),
            (int) immediate);
    return switch (op.type()) {
      case REAL -> constant(Double.longBitsToDouble(result));
      case BITS -> bits(result);
      case MASK -> mask(result != 0);
    };
  }

  private static boolean areLiterals(Node[] operands) {
    for (Node operand : operands) {
      if (operand.op() != Op.CONSTANT
          && operand.op() != Op.BITS_CONSTANT
          && !(operand instanceof Mask mask && (mask.is(true) || mask.is(false)))) {
        return false;
      }
    }
    return true;
  }

  /** As {@link Scalar} takes it; 0 for an operand that there is not. */
  private static long literal(Node[] operands, int which) {
    if (which >= operands.length) {
      return 0;
    }
    Node operand = operands[which];
    return operand instanceof Mask mask ? (mask.is(true) ? 1 : 0) : operand.immediate();
  }

  private static void checkTypes(Op op, Node[] operands) {
    if (operands.length != op.arity()) {
      throw new IllegalArgumentException(
          "%s takes %d operands, but there are %d".formatted(op, op.arity(), operands.length));
    }
    for (int i = 0; i < op.arity(); i++) {
      Op.Type type = operands[i].op().type();
      if (type != op.operandType(i)) {
        throw new IllegalArgumentException(
            "operand %d of %s must be of type %s, but is %s"
                .formatted(i, op, op.operandType(i), type));
      }
    }
  }

  private void checkImmediate(Op op, long immediate) {
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

  /**
   * Checks that nodes are of this graph.
   *
   * @throws IllegalArgumentException if one is not
   */
  void own(Node... operands) {
    for (Node operand : operands) {
      own(operand);
    }
  }

  void own(Node x, Node y) {
    own(x);
    own(y);
  }

  void own(Node node) {
    if (node.number() >= nodes.size() || nodes.get(node.number()) != node) {
      throw new IllegalArgumentException("%s, is of another graph".formatted(node));
    }
  }

  /** Backends trust a graph: whatever becomes a node goes through here. */
  private Node intern(Op op, Node[] operands, long immediate) {
    checkImmediate(op, immediate);
    own(operands);
    int place = place(op, operands, immediate);
    Node known = table[place];
    if (known != null) {
      return known;
    }
    Node node = Node.of(nodes.size(), op, operands, immediate);
    nodes.add(node);
    table[place] = node;
    if (2 * nodes.size() > table.length) {
      table = new Node[2 * table.length];
      for (Node n : nodes) {
        table[place(n.op(), n.operands, n.immediate())] = n;
      }
    }
    return node;
  }

  /** Where a node is in the table, or would be. */
  private int place(Op op, Node[] operands, long immediate) {
    int hash = 31 * op.hashCode() + Long.hashCode(immediate);
    for (Node operand : operands) {
      hash = 31 * hash + operand.number();
    }
    int last = table.length - 1;
    int place = (hash * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(last);
    while (true) {
      Node node = table[place];
      if (node == null || node.is(op, operands, immediate)) {
        return place;
      }
      place = (place + 1) & last;
    }
  }
}
