package io.github.elegans.networks.cfc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CfcConfigurationTest {

  @Test
  void hasTheDefaultsOfTheReference() {
    CfcConfiguration c = CfcConfiguration.of(20, 50);

    assertThat(c)
        .isEqualTo(new CfcConfiguration(20, 50, CfcMode.DEFAULT, Activation.LECUN_TANH, 128, 1, 0));
    assertThat(c.outputSize()).isEqualTo(50);
    assertThat(c.withProjection(3).outputSize()).isEqualTo(3);
    assertThat(c.multiplyAdds()).isEqualTo(34_560);
    assertThat(c.withMode(CfcMode.PURE).withProjection(2).multiplyAdds())
        .isEqualTo(70 * 128 + 128 * 50 + 100);
    assertThat(c.withBackbone(0, 0).multiplyAdds()).isEqualTo(4 * 70 * 50);
    assertThat(c.withBackbone(10, 3).multiplyAdds()).isEqualTo(700 + 200 + 4 * 500);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1, 1, 0, input_size must be at least 1",
    "1, 0, 1, 1, 0, hidden_size must be at least 1",
    "1, 1, 0, 1, 0, backbone_units must be at least 1",
    "1, 1, 1, -1, 0, backbone_layers must be at least 0",
    "1, 1, -1, 0, 0, backbone_units must be at least 0",
    "1, 1, 1, 1, -1, proj_size must be at least 0"
  })
  void refusesSizes(int inputs, int hidden, int units, int layers, int projection, String message) {
    assertThatThrownBy(
            () ->
                new CfcConfiguration(
                    inputs, hidden, CfcMode.DEFAULT, Activation.TANH, units, layers, projection))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void takesTheActivationsOfTheReferenceOnly(Activation activation) {
    for (CfcDialect dialect : CfcDialect.values()) {
      CfcConfiguration c = CfcConfiguration.of(1, 1).withDialect(dialect);
      String name = activation.fieldName();
      if (dialect.activations().contains(activation)) {
        assertThat(c.withActivation(activation).activation()).isEqualTo(activation);
        assertThat(CfcConfiguration.activation(name, dialect)).isEqualTo(activation);
      } else {
        assertThatThrownBy(() -> c.withActivation(activation))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(name);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CfcMode.class)
  void readsModesByName(CfcMode mode) {
    assertThat(CfcConfiguration.mode(mode.fieldName())).isEqualTo(mode);
  }
}
