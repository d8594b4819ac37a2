package io.github.elegans.networks.cfc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CfcTest {
  private static final CfcConfiguration SMALL =
      new CfcConfiguration(3, 5, CfcMode.DEFAULT, Activation.TANH, 7, 3, 2);
  private static final CfcConfiguration PURE = SMALL.withMode(CfcMode.PURE);
  private static final CfcConfiguration BARE = SMALL.withBackbone(0, 0).withProjection(0);

  @TempDir private Path directory;

  private static float[] outputs(Cfc model) {
    CfcConfiguration c = model.configuration();
    float[] x = new float[2 * 4 * c.inputSize()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.cos(i);
    }
    float[] out = new float[2 * 4 * c.outputSize()];
    try (Session session = model.session(2)) {
      session.run(x, 4, Timespans.of(0.7f), out);
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource(CfcMode.class)
  void readsTheConfigurationFromMetadataAndShapes(CfcMode mode) {
    CfcConfiguration expected = SMALL.withMode(mode);
    Cfc model = StateDictBuilder.of(expected).model();

    assertThat(model.configuration()).isEqualTo(expected);
    assertThat(outputs(model))
        .isEqualTo(outputs(Cfc.of(expected, StateDictBuilder.of(expected).values())));
  }

  @Test
  void readsAFile() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Files.write(file, StateDictBuilder.of(SMALL).toBytes());

    assertThat(outputs(Cfc.load(file))).isEqualTo(outputs(StateDictBuilder.of(SMALL).model()));
  }

  @Test
  void readsTheTrainedModel() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            CfcTest.class.getResourceAsStream(
                "/io/github/elegans/networks/models/co2-cfc.safetensors"))) {
      Path file = directory.resolve("co2.safetensors");
      Files.copy(in, file);

      assertThat(Cfc.load(file).configuration())
          .isEqualTo(new CfcConfiguration(3, 24, CfcMode.DEFAULT, Activation.LECUN_TANH, 48, 1, 1));
    }
  }

  @Test
  void namesAFileThatIsMissing() {
    assertThatThrownBy(() -> Cfc.load(directory.resolve("missing.safetensors")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.safetensors");
  }

  @Test
  void takesNamesWithoutPrefix() {
    assertThat(outputs(StateDictBuilder.of(SMALL).prefix("").model()))
        .isEqualTo(outputs(StateDictBuilder.of(SMALL).model()));
  }

  @Test
  void takesTheKeysThatBackboneDropoutShifts() {
    Cfc shifted =
        StateDictBuilder.of(SMALL)
            .rename("backbone.4.weight", "backbone.5.weight")
            .rename("backbone.4.bias", "backbone.5.bias")
            .model();

    assertThat(shifted.configuration()).isEqualTo(SMALL);
    assertThat(outputs(shifted)).isEqualTo(outputs(StateDictBuilder.of(SMALL).model()));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"F64", "F16", "BF16"})
  void takesOtherFloatingPointTypes(DataType dataType) {
    assertThat(outputs(StateDictBuilder.of(SMALL).dataType(dataType).model()))
        .isEqualTo(outputs(StateDictBuilder.of(SMALL).model()));
  }

  @Test
  void pureNeedsNoModeAndACellWithoutBackboneNoActivation() {
    assertThat(StateDictBuilder.of(PURE).withoutMetadata("mode").model().configuration())
        .isEqualTo(PURE);
    assertThat(StateDictBuilder.of(BARE).withoutMetadata("activation").model().configuration())
        .isEqualTo(BARE.withActivation(Activation.LECUN_TANH));
  }

  @Test
  void takesTheAuthorsNameOfLecunTanh() {
    assertThat(StateDictBuilder.of(SMALL).metadata("activation", "lecun").model().configuration())
        .isEqualTo(SMALL.withActivation(Activation.LECUN_TANH));
  }

  @ParameterizedTest
  @CsvSource({"'', /, ''", "'', ., ''", "cf_c/cf_c_cell/, /, :0", "model.cell., ., ''"})
  void takesParametersAsKerasHasThem(String path, String separator, String suffix) {
    for (CfcDialect dialect : List.of(CfcDialect.NCPS_KERAS, CfcDialect.CFC_TENSORFLOW)) {
      for (CfcConfiguration base : List.of(SMALL, PURE, BARE)) {
        CfcConfiguration c = base.withDialect(dialect);
        Cfc model =
            StateDictBuilder.of(c)
                .keras(path, separator, suffix)
                .metadata("dialect", dialect.fieldName())
                .model();

        assertThat(model.configuration()).isEqualTo(c);
        assertThat(outputs(model)).isEqualTo(outputs(Cfc.of(c, StateDictBuilder.of(c).values())));
      }
    }
  }

  /** All layers are dense layers in the CfC repository, which leaves their names to Keras. */
  @Test
  void takesHeadsThatAreDenseLayers() {
    CfcConfiguration c = SMALL.withDialect(CfcDialect.CFC_TENSORFLOW);
    Cfc model =
        StateDictBuilder.of(c)
            .keras("", "/", "")
            .rename("ff1_weight", "ff1/kernel")
            .rename("ff1_bias", "ff1/bias")
            .metadata("dialect", "cfc_tensorflow")
            .model();

    assertThat(outputs(model)).isEqualTo(outputs(Cfc.of(c, StateDictBuilder.of(c).values())));
  }

  @Test
  void takesADialectFromTheMetadata() {
    for (CfcDialect dialect : CfcDialect.values()) {
      assertThat(
              StateDictBuilder.of(SMALL)
                  .metadata("dialect", dialect.fieldName())
                  .model()
                  .configuration())
          .isEqualTo(SMALL.withDialect(dialect));
    }
    assertThat(
            StateDictBuilder.of(SMALL)
                .metadata("dialect", "ncps_tensorflow")
                .model()
                .configuration())
        .isEqualTo(SMALL.withDialect(CfcDialect.NCPS_KERAS));
  }

  @Test
  void theTorchImplementationsAreTheSame() {
    Map<String, float[]> parameters = StateDictBuilder.of(SMALL).values();
    CfcConfiguration other = SMALL.withDialect(CfcDialect.CFC_TORCH);

    assertThat(outputs(Cfc.of(other, parameters))).isEqualTo(outputs(Cfc.of(SMALL, parameters)));
  }

  @Test
  void modePureIsTheSameInAllDialects() {
    Map<String, float[]> parameters = StateDictBuilder.of(PURE).values();
    for (CfcDialect dialect : CfcDialect.values()) {
      assertThat(outputs(Cfc.of(PURE.withDialect(dialect), parameters)))
          .isEqualTo(outputs(Cfc.of(PURE, parameters)));
    }
  }

  @Test
  void leavesTheCallersParametersAlone() {
    Map<String, float[]> parameters = StateDictBuilder.of(SMALL).values();
    Cfc.of(SMALL.withDialect(CfcDialect.CFC_TENSORFLOW), parameters);

    assertThat(parameters.get("time_a.weight"))
        .isEqualTo(StateDictBuilder.of(SMALL).values().get("time_a.weight"));
  }

  @Test
  void aNetworkInBfloat16HasTheBitsOfOneWithRoundedWeights() {
    Map<String, float[]> parameters = StateDictBuilder.of(SMALL).values();
    // 1 + 2⁻⁸ lies halfway between 1 and 1 + 2⁻⁷.
    parameters.get("ff1.weight")[2] = 0x1.01p0f;
    parameters.get("fc.weight")[1] = 0x1.030002p0f;
    Cfc model = Cfc.of(SMALL, parameters).with(WeightStorage.BFLOAT16);
    parameters.get("ff1.weight")[2] = 1;
    parameters.get("fc.weight")[1] = 0x1.04p0f;
    Cfc rounded = Cfc.of(SMALL, parameters);

    assertThat(model.storage()).isEqualTo(WeightStorage.BFLOAT16);
    assertThat(rounded.storage()).isEqualTo(WeightStorage.FLOAT32);
    assertThat(model.configuration()).isEqualTo(SMALL);
    assertThat(model.parameterCount()).isEqualTo(rounded.parameterCount());
    assertThat(outputs(model)).isEqualTo(outputs(rounded));
    assertThat(outputs(model.with(WeightStorage.FLOAT32))).isEqualTo(outputs(rounded));
  }

  @Test
  void takesMetadataThatFit() {
    StateDictBuilder builder =
        StateDictBuilder.of(SMALL)
            .metadata("cell", "cfc")
            .metadata("mixed_memory", "false")
            .metadata("input_size", "3")
            .metadata("hidden_size", "5")
            .metadata("backbone_units", "7")
            .metadata("backbone_layers", "3")
            .metadata("proj_size", "2")
            .metadata("task", "anything");

    assertThat(builder.model().configuration()).isEqualTo(SMALL);
  }

  @Test
  void takesTheCallersConfiguration() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Files.write(
        file,
        StateDictBuilder.of(SMALL).withoutMetadata("mode").withoutMetadata("activation").toBytes());
    CfcConfiguration other = SMALL.withMode(CfcMode.NO_GATE).withActivation(Activation.RELU);

    assertThat(outputs(Cfc.load(file, other)))
        .isEqualTo(outputs(Cfc.of(other, StateDictBuilder.of(SMALL).values())));
  }

  /** A state dict that is wrong in one respect, and what the message must say of it. */
  private static Arguments wrong(
      String name, CfcConfiguration base, Consumer<StateDictBuilder> change, String... message) {
    return Arguments.of(name, base, change, List.of(message));
  }

  static Stream<Arguments> wrongStateDicts() {
    return Stream.of(
        wrong(
            "missing weight",
            SMALL,
            b -> b.remove("time_b.weight"),
            "parameter 'time_b.weight'",
            "ff1.bias"),
        wrong("missing bias", SMALL, b -> b.remove("ff2.bias"), "parameter 'ff2.bias'"),
        wrong("missing ff1", SMALL, b -> b.remove("ff1.weight"), "parameter 'ff1.weight'"),
        wrong(
            "missing backbone bias",
            SMALL,
            b -> b.remove("backbone.2.bias"),
            "parameter 'backbone.2.bias'"),
        wrong("missing A", PURE, b -> b.remove("A"), "parameter 'A'"),
        wrong("missing bias of the projection", SMALL, b -> b.remove("fc.bias"), "'fc.bias'"),
        wrong(
            "a head too many", PURE, b -> b.fill("ff2.weight", 5, 7), "mode pure", "[ff2.weight]"),
        wrong("an unknown parameter", SMALL, b -> b.fill("ff3.bias", 5), "[ff3.bias]"),
        wrong("a sparsity mask", SMALL, b -> b.fill("sparsity_mask", 5, 8), "[sparsity_mask]"),
        wrong(
            "a transposed weight",
            SMALL,
            b -> b.shape("ff2.weight", 7, 5),
            "'ff2.weight'",
            "shape [5, 7]",
            "shape [7, 5]"),
        wrong(
            "a bias as a matrix", SMALL, b -> b.shape("ff2.bias", 1, 5), "'ff2.bias'", "shape [5]"),
        wrong("a flat w_tau", PURE, b -> b.shape("w_tau", 5), "'w_tau'", "shape [1, 5]"),
        wrong("a flat ff1", SMALL, b -> b.shape("ff1.weight", 35), "'ff1.weight'", "a matrix"),
        wrong(
            "backbone layers of different widths",
            SMALL,
            b -> b.fill("backbone.2.weight", 6, 7),
            "'backbone.2.weight'",
            "shape [7, 7]"),
        wrong(
            "no inputs besides the state",
            BARE,
            b -> b.fill("ff1.weight", 5, 5),
            "the first layer's inputs"),
        wrong(
            "NaN",
            SMALL,
            b -> b.set("time_a.weight", 3, Float.NaN),
            "'time_a.weight'",
            "NaN at element 3"),
        wrong(
            "infinity",
            PURE,
            b -> b.set("A", 1, Float.NEGATIVE_INFINITY),
            "'A'",
            "-Infinity at element 1"),
        wrong(
            "infinite projection",
            SMALL,
            b -> b.set("fc.bias", 0, Float.POSITIVE_INFINITY),
            "'fc.bias'"),
        wrong("integers", SMALL, b -> b.dataType(DataType.I32), "I32"),
        wrong(
            "a hole in the backbone",
            SMALL,
            b -> b.remove("backbone.2.weight").remove("backbone.2.bias"),
            "backbone layers' numbers",
            "[0, 4]"),
        wrong(
            "a backbone that does not begin at 0",
            SMALL,
            b ->
                b.rename("backbone.0.weight", "backbone.1.weight")
                    .rename("backbone.0.bias", "backbone.1.bias"),
            "backbone layers' numbers"),
        wrong(
            "both with and without prefix",
            SMALL,
            b -> b.prefix("").fill("rnn_cell.ff1.bias", 5),
            "parameter 'ff1.bias'",
            "several names"),
        wrong(
            "two names of Keras",
            SMALL,
            b -> keras(b).fill("cell/ff1_bias:0", 5),
            "parameter 'ff1.bias'",
            "several names",
            "cell/ff1_bias:0"),
        wrong(
            "a matrix of PyTorch among those of Keras",
            SMALL,
            b -> keras(b).shape("ff2_weight", 5, 7),
            "'ff2.weight'",
            "shape [5, 7]",
            "shape [7, 5]"),
        wrong("an unknown name of Keras", SMALL, b -> keras(b).fill("dense/kernel", 5, 2), "dense"),
        wrong(
            "a kernel that is no matrix",
            SMALL,
            b -> keras(b).shape("time_b/kernel", 35),
            "'time_b.weight'",
            "shape [35]"),
        wrong("an LSTM", SMALL, b -> b.fill("lstm.input_map.bias", 20), "[lstm.input_map.bias]"));
  }

  private static StateDictBuilder keras(StateDictBuilder builder) {
    return builder.keras("", "/", "").metadata("dialect", "ncps_keras");
  }

  static Stream<Arguments> wrongMetadata() {
    return Stream.of(
        wrong(
            "Keras without a dialect",
            SMALL,
            b -> keras(b).withoutMetadata("dialect"),
            "metadata dialect"),
        wrong(
            "Keras in a dialect of PyTorch",
            SMALL,
            b -> keras(b).metadata("dialect", "cfc_torch"),
            "dialect",
            "cfc_torch"),
        wrong(
            "unknown dialect",
            SMALL,
            b -> b.metadata("dialect", "jax"),
            "dialect must be one of cfc_tensorflow, cfc_torch, ncps_keras, ncps_torch, but is"
                + " 'jax'"),
        wrong("no mode", SMALL, b -> b.withoutMetadata("mode"), "metadata mode"),
        wrong("no activation", SMALL, b -> b.withoutMetadata("activation"), "metadata activation"),
        wrong(
            "unknown mode",
            SMALL,
            b -> b.metadata("mode", "fancy"),
            "mode must be one of default, no_gate, pure, but is 'fancy'"),
        wrong(
            "unknown activation",
            SMALL,
            b -> b.metadata("activation", "softplus"),
            "activation must be one of gelu, gelu_tanh, lecun_tanh, relu, silu, tanh, but is"
                + " 'softplus'"),
        wrong("another cell", SMALL, b -> b.metadata("cell", "ltc"), "metadata cell", "ltc"),
        wrong("a wiring", SMALL, b -> b.metadata("wiring", "{}"), "metadata wiring"),
        wrong("mixed memory", SMALL, b -> b.metadata("mixed_memory", "true"), "mixed_memory"),
        wrong(
            "mode default of a pure cell",
            PURE,
            b -> b.metadata("mode", "default"),
            "metadata mode",
            "pure as the tensors have it"),
        wrong("mode pure of a gated cell", SMALL, b -> b.metadata("mode", "pure"), "w_tau"),
        wrong(
            "input_size", SMALL, b -> b.metadata("input_size", "4"), "metadata input_size", "3 as"),
        wrong("hidden_size", SMALL, b -> b.metadata("hidden_size", "x"), "metadata hidden_size"),
        wrong(
            "backbone_units", SMALL, b -> b.metadata("backbone_units", "8"), "backbone_units", "7"),
        wrong("backbone_layers", SMALL, b -> b.metadata("backbone_layers", "1"), "backbone_layers"),
        wrong("proj_size", SMALL, b -> b.metadata("proj_size", "0"), "metadata proj_size", "2 as"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"wrongStateDicts", "wrongMetadata"})
  void refusesWithAMessage(
      String name, CfcConfiguration base, Consumer<StateDictBuilder> change, List<String> message) {
    StateDictBuilder builder = StateDictBuilder.of(base);
    change.accept(builder);

    assertThatThrownBy(builder::model)
        .as(name)
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith("test.safetensors: ")
        .hasMessageContainingAll(message.toArray(String[]::new))
        .hasMessageNotContaining("\n");
  }

  static Stream<Arguments> otherConfigurations() {
    return Stream.of(
        Arguments.of(SMALL.withBackbone(7, 2), "backbone layers"),
        Arguments.of(SMALL.withBackbone(8, 3), "'backbone.0.weight'"),
        Arguments.of(SMALL.withBackbone(0, 0), "backbone layers"),
        Arguments.of(SMALL.withProjection(0), "[fc.bias, fc.weight]"),
        Arguments.of(SMALL.withProjection(3), "'fc.weight'"),
        Arguments.of(PURE, "w_tau"),
        Arguments.of(
            new CfcConfiguration(4, 5, CfcMode.DEFAULT, Activation.TANH, 7, 3, 2),
            "'backbone.0.weight'"),
        Arguments.of(
            new CfcConfiguration(2, 6, CfcMode.DEFAULT, Activation.TANH, 7, 3, 2), "'ff1.weight'"));
  }

  @ParameterizedTest
  @MethodSource("otherConfigurations")
  void checksTheCallersConfiguration(CfcConfiguration configuration, String message)
      throws IOException {
    Path file = directory.resolve("model.safetensors");
    Files.write(file, StateDictBuilder.of(SMALL).toBytes());

    assertThatThrownBy(() -> Cfc.load(file, configuration))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining(message);
  }

  @Test
  void checksParametersGivenAsArrays() {
    Map<String, float[]> parameters = StateDictBuilder.of(SMALL).values();
    parameters.put("ff1.bias", new float[4]);

    assertThatThrownBy(() -> Cfc.of(SMALL, parameters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'ff1.bias'", "[5]", "4 elements");
  }

  @Test
  void countsTheParametersOfTheReferencesExample() {
    assertThat(Cfc.initialised(CfcConfiguration.of(20, 50), 1).parameterCount()).isEqualTo(34_888);
  }

  @ParameterizedTest
  @CsvSource({
    // I, H, mode, U, layers, P
    "20, 50, NO_GATE, 128, 1, 0",
    "3, 5, PURE, 7, 3, 2",
    "3, 5, DEFAULT, 0, 0, 4",
    "1, 1, PURE, 0, 0, 0",
    "64, 19, DEFAULT, 11, 2, 1"
  })
  void countsAllParameters(
      int inputs, int hidden, CfcMode mode, int units, int layers, int projection) {
    CfcConfiguration c =
        new CfcConfiguration(inputs, hidden, mode, Activation.SILU, units, layers, projection);

    assertThat(Cfc.initialised(c, 1).parameterCount()).isEqualTo(StateDictBuilder.of(c).elements());
  }

  @Test
  void initialisesFromTheSeed() {
    assertThat(outputs(Cfc.initialised(SMALL, 7))).isEqualTo(outputs(Cfc.initialised(SMALL, 7)));
    assertThat(outputs(Cfc.initialised(SMALL, 7))).isNotEqualTo(outputs(Cfc.initialised(SMALL, 8)));
  }

  @Test
  void initialisesWithinTheBoundsOfTheReference() {
    CfcConfiguration c = new CfcConfiguration(30, 40, CfcMode.DEFAULT, Activation.TANH, 50, 2, 60);
    Map<String, float[]> parameters = CfcInitialisation.stateDict(c, 3);

    assertUniform(parameters.get("backbone.0.weight"), Math.sqrt(6.0 / (70 + 50)));
    assertUniform(parameters.get("backbone.0.bias"), 1 / Math.sqrt(70));
    assertUniform(parameters.get("backbone.2.weight"), Math.sqrt(6.0 / (50 + 50)));
    assertUniform(parameters.get("time_b.weight"), Math.sqrt(6.0 / (50 + 40)));
    assertUniform(parameters.get("time_b.bias"), 1 / Math.sqrt(50));
    assertUniform(parameters.get("fc.weight"), 1 / Math.sqrt(40));
    assertUniform(parameters.get("fc.bias"), 1 / Math.sqrt(40));
  }

  @ParameterizedTest
  @EnumSource(names = {"NCPS_KERAS", "CFC_TENSORFLOW"})
  void initialisesAsTheLayersOfKeras(CfcDialect dialect) {
    CfcConfiguration c =
        new CfcConfiguration(30, 40, CfcMode.DEFAULT, Activation.TANH, 50, 2, 60)
            .withDialect(dialect)
            .withMixedMemory(true);
    Map<String, float[]> parameters = CfcInitialisation.stateDict(c, 3);

    assertUniform(parameters.get("backbone.0.weight"), Math.sqrt(6.0 / (80 + 50)));
    assertUniform(parameters.get("time_b.weight"), Math.sqrt(6.0 / (50 + 40)));
    assertUniform(parameters.get("lstm.input_map.weight"), Math.sqrt(6.0 / (30 + 160)));
    assertUniform(parameters.get("fc.weight"), Math.sqrt(6.0 / (40 + 60)));
    parameters.forEach(
        (name, values) -> {
          if (name.endsWith(".bias")) {
            assertThat(values).as(name).containsOnly(0);
          }
        });
  }

  private static void assertUniform(float[] values, double bound) {
    double most = 0;
    double sum = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
      sum += value;
    }
    assertThat(most).isBetween(0.8 * bound, bound);
    // Five standard deviations of the mean.
    assertThat(Math.abs(sum / values.length))
        .isLessThan(5 * bound / Math.sqrt(3.0 * values.length));
  }

  @Test
  void initialisesPureCellsAsDocumentedByTheReference() {
    Map<String, float[]> parameters = CfcInitialisation.stateDict(PURE, 3);

    assertThat(parameters.get("w_tau")).containsOnly(0);
    assertThat(parameters.get("A")).containsOnly(1);
  }

  @Test
  void variantsShareEverythingButWhatIsChanged() {
    Cfc model = StateDictBuilder.of(SMALL).model();

    assertThat(model.accuracy()).isEqualTo(Accuracy.ACCURATE);
    assertThat(model.kernels()).isSameAs(Backends.get());
    Cfc fast = model.with(Accuracy.FAST);
    assertThat(fast.accuracy()).isEqualTo(Accuracy.FAST);
    assertThat(fast.configuration()).isSameAs(model.configuration());
    assertThat(fast.weights()).isSameAs(model.weights());
    assertThat(model.on(Backends.named("scalar")).kernels()).isSameAs(Backends.named("scalar"));
    assertThat(outputs(fast)).isNotEqualTo(outputs(model));
    assertThat(outputs(fast.with(Accuracy.ACCURATE))).isEqualTo(outputs(model));
  }

  @Test
  void outputsOfTheDefaultModeStayBelowOne() {
    CfcConfiguration c = CfcConfiguration.of(2, 30);
    float[] x = new float[50 * 2];
    Arrays.fill(x, 1e6f);
    float[] out = new float[50 * 30];
    try (Session session = Cfc.initialised(c, 5).session(1)) {
      session.run(x, 50, out);
    }
    for (float value : out) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(1);
    }
  }
}
