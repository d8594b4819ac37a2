package io.github.elegans.expressions;

/** Writes the functions of a graph in primitive operations, and contracts products and sums. */
public final class Lowering {
  private Lowering() {}

  /**
   * Copies what the roots need into another graph, in primitive operations only. A product that
   * only one sum uses becomes a fused multiply-add with it: decided here, once, for all backends.
   *
   * @param roots nodes of {@code from}; replaced by the nodes of {@code to}
   */
  public static void lower(Graph from, int[] roots, Graph to) {
    int[] uses = uses(from, roots);
    int[] copies = new int[from.size()];
    for (int node = 0; node < from.size(); node++) {
      if (uses[node] > 0) {
        copies[node] = copy(from, node, uses, copies, to);
      }
    }
    for (int i = 0; i < roots.length; i++) {
      roots[i] = copies[roots[i]];
    }
  }

  private static int[] uses(Graph graph, int[] roots) {
    int[] uses = new int[graph.size()];
    for (int root : roots) {
      uses[root]++;
    }
    for (int node = graph.size() - 1; node >= 0; node--) {
      for (int i = 0; uses[node] > 0 && i < graph.op(node).arity(); i++) {
        uses[graph.operand(node, i)]++;
      }
    }
    return uses;
  }

  private static int copy(Graph from, int node, int[] uses, int[] copies, Graph to) {
    Op op = from.op(node);
    int a = op.arity() > 0 ? copies[from.operand(node, 0)] : -1;
    int b = op.arity() > 1 ? copies[from.operand(node, 1)] : -1;
    int c = op.arity() > 2 ? copies[from.operand(node, 2)] : -1;
    return switch (op) {
      case VARIABLE -> to.variable((int) from.immediate(node));
      case CONSTANT -> to.constant(from.value(node));
      case BITS_CONSTANT -> to.bits(from.immediate(node));
      case ADD -> sum(from, node, a, b, uses, copies, to, false);
      case SUB -> sum(from, node, a, b, uses, copies, to, true);
      case POWI -> Functions.powi(to, a, (int) from.immediate(node));
      case POW -> Functions.pow(to, a, b);
      case EXP -> Functions.exp(to, a);
      case EXPM1 -> Functions.expm1(to, a);
      case LOG -> Functions.log(to, a);
      case LOG1P -> Functions.log1p(to, a);
      case SIN -> Functions.sin(to, a);
      case COS -> Functions.cos(to, a);
      case TANH -> Functions.tanh(to, a);
      case SIGMOID -> Functions.sigmoid(to, a);
      case EXPREL -> Functions.exprel(to, a);
      case BERNOULLI -> Functions.bernoulli(to, a);
      default -> to.make(op, a, b, c, from.immediate(node));
    };
  }

  /** x ± y, fused with the product on its right, or on its left, if nothing else uses that. */
  private static int sum(
      Graph from, int node, int x, int y, int[] uses, int[] copies, Graph to, boolean negated) {
    int right = from.operand(node, 1);
    if (from.op(right) == Op.MUL && uses[right] == 1) {
      int factor = copies[from.operand(right, 0)];
      return to.fma(negated ? to.neg(factor) : factor, copies[from.operand(right, 1)], x);
    }
    int left = from.operand(node, 0);
    if (from.op(left) == Op.MUL && uses[left] == 1) {
      return to.fma(
          copies[from.operand(left, 0)], copies[from.operand(left, 1)], negated ? to.neg(y) : y);
    }
    return negated ? to.sub(x, y) : to.add(x, y);
  }
}
