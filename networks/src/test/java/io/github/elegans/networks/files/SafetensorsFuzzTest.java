package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.elegans.networks.files.Safetensors.DataType;
import java.io.IOException;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: each is either read or refused with a message of one line, within memory
 * proportional to its size. The seed is printed; {@code -Delegans.test.seed} sets it, and {@code
 * -Delegans.test.cases} how many there are.
 */
class SafetensorsFuzzTest {
  private static final int CASES = Integer.getInteger("elegans.test.cases", 120_000);

  /** A millisecond for each, on average. */
  private static final Duration LIMIT = Duration.ofMillis(CASES);

  /** Room for a message with its stack trace, and for the objects of a small file. */
  private static final long CONSTANT_ALLOCATION = 1 << 16;

  private static final long ALLOCATION_PER_BYTE = 64;

  /** Strings, numbers, literals, and every other character by itself. */
  private static final Pattern TOKEN =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|[-+.\\w]+|\\s+|.", Pattern.DOTALL);

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private static final Pattern ENTRY = Pattern.compile("\"[^\"]*\":\\{[^{}]*\\}|\"\\w*\":[^,{}]+");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "2",
          "3",
          "4",
          "8",
          "-1",
          "-0",
          "00",
          "1.0",
          "1e9",
          "1E400",
          "255",
          "65536",
          "2147483647",
          "2147483648",
          "4294967295",
          "4294967296",
          "1152921504606846976",
          "2305843009213693952",
          "4611686018427387904",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "340282366920938463463374607431768211456",
          "9".repeat(400));

  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "null",
          "true",
          "NaN",
          "\"\"",
          "\"\\ud800\"",
          "\"\\ud83d\\ude00\"",
          "\"\\u0000\"",
          "\"dtype\"",
          "\"shape\"",
          "\"data_offsets\"",
          "\"__metadata__\"",
          "\"__metadata__\":{}",
          "{}",
          "[]",
          "[0]",
          "[0,0]",
          "\"F32\"",
          "\"F64\"",
          "\"F4\"",
          "\"U8\"",
          "\"I128\"",
          "\u0000",
          "\n",
          " ",
          "é",
          "\uFEFF",
          "/**/",
          "[".repeat(200),
          "{\"a\":".repeat(200),
          "\"" + "x".repeat(1000) + "\"");

  private static final long[] LENGTHS = {
    0,
    1,
    2,
    7,
    8,
    9,
    99_999_999,
    100_000_000,
    100_000_001,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 32,
    Long.MAX_VALUE - 8,
    Long.MAX_VALUE - 7,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -8,
    -9
  };

  @TempDir private Path directory;

  private final Object threads;
  private final Method allocatedBytes;
  private int read;
  private int refused;

  /** By reflection, since the module under test does not read the one of management. */
  SafetensorsFuzzTest() throws ReflectiveOperationException {
    threads =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    allocatedBytes =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
  }

  private long allocatedBytes() throws ReflectiveOperationException {
    return (long) allocatedBytes.invoke(threads);
  }

  /** Files that are in order, and differ in what can go wrong with them. */
  private static List<byte[]> seeds() throws IOException {
    var seeds = new ArrayList<byte[]>();
    seeds.add(Safetensors.writer().toBytes());
    seeds.add(
        Safetensors.writer()
            .metadata("format", "elegans")
            .metadata("text\n\"", "\t\0é中😀\\")
            .tensor("layer.0.weight", new float[6], 2, 3)
            .tensor("layer.0.bias", new float[2], 2)
            .tensor("scalar", new double[1])
            .tensor("empty", new float[0], 0, 4)
            .toBytes());
    seeds.add(SafetensorsTest.content(DataType.F32, 2, new byte[8]));
    seeds.add(SafetensorsTest.content(DataType.F16, 3, new byte[6]));
    seeds.add(SafetensorsTest.content(DataType.F4, 4, new byte[2]));
    var header = new StringBuilder("{");
    int offset = 0;
    for (DataType dataType : DataType.values()) {
      int size = dataType.bits() / 2;
      header.append(
          "%s\"%s\": {\"dtype\": \"%s\", \"shape\": [2, 2], \"data_offsets\": [%d, %d]}"
              .formatted(offset == 0 ? "" : ", ", dataType, dataType, offset, offset + size));
      offset += size;
    }
    seeds.add(SafetensorsTest.content(header.append("} ").toString(), new byte[offset]));
    byte[] model = SafetensorsTest.model();
    seeds.add(model);
    return seeds;
  }

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    long seed = Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());
    System.out.println("SafetensorsFuzzTest: -Delegans.test.seed=" + seed);
    List<byte[]> seeds = seeds();
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          seeds.forEach(this::exercise);
          for (int i = 0; i < CASES; i++) {
            var random = new SplittableRandom(seed + i);
            // The model is large beside the others, and so is what it costs.
            int last = i % 20 == 0 ? seeds.size() : seeds.size() - 1;
            byte[] content = damage(random, seeds.get(random.nextInt(last)));
            try {
              check(content);
              if (i % 500 == 0) {
                checkFile(content);
              }
            } catch (Throwable e) {
              throw new AssertionError(
                  "case %d of seed %d: %s"
                      .formatted(i, seed, Base64.getEncoder().encodeToString(content)),
                  e);
            }
          }
        });
    System.out.println("SafetensorsFuzzTest: " + read + " read, " + refused + " refused");
    // Otherwise the damage would be too small or too great to be of use.
    assertThat(read).isGreaterThan(CASES / 50);
    assertThat(refused).isGreaterThan(CASES / 2);
  }

  private void check(byte[] content) throws ReflectiveOperationException {
    long limit = CONSTANT_ALLOCATION + ALLOCATION_PER_BYTE * content.length;
    long before = allocatedBytes();
    String message = exercise(content);
    if (allocatedBytes() - before >= limit) {
      // What loading and linking classes allocated is not allocated again.
      before = allocatedBytes();
      exercise(content);
      assertThat(allocatedBytes() - before).as("allocated bytes").isLessThan(limit);
    }
    if (message == null) {
      read++;
    } else {
      refused++;
      assertThat(message).startsWith("fuzz: ").matches("[^\\p{Cntrl}\\u2028\\u2029]{8,900}");
    }
  }

  /** The file on disk is treated as the one in memory. */
  private void checkFile(byte[] content) throws IOException {
    String expected = exercise(content);
    Path file = directory.resolve("fuzz.safetensors");
    Files.write(file, content);
    try {
      Safetensors.read(file);
      assertThat(expected).isNull();
    } catch (FileFormatException e) {
      assertThat(e.getMessage().replace(file.toString(), "fuzz")).isEqualTo(expected);
    }
  }

  /** Reads all that there is; the message if it is refused, null if not. */
  private String exercise(byte[] content) {
    Safetensors file;
    try {
      file = Safetensors.read("fuzz", content);
    } catch (FileFormatException e) {
      return e.getMessage();
    }
    long bits = 0;
    for (var tensor : file.tensors().values()) {
      bits += tensor.elements() * tensor.dataType().bits();
      BigInteger product =
          tensor.shape().stream()
              .map(BigInteger::valueOf)
              .reduce(BigInteger.ONE, BigInteger::multiply);
      assertThat(BigInteger.valueOf(tensor.elements())).isEqualTo(product);
      switch (tensor.dataType()) {
        case F16, BF16, F32, F64 -> {
          assertThat(tensor.toFloats().length).isEqualTo((int) tensor.elements());
          assertThat(tensor.toDoubles().length).isEqualTo((int) tensor.elements());
        }
        default -> {}
      }
    }
    long header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(bits).isEqualTo(8 * (content.length - 8 - header));
    return null;
  }

  private static byte[] damage(SplittableRandom random, byte[] content) {
    byte[] damaged = content;
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      damaged =
          switch (random.nextInt(9)) {
            case 0, 1 -> flipBits(random, damaged);
            case 2 -> cutOrExtend(random, damaged);
            case 3 -> changeLength(random, damaged);
            case 4 -> garbage(random);
            default -> changeHeader(random, damaged);
          };
    }
    return damaged;
  }

  private static byte[] flipBits(SplittableRandom random, byte[] content) {
    byte[] damaged = content.clone();
    for (int times = random.nextInt(1, 9); times > 0 && damaged.length > 0; times--) {
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return damaged;
  }

  private static byte[] cutOrExtend(SplittableRandom random, byte[] content) {
    return Arrays.copyOf(content, random.nextInt(content.length + 10));
  }

  private static byte[] changeLength(SplittableRandom random, byte[] content) {
    if (content.length < 8) {
      return content;
    }
    ByteBuffer damaged = ByteBuffer.wrap(content.clone()).order(ByteOrder.LITTLE_ENDIAN);
    return damaged
        .putLong(
            0,
            random.nextBoolean()
                ? LENGTHS[random.nextInt(LENGTHS.length)]
                : damaged.getLong(0) + random.nextInt(-9, 10))
        .array();
  }

  private static byte[] garbage(SplittableRandom random) {
    var bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    if (random.nextBoolean()) {
      return bytes;
    }
    var header = new StringBuilder("{");
    for (int times = random.nextInt(30); times > 0; times--) {
      header.append(pick(random, TOKENS));
    }
    return SafetensorsTest.content(header.toString(), bytes);
  }

  private static <T> T pick(SplittableRandom random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Changes the text of the header and makes its length right again. */
  private static byte[] changeHeader(SplittableRandom random, byte[] content) {
    if (content.length < 8) {
      return content;
    }
    long length = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > content.length - 8) {
      return content;
    }
    String header = new String(content, 8, (int) length, StandardCharsets.UTF_8);
    String changed =
        switch (random.nextInt(8)) {
          case 0, 1 -> replace(random, header, NUMBER, pick(random, NUMBERS));
          case 2 -> replace(random, header, TOKEN, pick(random, TOKENS));
          case 3 -> replace(random, header, TOKEN, "");
          case 4 -> repeat(random, header, random.nextBoolean() ? ENTRY : TOKEN);
          case 5 -> swap(random, header, random.nextBoolean() ? ENTRY : TOKEN);
          case 6 -> swap(random, header, NUMBER);
          // White space may stand anywhere between tokens.
          default -> replace(random, header, Pattern.compile("(?=[,:{}\\[\\]])"), " \n");
        };
    return SafetensorsTest.content(
        changed, Arrays.copyOfRange(content, 8 + (int) length, content.length));
  }

  private static String replace(
      SplittableRandom random, String text, Pattern pattern, String replacement) {
    List<MatchResult> matches = pattern.matcher(text).results().toList();
    if (matches.isEmpty()) {
      return text + replacement;
    }
    MatchResult match = pick(random, matches);
    return text.substring(0, match.start()) + replacement + text.substring(match.end());
  }

  private static String repeat(SplittableRandom random, String text, Pattern pattern) {
    List<MatchResult> matches = pattern.matcher(text).results().toList();
    if (matches.isEmpty()) {
      return text + text;
    }
    MatchResult match = pick(random, matches);
    String separator = random.nextBoolean() ? "," : "";
    return text.substring(0, match.end()) + separator + text.substring(match.start());
  }

  private static String swap(SplittableRandom random, String text, Pattern pattern) {
    List<MatchResult> matches = pattern.matcher(text).results().toList();
    if (matches.size() < 2) {
      return text;
    }
    int first = random.nextInt(matches.size() - 1);
    MatchResult a = matches.get(first);
    MatchResult b = matches.get(random.nextInt(first + 1, matches.size()));
    return text.substring(0, a.start())
        + b.group()
        + text.substring(a.end(), b.start())
        + a.group()
        + text.substring(b.end());
  }
}
