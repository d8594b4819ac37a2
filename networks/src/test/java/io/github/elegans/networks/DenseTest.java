package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.files.FileFormatException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DenseTest {
  private static final float[] WEIGHT = {1, 2, 3, 4, 5, 6};
  private static final float[] BIAS = {7, 8};

  @Test
  void tellsWhatItWasMadeOf() {
    float[] weight = WEIGHT.clone();
    Dense layer = Dense.of(3, 2, Activation.RELU, weight, BIAS);
    weight[0] = 100;
    assertThat(layer.inputs()).isEqualTo(3);
    assertThat(layer.outputs()).isEqualTo(2);
    assertThat(layer.activation()).isEqualTo(Activation.RELU);
    assertThat(layer.parameterCount()).isEqualTo(8);
    assertThat(layer.stateDict().names()).containsExactly("weight", "bias");
    assertThat(layer.stateDict().get("weight").shape()).isEqualTo(List.of(2, 3));
    assertThat(layer.stateDict().get("weight").values()).isEqualTo(WEIGHT);
    assertThat(layer.stateDict().get("bias").values()).isEqualTo(BIAS);
    assertThat(layer.weights().weight(1, 0)).isEqualTo(4);
    assertThat(layer).hasToString("dense layer of 3 inputs, 2 outputs (relu)");
    assertThat(Dense.of(3, 2, Activation.LINEAR, WEIGHT, BIAS).with(WeightStorage.BFLOAT16))
        .hasToString("dense layer of 3 inputs, 2 outputs, bfloat16");
  }

  @Test
  void startsAsPyTorchLinearDoes() {
    Dense layer = Dense.initialised(16, 1000, Activation.LINEAR, 5);
    for (String name : layer.stateDict().names()) {
      double mean = 0;
      double square = 0;
      float[] values = layer.stateDict().get(name).values();
      for (float value : values) {
        assertThat(value).isBetween(-0.25f, 0.25f);
        mean += value / values.length;
        square += value * value / values.length;
      }
      // Uniform within ±1/√16: mean 0, variance 1/48.
      assertThat(Math.abs(mean)).as(name).isLessThan(0.02);
      assertThat(square * 48).as(name).isBetween(0.9, 1.1);
    }
    assertThat(Dense.initialised(16, 1000, Activation.LINEAR, 5).stateDict().get("bias").values())
        .isEqualTo(layer.stateDict().get("bias").values());
    assertThat(Dense.initialised(16, 1000, Activation.LINEAR, 6).stateDict().get("bias").values())
        .isNotEqualTo(layer.stateDict().get("bias").values());
  }

  @Test
  void refusesWhatIsNoLayer() {
    assertThatThrownBy(() -> Dense.of(0, 2, Activation.RELU, new float[0], BIAS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputs of a dense layer");
    assertThatThrownBy(() -> Dense.initialised(1, 0, Activation.RELU, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outputs of a dense layer");
    assertThatThrownBy(() -> Dense.of(2, 2, Activation.RELU, WEIGHT, BIAS))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("'weight'")
        .hasMessageContaining("[2, 2]");
    assertThatThrownBy(() -> Dense.of(3, 2, Activation.RELU, WEIGHT, new float[] {1}))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("'bias'");
    assertThatThrownBy(() -> Dense.of(3, 2, Activation.RELU, WEIGHT, new float[] {1, Float.NaN}))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("NaN");
  }
}
