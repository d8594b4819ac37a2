package io.github.elegans.expressions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Renderings trust programs and graphs: what does not exist cannot get into one, at any size. */
class ProgramTest {

  /** Its negative is no int: an endless recursion otherwise. */
  @Test
  void theLeastWholePowerIsRefused() {
    Graph g = new Graph(Precision.DOUBLE);
    assertThatThrownBy(
            () ->
                new Program(
                    g, 1, new int[] {0}, new int[] {g.powi(g.variable(0), Integer.MIN_VALUE)}, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a whole power must be at least -2147483647, but is -2147483648");
  }

  private final Graph graph = new Graph(Precision.DOUBLE);

  private Program program(int variables, int stored, int node) {
    return new Program(graph, variables, new int[] {stored}, new int[] {node}, -1);
  }

  /** A chain of that many operations. */
  private int chain(int node, int length) {
    int y = node;
    for (int i = 0; i < length; i++) {
      y = graph.fma(y, y, graph.constant(i + 0.5));
    }
    return y;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 5000})
  void onlyVariablesOfTheLaneAreWritten(int size) {
    int y = chain(graph.variable(0), size);

    for (int variable : new int[] {-1, 1, 100_000, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> program(1, variable, y))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("variable %d is written, but a lane has 1", variable);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 5000})
  void onlyVariablesOfTheLaneAreRead(int size) {
    int y = chain(graph.variable(123_456_789), size);

    assertThatThrownBy(() -> program(1, 0, y))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("variable 123456789 is read, but a lane has 1");
  }

  @Test
  void aVariableIsWrittenOnce() {
    int x = graph.variable(0);

    assertThatThrownBy(
            () -> new Program(graph, 2, new int[] {1, 1}, new int[] {x, graph.constant(2)}, -1))
        .hasMessage("variable 1 is written twice");
  }

  @Test
  void everyStoreHasAVariableAndANumber() {
    int x = graph.variable(0);
    int mask = graph.less(x, graph.constant(1));

    assertThatThrownBy(() -> new Program(graph, 1, new int[] {0}, new int[0], -1))
        .hasMessage("storedVariables has 1 elements, but storedNodes 0");
    assertThatThrownBy(() -> program(1, 0, mask)).hasMessageContaining("must get a real number");
    assertThatThrownBy(() -> program(1, 0, 1000))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("node 1000 does not exist");
    assertThatThrownBy(() -> program(-1, 0, x)).hasMessageContaining("but are -1");
    assertThatThrownBy(() -> program(Integer.MAX_VALUE, 0, x))
        .hasMessageContaining("between 0 and 1048576");
  }

  @Test
  void aChainWaitsAndIndependentOperationsDoNot() {
    int x = graph.variable(0);
    int chain = x;
    for (int i = 0; i < 10; i++) {
      chain = graph.add(chain, x);
    }
    Program waits = new Program(graph, 1, new int[] {0}, new int[] {chain}, -1);
    Graph wide = new Graph(Precision.DOUBLE);
    int[] stored = IntStream.range(0, 100).toArray();
    int[] sums =
        IntStream.range(0, 100).map(i -> wide.add(wide.variable(i), wide.variable(100))).toArray();
    Program flows = new Program(wide, 101, stored, sums, -1);

    assertThat(waits.operations()).isEqualTo(10);
    assertThat(flows.operations()).isEqualTo(100);
    assertThat(waits.waiting()).isGreaterThan(5);
    assertThat(flows.waiting()).isLessThan(0.1);
  }

  @Test
  void attentionIsAMaskOfTheGraph() {
    int x = graph.variable(0);

    assertThatThrownBy(() -> new Program(graph, 1, new int[] {0}, new int[] {x}, x))
        .hasMessageContaining("attention must be a mask");
    for (int attention : new int[] {-2, graph.size()}) {
      assertThatThrownBy(() -> new Program(graph, 1, new int[] {0}, new int[] {x}, attention))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void operandsAreNodesThatThereAre() {
    int x = graph.variable(0);

    // Within the arrays, but not yet made: it would become a cycle.
    for (int node : new int[] {-1, x + 1, x + 2, 63, 64, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> graph.sqrt(node))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("node %d does not exist: the graph has 1", node);
      assertThatThrownBy(() -> graph.make(Op.ADD, x, node, -1, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> graph.make(Op.BITS_ADD, x, node, -1, 0))
          .isInstanceOf(RuntimeException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Op.class,
      names = {"VARIABLE", "CONSTANT", "BITS_CONSTANT"},
      mode = EnumSource.Mode.EXCLUDE)
  void operandsAreOfTheTypeThatTheOperationTakes(Op op) {
    int[] byType = new int[Op.Type.values().length];
    byType[Op.Type.REAL.ordinal()] = graph.variable(0);
    byType[Op.Type.BITS.ordinal()] = graph.toBits(graph.variable(1));
    byType[Op.Type.MASK.ordinal()] = graph.less(graph.variable(0), graph.variable(1));
    int[] right = new int[3];
    for (int i = 0; i < op.arity(); i++) {
      right[i] = byType[op.operandType(i).ordinal()];
    }
    graph.make(op, right[0], right[1], right[2], 3);

    for (int i = 0; i < op.arity(); i++) {
      for (Op.Type type : Op.Type.values()) {
        if (type != op.operandType(i)) {
          int[] wrong = right.clone();
          wrong[i] = byType[type.ordinal()];
          assertThatThrownBy(() -> graph.make(op, wrong[0], wrong[1], wrong[2], 3))
              .as("%s as operand %d", type, i)
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("must be of type " + op.operandType(i));
        }
      }
    }
  }

  @Test
  void immediatesAreInRange() {
    int bits = graph.toBits(graph.variable(0));
    int literal = graph.bits(5);

    for (int count : new int[] {-1, 64}) {
      assertThatThrownBy(() -> graph.shiftLeft(bits, count)).hasMessageContaining("shift");
      assertThatThrownBy(() -> graph.shiftRight(literal, count)).hasMessageContaining("shift");
    }
    assertThatThrownBy(() -> graph.variable(-1)).hasMessageContaining("number of a variable");
    assertThatThrownBy(() -> graph.make(Op.VARIABLE, -1, -1, -1, 1L << 32))
        .hasMessageContaining("number of a variable");
    Graph floats = new Graph(Precision.FLOAT);
    int floatBits = floats.toBits(floats.variable(0));
    assertThatThrownBy(() -> floats.shiftLeft(floatBits, 32)).hasMessageContaining("and 31");
  }
}
