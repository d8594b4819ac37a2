package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsWriterTest {
  @TempDir private Path directory;

  private static String header(byte[] content) {
    int length = (int) ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return new String(content, 8, length, StandardCharsets.UTF_8);
  }

  @Test
  void writesTheBytesOfTheReference() {
    // The bytes that the tests of the reference implementation expect.
    float[] values = {0, 1, 2, 3, 4, 5};
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putFloat(value);
    }
    assertThat(Safetensors.writer().tensor("attn.0", values, 1, 2, 3).toBytes())
        .isEqualTo(
            SafetensorsTest.content(
                "{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}",
                data.array()));
    assertThat(Safetensors.writer().tensor("attn0", values, 1, 1, 2, 3).toBytes())
        .isEqualTo(
            SafetensorsTest.content(
                "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}"
                    + "       ",
                data.array()));
    assertThat(Safetensors.writer().toBytes()).isEqualTo(SafetensorsTest.content("{}      "));
    assertThat(Safetensors.writer().metadata("framework", "pt").toBytes())
        .isEqualTo(SafetensorsTest.content("{\"__metadata__\":{\"framework\":\"pt\"}}     "));
  }

  @Test
  void sortsByTypeAndByNameInUtf8() {
    var header =
        header(
            Safetensors.writer()
                .tensor("b", new float[1])
                .tensor("\uffff", new float[0], 0)
                .tensor("😀", new float[0], 0)
                .tensor("a.10", new float[1], 1)
                .tensor("a.2", new float[1], 1)
                .tensor("z", new double[1], 1)
                .metadata("z", "1")
                .metadata("a", "2")
                .toBytes());
    assertThat(header.strip())
        .isEqualTo(
            """
            {"__metadata__":{"z":"1","a":"2"},\
            "z":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},\
            "a.10":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},\
            "a.2":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},\
            "b":{"dtype":"F32","shape":[],"data_offsets":[16,20]},\
            "\uffff":{"dtype":"F32","shape":[0],"data_offsets":[20,20]},\
            "😀":{"dtype":"F32","shape":[0],"data_offsets":[20,20]}}\
            """);
    assertThat(header.getBytes(StandardCharsets.UTF_8).length % 8).isZero();
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    float[] floats = {
      0, -0f, 1, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 0.1f
    };
    double[] doubles = {0.1, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, 1e-300};
    String text = "\"\\/\b\f\n\r\t\0\u001f\u007fé中😀";
    Path file = directory.resolve("round.safetensors");
    Safetensors.writer()
        .metadata(text, text)
        .metadata("", "")
        .tensor(text, floats, 2, 2, 2)
        .tensor("doubles", doubles, 3, 2)
        .tensor("", new float[0], 0, 5)
        .tensor("scalar", new double[] {7})
        .write(file);
    Safetensors read = Safetensors.read(file);
    assertThat(read.metadata()).containsEntry(text, text).containsEntry("", "").hasSize(2);
    assertThat(read.tensors()).hasSize(4);
    assertThat(read.tensor(text).toFloats()).isEqualTo(floats);
    assertThat(read.tensor(text).shape()).isEqualTo(List.of(2L, 2L, 2L));
    assertThat(read.tensor("doubles").toDoubles()).isEqualTo(doubles);
    assertThat(read.tensor("").shape()).isEqualTo(List.of(0L, 5L));
    assertThat(read.tensor("scalar").toDoubles()).containsExactly(7);
    assertThat(Safetensors.read("again", Files.readAllBytes(file)).metadata())
        .isEqualTo(read.metadata());
  }

  @Test
  void rewritesATrainedModelUnchanged() throws IOException {
    Safetensors model = Safetensors.read("co2", SafetensorsTest.model());
    var writer = Safetensors.writer();
    model.metadata().forEach(writer::metadata);
    model
        .tensors()
        .values()
        .forEach(
            tensor ->
                writer.tensor(
                    tensor.name(),
                    tensor.toFloats(),
                    tensor.shape().stream().mapToLong(Long::longValue).toArray()));
    Safetensors copy = Safetensors.read("copy", writer.toBytes());
    assertThat(copy.metadata().entrySet()).containsExactlyElementsOf(model.metadata().entrySet());
    assertThat(copy.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(model.tensors().keySet());
    model
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(copy.tensor(name).toFloats()).isEqualTo(tensor.toFloats()));
    assertThat(writer.toBytes()).isEqualTo(writer.toBytes());
  }

  @Test
  void copiesItsArguments() {
    float[] values = {1, 2};
    long[] shape = {2};
    var writer = Safetensors.writer().tensor("t", values, shape);
    values[0] = 9;
    shape[0] = 9;
    assertThat(Safetensors.read("f", writer.toBytes()).tensor("t").toFloats())
        .containsExactly(1, 2);
  }

  @Test
  void replacesAFileInOneStep() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Files.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      assertThat(file).hasContent("old");
                      throw new IOException("disk full");
                    }))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(file + ": disk full");
    assertThat(file).hasContent("old");
    Safetensors.writer().write(file);
    assertThat(file).hasBinaryContent(Safetensors.writer().toBytes());
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void followsLinksAndReplacesNoDevice() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path folder = Files.createDirectory(directory.resolve("other"));
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    Safetensors.writer().write(link);
    assertThat(link).isSymbolicLink();
    assertThat(file).hasBinaryContent(Safetensors.writer().toBytes());
    Path device = Files.createSymbolicLink(directory.resolve("device"), Path.of("/dev/null"));
    assertThatThrownBy(() -> Safetensors.writer().write(device))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(device + ": it is not a regular file");
  }

  @Test
  void othersMayReadTheFile() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path file = directory.resolve("model.safetensors");
    Safetensors.writer().write(file);
    Path ordinary = Files.createFile(directory.resolve("ordinary"));
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(Files.getPosixFilePermissions(ordinary));
  }

  @Test
  void aMissingDirectoryIsNamed() {
    Path file = directory.resolve("missing").resolve("model.safetensors");
    assertThatThrownBy(() -> Safetensors.writer().write(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file + ": its directory does not exist");
  }

  @Test
  void aDirectoryIsNotReplaced() throws IOException {
    Path target = Files.createDirectory(directory.resolve("model"));
    assertThatThrownBy(() -> Safetensors.writer().write(target)).isInstanceOf(IOException.class);
    assertThat(target).isEmptyDirectory();
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aHeaderThatNobodyWouldReadIsRefused() {
    var writer = Safetensors.writer();
    String megabytes = "x".repeat(34_000_000);
    writer.metadata("a", megabytes).metadata("b", megabytes).metadata("c", megabytes);
    assertThatThrownBy(() -> writer.write(directory.resolve("long.safetensors")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("header: expected at most 100000000 bytes, found 102000040");
    assertThat(directory).isEmptyDirectory();
  }

  private static Arguments refusal(String message, Consumer<Safetensors.Writer> call) {
    return Arguments.of(message, call);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        refusal(
            "tensor \"t\": expected a shape of 2 elements, found []",
            w -> w.tensor("t", new float[2])),
        refusal(
            "tensor \"t\": expected a shape of 2 elements, found [3]",
            w -> w.tensor("t", new double[2], 3)),
        refusal(
            "tensor \"t\": expected a shape of 2 elements, found [-1, -2]",
            w -> w.tensor("t", new float[2], -1, -2)),
        refusal(
            "tensor \"t\": expected a shape of 0 elements, found [4294967296, 4294967296]",
            w -> w.tensor("t", new float[0], 1L << 32, 1L << 32)),
        refusal(
            "tensor \"t\": expected every name once, found it again",
            w -> w.tensor("t", new float[1]).tensor("t", new double[1])),
        refusal(
            "tensor \"__metadata__\": expected another name, found the one reserved for metadata",
            w -> w.tensor("__metadata__", new float[1])),
        refusal(
            "tensor name: expected valid UTF-16, found half of a surrogate pair",
            w -> w.tensor("\ud800", new float[1])),
        refusal(
            "metadata key: expected valid UTF-16, found half of a surrogate pair",
            w -> w.metadata("\udc00", "")),
        refusal(
            "metadata \"k\": expected valid UTF-16, found half of a surrogate pair",
            w -> w.metadata("k", "\ud800x")),
        refusal(
            "metadata \"k\": expected every key once, found it again",
            w -> w.metadata("k", "1").metadata("k", "1")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refused(String message, Consumer<Safetensors.Writer> call) {
    assertThatThrownBy(() -> call.accept(Safetensors.writer()))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
