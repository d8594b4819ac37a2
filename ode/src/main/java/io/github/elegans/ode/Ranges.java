package io.github.elegans.ode;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * A node of a graph over intervals of its variables: an interval that holds all of its values
 * there. For one thread.
 */
final class Ranges {
  /** More than the functions of programs and those of {@link StrictMath} err. */
  private static final double SLACK = 0x1p-48;

  private final int last;

  /** The node and what it is made of. */
  private final List<Node> nodes;

  // By the numbers of nodes.
  private final double[] low;
  private final double[] high;
  private final double[] variableLow;
  private final double[] variableHigh;

  /** Whether a node may be NaN besides. */
  private final boolean[] partial;

  /** Whether a node is NaN everywhere. */
  private final boolean[] empty;

  private boolean smooth;

  Ranges(Graph graph, Real node) {
    this.last = node.number();
    this.low = new double[last + 1];
    this.high = new double[last + 1];
    this.partial = new boolean[last + 1];
    this.empty = new boolean[last + 1];
    boolean[] needed = new boolean[last + 1];
    needed[last] = true;
    int variables = 0;
    this.nodes = new ArrayList<>();
    for (Node each : graph.nodes().subList(0, last + 1).reversed()) {
      if (needed[each.number()]) {
        nodes.addFirst(each);
        each.operands().forEach(operand -> needed[operand.number()] = true);
        if (each.op() == Op.VARIABLE) {
          variables = Math.max(variables, (int) each.immediate() + 1);
        }
      }
    }
    this.variableLow = new double[variables];
    this.variableHigh = new double[variables];
  }

  void variable(int number, double least, double greatest) {
    if (number < variableLow.length) {
      variableLow[number] = least;
      variableHigh[number] = greatest;
    }
  }

  /** Whether a number may be among the values. */
  boolean contains(double x) {
    return !(x < low[last]) && !(x > high[last]);
  }

  /** Whether it may be NaN somewhere. */
  boolean isPartial() {
    return partial[last];
  }

  /** Whether it is NaN everywhere. */
  boolean isEmpty() {
    return empty[last];
  }

  /** Whether 0 is the only value. */
  boolean isZero() {
    return low[last] == 0 && high[last] == 0;
  }

  /** Whether no choice was open: the function is as smooth as its parts. */
  boolean isSmooth() {
    return smooth;
  }

  void evaluate() {
    smooth = true;
    for (Node node : nodes) {
      int i = node.number();
      partial[i] = false;
      empty[i] = isUndefined(node);
      if (node instanceof Real) {
        for (Node operand : node.operands()) {
          partial[i] |= partial[operand.number()];
          empty[i] |= empty[operand.number()] && passesNaN(node.op());
        }
      }
      evaluate(node, i);
      if (empty[i]) {
        set(i, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        partial[i] = true;
      } else if (Double.isNaN(low[i]) || Double.isNaN(high[i])) {
        unknown(i);
      }
    }
  }

  /** Whether the operand is outside of where the function is defined. */
  private boolean isUndefined(Node node) {
    return switch (node.op()) {
      case SQRT, LOG -> high[operand(node, 0)] < 0;
      case LOG1P -> high[operand(node, 0)] < -1;
      case CONSTANT -> Double.isNaN(((Real) node).value());
      default -> false;
    };
  }

  /** The number of an operand, 0 if there is none. */
  private static int operand(Node node, int which) {
    return which < node.op().arity() ? node.operand(which).number() : 0;
  }

  private static boolean passesNaN(Op op) {
    return switch (op) {
      case MIN, MAX, SELECT, POWI, POW -> false;
      default -> true;
    };
  }

  private void unknown(int i) {
    set(i, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    partial[i] = true;
    smooth = false;
  }

  private void set(int i, double least, double greatest) {
    low[i] = least;
    high[i] = greatest;
  }

  /** With room for rounding. */
  private void setAbout(int i, double least, double greatest) {
    set(i, least - SLACK * Math.abs(least), greatest + SLACK * Math.abs(greatest));
  }

  private void setAmong(int i, double a, double b, double c, double d) {
    setAbout(i, Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
    if (Double.isNaN(a + b + c + d)) {
      unknown(i);
    }
  }

  private void evaluate(Node node, int i) {
    int x = operand(node, 0);
    int y = operand(node, 1);
    int z = operand(node, 2);
    switch (node.op()) {
      case CONSTANT -> {
        double value = ((Real) node).value();
        set(i, value, value);
      }
      case VARIABLE -> {
        int number = (int) node.immediate();
        set(i, variableLow[number], variableHigh[number]);
      }
      case ADD -> setAbout(i, low[x] + low[y], high[x] + high[y]);
      case SUB -> setAbout(i, low[x] - high[y], high[x] - low[y]);
      case NEG -> set(i, -high[x], -low[x]);
      case MUL -> multiply(i, x, y);
      case FMA -> {
        multiply(i, x, y);
        setAbout(i, low[i] + low[z], high[i] + high[z]);
      }
      case DIV -> {
        if (low[y] <= 0 && high[y] >= 0) {
          unknown(i);
        } else {
          setAmong(i, low[x] / low[y], low[x] / high[y], high[x] / low[y], high[x] / high[y]);
        }
      }
      case ABS -> {
        boolean both = low[x] < 0 && high[x] > 0;
        double a = Math.abs(low[x]);
        double b = Math.abs(high[x]);
        set(i, both ? 0 : Math.min(a, b), Math.max(a, b));
        smooth &= !both;
      }
      case MIN -> {
        double most = partial[i] ? Math.max(high[x], high[y]) : Math.min(high[x], high[y]);
        set(i, Math.min(low[x], low[y]), most);
        smooth &= high[x] < low[y] || high[y] < low[x];
      }
      case MAX -> {
        double least = partial[i] ? Math.min(low[x], low[y]) : Math.max(low[x], low[y]);
        set(i, least, Math.max(high[x], high[y]));
        smooth &= high[x] < low[y] || high[y] < low[x];
      }
      case SELECT -> {
        if (low[x] == high[x]) {
          int chosen = low[x] != 0 ? y : z;
          set(i, low[chosen], high[chosen]);
          partial[i] = partial[chosen];
          empty[i] = empty[chosen];
        } else {
          set(i, Math.min(low[y], low[z]), Math.max(high[y], high[z]));
          smooth = false;
        }
      }
      // Masks are 0 or 1.
      case LESS -> compare(i, x, y, high[x] < low[y], low[x] < high[y]);
      case LESS_EQUAL -> compare(i, x, y, high[x] <= low[y], low[x] <= high[y]);
      case EQUAL ->
          compare(
              i,
              x,
              y,
              low[x] == high[x] && low[y] == high[y] && low[x] == low[y],
              low[x] <= high[y] && low[y] <= high[x]);
      case AND -> set(i, Math.min(low[x], low[y]), Math.min(high[x], high[y]));
      case OR -> set(i, Math.max(low[x], low[y]), Math.max(high[x], high[y]));
      case NOT -> set(i, 1 - high[x], 1 - low[x]);
      case SQRT -> setAbout(i, Math.sqrt(low[x]), Math.sqrt(high[x]));
      case EXP -> setAbout(i, StrictMath.exp(low[x]), StrictMath.exp(high[x]));
      case EXPM1 -> setAbout(i, StrictMath.expm1(low[x]), StrictMath.expm1(high[x]));
      case LOG -> setAbout(i, StrictMath.log(low[x]), StrictMath.log(high[x]));
      case LOG1P -> setAbout(i, StrictMath.log1p(low[x]), StrictMath.log1p(high[x]));
      case TANH -> setAbout(i, StrictMath.tanh(low[x]), StrictMath.tanh(high[x]));
      case SIGMOID ->
          setAbout(i, 1 / (1 + StrictMath.exp(-low[x])), 1 / (1 + StrictMath.exp(-high[x])));
      case ATAN -> setAbout(i, StrictMath.atan(low[x]), StrictMath.atan(high[x]));
      case ASIN -> setAbout(i, StrictMath.asin(low[x]), StrictMath.asin(high[x]));
      case ACOS -> setAbout(i, StrictMath.acos(high[x]), StrictMath.acos(low[x]));
      case RINT -> {
        set(i, Math.rint(low[x]), Math.rint(high[x]));
        smooth &= low[i] == high[i];
      }
      case SIN -> wave(i, x, -0.25);
      case COS -> wave(i, x, 0);
      case EXPREL -> setAbout(i, exprel(low[x]), exprel(high[x]));
      case BERNOULLI -> setAbout(i, 1 / exprel(high[x]), 1 / exprel(low[x]));
      case POW -> {
        if (low[x] > 0) {
          setAmong(
              i,
              StrictMath.pow(low[x], low[y]),
              StrictMath.pow(low[x], high[y]),
              StrictMath.pow(high[x], low[y]),
              StrictMath.pow(high[x], high[y]));
        } else {
          unknown(i);
        }
      }
      case POWI -> power(i, x, (int) node.immediate());
      default -> unknown(i);
    }
  }

  private void compare(int i, int x, int y, boolean always, boolean sometimes) {
    boolean never = !sometimes || empty[x] || empty[y];
    set(i, always && !partial[x] && !partial[y] ? 1 : 0, never ? 0 : 1);
  }

  /** (eˣ − 1) / x. */
  private static double exprel(double x) {
    return x == 0 ? 1 : StrictMath.expm1(x) / x;
  }

  private void multiply(int i, int x, int y) {
    setAmong(i, low[x] * low[y], low[x] * high[y], high[x] * low[y], high[x] * high[y]);
  }

  private void power(int i, int x, int exponent) {
    double a = StrictMath.pow(low[x], exponent);
    double b = StrictMath.pow(high[x], exponent);
    boolean both = low[x] <= 0 && high[x] >= 0;
    if (both && exponent < 0) {
      unknown(i);
    } else {
      setAmong(i, a, b, a, both && exponent % 2 == 0 ? 0 : b);
    }
  }

  /** cos(2π (turns + shift)) with its greatest values at whole turns. */
  private void wave(int i, int x, double shift) {
    // Farther out they are NaN.
    if (!(low[x] >= -0x1p30 && high[x] <= 0x1p30)) {
      unknown(i);
      return;
    }
    double from = low[x] / (2 * Math.PI) + shift;
    double to = high[x] / (2 * Math.PI) + shift;
    double room = 0x1p-40 * Math.max(1, Math.max(Math.abs(from), Math.abs(to)));
    from -= room;
    to += room;
    boolean top = Math.floor(to) > Math.floor(from);
    boolean bottom = Math.floor(to - 0.5) > Math.floor(from - 0.5);
    boolean all = !(to - from < 1);
    double a = StrictMath.cos(2 * Math.PI * from);
    double b = StrictMath.cos(2 * Math.PI * to);
    set(i, all || bottom ? -1 : Math.min(a, b), all || top ? 1 : Math.max(a, b));
  }
}
