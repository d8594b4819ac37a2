package io.github.elegans.kernels.cfc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CfcWeightsTest {
  private static final int I = 2;
  private static final float[] A = {1.003f, 2, 3};

  /** A layer in which weight [n, k] is base + n + k / 16. */
  private static Linear linear(int outputs, int inputs, float base) {
    float[] weight = new float[outputs * inputs];
    float[] bias = new float[outputs];
    for (int n = 0; n < outputs; n++) {
      bias[n] = -(base + n);
      for (int k = 0; k < inputs; k++) {
        weight[n * inputs + k] = base + n + k / 16f;
      }
    }
    return new Linear(weight, bias);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 33})
  void interleavesTheHeadsBySixteenUnits(int hidden) {
    int inputs = I + hidden;
    CfcWeights weights =
        CfcWeights.gated(
            I,
            hidden,
            CfcMode.DEFAULT,
            Activation.TANH,
            List.of(),
            linear(hidden, inputs, 1000),
            linear(hidden, inputs, 2000),
            linear(hidden, inputs, 3000),
            linear(hidden, inputs, 4000));

    DenseWeights heads = weights.heads();
    assertThat(weights.layerCount()).isEqualTo(1);
    assertThat(weights.layer(0)).isSameAs(heads);
    assertThat(weights.unitsPerPanel()).isEqualTo(16);
    assertThat(weights.backboneUnits()).isZero();
    assertThat(heads.outputs()).isEqualTo(4 * PanelLayout.roundUp(hidden));
    for (int unit = 0; unit < PanelLayout.roundUp(hidden); unit++) {
      for (int head = 0; head < 4; head++) {
        long at = heads.panelOffset(unit / 16) + head * 16L + unit % 16;
        float base = 1000 * (head + 1) + unit;
        assertThat(heads.panels().getAtIndex(ValueLayout.JAVA_FLOAT, at))
            .isEqualTo(unit < hidden ? -base : 0);
        for (int k = 0; k < inputs; k++) {
          assertThat(heads.panels().getAtIndex(ValueLayout.JAVA_FLOAT, at + 64L * (k + 1)))
              .isEqualTo(unit < hidden ? base + k / 16f : 0);
        }
      }
    }
  }

  @Test
  void pureHasOneHeadAndTheDecay() {
    CfcWeights weights =
        CfcWeights.pure(
            I,
            3,
            Activation.RELU,
            List.of(linear(7, 5, 1), linear(7, 7, 50)),
            linear(3, 7, 100),
            new float[] {-1, 2, -0f},
            new float[] {-4, 5, 1e-45f});

    assertThat(weights.layerCount()).isEqualTo(3);
    assertThat(weights.backboneUnits()).isEqualTo(7);
    assertThat(weights.unitsPerPanel()).isEqualTo(64);
    assertThat(weights.heads().outputs()).isEqualTo(3);
    float[] decay = weights.decay().toArray(ValueLayout.JAVA_FLOAT);
    assertThat(decay).hasSize(32).startsWith(1, 2, 0);
    assertThat(new float[] {decay[16], decay[17], decay[18]})
        .isEqualTo(new float[] {-4, 5, 1e-45f});
    assertThat(weights.decay().isReadOnly()).isTrue();
  }

  @Test
  void changesTheStorageOfAllLayers() {
    CfcWeights weights =
        CfcWeights.pure(
                I, 3, Activation.RELU, List.of(linear(7, 5, 1)), linear(3, 7, 2), new float[3], A)
            .withStorage(WeightStorage.BFLOAT16);

    assertThat(weights.layer(0).storage()).isEqualTo(WeightStorage.BFLOAT16);
    assertThat(weights.heads().storage()).isEqualTo(WeightStorage.BFLOAT16);
    assertThat(weights.activation()).isEqualTo(Activation.RELU);
    assertThat(weights.decay().toArray(ValueLayout.JAVA_FLOAT)).contains(A);
  }

  static Stream<Arguments> wrong() {
    Linear head = linear(3, 5, 1);
    return Stream.of(
        Arguments.of(
            "gate of a pure cell",
            call(() -> gated(CfcMode.PURE, List.of(), head, head)),
            "mode pure has no gate"),
        Arguments.of(
            "head of other inputs",
            call(() -> gated(CfcMode.DEFAULT, List.of(), head, linear(3, 4, 1))),
            "time_b.weight must have 15 elements, but has 12"),
        Arguments.of(
            "head of other outputs",
            call(() -> gated(CfcMode.DEFAULT, List.of(), head, linear(4, 5, 1))),
            "time_b.bias must have 3 elements, but has 4"),
        Arguments.of(
            "backbone of other inputs",
            call(() -> gated(CfcMode.DEFAULT, List.of(linear(5, 4, 1)), head, head)),
            "backbone layer 0.weight must have 25 elements, but has 20"),
        Arguments.of(
            "backbone of different widths",
            call(
                () ->
                    gated(CfcMode.DEFAULT, List.of(linear(6, 5, 1), linear(5, 6, 1)), head, head)),
            "all backbone layers must have the same number of units"),
        Arguments.of(
            "NaN",
            call(
                () ->
                    gated(
                        CfcMode.NO_GATE,
                        List.of(),
                        head,
                        new Linear(new float[15], new float[] {0, Float.NaN, 0}))),
            "time_b.bias must be finite, but element 1 is NaN"),
        Arguments.of(
            "no inputs",
            call(
                () ->
                    CfcWeights.gated(
                        0,
                        5,
                        CfcMode.DEFAULT,
                        Activation.TANH,
                        List.of(),
                        linear(5, 5, 1),
                        linear(5, 5, 1),
                        linear(5, 5, 1),
                        linear(5, 5, 1))),
            "inputSize must be at least 1, but is 0"),
        Arguments.of(
            "w_tau of another size",
            call(() -> pure(new float[2], new float[3])),
            "w_tau must have 3 elements, but has 2"),
        Arguments.of(
            "infinite A",
            call(() -> pure(new float[3], new float[] {0, 0, Float.POSITIVE_INFINITY})),
            "A must be finite, but element 2 is Infinity"),
        Arguments.of(
            "sigmoid on the heads",
            call(
                () ->
                    gated(CfcMode.DEFAULT, List.of(), head, head)
                        .withHeadActivation(Activation.SIGMOID)),
            "the heads' activation must be tanh, lecun_tanh or linear, but is sigmoid"),
        Arguments.of(
            "tanh on the head of a pure cell",
            call(() -> pure(new float[3], new float[3]).withHeadActivation(Activation.TANH)),
            "the heads' activation must be linear in mode pure, but is tanh"),
        Arguments.of(
            "heads of another mode",
            call(
                () ->
                    new CfcWeights(
                        I,
                        3,
                        CfcMode.DEFAULT,
                        Activation.TANH,
                        Activation.TANH,
                        List.of(),
                        DenseWeights.pack(5, 3, new float[15], new float[3]),
                        MemorySegment.NULL)),
            "the heads' outputs must have 64 elements, but has 3"));
  }

  private static ThrowingCallable call(ThrowingCallable call) {
    return call;
  }

  private static CfcWeights gated(CfcMode mode, List<Linear> backbone, Linear head, Linear last) {
    return CfcWeights.gated(I, 3, mode, Activation.TANH, backbone, head, head, head, last);
  }

  private static CfcWeights pure(float[] wTau, float[] a) {
    return CfcWeights.pure(I, 3, Activation.TANH, List.of(), linear(3, 5, 1), wTau, a);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void refuses(String name, ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .as(name)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
