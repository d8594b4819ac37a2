package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static io.github.elegans.contract.Twins.assertDerivative;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The gates of CfC cells in training: a backend has the bits of the definition, whose states are
 * those of inference and whose gradients those of differences.
 */
public abstract class CfcGradientContract {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int[] SIZES =
      Contract.SMALL ? new int[] {1, 16, 17} : new int[] {1, 7, 15, 16, 17, 33, 64, 65, 130, 700};
  private static final int[] ROWS =
      Contract.SMALL ? new int[] {0, 1, 3} : new int[] {0, 1, 2, 3, 15, 16, 17, 33, 200};
  private static final int[] GAPS = {0, 1, 16};
  private static final CfcMode[] GATED = {CfcMode.DEFAULT, CfcMode.NO_GATE};
  private static final Activation[] HEADS =
      CfcWeights.HEAD_ACTIVATIONS.stream().sorted().toArray(Activation[]::new);

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  /** What is computed, on what. */
  private record Case(
      CfcMode mode,
      Activation head,
      Accuracy accuracy,
      int units,
      int rows,
      int gap,
      boolean timespanGradients,
      Values values) {
    int width() {
      return PanelLayout.roundUp(units);
    }

    int stride() {
      return width() + gap;
    }

    int wideStride() {
      return 4 * width() + gap;
    }

    float[] rows(SplittableRandom random, int stride) {
      return values.rows(random, rows, stride);
    }

    /** Not negative in general, but a kernel computes whatever it is given. */
    float[] timespans(SplittableRandom random) {
      return values.rows(random, rows, 1);
    }
  }

  private static List<Case> table() {
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            CfcMode.values().length,
            HEADS.length,
            Accuracy.values().length,
            SIZES.length,
            ROWS.length,
            GAPS.length,
            2,
            Values.values().length)) {
      cases.add(
          new Case(
              CfcMode.values()[row[0]],
              HEADS[row[1]],
              Accuracy.values()[row[2]],
              SIZES[row[3]],
              ROWS[row[4]],
              GAPS[row[5]],
              row[6] == 1,
              Values.values()[row[7]]));
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
    return perMode((k, mode) -> inference(k, mode));
  }

  @TestFactory
  Stream<DynamicNode> gradientsAreThoseOfDifferences() {
    return perMode((k, mode) -> differences(k.cfcGradients(), mode));
  }

  @TestFactory
  Stream<DynamicNode> sumsHaveTheirOrder() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("16 chains", () -> order(k.cfcGradients()))));
  }

  @TestFactory
  Stream<DynamicNode> refuseWhatDoesNotFit() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("refusals", () -> refusals(k.cfcGradients()))));
  }

  private interface Check {
    void check(Kernels kernels, CfcMode mode);
  }

  private Stream<DynamicNode> perMode(Check check) {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(CfcMode.values())
                .map(mode -> dynamicTest(mode.fieldName(), () -> check.check(k, mode))));
  }

  private static void bits(Kernels kernels, Case c) {
    SplittableRandom random = Contract.random("cfc gradients", c);
    int width = c.width();
    if (c.mode == CfcMode.PURE) {
      float[] parameters = c.values.weights(random, 2 * width, 1);
      // The sign of w_tau counts, and zero has none.
      parameters[random.nextInt(width)] = 0;
      parameters[random.nextInt(width)] = -0f;
      Twins.check(
          "decay " + c,
          kernels,
          (k, m) ->
              k.cfcGradients()
                  .decay(
                      c.accuracy,
                      m[0],
                      c.stride(),
                      m[1],
                      m[2],
                      m[3],
                      c.stride() + 1,
                      m[4],
                      c.stride(),
                      c.units,
                      c.rows),
          c.rows(random, c.stride()),
          parameters,
          c.timespans(random),
          c.rows(random, c.stride() + 1),
          c.rows(random, c.stride()));
      Twins.check(
          "decayBackward " + c,
          kernels,
          (k, m) ->
              k.cfcGradients()
                  .decayBackward(
                      m[0],
                      c.stride(),
                      m[1],
                      m[2],
                      m[3],
                      c.stride() + 1,
                      m[4],
                      c.stride(),
                      c.units,
                      c.rows,
                      m[5],
                      c.timespanGradients ? m[6] : null),
          c.rows(random, c.stride()),
          parameters,
          c.timespans(random),
          c.rows(random, c.stride() + 1),
          c.rows(random, c.stride()),
          c.values.weights(random, 2 * width, 1),
          new float[c.rows]);
      return;
    }
    Twins.check(
        "gate " + c,
        kernels,
        (k, m) ->
            k.cfcGradients()
                .gate(
                    c.mode,
                    c.head,
                    c.accuracy,
                    m[0],
                    c.wideStride(),
                    m[1],
                    m[2],
                    c.stride(),
                    c.units,
                    c.rows),
        c.rows(random, c.wideStride()),
        c.timespans(random),
        c.rows(random, c.stride()));
    Twins.check(
        "gateBackward " + c,
        kernels,
        (k, m) ->
            k.cfcGradients()
                .gateBackward(
                    c.mode,
                    c.head,
                    m[0],
                    c.wideStride(),
                    m[1],
                    m[2],
                    c.stride(),
                    c.units,
                    c.rows,
                    c.timespanGradients ? m[3] : null),
        c.rows(random, c.wideStride()),
        c.timespans(random),
        c.rows(random, c.stride()),
        new float[c.rows]);
  }

  /** A step of a cell without backbone, from its heads' sums. */
  private static void inference(Kernels kernels, CfcMode mode) {
    int inputs = 5;
    int rows = 7;
    for (int units : SIZES) {
      for (Activation head : mode == CfcMode.PURE ? new Activation[] {Activation.LINEAR} : HEADS) {
        for (Accuracy accuracy : Accuracy.values()) {
          SplittableRandom random = Contract.random("inference", mode, units, head, accuracy);
          CfcWeights weights = weights(random, mode, head, inputs, units);
          int width = PanelLayout.roundUp(units);
          float[] timespans = new float[rows];
          for (int row = 0; row < rows; row++) {
            timespans[row] = (float) random.nextDouble(2);
          }
          float[] x = Values.ORDINARY.rows(random, rows, inputs + units);
          float[] expected;
          float[] found = new float[rows * units];
          try (Arena arena = Arena.ofConfined()) {
            CfcWorkspace workspace = CfcWorkspace.of(weights, rows);
            for (int row = 0; row < rows; row++) {
              MemorySegment.copy(
                  x,
                  row * (inputs + units) + inputs,
                  workspace.state(),
                  ValueLayout.JAVA_FLOAT_UNALIGNED,
                  4 * workspace.hiddenStateOffset(row),
                  units);
            }
            MemorySegment in = GuardedMemory.of(arena, x, 0).segment();
            MemorySegment dt = GuardedMemory.of(arena, timespans, 0).segment();
            GuardedMemory out = GuardedMemory.floats(arena, (long) rows * units, 0);
            kernels
                .cfc()
                .cell(weights, accuracy)
                .run(
                    workspace,
                    0,
                    rows,
                    1,
                    new Series(in, inputs + units, 0),
                    new Series(dt, 1, 0),
                    new Series(out.segment(), units, 0));
            expected = out.toFloats();
            int heads = PanelLayout.roundUp(weights.heads().outputs());
            MemorySegment sums = arena.allocate(4L * rows * heads, 64);
            kernels
                .dense()
                .forward(
                    weights.heads(),
                    Activation.LINEAR,
                    accuracy,
                    in,
                    inputs + units,
                    sums,
                    heads,
                    rows);
            MemorySegment h = arena.allocate(4L * rows * width, 64);
            if (mode == CfcMode.PURE) {
              MemorySegment parameters =
                  arena.allocate(8L * width, 64).copyFrom(weights.decay().asSlice(0, 8L * width));
              MemorySegment e = arena.allocate(4L * rows * width, 64);
              kernels
                  .cfcGradients()
                  .decay(accuracy, sums, heads, parameters, dt, e, width, h, width, units, rows);
            } else {
              kernels
                  .cfcGradients()
                  .gate(mode, head, accuracy, sums, heads, dt, h, width, units, rows);
            }
            for (int row = 0; row < rows; row++) {
              MemorySegment.copy(
                  h, ValueLayout.JAVA_FLOAT, 4L * row * width, found, row * units, units);
            }
          }
          assertSame(
              "%s, %s, %s, %d units".formatted(mode, head, accuracy, units), expected, found);
        }
      }
    }
  }

  private static CfcWeights weights(
      SplittableRandom random, CfcMode mode, Activation head, int inputs, int units) {
    int all = inputs + units;
    Linear[] heads = new Linear[4];
    for (int i = 0; i < heads.length; i++) {
      heads[i] =
          new Linear(
              Values.ORDINARY.weights(random, all * units, all),
              Values.ORDINARY.weights(random, units, all));
    }
    if (mode == CfcMode.PURE) {
      return CfcWeights.pure(
          inputs,
          units,
          Activation.TANH,
          List.of(),
          heads[0],
          Values.ORDINARY.weights(random, units, 1),
          Values.ORDINARY.weights(random, units, 1));
    }
    CfcWeights tanh =
        CfcWeights.gated(
            inputs,
            units,
            mode,
            Activation.TANH,
            List.of(),
            heads[0],
            heads[1],
            heads[2],
            heads[3]);
    return new CfcWeights(
        inputs, units, mode, tanh.activation(), head, List.of(), tanh.heads(), tanh.decay());
  }

  private static void differences(CfcGradientKernels gradients, CfcMode mode) {
    for (int units : new int[] {1, 16, 21, 48}) {
      if (mode == CfcMode.PURE) {
        decayDifferences(gradients, units);
      } else {
        for (Activation head : HEADS) {
          gateDifferences(gradients, mode, head, units);
        }
      }
    }
  }

  /** h' of one unit, from the sums and the timespan. */
  private static double gate(CfcMode mode, Activation head, double[] z, double timespan) {
    double a = activated(head, z[0]);
    double b = activated(head, z[1]);
    double s = Twins.sigmoid(z[2] * timespan + z[3]);
    return mode == CfcMode.DEFAULT ? a * (1 - s) + b * s : a + b * s;
  }

  private static double activated(Activation head, double z) {
    return switch (head) {
      case TANH -> Math.tanh(z);
      case LECUN_TANH -> 1.7159 * Math.tanh(0.666 * z);
      case LINEAR -> z;
      default -> throw new IllegalArgumentException(head.toString());
    };
  }

  private static void gateDifferences(
      CfcGradientKernels gradients, CfcMode mode, Activation head, int units) {
    SplittableRandom random = Contract.random("differences", mode, head, units);
    int rows = 3;
    int width = PanelLayout.roundUp(units);
    float[] sums = Values.ORDINARY.rows(random, rows, 4 * width);
    float[] timespans = {0.5f, 1.75f, 0};
    float[] upstream = Values.ORDINARY.rows(random, rows, width);
    float[][] after =
        Twins.run(
            "gate",
            Contract.DEFINITION,
            (k, m) -> {
              gradients.gate(
                  mode, head, Accuracy.ACCURATE, m[0], 4L * width, m[1], m[3], width, units, rows);
              gradients.gateBackward(
                  mode, head, m[0], 4L * width, m[1], m[2], width, units, rows, m[4]);
            },
            0,
            sums,
            timespans,
            upstream,
            new float[rows * width],
            new float[rows]);
    for (int row = 0; row < rows; row++) {
      int r = row;
      for (int unit = 0; unit < width; unit++) {
        double[] z = unit(sums, row, unit, width);
        double[] found = unit(after[0], row, unit, width);
        double l = upstream[row * width + unit];
        for (int i = 0; i < 4; i++) {
          String what = "%s, %s: head %d of unit %d of %d".formatted(mode, head, i, unit, units);
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
                return l * gate(mode, head, moved, timespans[r]);
              },
              z[i],
              found[i]);
        }
      }
      assertDerivative(
          "%s, %s: timespan of %d units".formatted(mode, head, units),
          timespan -> {
            double sum = 0;
            for (int unit = 0; unit < units; unit++) {
              double l = upstream[r * width + unit];
              sum += l * gate(mode, head, unit(sums, r, unit, width), timespan);
            }
            return sum;
          },
          timespans[row],
          after[4][row]);
    }
  }

  /** The four heads of a unit. */
  private static double[] unit(float[] heads, int row, int unit, int width) {
    double[] values = new double[4];
    int first = row * 4 * width + unit / BLOCK * 4 * BLOCK + unit % BLOCK;
    for (int i = 0; i < 4; i++) {
      values[i] = heads[first + i * BLOCK];
    }
    return values;
  }

  private static double decay(double f, double rate, double level, double timespan) {
    return level - level * Math.exp(-timespan * (Math.abs(rate) + Math.abs(f))) * f;
  }

  private static void decayDifferences(CfcGradientKernels gradients, int units) {
    SplittableRandom random = Contract.random("differences", units);
    int rows = 3;
    int width = PanelLayout.roundUp(units);
    float[] f = Values.ORDINARY.rows(random, rows, width);
    float[] parameters = Values.ORDINARY.rows(random, 1, 2 * width);
    float[] timespans = {0.5f, 1.75f, 0};
    float[] upstream = Values.ORDINARY.rows(random, rows, width);
    float[] before = new float[2 * width];
    Arrays.fill(before, 0.25f);
    float[][] after =
        Twins.run(
            "decay",
            Contract.DEFINITION,
            (k, m) -> {
              gradients.decay(
                  Accuracy.ACCURATE,
                  m[0],
                  width,
                  m[1],
                  m[2],
                  m[4],
                  width,
                  m[5],
                  width,
                  units,
                  rows);
              gradients.decayBackward(
                  m[0], width, m[1], m[2], m[4], width, m[3], width, units, rows, m[6], m[7]);
            },
            0,
            f,
            parameters,
            timespans,
            upstream,
            new float[rows * width],
            new float[rows * width],
            before,
            new float[rows]);
    for (int unit = 0; unit < width; unit++) {
      int u = unit;
      if (unit >= units) {
        assertThat(after[6][unit]).as("padding of w_tau").isZero();
        assertThat(after[6][width + unit]).as("padding of A").isZero();
        continue;
      }
      assertDerivative(
          "w_tau of unit " + unit,
          rate -> {
            double sum = 0.25 * rate;
            for (int row = 0; row < rows; row++) {
              int at = row * width + u;
              sum += upstream[at] * decay(f[at], rate, parameters[width + u], timespans[row]);
            }
            return sum;
          },
          parameters[unit],
          after[6][unit]);
      assertDerivative(
          "A of unit " + unit,
          level -> {
            double sum = 0.25 * level;
            for (int row = 0; row < rows; row++) {
              int at = row * width + u;
              sum += upstream[at] * decay(f[at], parameters[u], level, timespans[row]);
            }
            return sum;
          },
          parameters[width + unit],
          after[6][width + unit]);
    }
    for (int row = 0; row < rows; row++) {
      int r = row;
      for (int unit = 0; unit < width; unit++) {
        int u = unit;
        int at = row * width + unit;
        if (unit >= units) {
          assertThat(after[0][at]).as("padding of f").isZero();
          continue;
        }
        assertDerivative(
            "f of unit " + unit,
            value ->
                upstream[at] * decay(value, parameters[u], parameters[width + u], timespans[r]),
            f[at],
            after[0][at]);
      }
      assertDerivative(
          "timespan of %d units, pure".formatted(units),
          timespan -> {
            double sum = 0;
            for (int unit = 0; unit < units; unit++) {
              int at = r * width + unit;
              sum +=
                  upstream[at] * decay(f[at], parameters[unit], parameters[width + unit], timespan);
            }
            return sum;
          },
          timespans[row],
          after[7][row]);
    }
  }

  /** A sum that is 2 in its order, 1 from unit to unit, and 3 if it is exact. */
  private static void order(CfcGradientKernels gradients) {
    int units = 17;
    int width = PanelLayout.roundUp(units);
    float[] upstream = new float[width];
    upstream[0] = 0x1p24f;
    upstream[16] = 1;
    upstream[8] = -0x1p24f;
    upstream[1] = 1;
    upstream[4] = 1;
    // With s = 1/2 and b - a = 4, dp is the upstream gradient; f = 1, |w_tau| = 0 likewise.
    float[] heads = new float[4 * width];
    for (int unit = 0; unit < width; unit++) {
      int first = unit / BLOCK * 4 * BLOCK + unit % BLOCK;
      heads[first + BLOCK] = 4;
      heads[first + 2 * BLOCK] = 1;
      heads[first + 3 * BLOCK] = 0.5f;
    }
    float[][] gated =
        Twins.run(
            "order",
            Contract.DEFINITION,
            (k, m) ->
                gradients.gateBackward(
                    CfcMode.DEFAULT,
                    Activation.LINEAR,
                    m[0],
                    4L * width,
                    m[1],
                    m[2],
                    width,
                    units,
                    1,
                    m[3]),
            0,
            heads,
            new float[] {1},
            upstream,
            new float[1]);
    assertThat(gated[3]).containsExactly(2);
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    float[] parameters = new float[2 * width];
    Arrays.fill(parameters, width, 2 * width, 1);
    float[][] pure =
        Twins.run(
            "order",
            Contract.DEFINITION,
            (k, m) ->
                gradients.decayBackward(
                    m[0], width, m[1], m[2], m[3], width, m[4], width, units, 1, m[5], m[6]),
            0,
            ones,
            parameters,
            new float[] {1},
            ones,
            upstream,
            new float[2 * width],
            new float[1]);
    assertThat(pure[6]).containsExactly(2);
  }

  private static void refusals(CfcGradientKernels gradients) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment heads = arena.allocate(4 * 64);
      MemorySegment one = arena.allocate(4);
      MemorySegment h = arena.allocate(4 * 16);
      for (CfcMode mode : GATED) {
        assertThatThrownBy(
                () ->
                    gradients.gate(
                        mode, Activation.RELU, Accuracy.ACCURATE, heads, 64, one, h, 16, 3, 1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("headActivation must be tanh, lecun_tanh or linear, but is relu");
      }
      assertThatThrownBy(
              () ->
                  gradients.gateBackward(
                      CfcMode.PURE, Activation.TANH, heads, 64, one, h, 16, 3, 1, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("mode must be default or no_gate, but is pure");
      assertThatThrownBy(
              () ->
                  gradients.gateBackward(
                      CfcMode.DEFAULT, Activation.TANH, heads, 64, one, h, 16, 3, 1, one))
          .hasMessage("timespans and timespanGradients must not overlap");
      assertThatThrownBy(
              () ->
                  gradients.gateBackward(
                      CfcMode.DEFAULT, Activation.TANH, heads, 63, one, h, 16, 3, 1, null))
          .hasMessageContaining("headsStride must lie between 64 and");
      assertThatThrownBy(
              () ->
                  gradients.gateBackward(
                      CfcMode.DEFAULT, Activation.TANH, heads, 64, one, h, 16, 0, 1, null))
          .hasMessage("units must be at least 1, but is 0");
      assertThat(heads.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
      assertThat(h.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
    }
  }
}
