package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.cfc.WiredCfcConfiguration;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.ltc.LtcDialect;
import io.github.elegans.networks.ltc.LtcMapping;
import io.github.elegans.networks.recurrent.OdeMethod;
import io.github.elegans.networks.recurrent.OdeSolver;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetworkTest;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SavedNetworkTest {
  private static final Wiring NCP = new AutoNcp(16, 4).build(3);

  @TempDir private Path folder;

  private static List<Network> networks() {
    List<Network> all = new ArrayList<>();
    CfcConfiguration cfc = CfcConfiguration.of(3, 7).withBackbone(9, 2);
    for (CfcDialect dialect : CfcDialect.values()) {
      for (CfcMode mode : CfcMode.values()) {
        CfcConfiguration one = cfc.withDialect(dialect).withMode(mode);
        all.add(Cfc.initialised(one.withActivation(Activation.SILU), 1));
        all.add(Cfc.initialised(one.withMixedMemory(true).withProjection(2), 2));
        all.add(Cfc.initialised(one.withBackbone(0, 0), 3));
      }
      for (boolean mixed : new boolean[] {false, true}) {
        Wiring wiring = mixed && dialect.memoryReplacesInput() ? new AutoNcp(16, 4).build(16) : NCP;
        all.add(WiredCfc.initialised(3, wiring, CfcMode.DEFAULT, mixed, dialect, 4));
        all.add(WiredCfc.initialised(3, wiring, CfcMode.PURE, mixed, dialect, 5));
      }
    }
    for (Activation activation : CfcDialect.NCPS_KERAS.activations()) {
      all.add(
          Cfc.initialised(cfc.withDialect(CfcDialect.NCPS_KERAS).withActivation(activation), 6));
    }
    all.add(
        projected(WiredCfc.initialised(3, NCP, CfcMode.NO_GATE, false, CfcDialect.NCPS_TORCH, 7)));
    for (LtcMapping input : LtcMapping.values()) {
      for (LtcMapping output : LtcMapping.values()) {
        all.add(Ltc.initialised(LtcConfiguration.of(3, 16, 4).withMappings(input, output), NCP, 8));
      }
    }
    for (LtcDialect dialect : LtcDialect.values()) {
      all.add(Ltc.initialised(LtcConfiguration.of(dialect, 3, 16, 4), NCP, 9));
    }
    for (LtcSolver solver : LtcSolver.values()) {
      LtcConfiguration other =
          LtcConfiguration.of(LtcDialect.LTC_TENSORFLOW, 3, 16, 4).withSolver(solver, 3);
      all.add(Ltc.initialised(other, NCP, 10));
    }
    all.add(
        Ltc.initialised(
            LtcConfiguration.of(3, 16, 4).withImplicitParamConstraints(false), NCP, 11));
    all.add(withMemoryAndProjection(Ltc.initialised(NCP, 12)));
    all.add(Ltc.initialised(new FullyConnected(8, 2).build(3), 13));
    for (RecurrentNetwork.Kind kind : RecurrentNetwork.Kind.values()) {
      all.add(RecurrentNetworkTest.network(kind));
    }
    RecurrentNetwork ode = RecurrentNetworkTest.network(RecurrentNetwork.Kind.CT_RNN);
    all.add(
        RecurrentNetwork.of(
            ode.kind(), 3, 4, new OdeSolver(OdeMethod.HEUN, 5, 0.3f), ode.stateDict().values()));
    Network small = Cfc.initialised(CfcConfiguration.of(5, 6), 14);
    Dense encoder = Dense.initialised(3, 5, Activation.RELU, 15);
    Dense head = Dense.initialised(6, 2, Activation.SIGMOID, 16);
    all.add(Sequential.of(List.of(encoder), small, List.of(head)));
    all.add(
        Sequential.behind(
            Ltc.initialised(NCP, 17), Dense.initialised(4, 1, Activation.LINEAR, 18)));
    all.add(Stack.of(Ltc.initialised(NCP, 19), Cfc.initialised(CfcConfiguration.of(4, 3), 20)));
    all.add(
        Stack.of(
            Sequential.of(List.of(encoder), Stack.of(small, lstm(6)), List.of()),
            Sequential.behind(Cfc.initialised(CfcConfiguration.of(4, 6), 21), head)));
    return all;
  }

  private static WiredCfc projected(WiredCfc wired) {
    Map<String, float[]> values = new LinkedHashMap<>(wired.stateDict().values());
    values.put("fc.weight", random(4 * 2));
    values.put("fc.bias", random(2));
    WiredCfcConfiguration shape = wired.configuration();
    return WiredCfc.of(
        new WiredCfcConfiguration(
            3, shape.layerSizes(), shape.mode(), shape.mixedMemory(), 2, shape.dialect()),
        values);
  }

  private static Ltc withMemoryAndProjection(Ltc ltc) {
    Map<String, float[]> values = new LinkedHashMap<>(ltc.stateDict().values());
    values.put("lstm.input_map.weight", random(4 * 16 * 3));
    values.put("lstm.input_map.bias", random(4 * 16));
    values.put("lstm.recurrent_map.weight", random(4 * 16 * 16));
    values.put("fc.weight", random(4 * 5));
    values.put("fc.bias", random(5));
    return Ltc.of(ltc.configuration().withMixedMemory(true), values);
  }

  private static RecurrentNetwork lstm(int inputs) {
    return RecurrentNetwork.of(
        RecurrentNetwork.Kind.LSTM,
        inputs,
        4,
        Map.of(
            "weight_ih_l0", random(16 * inputs),
            "weight_hh_l0", random(16 * 4),
            "bias_ih_l0", random(16),
            "bias_hh_l0", random(16)));
  }

  private static float[] random(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-0.5, 0.5);
    }
    return values;
  }

  private static float[] run(Network network) {
    int batch = 3;
    int steps = 4;
    float[] x = random(batch * steps * network.inputSize());
    float[] timespans = random(batch * steps);
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = Math.abs(timespans[i]);
    }
    float[] out = new float[batch * steps * network.outputSize()];
    try (Session session = network.session(batch)) {
      session.run(x, steps, Timespans.perRowAndStep(timespans), out);
    }
    return out;
  }

  @TestFactory
  Stream<DynamicTest> loadsWithTheSameBits() {
    return networks().stream().map(n -> dynamicTest(n.toString(), () -> checkSameBits(n)));
  }

  private void checkSameBits(Network network) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Models.save(network, file);
    Network loaded = Models.load(file);
    assertThat(loaded).hasSameClassAs(network).hasToString(network.toString());
    assertThat(loaded.metadata()).isEqualTo(network.metadata());
    assertThat(loaded.parameterCount()).isEqualTo(network.parameterCount());
    assertThat(run(loaded)).isEqualTo(run(network)).isNotEqualTo(new float[run(loaded).length]);
    for (String name : network.stateDict().names()) {
      if (!name.endsWith("mask")) {
        assertThat(loaded.stateDict().get(name).values())
            .as(name)
            .isEqualTo(network.stateDict().get(name).values());
      }
    }
    // Saving again gives the same file.
    byte[] first = Files.readAllBytes(file);
    Models.save(loaded, file);
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  /** Names and shapes as {@code state_dict()} of ncps 1.0.1 lists them. */
  @Test
  void hasTheNamesOfNcps() throws IOException {
    CfcConfiguration cfc =
        CfcConfiguration.of(3, 4).withBackbone(9, 1).withMixedMemory(true).withProjection(2);
    assertThat(shapes(Cfc.initialised(cfc, 1)))
        .containsOnly(
            "rnn_cell.backbone.0.weight [9, 7]",
            "rnn_cell.backbone.0.bias [9]",
            "rnn_cell.ff1.weight [4, 9]",
            "rnn_cell.ff1.bias [4]",
            "rnn_cell.ff2.weight [4, 9]",
            "rnn_cell.ff2.bias [4]",
            "rnn_cell.time_a.weight [4, 9]",
            "rnn_cell.time_a.bias [4]",
            "rnn_cell.time_b.weight [4, 9]",
            "rnn_cell.time_b.bias [4]",
            "lstm.input_map.weight [16, 3]",
            "lstm.input_map.bias [16]",
            "lstm.recurrent_map.weight [16, 4]",
            "fc.weight [2, 4]",
            "fc.bias [2]");
    assertThat(shapes(Cfc.initialised(cfc.withMode(CfcMode.PURE).withBackbone(0, 0), 1)))
        .contains("rnn_cell.w_tau [1, 4]", "rnn_cell.A [1, 4]");
    assertThat(
            shapes(WiredCfc.initialised(3, NCP, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 1)))
        .contains("rnn_cell.layer_0.ff1.weight [8, 11]", "rnn_cell.layer_0.sparsity_mask [8, 11]");
    assertThat(shapes(Ltc.initialised(NCP, 1)))
        .containsOnly(
            "rnn_cell.gleak [16]",
            "rnn_cell.vleak [16]",
            "rnn_cell.cm [16]",
            "rnn_cell.sigma [16, 16]",
            "rnn_cell.mu [16, 16]",
            "rnn_cell.w [16, 16]",
            "rnn_cell.erev [16, 16]",
            "rnn_cell.sparsity_mask [16, 16]",
            "rnn_cell.sensory_sigma [3, 16]",
            "rnn_cell.sensory_mu [3, 16]",
            "rnn_cell.sensory_w [3, 16]",
            "rnn_cell.sensory_erev [3, 16]",
            "rnn_cell.sensory_sparsity_mask [3, 16]",
            "rnn_cell.input_w [3]",
            "rnn_cell.input_b [3]",
            "rnn_cell.output_w [4]",
            "rnn_cell.output_b [4]");
    assertThat(shapes(Stack.of(lstm(3), Cfc.initialised(CfcConfiguration.of(4, 2), 1))))
        .contains("0.weight_ih_l0 [16, 3]", "1.rnn_cell.ff1.weight [2, 128]");
  }

  private Stream<String> shapes(Network network) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Models.save(network, file);
    return Safetensors.read(file).tensors().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue().shape());
  }

  /** What ncps on PyTorch makes of a wiring has no signs; in Keras it has. */
  @Test
  void writesMasksWithTheSignsThatNcpsHas() throws IOException {
    Path file = folder.resolve("model.safetensors");
    for (CfcDialect dialect : CfcDialect.values()) {
      WiredCfc wired = WiredCfc.initialised(3, NCP, CfcMode.DEFAULT, false, dialect, 1);
      Models.save(wired, file);
      Safetensors saved = Safetensors.read(file);
      boolean negative = false;
      for (int layer = 0; layer < 3; layer++) {
        String name = "layer_" + layer + ".sparsity_mask";
        float[] mask = saved.tensor("rnn_cell." + name).toFloats();
        float[] expected = wired.stateDict().get(name).values().clone();
        for (int i = 0; i < mask.length; i++) {
          negative |= mask[i] < 0;
          expected[i] = Math.abs(expected[i]);
          mask[i] = Math.abs(mask[i]);
        }
        assertThat(mask).isEqualTo(expected);
      }
      assertThat(negative).as(dialect.fieldName()).isEqualTo(dialect.negatesTimeA());
    }
  }

  /** A network of dense layers has masks of ones, as it has in ncps. */
  @Test
  void writesTheMasksThatNcpsHas() throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>(Ltc.initialised(NCP, 1).stateDict().values());
    values.remove("sparsity_mask");
    values.remove("sensory_sparsity_mask");
    Ltc ltc = Ltc.of(LtcConfiguration.of(3, 16, 4), values);
    WiredCfc masked =
        WiredCfc.initialised(3, NCP, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 1);
    values = new LinkedHashMap<>(masked.stateDict().values());
    values.keySet().removeIf(name -> name.endsWith("mask"));
    WiredCfc wired = WiredCfc.of(masked.configuration(), values);
    for (Network network : List.of(ltc, wired)) {
      Path file = folder.resolve("model.safetensors");
      Models.save(network, file);
      Safetensors saved = Safetensors.read(file);
      assertThat(saved.metadata()).doesNotContainKey("sparsity_mask");
      List<String> masks =
          saved.tensors().keySet().stream().filter(name -> name.endsWith("mask")).toList();
      assertThat(masks).isNotEmpty();
      for (String mask : masks) {
        float[] ones = saved.tensor(mask).toFloats();
        Arrays.fill(ones, 1);
        assertThat(saved.tensor(mask).toFloats()).isEqualTo(ones);
      }
      assertThat(run(Models.load(file))).isEqualTo(run(network));
    }
    // Not so in a dialect whose cells have none.
    Ltc other =
        Ltc.of(
            LtcConfiguration.of(LtcDialect.CFC_TORCH, 3, 16, 4)
                .withMappings(LtcMapping.AFFINE, LtcMapping.AFFINE),
            ltc.stateDict().values());
    assertThat(shapes(other)).noneMatch(name -> name.contains("mask"));
  }

  @Test
  void savesParametersInFloat32WhateverTheirStorage() throws IOException {
    Path file = folder.resolve("model.safetensors");
    for (Network network : networks()) {
      Network rounded = network.with(WeightStorage.BFLOAT16);
      Models.save(rounded, file);
      Network loaded = Models.load(file);
      assertThat(run(loaded)).as(network.toString()).isEqualTo(run(network));
      assertThat(run(loaded.with(WeightStorage.BFLOAT16))).isEqualTo(run(rounded));
    }
  }

  @Test
  void keepsWhereANetworkComesFrom() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Network network = Cfc.initialised(CfcConfiguration.of(3, 4), 1);
    Models.save(network, file, Map.of("trained_on", "a \"day\"\nin May", "author", "Ö"));
    assertThat(Safetensors.read(file).metadata())
        .containsEntry("trained_on", "a \"day\"\nin May")
        .containsEntry("author", "Ö")
        .containsEntry("cell", "cfc");
    assertThat(run(Models.load(file))).isEqualTo(run(network));
    for (String key : List.of("cell", "mode", "sparsity_mask", "wiring")) {
      Map<String, String> clash = Map.of(key, "x", "author", "y");
      assertThatThrownBy(() -> Models.save(network, file, clash))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[" + key + "]");
    }
  }

  @Test
  void loadsAPartByItsPrefix() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Network cfc = Cfc.initialised(CfcConfiguration.of(5, 6).withMode(CfcMode.NO_GATE), 1);
    Stack stack =
        Stack.of(
            Ltc.initialised(NCP, 1),
            Sequential.before(cfc, Dense.initialised(4, 5, Activation.RELU, 2)));
    Models.save(stack, file);
    assertThat(run(Models.load(file, "0."))).isEqualTo(run(stack.layers().getFirst()));
    assertThat(run(Models.load(file, "1."))).isEqualTo(run(stack.layers().getLast()));
    assertThat(run(Models.load(file, "1.network."))).isEqualTo(run(cfc));
  }

  @Test
  void refusesPartsThatAreNone() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Network cfc = Cfc.initialised(CfcConfiguration.of(5, 6), 1);
    Sequential sequential = Sequential.before(cfc, Dense.initialised(4, 5, Activation.RELU, 2));
    Models.save(sequential, file);
    Safetensors saved = Safetensors.read(file);
    Map<String, Safetensors.Tensor> tensors = saved.tensors();
    refuse(with(saved.metadata(), "encoder_layers", "many"), tensors, "encoder_layers", "'many'");
    refuse(with(saved.metadata(), "encoder_layers", null), tensors, "encoder_layers", "none");
    refuse(with(saved.metadata(), "encoder_layers", "0"), tensors, "encoder.0.weight");
    refuse(with(saved.metadata(), "encoder_layers", "2"), tensors, "encoder.1.");
    refuse(with(saved.metadata(), "encoder.0.activation", "sine"), tensors, "'sine'", "relu");
    refuse(with(saved.metadata(), "encoder.0.activation", null), tensors, "encoder.0.activation");
    refuse(with(saved.metadata(), "network.mode", null), tensors, "mode");
    refuse(with(saved.metadata(), "cell", "stack"), tensors, "layers");
    refuse(with(saved.metadata(), "network." + "0.".repeat(99) + "cell", "stack"), tensors, "64");
    Map<String, Safetensors.Tensor> fewer = new LinkedHashMap<>(tensors);
    fewer.keySet().removeIf(name -> name.startsWith("network."));
    refuse(saved.metadata(), fewer, "'network.'");
    Map<String, Safetensors.Tensor> more = new LinkedHashMap<>(tensors);
    more.put("decoder.weight", tensors.get("encoder.0.weight"));
    refuse(saved.metadata(), more, "decoder.weight");

    // Parts that do not fit together.
    Safetensors.Writer writer = Safetensors.writer();
    saved.metadata().forEach(writer::metadata);
    tensors.forEach(
        (name, tensor) -> {
          if (!name.startsWith("encoder")) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            writer.tensor(name, tensor.toFloats(), shape);
          }
        });
    writer.tensor("encoder.0.weight", new float[3 * 4], 3, 4);
    writer.tensor("encoder.0.bias", new float[3], 3);
    Safetensors other = Safetensors.read("other", writer.toBytes());
    refuse(other.metadata(), other.tensors(), "must have 3 inputs");
  }

  private static Map<String, String> with(Map<String, String> metadata, String key, String value) {
    Map<String, String> changed = new LinkedHashMap<>(metadata);
    if (value == null) {
      changed.remove(key);
    } else {
      changed.put(key, value);
    }
    return changed;
  }

  private static void refuse(
      Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors, String... words) {
    assertThatThrownBy(() -> Models.of("file", metadata, tensors))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("file")
        .hasMessageContainingAll(words);
  }
}
