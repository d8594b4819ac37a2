package io.github.elegans.expressions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.expressions.Node.Bits;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Renderings trust programs and graphs: what does not exist cannot get into one, at any size. */
class ProgramTest {

  private final Graph graph = new Graph(Precision.DOUBLE);

  private Program program(int variables, int stored, Real node) {
    return new Program(graph, variables, new int[] {stored}, new Real[] {node}, null);
  }

  /** Its negative is no int: an endless recursion otherwise. */
  @Test
  void theLeastWholePowerIsRefused() {
    Real power = graph.powi(graph.variable(0), Integer.MIN_VALUE);

    assertThatThrownBy(() -> program(1, 0, power))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a whole power must be at least -2147483647, but is -2147483648");
  }

  /** A chain of that many operations. */
  private Real chain(Real node, int length) {
    Real y = node;
    for (int i = 0; i < length; i++) {
      y = graph.fma(y, y, graph.constant(i + 0.5));
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 5000})
  void onlyVariablesOfTheLaneAreWritten(int size) {
    Real y = chain(graph.variable(0), size);

    for (int variable : new int[] {-1, 1, 100_000, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> program(1, variable, y))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("variable %d is written, but a lane has 1", variable);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 5000})
  void onlyVariablesOfTheLaneAreRead(int size) {
    Real y = chain(graph.variable(123_456_789), size);

    assertThatThrownBy(() -> program(1, 0, y))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("variable 123456789 is read, but a lane has 1");
  }

  @Test
  void aVariableIsWrittenOnce() {
    Real x = graph.variable(0);

    assertThatThrownBy(
            () -> new Program(graph, 2, new int[] {1, 1}, new Real[] {x, graph.constant(2)}, null))
        .hasMessage("variable 1 is written twice");
  }

  @Test
  void everyStoreHasAVariableAndANumber() {
    Real x = graph.variable(0);

    assertThatThrownBy(() -> new Program(graph, 1, new int[] {0}, new Real[0], null))
        .hasMessage("storedVariables has 1 elements, but storedNodes 0");
    assertThatThrownBy(() -> program(-1, 0, x)).hasMessageContaining("but are -1");
    assertThatThrownBy(() -> program(Integer.MAX_VALUE, 0, x))
        .hasMessageContaining("between 0 and 1048576");
  }

  @Test
  void aChainWaitsAndIndependentOperationsDoNot() {
    Real x = graph.variable(0);
    Real chain = x;
    for (int i = 0; i < 10; i++) {
      chain = graph.add(chain, x);
    }
    Program waits = new Program(graph, 1, new int[] {0}, new Real[] {chain}, null);
    Graph wide = new Graph(Precision.DOUBLE);
    int[] stored = IntStream.range(0, 100).toArray();
    Real[] sums =
        IntStream.range(0, 100)
            .mapToObj(i -> wide.add(wide.variable(i), wide.variable(100)))
            .toArray(Real[]::new);
    Program flows = new Program(wide, 101, stored, sums, null);

    assertThat(waits.operations()).isEqualTo(10);
    assertThat(flows.operations()).isEqualTo(100);
    assertThat(waits.waiting()).isGreaterThan(5);
    assertThat(flows.waiting()).isLessThan(0.1);
  }

  /** Its number alone might be that of a node here. */
  @Test
  void nodesOfOtherGraphsAreRefused() {
    Real x = graph.variable(0);
    Graph other = new Graph(Precision.DOUBLE);
    Real y = other.variable(0);
    Mask mask = other.less(y, other.constant(1));

    List<ThrowingCallable> calls =
        List.of(
            () -> graph.sqrt(y),
            () -> graph.add(x, y),
            () -> graph.select(mask, x, graph.constant(2)),
            () -> graph.make(Op.ADD, 0, x, y),
            // Nothing is left of what these make, or it would be folded.
            () -> graph.add(graph.constant(0), y),
            () -> graph.mul(y, graph.constant(0)),
            () -> graph.sub(y, y),
            () -> graph.fma(x, graph.constant(0), y),
            () -> graph.min(y, y),
            () -> graph.neg(y),
            () -> graph.pow(y, graph.constant(1)),
            () -> graph.select(graph.mask(true), y, x),
            () -> graph.add(other.constant(1), other.constant(2)),
            () -> graph.less(other.constant(0.1), graph.constant(0.1)),
            () -> Lowering.lower(graph, List.of(y), new Graph(Precision.DOUBLE)),
            () -> new Derivatives(graph).by(y, x),
            () -> new Derivatives(graph).by(x, y),
            () -> new Derivatives(graph).depends(x, y),
            () -> program(1, 0, y),
            () -> new Program(graph, 1, new int[] {0}, new Real[] {x}, mask));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is of another graph");
    }
  }

  @ParameterizedTest
  @EnumSource
  void operandsAreAsManyAndOfTheTypeThatTheOperationTakes(Op op) {
    Map<Op.Type, Node> byType =
        Map.of(
            Op.Type.REAL, graph.variable(0),
            Op.Type.BITS, graph.toBits(graph.variable(1)),
            Op.Type.MASK, graph.less(graph.variable(0), graph.variable(1)));
    Node[] right = new Node[op.arity()];
    Arrays.setAll(right, i -> byType.get(op.operandType(i)));
    graph.make(op, 3, right);

    Node[] more = Arrays.copyOf(right, op.arity() + 1);
    more[op.arity()] = graph.variable(0);
    assertThatThrownBy(() -> graph.make(op, 3, more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s takes %d operands, but there are %d", op, op.arity(), op.arity() + 1);
    for (int i = 0; i < op.arity(); i++) {
      for (Op.Type type : Op.Type.values()) {
        if (type != op.operandType(i)) {
          Node[] wrong = right.clone();
          wrong[i] = byType.get(type);
          assertThatThrownBy(() -> graph.make(op, 3, wrong))
              .as("%s as operand %d", type, i)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("must be of type " + op.operandType(i));
        }
      }
    }
  }

  @Test
  void functionsAreOfOneNumber() {
    for (Op op : List.of(Op.POW, Op.TO_BITS, Op.NOT, Op.FROM_BITS, Op.VARIABLE)) {
      assertThatThrownBy(() -> graph.function(op, graph.variable(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("%s is no function of one number", op);
    }
  }

  @Test
  void immediatesAreInRange() {
    Bits bits = graph.toBits(graph.variable(0));
    Bits literal = graph.bits(5);

    for (int count : new int[] {-1, 64}) {
      assertThatThrownBy(() -> graph.shiftLeft(bits, count)).hasMessageContaining("shift");
      assertThatThrownBy(() -> graph.shiftRight(literal, count)).hasMessageContaining("shift");
    }
    assertThatThrownBy(() -> graph.variable(-1)).hasMessageContaining("number of a variable");
    assertThatThrownBy(() -> graph.make(Op.VARIABLE, 1L << 32))
        .hasMessageContaining("number of a variable");
    Graph floats = new Graph(Precision.FLOAT);
    Bits floatBits = floats.toBits(floats.variable(0));
    assertThatThrownBy(() -> floats.shiftLeft(floatBits, 32)).hasMessageContaining("and 31");
  }
}
