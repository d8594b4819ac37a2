package io.github.elegans.expressions;

import java.util.List;

/**
 * A node of a {@link Graph}: an operation on nodes that were made before it. Its class says what it
 * gives, so that a mask cannot be added nor a number negated as bits. Only a graph makes nodes; in
 * one, equal nodes are the same.
 */
public abstract sealed class Node {
  private final int number;
  private final Op op;

  /** For the package, which does not write to it. */
  final Node[] operands;

  private final long immediate;

  private Node(int number, Op op, Node[] operands, long immediate) {
    this.number = number;
    this.op = op;
    this.operands = operands;
    this.immediate = immediate;
  }

  /** A number, double or float by the precision of the graph. */
  public static final class Real extends Node {
    private Real(int number, Op op, Node[] operands, long immediate) {
      super(number, op, operands, immediate);
    }

    /** Whether this is a constant. */
    public boolean isConstant() {
      return op() == Op.CONSTANT;
    }

    /** The value of a constant. */
    public double value() {
      return Double.longBitsToDouble(immediate());
    }

    /** Whether it is a constant of this value; 0 and -0 are one. */
    boolean is(double value) {
      return isConstant() && value() == value;
    }
  }

  /** An integer of as many bits as a number has. */
  public static final class Bits extends Node {
    private Bits(int number, Op op, Node[] operands, long immediate) {
      super(number, op, operands, immediate);
    }
  }

  /** True or false. */
  public static final class Mask extends Node {
    private Mask(int number, Op op, Node[] operands, long immediate) {
      super(number, op, operands, immediate);
    }

    /** Whether it is the constant: a comparison of 0 and 0 (true) or 0 and 1 (false). */
    boolean is(boolean value) {
      return op() == Op.EQUAL && real(0).is(0) && real(1).is(value ? 0 : 1);
    }
  }

  static Node of(int number, Op op, Node[] operands, long immediate) {
    return switch (op.type()) {
      case REAL -> new Real(number, op, operands, immediate);
      case BITS -> new Bits(number, op, operands, immediate);
      case MASK -> new Mask(number, op, operands, immediate);
    };
  }

  /** How many nodes of its graph were made before it. */
  public int number() {
    return number;
  }

  /** What it computes. */
  public Op op() {
    return op;
  }

  /** What it computes that of. */
  public List<Node> operands() {
    return List.of(operands);
  }

  /** The first, second or third operand. */
  public Node operand(int which) {
    return operands[which];
  }

  /**
   * An operand that is a number.
   *
   * @throws ClassCastException if it is none
   */
  public Real real(int which) {
    return (Real) operands[which];
  }

  /**
   * An operand that is bits.
   *
   * @throws ClassCastException if it is none
   */
  public Bits bits(int which) {
    return (Bits) operands[which];
  }

  /**
   * An operand that is a mask.
   *
   * @throws ClassCastException if it is none
   */
  public Mask mask(int which) {
    return (Mask) operands[which];
  }

  /**
   * The number of a variable, the bits of a constant, the count of a shift, the power's exponent.
   */
  public long immediate() {
    return immediate;
  }

  /** Whether it is this operation on these operands. */
  boolean is(Op op, Node[] operands, long immediate) {
    if (this.op != op || this.immediate != immediate) {
      return false;
    }
    for (int i = 0; i < operands.length; i++) {
      if (this.operands[i] != operands[i]) {
        return false;
      }
    }
    return true;
  }

  /** By its number: the same in every run, and so is the order of what is kept by nodes. */
  @Override
  public final int hashCode() {
    return number;
  }

  /** Its number and operation, for messages. */
  @Override
  public String toString() {
    return "node %d, %s".formatted(number, op);
  }
}
