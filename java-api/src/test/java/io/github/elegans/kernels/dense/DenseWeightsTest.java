package io.github.elegans.kernels.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DenseWeightsTest {

  private static float[] ramp(int n, float first) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = first + i;
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 15", "2, 16", "5, 17", "1, 64", "4, 65", "3, 128", "2, 200"})
  void packsPanelsWithTheBiasAsFirstRow(int inputs, int outputs) {
    float[] weights = ramp(inputs * outputs, 1);
    float[] bias = ramp(outputs, 10_000);
    DenseWeights packed = DenseWeights.pack(inputs, outputs, weights, bias);

    assertThat(packed.inputs()).isEqualTo(inputs);
    assertThat(packed.outputs()).isEqualTo(outputs);
    assertThat(packed.panelCount()).isEqualTo((outputs + 63) / 64);
    float[] panels = packed.panels().toArray(ValueLayout.JAVA_FLOAT);
    int at = 0;
    for (int panel = 0; panel < packed.panelCount(); panel++) {
      int width = packed.panelWidth(panel);
      assertThat(packed.panelOffset(panel)).isEqualTo(at);
      assertThat(width % PanelLayout.BLOCK).isZero();
      for (int k = -1; k < inputs; k++) {
        for (int i = 0; i < width; i++) {
          int n = panel * PanelLayout.PANEL + i;
          float expected = n >= outputs ? 0 : k < 0 ? bias[n] : weights[n * inputs + k];
          assertThat(panels[at++])
              .as("panel %d, input %d, output %d", panel, k, n)
              .isEqualTo(expected);
        }
      }
    }
    assertThat(panels).hasSize(at);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 15", "2, 16", "5, 17", "1, 33", "1, 64", "4, 65", "3, 128", "2, 200"})
  void packsBfloat16InLinesOfThirtyTwoOutputs(int inputs, int outputs) {
    float[] weights = new float[inputs * outputs];
    for (int i = 0; i < weights.length; i++) {
      // Exact in bfloat16, and different within a panel.
      weights[i] = Math.scalb(128 + i % 128, i / 128) * (i % 3 == 0 ? -1 : 1);
    }
    float[] bias = ramp(outputs, 10_000);
    DenseWeights packed = DenseWeights.pack(inputs, outputs, weights, bias, WeightStorage.BFLOAT16);

    assertThat(packed.storage()).isEqualTo(WeightStorage.BFLOAT16);
    short[] halves = packed.panels().toArray(ValueLayout.JAVA_SHORT);
    int at = 0;
    for (int panel = 0; panel < packed.panelCount(); panel++) {
      int first = panel * PanelLayout.PANEL;
      assertThat(packed.panelOffset(panel)).isEqualTo(at / 2);
      assertThat(packed.panelWidth(panel))
          .isEqualTo(PanelLayout.roundUp(Math.min(64, outputs - first)));
      assertThat(packed.paddedWidth(panel)).isEqualTo((packed.panelWidth(panel) + 31) / 32 * 32);
      for (int i = 0; i < packed.paddedWidth(panel); i++, at += 2) {
        int bits = Short.toUnsignedInt(halves[at]) | halves[at + 1] << 16;
        assertThat(Float.intBitsToFloat(bits)).isEqualTo(first + i < outputs ? bias[first + i] : 0);
      }
      for (int k = 0; k < inputs; k++) {
        for (int i = 0; i < packed.paddedWidth(panel); i++, at++) {
          // Little-endian: lower half, upper half, of word after word.
          int output = first + i / 32 * 32 + i % 2 * 16 + i % 32 / 2;
          assertThat(Float.intBitsToFloat(halves[at] << 16))
              .as("panel %d, input %d, output %d", panel, k, output)
              .isEqualTo(output < outputs ? weights[output * inputs + k] : 0);
        }
      }
    }
    assertThat(halves).hasSize(at);
    for (int n = 0; n < outputs; n++) {
      assertThat(packed.bias(n)).isEqualTo(bias[n]);
      for (int k = 0; k < inputs; k++) {
        assertThat(packed.weight(n, k)).isEqualTo(weights[n * inputs + k]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Representable, and halfway between two: to the even one.
    "0x1.00p0, 0x1.00p0",
    "0x1.02p0, 0x1.02p0",
    "0x1.01p0, 0x1.00p0",
    "0x1.03p0, 0x1.04p0",
    "0x1.05p-90, 0x1.04p-90",
    "0x1.ffp7, 0x1.00p8",
    // Not quite halfway.
    "0x1.00fffep0, 0x1.00p0",
    "0x1.010002p0, 0x1.02p0",
    "0x1.02fffep0, 0x1.02p0",
    "0x1.030002p0, 0x1.04p0",
    // The smallest that is kept, and what is flushed before it could be rounded up.
    "0x1.00p-100, 0x1.00p-100",
    "0x1.fffffep-101, 0x0p0",
    // The largest.
    "0x1.fep127, 0x1.fep127",
    "0x1.fefffep127, 0x1.fep127"
  })
  void roundsToTheNearestBfloat16TiesToEven(String weight, String expected) {
    float w = Float.parseFloat(weight);
    float e = Float.parseFloat(expected);
    DenseWeights packed =
        DenseWeights.pack(1, 2, new float[] {w, -w}, new float[] {w, -w}, WeightStorage.BFLOAT16);

    assertThat(packed.weight(0, 0)).isEqualTo(e);
    assertThat(packed.weight(1, 0)).isEqualTo(e == 0 ? 0 : -e);
    assertThat(packed.bias(0)).as("biases are not rounded").isEqualTo(e == 0 ? 0 : w);
  }

  @ParameterizedTest
  @CsvSource({"0x1.ffp127", "-0x1.ffp127", "0x1.fffffep127"})
  void refusesWhatRoundsToInfinity(String text) {
    float weight = Float.parseFloat(text);
    float[] weights = {1, weight};

    assertThatThrownBy(() -> DenseWeights.pack(1, 2, weights, new float[2], WeightStorage.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must round to a finite bfloat16, but element 1 is " + weight);
    DenseWeights float32 = DenseWeights.pack(1, 2, weights, new float[2]);
    assertThatThrownBy(() -> float32.withStorage(WeightStorage.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must round to a finite bfloat16, but element 1 is " + weight);
  }

  @Test
  void changesItsStorageThereAndBack() {
    float[] weights = {0x1.02p0f, 0x1.01p0f, -0x1.03p5f};
    DenseWeights float32 = DenseWeights.pack(3, 1, weights, new float[] {0x1.000002p0f});
    DenseWeights bfloat16 = float32.withStorage(WeightStorage.BFLOAT16);
    DenseWeights back = bfloat16.withStorage(WeightStorage.FLOAT32);

    assertThat(float32.withStorage(WeightStorage.FLOAT32)).isSameAs(float32);
    assertThat(bfloat16.inputs()).isEqualTo(3);
    assertThat(bfloat16.outputs()).isEqualTo(1);
    assertThat(back.storage()).isEqualTo(WeightStorage.FLOAT32);
    assertThat(back.bias(0)).isEqualTo(0x1.000002p0f);
    assertThat(new float[] {back.weight(0, 0), back.weight(0, 1), back.weight(0, 2)})
        .isEqualTo(new float[] {0x1.02p0f, 0x1p0f, -0x1.04p5f});
  }

  @Test
  void isAlignedAndReadOnly() {
    MemorySegment panels = DenseWeights.pack(1, 1, new float[1], new float[1]).panels();

    assertThat(panels.address() % PanelLayout.ALIGNMENT).isZero();
    assertThat(panels.isReadOnly()).isTrue();
    assertThat(panels.isNative()).isTrue();
  }

  @Test
  void flushesWhatIsTiny() {
    float[] values = {0x1p-100f, 0x1.fffffep-101f, -0x1p-100f, -0x1.fffffep-101f, -0f, 1e-45f};
    DenseWeights packed = DenseWeights.pack(1, 6, values, values);

    float[] panels = packed.panels().toArray(ValueLayout.JAVA_FLOAT);
    for (int row = 0; row < 2; row++) {
      assertThat(panels[16 * row]).isEqualTo(0x1p-100f);
      assertThat(panels[16 * row + 2]).isEqualTo(-0x1p-100f);
      for (int i : new int[] {1, 3, 4, 5}) {
        assertThat(Float.floatToRawIntBits(panels[16 * row + i])).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 16", "16, 16", "17, 32", "2147483632, 2147483632"})
  void roundsUpToBlocks(int n, int expected) {
    assertThat(PanelLayout.roundUp(n)).isEqualTo(expected);
  }

  @Test
  void strideIsNoMultipleOfAKibibyte() {
    for (int n = 1; n < 2000; n++) {
      int stride = PanelLayout.stride(n);
      assertThat(stride).isGreaterThanOrEqualTo(n).isLessThanOrEqualTo(n + 31);
      assertThat(stride % 16).isZero();
      assertThat(stride % 256).isNotZero();
    }
  }

  @Test
  void refusesSizesThatDoNotFit() {
    assertThatThrownBy(() -> DenseWeights.pack(0, 1, new float[0], new float[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inputs must be at least 1, but is 0");
    assertThatThrownBy(() -> DenseWeights.pack(1, 0, new float[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("outputs must be at least 1, but is 0");
    assertThatThrownBy(() -> DenseWeights.pack(2, 3, new float[5], new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must have 6 elements, but has 5");
    assertThatThrownBy(() -> DenseWeights.pack(2, 3, new float[6], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bias must have 3 elements, but has 2");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesWhatIsNotFinite(float bad) {
    for (WeightStorage storage : WeightStorage.values()) {
      assertThatThrownBy(() -> DenseWeights.pack(1, 2, new float[] {0, bad}, new float[2], storage))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("weights must be finite, but element 1 is " + bad);
      assertThatThrownBy(() -> DenseWeights.pack(1, 2, new float[2], new float[] {bad, 0}, storage))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("bias must be finite, but element 0 is " + bad);
    }
  }
}
