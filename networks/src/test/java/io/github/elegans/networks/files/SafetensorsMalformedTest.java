package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must be refused, and the message that says why. */
class SafetensorsMalformedTest {
  private static void assertRefused(byte[] content, String message) {
    assertThatThrownBy(() -> Safetensors.read("m.safetensors", content))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage("m.safetensors: " + message);
  }

  private static void assertRefused(String header, int dataLength, String message) {
    assertRefused(SafetensorsTest.content(header, new byte[dataLength]), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          # The header as a whole.
          ``                       => header: expected '{' as its first byte, found an empty one
          ` {}`                    => header: expected '{' as its first byte, found 0x20
          \uFEFF{}                 => header: expected '{' as its first byte, found 0xef
          []                       => header: expected '{' as its first byte, found 0x5b
          {                        => header at byte 9: expected a string, found the end
          {}}                      => header at byte 10: expected nothing but white space behind the last '}', found '}'
          {} {}                    => header at byte 11: expected nothing but white space behind the last '}', found '{'
          {1:2}                    => header at byte 9: expected a string, found '1'
          {'a':2}                  => header at byte 9: expected a string, found '''
          {é                       => header at byte 9: expected a string, found byte 0xc3
          {,"a":2}                 => header at byte 9: expected a string, found ','
          {"a"}                    => header at byte 12: expected ':', found '}'
          {"a":}                   => tensor "a" at byte 13: expected an object, found '}'
          {"a":null}               => tensor "a" at byte 13: expected an object, found 'n'
          {"a":["U8",[0],[0,0]]}   => tensor "a" at byte 13: expected an object, found '['
          # Metadata.
          {"__metadata__":null}    => __metadata__ at byte 24: expected an object, found 'n'
          {"__metadata__":""}      => __metadata__ at byte 24: expected an object, found '"'
          {"__metadata__":{"a":1}} => __metadata__ "a" at byte 29: expected a string, found '1'
          {"__metadata__":{"a":{"b":"c"}}}      => __metadata__ "a" at byte 29: expected a string, found '{'
          {"__metadata__":{"a":"1","a":"2"}}    => __metadata__ at byte 33: expected every name once, found "a" again
          {"__metadata__":{},"__metadata__":{}} => header at byte 27: expected every name once, found "__metadata__" again
          # Strings.
          {"a                      => header at byte 11: expected '"' at the end of a string, found the end
          {"a\\                    => header at byte 11: expected an escape of JSON, found \\
          {"a\\x"                  => header at byte 11: expected an escape of JSON, found \\x
          {"a\\u12"                => header at byte 11: expected four hexadecimal digits behind \\u, found \\u12"
          {"a\\u12                 => header at byte 11: expected four hexadecimal digits behind \\u, found \\u12
          {"\\ud800"               => header at byte 10: expected both halves of a surrogate pair, found \\ud800
          {"\\udc00"               => header at byte 10: expected both halves of a surrogate pair, found \\udc00
          {"\\ud800\\ud800"        => header at byte 10: expected both halves of a surrogate pair, found \\ud800\\ud800
          {"\\ud800\\n"            => header at byte 10: expected both halves of a surrogate pair, found \\ud800
          {"\\ud800\\u12"          => header at byte 16: expected four hexadecimal digits behind \\u, found \\u12"
          """)
  void headersAreRefused(String header, String message) {
    assertRefused(header, 0, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          ``                                => expected dtype, shape and data_offsets, found no dtype
          "dtype":"F32"                     => expected dtype, shape and data_offsets, found no shape
          "dtype":"F32","shape":[1]         => expected dtype, shape and data_offsets, found no data_offsets
          "shape":[1],"data_offsets":[0,4]  => expected dtype, shape and data_offsets, found no dtype
          "dtype":"F32","strides":[1]       => expected no members but dtype, shape and data_offsets, found "strides"
          "dtype":"F32","dtype":"F32"       => at byte 28: expected every name once, found "dtype" again
          "dtype":"F32","\\u0064type":"F32" => at byte 28: expected every name once, found "dtype" again
          "dtype":32                        => at byte 22: expected a string, found '3'
          "dtype":"F33"                     => expected a dtype of [BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64], found "F33"
          "shape":1                         => at byte 22: expected an array, found '1'
          "shape":[                         => at byte 23: expected a non-negative integer, found '}'
          "shape":[1                        => at byte 24: expected ',' or ']', found '}'
          "shape":[1 2]                     => at byte 25: expected ',' or ']', found '2'
          "shape":[1,]                      => at byte 25: expected a non-negative integer, found ']'
          "shape":[,1]                      => at byte 23: expected a non-negative integer, found ','
          "shape":["1"]                     => at byte 23: expected a non-negative integer, found '"'
          "shape":[[1]]                     => at byte 23: expected a non-negative integer, found '['
          "shape":[null]                    => at byte 23: expected a non-negative integer, found 'n'
          "shape":[-1]                      => at byte 23: expected a non-negative integer, found -1
          "shape":[-0]                      => at byte 23: expected a non-negative integer, found -0
          "shape":[+1]                      => at byte 23: expected a non-negative integer, found +1
          "shape":[01]                      => at byte 23: expected a non-negative integer, found 01
          "shape":[1.0]                     => at byte 23: expected a non-negative integer, found 1.0
          "shape":[1e2]                     => at byte 23: expected a non-negative integer, found 1e2
          "shape":[0x1]                     => at byte 24: expected ',' or ']', found 'x'
          "shape":[9223372036854775808]     => at byte 23: expected an integer below 2^63, found 9223372036854775808
          "shape":[18446744073709551617]    => at byte 23: expected an integer below 2^63, found 18446744073709551617
          "shape":[1000000000000000000000000000000000000000000000] => at byte 23: expected an integer below 2^63, found 1000000000000000000000000000000000000000…
          """)
  void membersAreRefused(String members, String message) {
    String separator = message.startsWith("at byte") ? " " : ": ";
    assertRefused("{\"w\":{" + members + "}}", 4, "tensor \"w\"" + separator + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "|",
      textBlock =
          """
          # Sizes.
          F32 | [4294967296,4294967296]   | [0,4] | less than 2^63 bits, found F32 [4294967296, 4294967296]
          F32 | [4611686018427387904]     | [0,4] | less than 2^63 bits, found F32 [4611686018427387904]
          U8  | [4294967296,4294967296,0] | [0,0] | less than 2^63 bits, found U8 [4294967296, 4294967296, 0]
          F32 | [2]                       | [0,4] | 8 bytes for F32 [2], found 4 in data_offsets [0, 4]
          F32 | []                        | [0,3] | 4 bytes for F32 [], found 3 in data_offsets [0, 3]
          F32 | [0]                       | [0,4] | 0 bytes for F32 [0], found 4 in data_offsets [0, 4]
          F64 | [1]                       | [0,4] | 8 bytes for F64 [1], found 4 in data_offsets [0, 4]
          F4  | [3]                       | [0,2] | whole bytes, found 12 bits for F4 [3]
          U8  | [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] | [0,4] | 1 bytes for U8 21 integers, found 4 in data_offsets [0, 4]
          # Offsets.
          F32 | [1] | []      | data_offsets [begin, end] with begin <= end <= 4, found []
          F32 | [1] | [4]     | data_offsets [begin, end] with begin <= end <= 4, found [4]
          F32 | [1] | [0,4,4] | data_offsets [begin, end] with begin <= end <= 4, found [0, 4, 4]
          F32 | [1] | [4,0]   | data_offsets [begin, end] with begin <= end <= 4, found [4, 0]
          F32 | [1] | [1,5]   | data_offsets [begin, end] with begin <= end <= 4, found [1, 5]
          F32 | [1] | [0,9223372036854775807] | data_offsets [begin, end] with begin <= end <= 4, found [0, 9223372036854775807]
          """)
  void descriptionsAreRefused(String dtype, String shape, String offsets, String message) {
    String header =
        "{\"w\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
            .formatted(dtype, shape, offsets);
    assertRefused(header, 4, "tensor \"w\": expected " + message);
  }

  private static String bytes(String name, int begin, int end) {
    return "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
        .formatted(name, end - begin, begin, end);
  }

  /**
   * Two tensors of bytes, the first from a to b, the second from c to d, and four bytes of data.
   */
  @ParameterizedTest
  @CsvSource(
      delimiterString = "|",
      textBlock =
          """
          0 | 2 | 2 | 3 | data: expected the 3 bytes of its tensors, found 4 bytes behind the header
          0 | 0 | 0 | 0 | data: expected the 0 bytes of its tensors, found 4 bytes behind the header
          1 | 4 | 4 | 4 | tensor "x": expected data from byte 0 on, where those before it end, found data from byte 1 (hole)
          0 | 2 | 3 | 4 | tensor "y": expected data from byte 2 on, where those before it end, found data from byte 3 (hole)
          2 | 4 | 0 | 3 | tensor "x": expected data from byte 3 on, where those before it end, found data from byte 2 (overlap)
          0 | 4 | 0 | 4 | tensor "y": expected data from byte 4 on, where those before it end, found data from byte 0 (overlap)
          0 | 4 | 2 | 2 | tensor "y": expected data from byte 4 on, where those before it end, found data from byte 2 (overlap)
          """)
  void dataOfNoneOrOfTwoAreRefused(int a, int b, int c, int d, String message) {
    assertRefused("{" + bytes("x", a, b) + "," + bytes("y", c, d) + "}", 4, message);
  }

  @Test
  void dataWithoutTensorsAreRefused() {
    assertRefused(
        "{}", 1, "data: expected the 0 bytes of its tensors, found 1 bytes behind the header");
  }

  @Test
  void entriesAreSeparatedAndNamedOnce() {
    String entry = bytes("a", 0, 0);
    assertRefused("{" + entry + ",}", 0, "header at byte 61: expected a string, found '}'");
    assertRefused(
        "{" + entry + entry + "}", 0, "header at byte 60: expected ',' or '}', found '\"'");
    assertRefused(
        "{" + entry + "," + entry + "}",
        0,
        "header at byte 61: expected every name once, found \"a\" again");
    assertRefused(
        "{" + entry + "," + entry.replace("a\"", "\\u0061\"") + "}",
        0,
        "header at byte 61: expected every name once, found \"a\" again");
  }

  @Test
  void controlCharactersAreRefused() {
    for (char c = 0; c < ' '; c++) {
      assertRefused(
          "{\"a" + c + "\":0}",
          0,
          "header at byte 11: expected no bare control character in a string, found byte 0x%02x"
              .formatted((int) c));
    }
    assertRefused(
        "{}\0",
        0,
        "header at byte 10: expected nothing but white space behind the last '}', found byte 0x00");
  }

  @Test
  void nestingIsRefusedWhereItBegins() {
    assertRefused(
        "{\"a\":" + "[".repeat(1_000_000),
        0,
        "tensor \"a\" at byte 13: expected an object, found '['");
  }

  @ParameterizedTest
  @CsvSource({"80, 61", "c3, 28", "c0, af", "ed, a0", "f5, 80", "fe, ff"})
  void malformedUtf8IsRefusedWhereItIs(String first, String second) {
    byte[] content = SafetensorsTest.content("{\"é..\":0}");
    content[12] = (byte) Integer.parseInt(first, 16);
    content[13] = (byte) Integer.parseInt(second, 16);
    assertRefused(content, "header at byte 12: expected valid UTF-8, found byte 0x" + first);
  }

  @Test
  void latin1IsRefused() {
    byte[] header = "{\"é\":0}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] content = Arrays.copyOf(new byte[] {(byte) header.length}, 8 + header.length);
    System.arraycopy(header, 0, content, 8, header.length);
    assertRefused(content, "header at byte 10: expected valid UTF-8, found byte 0xe9");
  }

  @ParameterizedTest
  @CsvSource({
    "3, at most the 2 bytes that follow it, 3",
    "100000000, at most the 2 bytes that follow it, 100000000",
    "100000001, at most 100000000 bytes, 100000001",
    "9223372036854775807, at most 100000000 bytes, 9223372036854775807",
    "-1, at most 100000000 bytes, 18446744073709551615",
    "-9223372036854775808, at most 100000000 bytes, 9223372036854775808",
  })
  void headerLengthsAreRefused(long length, String expected, String found) {
    byte[] content = SafetensorsTest.content("{}");
    for (int i = 0; i < 8; i++) {
      content[i] = (byte) (length >> (8 * i));
    }
    assertRefused(content, "header length: expected " + expected + ", found " + found);
  }

  @Test
  void filesShorterThanTheHeaderLengthAreRefused() {
    for (int size = 0; size < 8; size++) {
      assertRefused(new byte[size], "file: expected at least 8 bytes, found " + size + " bytes");
    }
  }

  @Test
  void messagesAreOneLineWhateverNamesHold() {
    byte[] content = SafetensorsTest.content("{\"a\\n\\u2028\\u202e\\u0000é\":1}");
    assertThatThrownBy(() -> Safetensors.read("dir\n/m", content))
        .hasMessage(
            "dir\\u000a/m: tensor \"a\\u000a\\u2028\\u202e\\u0000é\" at byte 35: expected an"
                + " object, found '1'");
  }

  @Test
  void messagesAreShortWhateverNamesHold() {
    byte[] content = SafetensorsTest.content("{\"" + "x".repeat(1 << 20) + "\":1}");
    assertThatThrownBy(() -> Safetensors.read("m", content))
        .message()
        .startsWith("m: tensor \"xxx")
        .endsWith("x…: expected an object, found '1'")
        .satisfies(message -> assertThat(message).hasSizeLessThan(400));
  }
}
