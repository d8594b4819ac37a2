package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static io.github.elegans.contract.Twins.assertDerivative;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.CellDescription;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The gates of GRU in training: a backend has the bits of the definition, whose states are those of
 * inference and whose gradients those of differences.
 */
public abstract class GruGradientContract {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int[] SIZES =
      Contract.SMALL ? new int[] {1, 16, 17} : new int[] {1, 7, 15, 16, 17, 33, 64, 65, 130, 700};
  private static final int[] ROWS =
      Contract.SMALL ? new int[] {0, 1, 3} : new int[] {0, 1, 2, 3, 15, 16, 17, 33, 200};
  private static final int[] GAPS = {0, 1, 16};

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  /** What is computed, on what. */
  private record Case(Accuracy accuracy, int units, int rows, int gap, Values values) {
    int width() {
      return PanelLayout.roundUp(units);
    }

    int stride() {
      return width() + gap;
    }

    int wideStride() {
      return 2 * width() + gap;
    }

    float[] rows(SplittableRandom random) {
      return values.rows(random, rows, stride());
    }
  }

  private static List<Case> table() {
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            Accuracy.values().length,
            SIZES.length,
            ROWS.length,
            GAPS.length,
            Values.values().length)) {
      cases.add(
          new Case(
              Accuracy.values()[row[0]],
              SIZES[row[1]],
              ROWS[row[2]],
              GAPS[row[3]],
              Values.values()[row[4]]));
    }
    return cases;
  }

  @TestFactory
  Stream<DynamicNode> haveTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(), k -> table().stream().map(c -> dynamicTest(c.toString(), () -> bits(k, c))));
  }

  @TestFactory
  Stream<DynamicNode> statesAreThoseOfInference() {
    return Contract.each(kernels(), k -> Stream.of(dynamicTest("one step", () -> inference(k))));
  }

  @TestFactory
  Stream<DynamicNode> gradientsAreThoseOfDifferences() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("one step", () -> differences(k.gruGradients()))));
  }

  @TestFactory
  Stream<DynamicNode> refuseWhatDoesNotFit() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("refusals", () -> refusals(k.gruGradients()))));
  }

  private static void bits(Kernels kernels, Case c) {
    SplittableRandom random = Contract.random("gru gradients", c);
    Twins.check(
        "gates " + c,
        kernels,
        (k, m) ->
            k.gruGradients()
                .gates(
                    c.accuracy,
                    m[0],
                    c.wideStride(),
                    m[1],
                    m[2],
                    m[3],
                    m[4],
                    c.stride(),
                    c.units,
                    c.rows),
        c.values.rows(random, c.rows, c.wideStride()),
        c.rows(random),
        c.rows(random),
        c.rows(random),
        c.rows(random));
    Twins.check(
        "gatesBackward " + c,
        kernels,
        (k, m) ->
            k.gruGradients()
                .gatesBackward(
                    m[0], c.wideStride(), m[1], m[2], m[3], m[4], c.stride(), c.units, c.rows),
        c.values.rows(random, c.rows, c.wideStride()),
        c.rows(random),
        c.rows(random),
        c.rows(random),
        c.rows(random));
  }

  /** The second step of a network, from what it says after the first. */
  private static void inference(Kernels kernels) {
    int inputs = 5;
    int rows = 7;
    for (int units : SIZES) {
      SplittableRandom random = Contract.random("inference", units);
      RecurrentNetwork network =
          RecurrentNetwork.of(
                  RecurrentNetwork.Kind.GRU,
                  inputs,
                  units,
                  Map.of(
                      "weight_ih_l0",
                      Values.ORDINARY.weights(random, 3 * units * inputs, inputs),
                      "weight_hh_l0",
                      Values.ORDINARY.weights(random, 3 * units * units, units),
                      "bias_ih_l0",
                      Values.ORDINARY.weights(random, 3 * units, units),
                      "bias_hh_l0",
                      Values.ORDINARY.weights(random, 3 * units, units)))
              .on(kernels);
      float[] x = Values.ORDINARY.rows(random, rows, 2 * inputs);
      for (Accuracy accuracy : Accuracy.values()) {
        float[] before = last(network.with(accuracy), x, 1, rows);
        float[] expected = last(network.with(accuracy), x, 2, rows);
        float[] found = second(kernels, network, accuracy, x, before, rows);
        assertSame("%s, %d units".formatted(accuracy, units), expected, found);
      }
    }
  }

  /** States after so many of two steps. */
  private static float[] last(RecurrentNetwork network, float[] x, int steps, int rows) {
    int inputs = network.inputSize();
    float[] first = new float[rows * steps * inputs];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(x, row * 2 * inputs, first, row * steps * inputs, steps * inputs);
    }
    try (Session session = network.session(rows)) {
      float[] out = new float[rows * network.outputSize()];
      session.runToLast(first, steps, Timespans.ONE, out);
      return out;
    }
  }

  private static float[] second(
      Kernels kernels,
      RecurrentNetwork network,
      Accuracy accuracy,
      float[] x,
      float[] states,
      int rows) {
    CellDescription.Gru cell = (CellDescription.Gru) network.cell().description();
    int inputs = network.inputSize();
    int units = network.outputSize();
    int width = PanelLayout.roundUp(units);
    int all = inputs + units;
    float[] both = new float[rows * all];
    float[] padded = new float[rows * width];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(x, (row * 2 + 1) * inputs, both, row * all, inputs);
      System.arraycopy(states, row * units, both, row * all + inputs, units);
      System.arraycopy(states, row * units, padded, row * width, units);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = GuardedMemory.of(arena, both, 0).segment();
      MemorySegment h = GuardedMemory.of(arena, padded, 0).segment();
      MemorySegment input = dense(kernels, arena, cell.input(), accuracy, in, all, rows);
      MemorySegment recurrent = dense(kernels, arena, cell.recurrent(), accuracy, h, width, rows);
      MemorySegment opened = dense(kernels, arena, cell.gates(), accuracy, in, all, rows);
      int openedWidth = PanelLayout.roundUp(2 * units);
      MemorySegment gates = arena.allocate(4L * rows * 2 * width, 64);
      for (int row = 0; row < rows; row++) {
        for (int unit = 0; unit < units; unit++) {
          long to = (long) row * 2 * width + unit / BLOCK * 2L * BLOCK + unit % BLOCK;
          long from = (long) row * openedWidth + unit;
          gates.setAtIndex(
              ValueLayout.JAVA_FLOAT, to, opened.getAtIndex(ValueLayout.JAVA_FLOAT, from));
          gates.setAtIndex(
              ValueLayout.JAVA_FLOAT,
              to + BLOCK,
              opened.getAtIndex(ValueLayout.JAVA_FLOAT, from + units));
        }
      }
      MemorySegment next = arena.allocate(4L * rows * width, 64);
      kernels
          .gruGradients()
          .gates(accuracy, gates, 2L * width, input, recurrent, h, next, width, units, rows);
      float[] found = new float[rows * units];
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(
            next, ValueLayout.JAVA_FLOAT, 4L * row * width, found, row * units, units);
      }
      return found;
    }
  }

  private static MemorySegment dense(
      Kernels kernels,
      Arena arena,
      DenseWeights weights,
      Accuracy accuracy,
      MemorySegment x,
      int stride,
      int rows) {
    int width = PanelLayout.roundUp(weights.outputs());
    MemorySegment y = arena.allocate(4L * rows * width, 64);
    kernels.dense().forward(weights, Activation.LINEAR, accuracy, x, stride, y, width, rows);
    return y;
  }

  /** λ h' of one unit, from r's and z's sums, the candidate's parts and the state before. */
  private static double step(double[] z, double upstream) {
    double n = Math.tanh(z[2] + Twins.sigmoid(z[0]) * z[3]);
    double update = Twins.sigmoid(z[1]);
    return upstream * ((1 - update) * n + update * z[4]);
  }

  private static void differences(GruGradientKernels gradients) {
    for (int units : new int[] {1, 16, 21, 48}) {
      SplittableRandom random = Contract.random("differences", units);
      int rows = 3;
      int width = PanelLayout.roundUp(units);
      float[] sums = Values.ORDINARY.rows(random, rows, 2 * width);
      float[] input = Values.ORDINARY.rows(random, rows, width);
      float[] recurrent = Values.ORDINARY.rows(random, rows, width);
      float[] h = Values.ORDINARY.rows(random, rows, width);
      float[] upstream = Values.ORDINARY.rows(random, rows, width);
      float[][] after =
          Twins.run(
              "gates",
              Contract.DEFINITION,
              (k, m) -> {
                gradients.gates(
                    Accuracy.ACCURATE,
                    m[0],
                    2L * width,
                    m[1],
                    m[2],
                    m[3],
                    m[5],
                    width,
                    units,
                    rows);
                gradients.gatesBackward(
                    m[0], 2L * width, m[1], m[2], m[3], m[4], width, units, rows);
              },
              0,
              sums,
              input,
              recurrent,
              h,
              upstream,
              new float[rows * width]);
      for (int row = 0; row < rows; row++) {
        for (int unit = 0; unit < width; unit++) {
          int at = row * width + unit;
          int first = row * 2 * width + unit / BLOCK * 2 * BLOCK + unit % BLOCK;
          double[] z = {sums[first], sums[first + BLOCK], input[at], recurrent[at], h[at]};
          float[] found = {
            after[0][first], after[0][first + BLOCK], after[1][at], after[2][at], after[4][at]
          };
          for (int i = 0; i < z.length; i++) {
            String what = "number %d of unit %d of %d".formatted(i, unit, units);
            if (unit >= units) {
              assertThat(found[i]).as(what).isZero();
              continue;
            }
            int which = i;
            assertDerivative(
                what,
                value -> {
                  double[] moved = z.clone();
                  moved[which] = value;
                  return step(moved, upstream[at]);
                },
                z[i],
                found[i]);
          }
        }
      }
    }
  }

  private static void refusals(GruGradientKernels gradients) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gates = arena.allocate(4 * 32);
      MemorySegment a = arena.allocate(4 * 16);
      MemorySegment b = arena.allocate(4 * 16);
      MemorySegment c = arena.allocate(4 * 16);
      MemorySegment d = arena.allocate(4 * 16);
      assertThatThrownBy(() -> gradients.gates(Accuracy.FAST, gates, 32, a, b, c, c, 16, 16, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("h and next must not overlap");
      assertThatThrownBy(() -> gradients.gates(Accuracy.FAST, gates, 32, a, b, c, d, 16, 16, 2))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("gates must hold 64 elements, but has 32");
      assertThatThrownBy(() -> gradients.gatesBackward(gates, 31, a, b, c, d, 16, 1, 1))
          .hasMessageContaining("gatesStride must lie between 32 and");
      assertThatThrownBy(
              () -> gradients.gatesBackward(gates, 32, a, b.asReadOnly(), c, d, 16, 1, 1))
          .hasMessage("recurrent must be writable, but is read-only");
      assertThatThrownBy(() -> gradients.gatesBackward(gates, 32, a, b, c, d, 16, 0, 1))
          .hasMessage("units must be at least 1, but is 0");
      for (MemorySegment memory : List.of(gates, a, b, c, d)) {
        assertThat(memory.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
      }
    }
  }
}
