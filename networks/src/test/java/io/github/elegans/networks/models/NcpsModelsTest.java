package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
          cfc-gelu-tanh   | CfC, 3 inputs           | 0.9984538 1.0000000 -0.5344173 0.9742553
          cfc-weight-norm | CfC, 3 inputs           | 0.6991415 0.8461041 -0.7595488 0.1491293
          cfc-compiled    | CfC, 3 inputs           | 0.3492148 -0.1247480 -0.5242333 0.1196074
          cfc-dropout | CfC in mode pure            | 0.9092761 -0.2285221 -0.5623754 -0.3530591 -0.7059714
          wired       | wired CfC                   | 0.5338959
          ltc         | LTC with mixed memory       | -0.2155762 -0.0687356
          ltc-plain   | LTC, 3 inputs               | 0.3385881 -0.2914718 0.7732818 0.6828561 0.7474691 -0.0375081 0.5095925
          """)
  void givesWhatNcpsGave(String name, String description, String expected) throws IOException {
    Safetensors file = read(name);
    Network network = Models.of(file, LoadOptions.NONE);
    assertThat(network.toString()).startsWith(description);
    checkOutputs(network, expected);
    // Their metadata is complete, and the tensors tell the kind of cell.
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.remove("cell");
    checkOutputs(Models.of("model", metadata, file.tensors()), expected);
  }

  private static void checkOutputs(Network network, String expected) {
    double[] values = Stream.of(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
    float[] out = new float[network.outputSize()];
    assertThat(out).hasSameSizeAs(values);
    try (Session session = network.session(1)) {
      session.runToLast(X, 3, Timespans.perRowAndStep(TIMESPANS), out);
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

  private static final LoadOptions PLAIN_CFC =
      LoadOptions.NONE.with("mode", "default").with("activation", "lecun_tanh");

  /** A state dict of torch.compile's CfC and a linear layer, as {@code model} of a bigger one. */
  @Test
  void aPartOfABiggerStateDictIsChosenByItsPrefix() throws IOException {
    Safetensors file = read("cfc-nested");
    checkOutputs(
        Models.of(file, PLAIN_CFC.withPrefix("model.encoder.")),
        "0.3492148 -0.1247480 -0.5242333 0.1196074");
    checkOutputs(
        Models.of(file, PLAIN_CFC.withPrefix("model.encoder._orig_mod.")),
        "0.3492148 -0.1247480 -0.5242333 0.1196074");
    assertThatThrownBy(() -> Models.of(file, PLAIN_CFC))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("a cfc behind the prefix 'model.encoder.'");
    assertThatThrownBy(() -> Models.of(file, PLAIN_CFC.withPrefix("model.decoder.")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(
            "begin with 'model.decoder.'", "a cfc behind the prefix 'model.encoder.'");
    assertThatThrownBy(() -> Models.of(file, PLAIN_CFC.withPrefix("model.head.")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("metadata cell", "2 tensors, bias, weight");
  }

  @Test
  void othersAreIgnoredOnRequestOnly() throws IOException {
    Safetensors file = read("cfc-compiled");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>(file.tensors());
    tensors.put("head.weight", file.tensor("_orig_mod.rnn_cell.ff1.weight"));
    Safetensors more = rewritten(file, tensors);
    assertThatThrownBy(() -> Models.of(more, LoadOptions.NONE))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("[head.weight]");
    checkOutputs(
        Models.of(more, LoadOptions.NONE.ignoreOthers()),
        "0.3492148 -0.1247480 -0.5242333 0.1196074");
  }

  @Test
  void aCallerCannotContradictAFile() throws IOException {
    Safetensors file = read("ltc");
    assertThatThrownBy(() -> Models.of(file, LoadOptions.NONE.with("ode_unfolds", "7")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("metadata ode_unfolds", "'7' as the caller says", "6");
  }

  /** What changes an LTC's numbers and is not in its tensors has no default. */
  @ParameterizedTest
  @ValueSource(strings = {"ode_unfolds", "epsilon", "implicit_param_constraints"})
  void whatTheTensorsDoNotTellMustBeTold(String key) throws IOException {
    Safetensors file = read("ltc-plain");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    String value = metadata.remove(key);
    assertThatThrownBy(() -> Models.of("model", metadata, file.tensors()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("metadata " + key, "none");
    metadata.put(key, value);
    checkOutputs(
        Models.of("model", metadata, file.tensors()),
        "0.3385881 -0.2914718 0.7732818 0.6828561 0.7474691 -0.0375081 0.5095925");
  }

  @ParameterizedTest
  @CsvSource({
    "ltc, rnn_cell.sparsity_mask",
    "ltc, rnn_cell.sensory_sparsity_mask",
    "wired, rnn_cell.layer_0.sparsity_mask",
    "wired, rnn_cell.layer_2.sparsity_mask",
  })
  void aMaskThatIsMissingWasLostUnlessTheMetadataSaysSo(String name, String mask)
      throws IOException {
    Safetensors file = read(name);
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>(file.tensors());
    assertThat(tensors.remove(mask)).isNotNull();
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    assertThatThrownBy(() -> Models.of("model", metadata, tensors))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("sparsity_mask'", "metadata sparsity_mask = none");
    metadata.put("sparsity_mask", "none");
    assertThat(Models.of("model", metadata, tensors).parameterCount()).isPositive();
  }

  @Test
  void mapsAreThoseOfTheTensors() throws IOException {
    Safetensors file = read("ltc-plain");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put("output_mapping", "none");
    assertThatThrownBy(() -> Models.of("model", metadata, file.tensors()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("metadata output_mapping", "affine as the tensors have it");
  }

  private static Safetensors rewritten(Safetensors file, Map<String, Safetensors.Tensor> tensors) {
    Safetensors.Writer writer = Safetensors.writer();
    file.metadata().forEach(writer::metadata);
    tensors.forEach(
        (name, tensor) ->
            writer.tensor(
                name,
                tensor.toFloats(),
                tensor.shape().stream().mapToLong(Long::longValue).toArray()));
    return Safetensors.read("model", writer.toBytes());
  }

  private static Safetensors read(String name) throws IOException {
    String resource = "/io/github/elegans/networks/ncps/" + name + ".safetensors";
    try (InputStream in =
        Objects.requireNonNull(NcpsModelsTest.class.getResourceAsStream(resource))) {
      return Safetensors.read(name, in.readAllBytes());
    }
  }
}
