package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackTest {
  private static final int I = 3;
  private static final Network LOWER = Data.cfc(I, 20, 4);
  private static final Network MIDDLE = new PairNetwork(4);
  private static final Network UPPER = Data.cfc(4, 7, 5);

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "3, 1", "3, 2", "70, 1", "70, 3"})
  void equalsSteppingByHand(int batch, int threads) {
    int steps = 31;
    float[] x = Data.random(1, steps * batch * I);
    float[] timespans = Data.timespans(2, steps * batch);
    float[] expected = new float[steps * batch * 5];
    float[] found = new float[steps * batch * 5];
    try (Session lower = LOWER.session(batch);
        Session middle = MIDDLE.session(batch);
        Session upper = UPPER.session(batch);
        Session stack =
            Stack.of(LOWER, MIDDLE, UPPER)
                .session(batch)
                .layout(SequenceLayout.TIME_FIRST)
                .parallelism(threads)) {
      float[] first = new float[batch * 4];
      float[] second = new float[batch * 4];
      float[] third = new float[batch * 5];
      for (int step = 0; step < steps; step++) {
        int at = step * batch;
        Timespans time = Timespans.perRow(Arrays.copyOfRange(timespans, at, at + batch));
        lower.step(Arrays.copyOfRange(x, at * I, (at + batch) * I), time, first);
        middle.step(first, time, second);
        upper.step(second, time, third);
        System.arraycopy(third, 0, expected, at * 5, third.length);
      }
      stack.run(x, steps, Timespans.perRowAndStep(timespans), found);
      assertThat(found).isEqualTo(expected);

      float[] state = stack.state();
      float[] memory = stack.memory();
      for (int row = 0; row < batch; row++) {
        float[] h = Data.items(state, 20 + 4 + 7, row);
        assertThat(h).startsWith(Data.items(lower.state(), 20, row));
        assertThat(h).containsSequence(Data.items(middle.state(), 4, row));
        assertThat(h).endsWith(Data.items(upper.state(), 7, row));
      }
      assertThat(memory).isEqualTo(middle.memory());

      // Set back, it goes on in the same way.
      float[] goesOn = new float[batch * 5];
      float[] again = new float[batch * 5];
      stack.step(new float[batch * I], 1, goesOn);
      stack.state(state);
      stack.memory(memory);
      stack.step(new float[batch * I], 1, again);
      assertThat(again).isEqualTo(goesOn);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "5, 3", "40, 2"})
  void layersThatShareStepsDoSoTogether(int batch, int threads) {
    Stack stack = Stack.of(LOWER, UPPER, Data.cfc(5, 6, 0));
    float[] x = Data.random(1, batch * 9 * I);
    float[] expected = new float[batch * 9 * 6];
    float[] found = new float[batch * 9 * 6];
    try (Session one = stack.session(batch);
        Session several = stack.session(batch).parallelism(threads)) {
      one.run(x, 9, expected);
      several.run(x, 9, found);
      assertThat(several.state()).isEqualTo(one.state());
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void isANetworkLikeItsLayers() {
    Stack stack = Stack.of(LOWER, UPPER);
    assertThat(stack.parameterCount()).isEqualTo(LOWER.parameterCount() + UPPER.parameterCount());
    assertThat(stack.layers()).containsExactly(LOWER, UPPER);
    assertThat(stack.inputSize()).isEqualTo(I);
    assertThat(stack.outputSize()).isEqualTo(5);
    assertThat(stack.stateSize()).isEqualTo(27);
    Stack fast = stack.with(Accuracy.FAST);
    assertThat(fast.accuracy()).isEqualTo(Accuracy.FAST);
    assertThat(fast.layers()).allMatch(layer -> layer.accuracy() == Accuracy.FAST);
    assertThat(fast.on(stack.kernels()).kernels()).isSameAs(stack.kernels());
  }

  @Test
  void hasTheSizesOfItsCell() {
    Stack stack = Stack.of(new PairNetwork(4), UPPER);
    assertThat(stack.inputSize()).isEqualTo(4);
    assertThat(stack.outputSize()).isEqualTo(UPPER.outputSize());
    assertThat(stack.stateSize()).isEqualTo(4 + UPPER.stateSize());
    assertThat(stack.memorySize()).isEqualTo(4);
  }

  @Test
  void storesTheWeightsOfAllLayers() {
    Stack rounded = Stack.of(LOWER, UPPER).with(WeightStorage.BFLOAT16);
    Stack byLayer =
        Stack.of(LOWER.with(WeightStorage.BFLOAT16), UPPER.with(WeightStorage.BFLOAT16));
    float[] x = Data.random(5, 2 * I);
    float[][] out = new float[3][2 * UPPER.outputSize()];
    rounded.session(2).step(x, out[0]);
    byLayer.session(2).step(x, out[1]);
    Stack.of(LOWER, UPPER).session(2).step(x, out[2]);
    assertThat(out[0]).isEqualTo(out[1]).isNotEqualTo(out[2]);
  }

  @Test
  void saysThatANetworkHasOneStorageOnly() {
    Network pair = new PairNetwork(4);
    for (Network network : List.of(pair, Stack.of(pair, UPPER))) {
      assertThatThrownBy(() -> network.with(WeightStorage.BFLOAT16))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageStartingWith("the weights of PairNetwork[size=4,")
          .hasMessageEndingWith("cannot be stored as BFLOAT16");
    }
  }

  @Test
  void refusesLayersThatDoNotFit() {
    assertThatThrownBy(() -> Stack.of(LOWER, LOWER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 1 must have 4 inputs, the outputs of layer 0, but has 3");
    assertThatThrownBy(() -> Stack.of(LOWER, UPPER.with(Accuracy.FAST)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer 1 must be on the backend and tier of layer 0");
    assertThatThrownBy(Stack::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a stack must have at least 1 layer, but has 0");
  }
}
