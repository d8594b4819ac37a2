package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequentialTest {
  private static final int I = 3;
  private static final Dense FIRST = Dense.initialised(I, 18, Activation.RELU, 1);
  private static final Dense SECOND = Dense.initialised(18, 5, Activation.LECUN_TANH, 2);
  private static final Network MIDDLE = Data.cfc(5, 20, 0);
  private static final Dense THIRD = Dense.initialised(20, 17, Activation.SILU, 3);
  private static final Dense LAST = Dense.initialised(17, 2, Activation.LINEAR, 4);
  private static final Sequential ALL =
      Sequential.of(List.of(FIRST, SECOND), MIDDLE, List.of(THIRD, LAST));

  /** Rows through a layer, with the definition of its arithmetic. */
  private static float[] by(Dense layer, float[] x) {
    int rows = x.length / layer.inputs();
    float[] weight = layer.stateDict().get("weight").values();
    float[] bias = layer.stateDict().get("bias").values();
    float[] y = new float[rows * layer.outputs()];
    for (int row = 0; row < rows; row++) {
      for (int o = 0; o < layer.outputs(); o++) {
        float sum = bias[o];
        for (int i = 0; i < layer.inputs(); i++) {
          sum = Math.fma(x[row * layer.inputs() + i], weight[o * layer.inputs() + i], sum);
        }
        y[row * layer.outputs() + o] = sum;
      }
    }
    MemorySegment values = Floats.allocate(y.length);
    MemorySegment.copy(y, 0, values, JAVA_FLOAT, 0, y.length);
    MIDDLE.kernels().math().apply(layer.activation(), Accuracy.ACCURATE, values, values, y.length);
    return values.asSlice(0, 4L * y.length).toArray(JAVA_FLOAT);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "3, 2", "5, 1", "70, 1", "150, 3"})
  void equalsLayersByHand(int batch, int threads) {
    int steps = 31;
    float[] x = Data.random(1, batch * steps * I);
    Timespans timespans = Timespans.perRowAndStep(Data.timespans(2, batch * steps));
    float[] inner = new float[batch * steps * 20];
    float[] found = new float[batch * steps * 2];
    try (Session middle = MIDDLE.session(batch);
        Session session = ALL.session(batch).parallelism(threads)) {
      middle.run(by(SECOND, by(FIRST, x)), steps, timespans, inner);
      float[] expected = by(LAST, by(THIRD, inner));
      session.run(x, steps, timespans, found);
      assertThat(found).isEqualTo(expected);
      assertThat(session.state()).isEqualTo(middle.state());

      float[] last = new float[batch * 2];
      session.reset();
      session.runToLast(x, steps, timespans, last);
      for (int row = 0; row < batch; row++) {
        assertThat(Data.items(last, 2, row))
            .isEqualTo(Data.items(expected, 2, row * steps + steps - 1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "40, 3"})
  void stepsListedRowsAndMasks(int batch, int threads) {
    float[] x = Data.random(3, batch * 4 * I);
    boolean[] mask = Data.mask(4, batch * 4);
    float[] out = new float[batch * 4 * 2];
    try (Session session = ALL.session(batch).parallelism(threads);
        Session other = ALL.session(batch)) {
      session.run(x, 4, Timespans.perRowAndStep(Data.timespans(5, batch * 4)), Mask.of(mask), out);
      for (int row = 0; row < batch; row++) {
        float[] one = new float[2];
        for (int step = 0; step < 4; step++) {
          int at = row * 4 + step;
          if (mask[at]) {
            float elapsed = Data.timespans(5, batch * 4)[at];
            other.step(new int[] {row}, Data.items(x, I, at), elapsed, one);
            assertThat(Data.items(out, 2, at)).isEqualTo(one);
          }
        }
      }
      assertThat(other.state()).isEqualTo(session.state());
    }
  }

  @Test
  void keepsTheStateOfTheNetworkInTheMiddle() {
    Network pair = new PairNetwork(5);
    Sequential sequential = Sequential.before(pair, FIRST, SECOND);
    assertThat(sequential.stateSize()).isEqualTo(pair.stateSize());
    assertThat(sequential.memorySize()).isEqualTo(pair.memorySize()).isPositive();
    float[] x = Data.random(6, 2 * I);
    float[] expected = new float[2 * pair.outputSize()];
    float[] found = new float[2 * pair.outputSize()];
    try (Session inner = pair.session(2);
        Session session = sequential.session(2)) {
      inner.step(by(SECOND, by(FIRST, x)), 1, expected);
      session.step(x, 1, found);
      assertThat(found).isEqualTo(expected);
      assertThat(session.memory()).isEqualTo(inner.memory());
    }
  }

  @Test
  void tellsItsParameters() {
    assertThat(ALL.stateDict().names())
        .startsWith(
            "encoder.0.weight",
            "encoder.0.bias",
            "encoder.1.weight",
            "encoder.1.bias",
            "network.backbone.0.weight")
        .endsWith("head.0.weight", "head.0.bias", "head.1.weight", "head.1.bias");
    assertThat(ALL.parameterCount())
        .isEqualTo(
            ALL.stateDict().names().stream()
                .mapToLong(name -> ALL.stateDict().get(name).values().length)
                .sum());
    assertThat(ALL.toString())
        .startsWith("sequential of [dense layer of 3 inputs, 18 outputs (relu), dense")
        .contains("CfC, 5 inputs")
        .endsWith("dense layer of 17 inputs, 2 outputs]");
    assertThat(ALL.metadata())
        .containsEntry("cell", "sequential")
        .containsEntry("encoder_layers", "2")
        .containsEntry("head.0.activation", "silu")
        .containsEntry("network.cell", "cfc");
  }

  @Test
  void withoutLayersItIsTheNetwork() {
    assertThat(Sequential.of(List.of(), MIDDLE, List.of()).cell()).isEqualTo(MIDDLE.cell());
  }

  @Test
  void oneInAnotherIsOneWithMoreLayers() {
    Sequential nested =
        Sequential.of(
            List.of(FIRST), Sequential.of(List.of(SECOND), MIDDLE, List.of(THIRD)), List.of(LAST));
    assertThat(nested.encoder()).containsExactly(FIRST, SECOND);
    assertThat(nested.network()).isSameAs(MIDDLE);
    assertThat(nested.head()).containsExactly(THIRD, LAST);
    Network deep = MIDDLE;
    for (int i = 0; i < 20_000; i++) {
      deep = Sequential.behind(deep);
    }
    assertThat(((Sequential) deep).network()).isSameAs(MIDDLE);
  }

  @Test
  void goesWithBackendTierAndStorage() {
    Sequential fast = ALL.with(Accuracy.FAST);
    assertThat(fast.accuracy()).isEqualTo(Accuracy.FAST);
    assertThat(fast.on(ALL.kernels()).accuracy()).isEqualTo(Accuracy.FAST);
    Sequential rounded = ALL.with(WeightStorage.BFLOAT16);
    assertThat(rounded.encoder().getFirst().weights().storage()).isEqualTo(WeightStorage.BFLOAT16);
    assertThat(rounded.head().getLast().weights().storage()).isEqualTo(WeightStorage.BFLOAT16);
    float[] x = Data.random(7, I);
    float[] accurate = new float[2];
    for (Sequential other : List.of(fast, rounded)) {
      float[] out = new float[2];
      try (Session session = ALL.session(1);
          Session another = other.session(1)) {
        session.step(x, 1, accurate);
        another.step(x, 1, out);
      }
      assertThat(out).isNotEqualTo(accurate);
      for (int i = 0; i < 2; i++) {
        assertThat(Math.abs(out[i] - accurate[i])).isLessThan(0.02f);
      }
    }
  }

  @Test
  void refusesPartsThatDoNotFit() {
    assertThatThrownBy(() -> Sequential.before(MIDDLE, SECOND, FIRST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "layer 1 of the encoder must have 5 inputs, the outputs of layer 0 of the encoder, but"
                + " has 3");
    assertThatThrownBy(() -> Sequential.before(MIDDLE, FIRST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the network must have 18 inputs, the outputs of layer 0 of the encoder, but has 5");
    assertThatThrownBy(() -> Sequential.behind(MIDDLE, LAST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "layer 0 of the head must have 20 inputs, the outputs of the network, but has 17");
    assertThatThrownBy(() -> Sequential.behind(MIDDLE, THIRD, THIRD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "layer 1 of the head must have 17 inputs, the outputs of layer 0 of the head, but has"
                + " 20");
    assertThatThrownBy(() -> Sequential.of(Arrays.asList(FIRST, null), MIDDLE, List.of()))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("encoder");
  }
}
