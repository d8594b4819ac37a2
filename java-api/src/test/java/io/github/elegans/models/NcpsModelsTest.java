package io.github.elegans.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.files.FileFormatException;
import io.github.elegans.files.Safetensors;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models that {@code docs/ncps_to_safetensors.py} saved from ncps 1.0.1 on PyTorch 2, and what they
 * gave there after three steps.
 */
class NcpsModelsTest {
  private static final float[] X = {0.5f, -1, 0.25f, 1, 0, -0.5f, -0.75f, 0.5f, 2};
  private static final float[] TIMESPANS = {1, 0.5f, 2};

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cfc-mixed   | CfC with mixed memory       | 0.0337834 0.0779372
          cfc-dropout | CfC in mode pure            | 0.9092761 -0.2285221 -0.5623754 -0.3530591 -0.7059714
          wired       | wired CfC                   | 0.5338959
          ltc         | LTC with mixed memory       | -0.2155762 -0.0687356
          ltc-plain   | LTC, 3 inputs               | 0.3385881 -0.2914718 0.7732818 0.6828561 0.7474691 -0.0375081 0.5095925
          """)
  void givesWhatNcpsGave(String name, String description, String expected) throws IOException {
    Safetensors file = read(name);
    Network network = Models.of(file.source(), file.metadata(), file.tensors());
    assertThat(network.toString()).startsWith(description);
    double[] values = Stream.of(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
    float[] out = new float[network.cell().outputSize()];
    assertThat(out).hasSameSizeAs(values);
    try (Session session = network.session(1)) {
      session.runToLast(X, 3, TIMESPANS, out);
    }
    for (int i = 0; i < out.length; i++) {
      assertThat((double) out[i]).isCloseTo(values[i], within(2e-6));
    }
  }

  @Test
  void anUnknownKindIsRefused() throws IOException {
    Safetensors file = read("ltc");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put("cell", "transformer");
    assertThatThrownBy(() -> Models.of("model", metadata, file.tensors()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("metadata cell", "wired_cfc", "ct_rnn", "transformer");
  }

  private static Safetensors read(String name) throws IOException {
    String resource = "/io/github/elegans/ncps/" + name + ".safetensors";
    try (InputStream in =
        Objects.requireNonNull(NcpsModelsTest.class.getResourceAsStream(resource))) {
      return Safetensors.read(name, in.readAllBytes());
    }
  }
}
