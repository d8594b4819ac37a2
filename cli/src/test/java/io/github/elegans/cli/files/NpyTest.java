package io.github.elegans.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir private Path directory;

  private static byte[] data(int size, ByteOrder order, Consumer<ByteBuffer> content) {
    var bytes = new byte[size];
    content.accept(ByteBuffer.wrap(bytes).order(order));
    return bytes;
  }

  /** The content of a file of this version, this header and these data. */
  private static byte[] content(int version, String header, byte... data) {
    byte[] text =
        header.getBytes(version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    int prefix = version == 1 ? 2 : 4;
    return data(
        8 + prefix + text.length + data.length,
        ByteOrder.LITTLE_ENDIAN,
        buffer -> {
          buffer.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
          buffer.put((byte) version).put((byte) 0);
          if (version == 1) {
            buffer.putShort((short) text.length);
          } else {
            buffer.putInt(text.length);
          }
          buffer.put(text).put(data);
        });
  }

  private static byte[] content(String descr, boolean fortranOrder, String shape, byte... data) {
    return content(
        1,
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }   \n"
            .formatted(descr, fortranOrder ? "True" : "False", shape),
        data);
  }

  @ParameterizedTest
  @CsvSource({"<f4, 4", ">f4, 4", "<f8, 8", ">f8, 8", "<i4, 4", ">i4, 4", "<i8, 8", ">i8, 8"})
  void readsEveryType(String descr, int size) {
    double[] values = {0, 1, -2, 1 << 20};
    ByteOrder order = descr.startsWith("<") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    byte[] data =
        data(
            4 * size,
            order,
            buffer -> {
              for (double value : values) {
                switch (descr.substring(1)) {
                  case "f4" -> buffer.putFloat((float) value);
                  case "f8" -> buffer.putDouble(value);
                  case "i4" -> buffer.putInt((int) value);
                  default -> buffer.putLong((long) value);
                }
              }
            });
    Npy npy = Npy.read("a.npy", content(descr, false, "(2, 2)", data));
    assertThat(npy.shape()).isEqualTo(List.of(2L, 2L));
    assertThat(npy.elements()).isEqualTo(4);
    assertThat(npy.toDoubles()).isEqualTo(values);
    assertThat(npy.toFloats()).containsExactly(0, 1, -2, 1 << 20);
    assertThat(npy.source()).isEqualTo("a.npy");
  }

  @Test
  void readsBooleans() {
    // What np.save writes of np.array([True, False, True]).
    Npy npy = Npy.read("b.npy", content("|b1", false, "(3,)", (byte) 1, (byte) 0, (byte) 1));
    assertThat(npy.toFloats()).containsExactly(1, 0, 1);
    assertThat(npy.toDoubles()).containsExactly(1, 0, 1);
  }

  @Test
  void roundsOnceAndKeepsFloats() {
    int[] bits = {1, 0x80000000, 0x7f800000, 0x7fc12345, 0xff7fffff};
    float[] floats =
        Npy.read(
                "f4",
                content(
                    "<f4",
                    false,
                    "(5,)",
                    data(20, ByteOrder.LITTLE_ENDIAN, b -> Arrays.stream(bits).forEach(b::putInt))))
            .toFloats();
    for (int i = 0; i < bits.length; i++) {
      assertThat(Float.floatToRawIntBits(floats[i])).isEqualTo(bits[i]);
    }
    // By way of a double it would be a tie, to even.
    long wide = (1L << 60) + (1L << 36) + 1;
    Npy npy =
        Npy.read(
            "i8",
            content("<i8", false, "()", data(8, ByteOrder.LITTLE_ENDIAN, b -> b.putLong(wide))));
    assertThat(npy.toFloats()).containsExactly(0x1p60f + 0x1p37f);
    assertThat(npy.toDoubles()).containsExactly(0x1p60 + 0x1p36);
    assertThat(
            Npy.read(
                    "f8",
                    content(
                        ">f8",
                        false,
                        "()",
                        data(8, ByteOrder.BIG_ENDIAN, b -> b.putDouble(Double.MAX_VALUE))))
                .toFloats())
        .containsExactly(Float.POSITIVE_INFINITY);
  }

  @Test
  void reordersFortran() {
    byte[] data =
        data(24 * 4, ByteOrder.LITTLE_ENDIAN, b -> IntStream.range(0, 24).forEach(b::putInt));
    // numpy.arange(24).reshape((2, 3, 4), order='F').ravel()
    assertThat(Npy.read("f", content("<i4", true, "(2, 3, 4)", data)).toFloats())
        .containsExactly(
            0, 6, 12, 18, 2, 8, 14, 20, 4, 10, 16, 22, 1, 7, 13, 19, 3, 9, 15, 21, 5, 11, 17, 23);
    assertThat(Npy.read("f", content("<i4", true, "(24,)", data)).toDoubles())
        .isEqualTo(IntStream.range(0, 24).asDoubleStream().toArray());
    assertThat(Npy.read("f", content("<i4", true, "(3, 0, 2)")).toDoubles()).isEmpty();
    assertThat(Npy.read("f", content("<i4", true, "()", new byte[4])).toDoubles())
        .containsExactly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }",
        "{'shape':(0,),'fortran_order':False,'descr':'<f4'}\n",
        " { \"shape\" : ( 0 , ) , 'descr' : \"<f4\" , 'fortran_order' : False , } \n",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807), }"
      })
  void acceptsHeadersAsPythonReadsThem(String header) {
    for (int version = 1; version <= 3; version++) {
      Npy npy = Npy.read("a", content(version, header));
      assertThat(npy.toFloats()).isEmpty();
      assertThat(npy.shape()).contains(0L);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          ``                                                               => header: expected a dictionary of Python, found ``
          {                                                                => header: expected a dictionary of Python, found {
          {}                                                               => header: expected descr, fortran_order and shape, found nothing
          ('<f4', False, (1,))                                             => header: expected a dictionary of Python, found ('<f4', False, (1,))
          {'descr': '<f4', 'shape': (1,)}                                  => header: expected descr, fortran_order and shape, found descr, shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}  => header: expected descr, fortran_order and shape, found descr, fortran_order, shape, x
          {'descr': '<f4', 'descr': '<f4'}                                 => header: expected every name once, found 'descr' again
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,)           => header: expected a dictionary of Python, found {'descr': '<f4', 'fortran_order': False, 'shape': (1,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + {}     => header: expected a dictionary of Python, found {'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + {}
          {'descr': '<f4' 'fortran_order': False, 'shape': (1,)}           => header: expected a dictionary of Python, found {'descr': '<f4' 'fortran_order': False, 'shape': (1,)}
          {'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}              => fortran_order: expected True or False, found 0
          {'descr': '<f2', 'fortran_order': False, 'shape': (2,)}          => descr: expected '<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1', found '<f2'
          {'descr': '|u1', 'fortran_order': False, 'shape': (4,)}          => descr: expected '<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1', found '|u1'
          {'descr': '<c8', 'fortran_order': False, 'shape': (1,)}          => descr: expected '<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1', found '<c8'
          {'descr': '|O', 'fortran_order': False, 'shape': (1,)}           => descr: expected '<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1', found '|O'
          {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)} => descr: expected '<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1', found [('a', '<f4')]
          {'descr': '<f4', 'fortran_order': False, 'shape': 1}             => shape: expected a tuple of integers, found 1
          {'descr': '<f4', 'fortran_order': False, 'shape': (1)}           => shape: expected a tuple of integers, found (1)
          {'descr': '<f4', 'fortran_order': False, 'shape': [1]}           => shape: expected a tuple of integers, found [1]
          {'descr': '<f4', 'fortran_order': False, 'shape': (,)}           => shape: expected a tuple of integers, found (,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}         => shape: expected a tuple of integers, found (1,,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}         => shape: expected a tuple of integers, found (-1,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (1.0,)}        => shape: expected a tuple of integers, found (1.0,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (1L,)}         => shape: expected a tuple of integers, found (1L,)
          {'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}     => shape: expected integers below 2^63, found 9223372036854775808
          {'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}   => shape: expected less than 2^63 bytes, found (4294967296, 4294967296)
          {'descr': '<f4', 'fortran_order': False, 'shape': (2,)}          => data: expected 8 bytes for '<f4' (2,), found 4 bytes behind the header
          {'descr': '<f4', 'fortran_order': False, 'shape': (0,)}          => data: expected 0 bytes for '<f4' (0,), found 4 bytes behind the header
          {'descr': '<f8', 'fortran_order': False, 'shape': ()}            => data: expected 8 bytes for '<f8' (), found 4 bytes behind the header
          """)
  void headersAreRefused(String header, String message) {
    for (int version = 1; version <= 3; version++) {
      byte[] content = content(version, header, new byte[4]);
      assertThatThrownBy(() -> Npy.read("a.npy", content))
          .isExactlyInstanceOf(FileFormatException.class)
          .hasMessage("a.npy: " + message.replace("`", ""));
    }
  }

  private static byte[] changed(int index, int value) {
    byte[] content = content("<f4", false, "(1,)", new byte[4]);
    content[index] = (byte) value;
    return content;
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          0 => 0x50 => file: expected \\x93NUMPY as its first bytes, found PNUMPY
          5 => 0x0a => file: expected \\x93NUMPY as its first bytes, found \\u0093NUMP\\u000a
          6 => 0x00 => version: expected 1.0, 2.0 or 3.0, found 0.0
          6 => 0x04 => version: expected 1.0, 2.0 or 3.0, found 4.0
          7 => 0x01 => version: expected 1.0, 2.0 or 3.0, found 1.1
          9 => 0xff => header length: expected at most the 65 bytes that follow it, found 65341
          6 => 0x02 => header length: expected at most the 63 bytes that follow it, found 662372413
          """)
  void startsAreRefused(int index, String value, String message) {
    assertThatThrownBy(() -> Npy.read("a.npy", changed(index, Integer.decode(value))))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage("a.npy: " + message);
  }

  @Test
  void aLongHeaderIsRefused() {
    byte[] content = content(2, " ".repeat(70_000), new byte[4]);
    assertThatThrownBy(() -> Npy.read("a.npy", content))
        .hasMessage("a.npy: header length: expected at most 65535 bytes, found 70000");
    String manyDimensions = "(" + "1,".repeat(30_000) + ")";
    assertThat(Npy.read("a.npy", content("<f4", true, manyDimensions, new byte[4])).shape())
        .hasSize(30_000);
  }

  @Test
  void everyOtherLengthIsRefused() throws IOException {
    byte[] content = content("<f4", false, "(3,)", new byte[12]);
    Path file = directory.resolve("cut.npy");
    for (int length = 0; length <= content.length + 8; length++) {
      byte[] other = Arrays.copyOf(content, length);
      Files.write(file, other);
      if (length == content.length) {
        assertThat(Npy.read(file).toFloats()).containsExactly(0, 0, 0);
        continue;
      }
      assertThatThrownBy(() -> Npy.read(file))
          .isExactlyInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(file + ": ");
      assertThatThrownBy(() -> Npy.read("memory", other))
          .isExactlyInstanceOf(FileFormatException.class)
          .hasMessageStartingWith("memory: ");
    }
  }

  @Test
  void missingFilesAndDirectoriesAreNamed() {
    Path missing = directory.resolve("missing.npy");
    assertThatThrownBy(() -> Npy.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.npy");
    assertThatThrownBy(() -> Npy.read(directory))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage(directory + ": path: expected a file, found a directory");
  }

  @Test
  void damagedFilesAreReadOrRefused() {
    long seed = Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());
    System.out.println("NpyTest: -Delegans.test.seed=" + seed);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] content = content("<f4", random.nextBoolean(), "(2, 3)", new byte[24]);
      if (random.nextInt(4) == 0) {
        content = Arrays.copyOf(content, random.nextInt(content.length + 9));
      }
      for (int times = random.nextInt(1, 5); times > 0 && content.length > 0; times--) {
        int at =
            random.nextInt(random.nextBoolean() ? content.length : Math.min(80, content.length));
        content[at] =
            random.nextBoolean()
                ? (byte) (content[at] ^ 1 << random.nextInt(8))
                : (byte) "{}()[]'\",:0189 <>fiTFL\n".charAt(random.nextInt(23));
      }
      try {
        Npy npy = Npy.read("fuzz", content);
        assertThat(npy.toFloats()).hasSize((int) npy.elements());
        assertThat(npy.toDoubles()).hasSize((int) npy.elements());
      } catch (FileFormatException e) {
        assertThat(e.getMessage()).matches("fuzz: [^\\p{Cntrl}]+");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("case " + i + " of seed " + seed, e);
      }
    }
  }

  @Test
  void writesTheBytesOfNumpy() throws IOException {
    Path file = directory.resolve("a.npy");
    Npy.write(file, new float[] {1.5f, -2}, 1, 2);
    // numpy.save(file, numpy.array([[1.5, -2]], dtype='<f4'))
    assertThat(file)
        .hasBinaryContent(
            content(
                1,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
                    + " ".repeat(58)
                    + "\n",
                (byte) 0,
                (byte) 0,
                (byte) 0xc0,
                (byte) 0x3f,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0xc0));
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "0", "3 4", "0 7", "40000", "1 2 3 4 5 6 7", "1000000000000 0"})
  void readsBackWhatItWrote(String text) throws IOException {
    long[] shape =
        Stream.of(text.split(" "))
            .filter(part -> !part.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    var values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    Path file = directory.resolve("round.npy");
    Npy.write(file, values, shape);
    Npy npy = Npy.read(file);
    assertThat(npy.shape()).isEqualTo(Arrays.stream(shape).boxed().toList());
    assertThat(npy.toFloats()).isEqualTo(values);
    assertThat((Files.size(file) - 4L * values.length) % 64).isZero();
  }

  @Test
  void refusesToWriteWhatIsNotThere() throws IOException {
    Path file = directory.resolve("a.npy");
    Files.writeString(file, "old");
    assertThatThrownBy(() -> Npy.write(file, new float[5], 2, 3))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape: expected 5 elements, found [2, 3]");
    assertThatThrownBy(() -> Npy.write(file, new float[6], -2, -3))
        .hasMessage("shape: expected 6 elements, found [-2, -3]");
    assertThatThrownBy(() -> Npy.write(file, new float[0], 1L << 32, 1L << 32))
        .hasMessage("shape: expected 0 elements, found [4294967296, 4294967296]");
    var shape = new long[30_000];
    Arrays.fill(shape, 1);
    assertThatThrownBy(() -> Npy.write(file, new float[1], shape))
        .hasMessage("shape: expected a header of at most 65535 bytes, found 30000 dimensions");
    assertThat(file).hasContent("old");
    Path nowhere = directory.resolve("missing").resolve("a.npy");
    assertThatThrownBy(() -> Npy.write(nowhere, new float[1], 1))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(nowhere + ": its directory does not exist");
  }
}
