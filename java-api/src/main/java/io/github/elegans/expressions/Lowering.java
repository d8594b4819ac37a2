package io.github.elegans.expressions;

import io.github.elegans.expressions.Node.Real;
import java.util.Arrays;
import java.util.List;

/** Writes the functions of a graph in primitive operations, and contracts products and sums. */
public final class Lowering {
  private final Graph to;

  // By the numbers of nodes.
  private final int[] uses;
  private final Node[] copies;

  private Lowering(Graph from, List<? extends Node> roots, Graph to) {
    this.to = to;
    this.uses = uses(from, roots);
    this.copies = new Node[uses.length];
    for (Node node : from.nodes()) {
      if (uses[node.number()] > 0) {
        copies[node.number()] = copy(node);
      }
    }
  }

  /**
   * Copies what the roots need into another graph, in primitive operations only. A product that
   * only one sum uses becomes a fused multiply-add with it: decided here, once, for all backends.
   *
   * @param roots nodes of {@code from}
   * @return what they are in {@code to}
   */
  public static List<Node> lower(Graph from, List<? extends Node> roots, Graph to) {
    roots.forEach(from::own);
    Lowering lowering = new Lowering(from, roots, to);
    return roots.stream().map(lowering::copied).toList();
  }

  private static int[] uses(Graph graph, List<? extends Node> roots) {
    int[] uses = new int[graph.nodes().size()];
    for (Node root : roots) {
      uses[root.number()]++;
    }
    for (Node node : graph.nodes().reversed()) {
      if (uses[node.number()] > 0) {
        for (Node operand : node.operands) {
          uses[operand.number()]++;
        }
      }
    }
    return uses;
  }

  private Node copied(Node node) {
    return copies[node.number()];
  }

  /** The copy of an operand that is a number. */
  private Real copied(Node node, int which) {
    return (Real) copied(node.operand(which));
  }

  private Node copy(Node node) {
    return switch (node.op()) {
      case ADD -> sum(node, false);
      case SUB -> sum(node, true);
      case POWI -> Functions.powi(to, copied(node, 0), (int) node.immediate());
      case POW -> Functions.pow(to, copied(node, 0), copied(node, 1));
      case EXP -> Functions.exp(to, copied(node, 0));
      case EXPM1 -> Functions.expm1(to, copied(node, 0));
      case LOG -> Functions.log(to, copied(node, 0));
      case LOG1P -> Functions.log1p(to, copied(node, 0));
      case SIN -> Functions.sin(to, copied(node, 0));
      case COS -> Functions.cos(to, copied(node, 0));
      case TANH -> Functions.tanh(to, copied(node, 0));
      case SIGMOID -> Functions.sigmoid(to, copied(node, 0));
      case EXPREL -> Functions.exprel(to, copied(node, 0));
      case BERNOULLI -> Functions.bernoulli(to, copied(node, 0));
      case ATAN -> Functions.atan(to, copied(node, 0));
      case ATAN2 -> Functions.atan2(to, copied(node, 0), copied(node, 1));
      case ASIN -> Functions.asin(to, copied(node, 0));
      case ACOS -> Functions.acos(to, copied(node, 0));
      case HYPOT -> Functions.hypot(to, copied(node, 0), copied(node, 1));
      case RINT -> Functions.rint(to, copied(node, 0));
      default -> {
        Node[] operands = new Node[node.operands.length];
        Arrays.setAll(operands, i -> copied(node.operands[i]));
        yield to.make(node.op(), node.immediate(), operands);
      }
    };
  }

  /** x ± y, fused with the product on its right, or on its left, if nothing else uses that. */
  private Real sum(Node node, boolean negated) {
    Real x = copied(node, 0);
    Real y = copied(node, 1);
    Real right = node.real(1);
    if (isFusible(right)) {
      Real factor = copied(right, 0);
      return to.fma(negated ? to.neg(factor) : factor, copied(right, 1), x);
    }
    Real left = node.real(0);
    if (isFusible(left)) {
      return to.fma(copied(left, 0), copied(left, 1), negated ? to.neg(y) : y);
    }
    return negated ? to.sub(x, y) : to.add(x, y);
  }

  private boolean isFusible(Node node) {
    return node.op() == Op.MUL && uses[node.number()] == 1;
  }
}
