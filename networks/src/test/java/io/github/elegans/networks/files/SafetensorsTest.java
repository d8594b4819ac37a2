package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.networks.files.Safetensors.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final String MODEL = "/io/github/elegans/networks/models/co2-cfc.safetensors";

  @TempDir private Path directory;

  /** The content of a file of this header and these data. */
  static byte[] content(String header, byte... data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  /** The content of a file of one tensor "t". */
  static byte[] content(DataType dataType, int elements, byte... data) {
    return content(
        "{\"t\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(dataType, elements, data.length),
        data);
  }

  private static byte[] bytes(int size, Consumer<ByteBuffer> content) {
    var bytes = new byte[size];
    content.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }

  /** All numbers of 16 bits. */
  private static byte[] shorts() {
    return bytes(
        2 << 16, data -> IntStream.range(0, 1 << 16).forEach(bits -> data.putShort((short) bits)));
  }

  static byte[] model() throws IOException {
    try (InputStream in = SafetensorsTest.class.getResourceAsStream(MODEL)) {
      assertThat(in).as(MODEL).isNotNull();
      return in.readAllBytes();
    }
  }

  @Test
  void readsATrainedModel() throws IOException {
    Path file = directory.resolve("co2.safetensors");
    Files.write(file, model());
    Safetensors model = Safetensors.read(file);

    assertThat(model.source()).isEqualTo(file.toString());
    assertThat(model.metadata().keySet())
        .containsExactly(
            "cell",
            "mode",
            "activation",
            "input_size",
            "hidden_size",
            "backbone_units",
            "backbone_layers",
            "proj_size",
            "task",
            "change_std",
            "train_rows",
            "test_rmse_ppm",
            "persistence_rmse_ppm");
    assertThat(model.metadata())
        .containsEntry("activation", "lecun_tanh")
        .containsEntry("change_std", "0.49962977077023607");
    assertThat(model.tensors().values().stream().map(Object::toString))
        .containsExactly(
            "rnn_cell.backbone.0.weight F32 [48, 27]",
            "rnn_cell.backbone.0.bias F32 [48]",
            "rnn_cell.ff1.weight F32 [24, 48]",
            "rnn_cell.ff1.bias F32 [24]",
            "rnn_cell.ff2.weight F32 [24, 48]",
            "rnn_cell.ff2.bias F32 [24]",
            "rnn_cell.time_a.weight F32 [24, 48]",
            "rnn_cell.time_a.bias F32 [24]",
            "rnn_cell.time_b.weight F32 [24, 48]",
            "rnn_cell.time_b.bias F32 [24]",
            "fc.weight F32 [1, 24]",
            "fc.bias F32 [1]");
    float[] backbone = model.tensor("rnn_cell.backbone.0.weight").toFloats();
    assertThat(backbone).hasSize(48 * 27).startsWith(-0.17404583f).endsWith(0.03219788f);
    assertThat(model.tensor("rnn_cell.time_b.weight").toFloats())
        .startsWith(-0.3197236f)
        .endsWith(0.20932426f);
    assertThat(model.tensor("fc.bias").toFloats()).containsExactly(0.0052004945f);
    // The sum as NumPy computes it from the same file.
    assertThat(Arrays.stream(model.tensor("rnn_cell.backbone.0.weight").toDoubles()).sum())
        .isEqualTo(-13.228657494357321, within(1e-12));
  }

  @Test
  void readsTheSameFromMemory() throws IOException {
    byte[] bytes = model();
    Safetensors fromArray = Safetensors.read("co2", bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes.length + 1).asSlice(1);
      segment.copyFrom(MemorySegment.ofArray(bytes));
      Safetensors fromSegment = Safetensors.read("co2", segment);
      segment.fill((byte) 0);
      Arrays.fill(bytes, (byte) 0);
      assertThat(fromSegment.metadata()).isEqualTo(fromArray.metadata()).hasSize(13);
      fromArray
          .tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(fromSegment.tensor(name).toFloats()).isEqualTo(tensor.toFloats()));
      assertThat(fromArray.tensor("fc.bias").toFloats()).containsExactly(0.0052004945f);
    }
  }

  @Test
  void float16IsExact() {
    var tensor = Safetensors.read("f", content(DataType.F16, 1 << 16, shorts())).tensor("t");
    float[] floats = tensor.toFloats();
    double[] doubles = tensor.toDoubles();
    for (int bits = 0; bits < 1 << 16; bits++) {
      float expected = Float.float16ToFloat((short) bits);
      assertBits(floats[bits], expected);
      assertBits(doubles[bits], expected);
    }
    assertThat(floats[0x0001]).isEqualTo(0x1p-24f);
    assertThat(floats[0x83ff]).isEqualTo(-0x3ffp-24f);
    assertThat(floats[0x7c00]).isInfinite();
    assertThat(floats[0x7e00]).isNaN();
    assertBits(floats[0x8000], -0f);
  }

  @Test
  void bfloat16IsExact() {
    var tensor = Safetensors.read("f", content(DataType.BF16, 1 << 16, shorts())).tensor("t");
    float[] floats = tensor.toFloats();
    double[] doubles = tensor.toDoubles();
    for (int bits = 0; bits < 1 << 16; bits++) {
      assertBits(floats[bits], Float.intBitsToFloat(bits << 16));
      assertBits(doubles[bits], Float.intBitsToFloat(bits << 16));
    }
    assertThat(floats[0x0001]).isEqualTo(0x1p-133f);
    assertThat(floats[0xff80]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(floats[0x7fc0]).isNaN();
  }

  @Test
  void float32IsExact() {
    int[] bits = {0, 1, 0x80000000, 0x807fffff, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc12345};
    byte[] bytes = bytes(4 * bits.length, data -> Arrays.stream(bits).forEach(data::putInt));
    var tensor = Safetensors.read("f", content(DataType.F32, bits.length, bytes));
    float[] floats = tensor.tensor("t").toFloats();
    double[] doubles = tensor.tensor("t").toDoubles();
    for (int i = 0; i < bits.length; i++) {
      assertThat(Float.floatToRawIntBits(floats[i])).isEqualTo(bits[i]);
      assertBits(doubles[i], Float.intBitsToFloat(bits[i]));
    }
  }

  @Test
  void float64IsRoundedToNearest() {
    double[] values = {
      0.1,
      -0.0,
      1 + 0x1p-24, // a tie, to even
      1 + 0x3p-24, // a tie, to even, upwards
      1 + 0x1.000001p-24,
      0x1p-149,
      0x1p-150, // a tie, to zero
      0x1.8p-150,
      Float.MAX_VALUE + 0x1p102,
      Double.MAX_VALUE,
      Double.NEGATIVE_INFINITY,
      Double.NaN
    };
    byte[] bytes = bytes(8 * values.length, data -> Arrays.stream(values).forEach(data::putDouble));
    var tensor = Safetensors.read("f", content(DataType.F64, values.length, bytes)).tensor("t");
    assertThat(tensor.toDoubles()).isEqualTo(values);
    assertThat(tensor.toFloats())
        .containsExactly(
            0.1f,
            -0f,
            1f,
            1 + 0x1p-22f,
            1 + 0x1p-23f,
            0x1p-149f,
            0f,
            0x1p-149f,
            Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN);
  }

  private static void assertBits(float actual, float expected) {
    assertThat(Float.floatToIntBits(actual)).isEqualTo(Float.floatToIntBits(expected));
  }

  private static void assertBits(double actual, double expected) {
    assertThat(Double.doubleToLongBits(actual)).isEqualTo(Double.doubleToLongBits(expected));
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeIsReadAndOnlyFloatsConvert(DataType dataType) {
    var tensor =
        Safetensors.read("f.safetensors", content(dataType, 4, new byte[dataType.bits() / 2]));
    assertThat(tensor.tensor("t").dataType()).isEqualTo(dataType);
    assertThat(tensor.tensor("t").elements()).isEqualTo(4);
    switch (dataType) {
      case F16, BF16, F32, F64 -> {
        assertThat(tensor.tensor("t").toFloats()).containsExactly(0, 0, 0, 0);
        assertThat(tensor.tensor("t").toDoubles()).containsExactly(0, 0, 0, 0);
      }
      default -> {
        String message =
            "f.safetensors: tensor \"t\": expected type F32, F64, F16 or BF16, found " + dataType;
        assertThatThrownBy(() -> tensor.tensor("t").toFloats())
            .isExactlyInstanceOf(FileFormatException.class)
            .hasMessage(message);
        assertThatThrownBy(() -> tensor.tensor("t").toDoubles())
            .isExactlyInstanceOf(FileFormatException.class)
            .hasMessage(message);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{} ",
        "{ }\n\t\r  ",
        "{\"__metadata__\":{}}",
        "{\"__metadata__\":{\"\":\"\"}}",
        "{ \"t\" : { \"shape\" : [ 0 , 7 ] , \"data_offsets\" : [ 0 , 0 ] , \"dtype\" : \"F32\" }"
            + " }",
        "{\"t\":{\"dtype\":\"F4\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[0,9223372036854775807],\"data_offsets\":[0,0]}}",
        "{\"t\":{\"\\u0064type\":\"F\\u00332\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0]},"
            + "\"t\":{\"dtype\":\"U8\",\"shape\":[3,0],\"data_offsets\":[0,0]}}"
      })
  void acceptsHeadersWithoutData(String header) {
    Safetensors file = Safetensors.read("f", content(header));
    assertThat(file.tensors().values()).allMatch(tensor -> tensor.elements() == 0);
  }

  @Test
  void acceptsTensorsInAnyOrderScalarsAndEmptyOnesBetween() {
    Safetensors file =
        Safetensors.read(
            "f",
            content(
                """
                {"c":{"dtype":"U8","shape":[2,1],"data_offsets":[9,11]},
                 "a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},
                 "none":{"dtype":"F32","shape":[5,0],"data_offsets":[9,9]},
                 "b":{"dtype":"F4","shape":[2],"data_offsets":[8,9]}}\
                """,
                bytes(11, data -> data.putDouble(-2.5))));
    assertThat(file.tensors().keySet()).containsExactly("c", "a", "none", "b");
    assertThat(file.tensor("a").shape()).isEmpty();
    assertThat(file.tensor("a").elements()).isEqualTo(1);
    assertThat(file.tensor("a").toDoubles()).containsExactly(-2.5);
    assertThat(file.tensor("none").toFloats()).isEmpty();
    assertThat(file.tensor("b").elements()).isEqualTo(2);
    assertThat(file.tensor("c").shape()).isEqualTo(List.of(2L, 1L));
    assertThat(file).hasToString("f [c U8 [2, 1], a F64 [], none F32 [5, 0], b F4 [2]]");
  }

  @Test
  void textMayHoldEverything() {
    Safetensors file =
        Safetensors.read(
            "f",
            content(
                "{\"__metadata__\":{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\ud83d\\ude00\":"
                    + "\"aé中😀\\u20AC\u007f\"}}"));
    assertThat(file.metadata()).isEqualTo(Map.of("\"\\/\b\f\n\r\t\0é😀", "aé中😀€\u007f"));
  }

  @Test
  void resultsCannotBeChanged() {
    Safetensors file =
        Safetensors.read("f", content(DataType.F32, 1, bytes(4, data -> data.putFloat(3))));
    file.tensor("t").toFloats()[0] = 0;
    assertThat(file.tensor("t").toFloats()).containsExactly(3);
    assertThatThrownBy(() -> file.tensors().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> file.metadata().put("a", "b"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> file.tensor("t").shape().set(0, 2L))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aMissingTensorNamesSimilarOnes() throws IOException {
    Safetensors model = Safetensors.read("co2.safetensors", model());
    assertThatThrownBy(() -> model.tensor("rnn_cell.ff1.wieght"))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(
            "co2.safetensors: tensor \"rnn_cell.ff1.wieght\": expected such a tensor, found"
                + " \"rnn_cell.ff1.weight\", \"rnn_cell.ff2.weight\", ")
        .hasMessageEndingWith(", …");
    Safetensors one = Safetensors.read("one", content(DataType.U8, 0));
    assertThatThrownBy(() -> one.tensor("x"))
        .hasMessage("one: tensor \"x\": expected such a tensor, found \"t\"");
    Safetensors none = Safetensors.read("none", content("{}"));
    assertThatThrownBy(() -> none.tensor("x"))
        .hasMessage("none: tensor \"x\": expected such a tensor, found no tensors");
  }

  @Test
  void aMissingFileIsAnIoException() {
    Path missing = directory.resolve("missing.safetensors");
    assertThatThrownBy(() -> Safetensors.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.safetensors");
  }

  @Test
  void aDirectoryIsNoFile() {
    assertThatThrownBy(() -> Safetensors.read(directory))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage(directory + ": path: expected a file, found a directory");
  }

  @Test
  void aDeviceIsNoFile() {
    Path device = Path.of("/dev/zero");
    assumeTrue(Files.exists(device));
    assertThatThrownBy(() -> Safetensors.read(device))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage("/dev/zero: path: expected a file, found a special file");
  }

  @Test
  void aLongHeaderIsRefusedBeforeItIsRead() throws IOException {
    Path sparse = directory.resolve("sparse.safetensors");
    try (var file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.writeLong(Long.reverseBytes(100_000_001L));
      file.setLength(1L << 33);
    }
    assertThatThrownBy(() -> Safetensors.read(sparse))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage(sparse + ": header length: expected at most 100000000 bytes, found 100000001");
  }

  @Test
  void everyOtherLengthIsRefused() throws IOException {
    byte[] bytes =
        Safetensors.writer()
            .metadata("k", "v")
            .tensor("a", new float[] {1, 2, 3}, 3)
            .tensor("b", new double[] {4}, 1, 1)
            .toBytes();
    Path file = directory.resolve("cut.safetensors");
    for (int length = 0; length <= bytes.length + 8; length++) {
      byte[] other = Arrays.copyOf(bytes, length);
      Files.write(file, other);
      if (length == bytes.length) {
        assertThat(Safetensors.read(file).tensor("b").toFloats()).containsExactly(4);
        continue;
      }
      assertThatThrownBy(() -> Safetensors.read(file))
          .isExactlyInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(file + ": ");
      assertThatThrownBy(() -> Safetensors.read("memory", other))
          .isExactlyInstanceOf(FileFormatException.class)
          .hasMessageStartingWith("memory: ");
    }
  }
}
