package io.github.elegans.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
      assertThat(width % DenseWeights.BLOCK).isZero();
      for (int k = -1; k < inputs; k++) {
        for (int i = 0; i < width; i++) {
          int n = panel * DenseWeights.PANEL + i;
          float expected = n >= outputs ? 0 : k < 0 ? bias[n] : weights[n * inputs + k];
          assertThat(panels[at++])
              .as("panel %d, input %d, output %d", panel, k, n)
              .isEqualTo(expected);
        }
      }
    }
    assertThat(panels).hasSize(at);
  }

  @Test
  void isAlignedAndReadOnly() {
    MemorySegment panels = DenseWeights.pack(1, 1, new float[1], new float[1]).panels();

    assertThat(panels.address() % DenseWeights.ALIGNMENT).isZero();
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
    assertThat(DenseWeights.roundUp(n)).isEqualTo(expected);
  }

  @Test
  void strideIsNoMultipleOfAKibibyte() {
    for (int n = 1; n < 2000; n++) {
      int stride = DenseWeights.stride(n);
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
    assertThatThrownBy(() -> DenseWeights.pack(1, 2, new float[] {0, bad}, new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must be finite, but element 1 is " + bad);
    assertThatThrownBy(() -> DenseWeights.pack(1, 2, new float[2], new float[] {bad, 0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bias must be finite, but element 0 is " + bad);
  }
}
