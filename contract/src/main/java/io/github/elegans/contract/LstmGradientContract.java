package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static io.github.elegans.contract.Twins.assertDerivative;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The gates of LSTM in training: a backend has the bits of the definition, whose states are those
 * of inference and whose gradients those of differences.
 */
public abstract class LstmGradientContract {
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
      return 4 * width() + gap;
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
        kernels(), k -> Stream.of(dynamicTest("one step", () -> differences(k.lstmGradients()))));
  }

  @TestFactory
  Stream<DynamicNode> refuseWhatDoesNotFit() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("refusals", () -> refusals(k.lstmGradients()))));
  }

  private static void bits(Kernels kernels, Case c) {
    SplittableRandom random = Contract.random("lstm gradients", c);
    Twins.check(
        "gates " + c,
        kernels,
        (k, m) ->
            k.lstmGradients()
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
            k.lstmGradients()
                .gatesBackward(
                    m[0], c.wideStride(), m[1], m[2], m[3], m[4], c.stride(), c.units, c.rows),
        c.values.rows(random, c.rows, c.wideStride()),
        c.rows(random),
        c.rows(random),
        c.rows(random),
        c.rows(random));
  }

  private static void inference(Kernels kernels) {
    int inputs = 5;
    int rows = 7;
    for (int units : SIZES) {
      for (Accuracy accuracy : Accuracy.values()) {
        SplittableRandom random = Contract.random("inference", units, accuracy);
        int all = inputs + units;
        Linear[] gates = new Linear[4];
        for (int i = 0; i < gates.length; i++) {
          gates[i] =
              new Linear(
                  Values.ORDINARY.weights(random, all * units, all),
                  Values.ORDINARY.weights(random, units, all));
        }
        LstmWeights weights =
            LstmWeights.pack(inputs, units, gates[0], gates[1], gates[2], gates[3]);
        int width = PanelLayout.roundUp(units);
        float[] x = Values.ORDINARY.rows(random, rows, all);
        float[] c = Values.ORDINARY.rows(random, rows, width);
        // The products with its forget gate are flushed.
        c[0] = 0x1p-110f;
        try (Arena arena = Arena.ofConfined()) {
          LstmWorkspace workspace = LstmWorkspace.of(weights, rows);
          for (int row = 0; row < rows; row++) {
            MemorySegment.copy(
                x,
                row * all + inputs,
                workspace.state(),
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                4 * workspace.hiddenStateOffset(row),
                units);
            MemorySegment.copy(
                c,
                row * width,
                workspace.memory(),
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                4L * row * workspace.memoryStride(),
                units);
          }
          MemorySegment in = GuardedMemory.of(arena, x, 0).segment();
          MemorySegment before = GuardedMemory.of(arena, c, 0).segment();
          GuardedMemory out = GuardedMemory.floats(arena, (long) rows * units, 0);
          kernels
              .lstm()
              .cell(weights, accuracy)
              .run(
                  workspace,
                  0,
                  rows,
                  1,
                  new Series(in, all, 0),
                  null,
                  new Series(out.segment(), units, 0));
          int wide = PanelLayout.roundUp(weights.gates().outputs());
          MemorySegment sums = arena.allocate(4L * rows * wide, 64);
          kernels
              .dense()
              .forward(weights.gates(), Activation.LINEAR, accuracy, in, all, sums, wide, rows);
          MemorySegment next = arena.allocate(4L * rows * width, 64);
          MemorySegment activated = arena.allocate(4L * rows * width, 64);
          MemorySegment h = arena.allocate(4L * rows * width, 64);
          kernels
              .lstmGradients()
              .gates(accuracy, sums, wide, before, next, activated, h, width, units, rows);
          float[] states = new float[rows * units];
          float[] memory = new float[rows * units];
          float[] expected = new float[rows * units];
          for (int row = 0; row < rows; row++) {
            int to = row * units;
            MemorySegment.copy(h, ValueLayout.JAVA_FLOAT, 4L * row * width, states, to, units);
            MemorySegment.copy(next, ValueLayout.JAVA_FLOAT, 4L * row * width, memory, to, units);
            MemorySegment.copy(
                workspace.memory(),
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                4L * row * workspace.memoryStride(),
                expected,
                to,
                units);
          }
          String what = "%s, %d units".formatted(accuracy, units);
          assertSame(what + ": state", out.toFloats(), states);
          assertSame(what + ": memory", expected, memory);
        }
      }
    }
  }

  /** λ h + μ c' of one unit, from its sums and the memory before. */
  private static double step(double[] z, double c, double upstream, double memoryGradient) {
    double next = Twins.sigmoid(z[2]) * c + Math.tanh(z[0]) * Twins.sigmoid(z[1]);
    return upstream * Math.tanh(next) * Twins.sigmoid(z[3]) + memoryGradient * next;
  }

  private static void differences(LstmGradientKernels gradients) {
    for (int units : new int[] {1, 16, 21, 48}) {
      SplittableRandom random = Contract.random("differences", units);
      int rows = 3;
      int width = PanelLayout.roundUp(units);
      float[] sums = Values.ORDINARY.rows(random, rows, 4 * width);
      float[] c = Values.ORDINARY.rows(random, rows, width);
      float[] upstream = Values.ORDINARY.rows(random, rows, width);
      float[] ofMemory = Values.ORDINARY.rows(random, rows, width);
      float[] empty = new float[rows * width];
      float[][] after =
          Twins.run(
              "gates",
              Contract.DEFINITION,
              (k, m) -> {
                gradients.gates(
                    Accuracy.ACCURATE,
                    m[0],
                    4L * width,
                    m[1],
                    m[4],
                    m[5],
                    m[6],
                    width,
                    units,
                    rows);
                gradients.gatesBackward(
                    m[0], 4L * width, m[1], m[5], m[2], m[3], width, units, rows);
              },
              0,
              sums,
              c,
              upstream,
              ofMemory,
              empty,
              empty,
              empty);
      for (int row = 0; row < rows; row++) {
        for (int unit = 0; unit < width; unit++) {
          int at = row * width + unit;
          int first = row * 4 * width + unit / BLOCK * 4 * BLOCK + unit % BLOCK;
          double[] z = new double[4];
          for (int i = 0; i < 4; i++) {
            z[i] = sums[first + i * BLOCK];
          }
          for (int i = 0; i < 4; i++) {
            String what = "gate %d of unit %d of %d".formatted(i, unit, units);
            float found = after[0][first + i * BLOCK];
            if (unit >= units) {
              assertThat(found).as(what).isZero();
              continue;
            }
            int which = i;
            assertDerivative(
                what,
                value -> {
                  double[] moved = z.clone();
                  moved[which] = value;
                  return step(moved, c[at], upstream[at], ofMemory[at]);
                },
                z[i],
                found);
          }
          if (unit >= units) {
            assertThat(after[3][at]).as("padding of the memory").isZero();
          } else {
            assertDerivative(
                "memory of unit " + unit,
                value -> step(z, value, upstream[at], ofMemory[at]),
                c[at],
                after[3][at]);
          }
        }
      }
    }
  }

  private static void refusals(LstmGradientKernels gradients) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gates = arena.allocate(4 * 64);
      MemorySegment a = arena.allocate(4 * 16);
      MemorySegment b = arena.allocate(4 * 16);
      MemorySegment c = arena.allocate(4 * 16);
      MemorySegment d = arena.allocate(4 * 16);
      assertThatThrownBy(() -> gradients.gates(Accuracy.FAST, gates, 64, a, a, b, c, 16, 16, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("c and next must not overlap");
      assertThatThrownBy(() -> gradients.gates(Accuracy.FAST, gates, 64, a, b, c, d, 16, 16, 2))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("gates must hold 128 elements, but has 64");
      assertThatThrownBy(() -> gradients.gatesBackward(gates, 64, a, b, c, d, 15, 1, 1))
          .hasMessageContaining("stride must lie between 16 and");
      assertThatThrownBy(
              () -> gradients.gatesBackward(gates, 64, a, b, c, d.asReadOnly(), 16, 1, 1))
          .hasMessage("memoryGradients must be writable, but is read-only");
      assertThatThrownBy(() -> gradients.gatesBackward(gates, 64, a, b, c, d, 16, 1, -1))
          .hasMessage("rows must be at least 0, but is -1");
      for (MemorySegment memory : List.of(gates, a, b, c, d)) {
        assertThat(memory.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
      }
    }
  }
}
