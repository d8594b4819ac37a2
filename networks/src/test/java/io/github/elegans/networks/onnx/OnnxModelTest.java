package io.github.elegans.networks.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The structure of what is written, read back by the numbers of fields in {@code onnx.proto}. What
 * the graphs compute is tested in the module of the peers, by ONNX Runtime.
 */
class OnnxModelTest {

  /** A field of a message: a number, or what is inside. */
  private record Field(int number, long value, byte[] content) {}

  /** The fields of a message. */
  private record Message(List<Field> fields) {

    static Message of(byte[] content) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      List<Field> fields = new ArrayList<>();
      while (bytes.hasRemaining()) {
        long tag = varint(bytes);
        int number = (int) (tag >>> 3);
        switch ((int) tag & 7) {
          case 0 -> fields.add(new Field(number, varint(bytes), new byte[0]));
          case 2 -> {
            byte[] inside = new byte[(int) varint(bytes)];
            bytes.get(inside);
            fields.add(new Field(number, 0, inside));
          }
          default -> throw new AssertionError("wire type of field " + number);
        }
      }
      return new Message(fields);
    }

    private static long varint(ByteBuffer bytes) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes.get();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    List<byte[]> contents(int number) {
      return fields.stream().filter(f -> f.number == number).map(Field::content).toList();
    }

    List<Message> messages(int number) {
      return contents(number).stream().map(Message::of).toList();
    }

    List<String> texts(int number) {
      return contents(number).stream()
          .map(content -> new String(content, StandardCharsets.UTF_8))
          .toList();
    }

    List<Long> numbers(int number) {
      return fields.stream().filter(f -> f.number == number).map(Field::value).toList();
    }

    Message message(int number) {
      assertThat(contents(number)).hasSize(1);
      return messages(number).getFirst();
    }
  }

  private static final int NODE = 1;
  private static final int INITIALIZER = 5;
  private static final int INPUT = 11;
  private static final int OUTPUT = 12;

  private static Message graph(OnnxModel model) {
    return Message.of(model.toBytes()).message(7);
  }

  /** Inputs or outputs as {@code name[size, …]}. */
  private static List<String> tensors(Message graph, int field) {
    return graph.messages(field).stream()
        .map(
            info -> {
              Message tensor = info.message(2).message(1);
              assertThat(tensor.numbers(1)).as("float32").containsExactly(1L);
              List<String> sizes =
                  tensor.message(2).messages(1).stream()
                      .map(
                          size ->
                              size.texts(2).isEmpty()
                                  ? size.numbers(1).getFirst().toString()
                                  : size.texts(2).getFirst())
                      .toList();
              return info.texts(1).getFirst() + sizes;
            })
        .toList();
  }

  private static List<String> operators(Message graph) {
    return graph.messages(NODE).stream().map(node -> node.texts(4).getFirst()).toList();
  }

  /** Every name is given once, before it is used, in bodies, too. */
  private static void assertOrdered(Message graph, Set<String> outer) {
    Set<String> known = new HashSet<>(outer);
    Stream.concat(
            graph.messages(INPUT).stream().map(info -> info.texts(1).getFirst()),
            graph.messages(INITIALIZER).stream().map(tensor -> tensor.texts(8).getFirst()))
        .forEach(name -> assertThat(known.add(name)).as(name).isTrue());
    for (Message node : graph.messages(NODE)) {
      for (String input : node.texts(1)) {
        assertThat(input.isEmpty() || known.contains(input)).as("input " + input).isTrue();
      }
      for (Message attribute : node.messages(5)) {
        attribute.messages(6).forEach(body -> assertOrdered(body, known));
      }
      node.texts(2).forEach(name -> assertThat(known.add(name)).as(name).isTrue());
    }
    for (Message output : graph.messages(OUTPUT)) {
      assertThat(known).contains(output.texts(1).getFirst());
    }
  }

  static Stream<Network> networks() {
    CfcConfiguration cfc = CfcConfiguration.of(3, 5).withBackbone(7, 2);
    return Stream.of(
        Cfc.initialised(cfc, 1),
        Cfc.initialised(cfc.withMode(CfcMode.PURE).withProjection(2), 1),
        Cfc.initialised(cfc.withMixedMemory(true), 1),
        Ltc.initialised(new AutoNcp(8, 2).build(3), 1),
        recurrent(Kind.LSTM, 4),
        recurrent(Kind.GRU, 3));
  }

  private static Network recurrent(Kind kind, int gates) {
    int units = 5;
    int rows = gates * units;
    return RecurrentNetwork.of(
        kind,
        3,
        units,
        Map.of(
            "weight_ih_l0", new float[rows * 3],
            "weight_hh_l0", new float[rows * units],
            "bias_ih_l0", new float[rows],
            "bias_hh_l0", new float[rows]));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void namesAreGivenBeforeTheyAreUsed(Network network) {
    assertOrdered(graph(OnnxModel.ofStep(network)), Set.of());
    assertOrdered(graph(OnnxModel.ofSequence(network)), Set.of());
  }

  @Test
  void cfcHasTheTensorsThatItSays() {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 5).withProjection(2), 1);
    Message step = graph(OnnxModel.ofStep(network));
    assertThat(tensors(step, INPUT)).containsExactly("x[N, 3]", "timespans[N, 1]", "hx[N, 5]");
    assertThat(tensors(step, OUTPUT)).containsExactly("out[N, 2]", "next_hx[N, 5]");
    Message sequence = graph(OnnxModel.ofSequence(network));
    assertThat(tensors(sequence, INPUT))
        .containsExactly("x[N, T, 3]", "timespans[N, T]", "hx[N, 5]");
    assertThat(tensors(sequence, OUTPUT)).containsExactly("out[N, T, 2]", "next_hx[N, 5]");
    assertThat(operators(sequence)).contains("Scan");
  }

  @Test
  void lstmIsOneOperatorWithoutTimespans() {
    Message sequence = graph(OnnxModel.ofSequence(recurrent(Kind.LSTM, 4)));
    assertThat(tensors(sequence, INPUT)).containsExactly("x[N, T, 3]", "hx[N, 5]", "cx[N, 5]");
    assertThat(tensors(sequence, OUTPUT))
        .containsExactly("out[N, T, 5]", "next_hx[N, 5]", "next_cx[N, 5]");
    assertThat(operators(sequence)).containsOnlyOnce("LSTM").doesNotContain("Scan");
  }

  @Test
  void fileSaysItsVersionsAndWhatItIs() {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 5), 1);
    Message file = Message.of(OnnxModel.ofStep(network).toBytes());
    assertThat(file.numbers(1)).containsExactly(8L);
    assertThat(file.texts(2)).containsExactly("elegans");
    assertThat(file.texts(6)).containsExactly(network.toString());
    assertThat(file.message(8).texts(1)).containsExactly("");
    assertThat(file.message(8).numbers(2)).containsExactly(17L);
  }

  @Test
  void weightsAreThoseOfTheModel() {
    CfcConfiguration shape = CfcConfiguration.of(1, 2).withBackbone(3, 1);
    Cfc cfc = Cfc.initialised(shape.withActivation(Activation.TANH), 1);
    Message weight = graph(OnnxModel.ofStep(cfc)).messages(INITIALIZER).getFirst();
    assertThat(weight.numbers(1)).as("[K, N]").containsExactly(3L, 3L);
    float[] values = new float[9];
    ByteBuffer.wrap(weight.contents(9).getFirst())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    for (int k = 0; k < 3; k++) {
      for (int n = 0; n < 3; n++) {
        assertThat(values[k * 3 + n]).isEqualTo(cfc.weights().layer(0).weight(n, k));
      }
    }
    assertThat(graph(OnnxModel.ofStep(cfc.with(WeightStorage.BFLOAT16))).messages(INITIALIZER))
        .as("float32, too")
        .allMatch(tensor -> tensor.numbers(2).getFirst() == 1 || tensor.numbers(2).getFirst() == 7);
  }

  @Test
  void elementwiseFunctionsAreGraphsToo() {
    Message graph = graph(OnnxModel.of(Activation.SILU));
    assertThat(tensors(graph, INPUT)).containsExactly("x[N]");
    assertThat(tensors(graph, OUTPUT)).containsExactly("out[N]");
    assertThat(operators(graph)).containsExactly("Sigmoid", "Mul");
  }

  @Test
  void otherCellsAreRefused() {
    int units = 2;
    Network other =
        RecurrentNetwork.of(
            Kind.CT_RNN,
            1,
            units,
            Map.of(
                "kernel", new float[units],
                "recurrent_kernel", new float[units * units],
                "bias", new float[units],
                "scale", new float[units]));
    for (var export :
        List.<Runnable>of(() -> OnnxModel.ofStep(other), () -> OnnxModel.ofSequence(other))) {
      assertThatThrownBy(export::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "expected CfC, LTC, LSTM or GRU, which can be written as ONNX, but")
          .hasMessageContaining("CT_RNN, 1 input, 2 units");
    }
  }

  @Test
  void fileIsWritten(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("model.onnx");
    OnnxModel model = OnnxModel.ofStep(Cfc.initialised(CfcConfiguration.of(3, 5), 1));
    model.write(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(model.toBytes());
    assertThatThrownBy(() -> model.write(directory.resolve("nowhere/model.onnx")))
        .isInstanceOf(IOException.class);
  }
}
