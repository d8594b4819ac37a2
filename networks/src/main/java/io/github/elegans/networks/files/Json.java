package io.github.elegans.networks.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * A strict reader of the JSON (RFC 8259) that a safetensors header consists of: objects, arrays,
 * strings and non-negative integers, asked for in the order in which they must come. What nests how
 * deep is thus up to the caller, never to the file. Member names are unique, text is valid UTF-8
 * and valid UTF-16 after its escapes.
 */
final class Json {
  private final String source;
  private final byte[] bytes;

  /** Where {@code bytes} begins in the file. */
  private final long origin;

  private int at;

  /**
   * Reads from bytes.
   *
   * @param origin where they begin in the file
   */
  Json(String source, byte[] bytes, long origin) {
    this.source = source;
    this.bytes = bytes;
    this.origin = origin;
  }

  /** Enters an object, whose members are then to be read one by one to the last. */
  Members object(String thing) {
    expect(thing, '{', "an object");
    return new Members(thing);
  }

  /** Enters an array, whose elements are then to be read one by one to the last. */
  Elements array(String thing) {
    expect(thing, '[', "an array");
    return new Elements(thing);
  }

  /** The members of an object: after {@link #next()} the value of {@link #name()} must be read. */
  final class Members {
    private final String thing;
    private final Set<String> names = new HashSet<>();
    private String name = "";

    private Members(String thing) {
      this.thing = thing;
    }

    /** Goes on to the next member, if there is one. */
    boolean next() {
      if (!more(thing, '}', names.isEmpty())) {
        return false;
      }
      int start = at;
      name = string(thing);
      if (!names.add(name)) {
        at = start;
        throw error(thing, "every name once", "\"" + name + "\" again");
      }
      expect(thing, ':', "':'");
      return true;
    }

    /** The name of the member whose value comes next. */
    String name() {
      return name;
    }
  }

  /** The elements of an array: after {@link #next()} an element must be read. */
  final class Elements {
    private final String thing;
    private boolean first = true;

    private Elements(String thing) {
      this.thing = thing;
    }

    /** Goes on to the next element, if there is one. */
    boolean next() {
      boolean more = more(thing, ']', first);
      first = false;
      return more;
    }
  }

  private boolean more(String thing, char close, boolean first) {
    int c = peek();
    if (c == close) {
      at++;
      return false;
    }
    if (!first) {
      expect(thing, ',', "',' or '" + close + "'");
    }
    return true;
  }

  /** Reads an integer from 0 to 2<sup>63</sup>-1, without sign, fraction and exponent. */
  long integer(String thing) {
    peek();
    int start = at;
    while (at < bytes.length && "+-.0123456789Ee".indexOf(bytes[at]) >= 0) {
      at++;
    }
    if (at == start) {
      throw error(thing, "a non-negative integer", found());
    }
    int end = at;
    at = start;
    long value = 0;
    for (int i = start; i < end; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9 || (i > start && bytes[start] == '0')) {
        throw error(thing, "a non-negative integer", text(start, end));
      }
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw error(thing, "an integer below 2^63", text(start, end));
      }
      value = 10 * value + digit;
    }
    at = end;
    return value;
  }

  /** Reads a string. */
  String string(String thing) {
    expect(thing, '"', "a string");
    StringBuilder escaped = null;
    int start = at;
    boolean ascii = true;
    for (; ; at++) {
      if (at == bytes.length) {
        throw error(thing, "'\"' at the end of a string", found());
      }
      byte c = bytes[at];
      if (c == '"') {
        String tail = decode(thing, start, at++, ascii);
        return escaped == null ? tail : escaped.append(tail).toString();
      }
      if (c == '\\') {
        escaped = escaped == null ? new StringBuilder() : escaped;
        escaped.append(decode(thing, start, at, ascii));
        escape(thing, escaped);
        start = at + 1;
        ascii = true;
      } else if (c >= 0 && c < ' ') {
        throw error(thing, "no bare control character in a string", found());
      } else {
        ascii &= c >= 0;
      }
    }
  }

  /** Decodes the escape that begins here, leaving the position at its last byte. */
  private void escape(String thing, StringBuilder text) {
    int start = at++;
    int c = at < bytes.length ? bytes[at] : -1;
    switch (c) {
      case '"', '\\', '/' -> text.append((char) c);
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'n' -> text.append('\n');
      case 'r' -> text.append('\r');
      case 't' -> text.append('\t');
      case 'u' -> {
        char unit = unit(thing, start);
        text.append(unit);
        if (Character.isSurrogate(unit)) {
          boolean pair =
              Character.isHighSurrogate(unit)
                  && at + 2 < bytes.length
                  && bytes[at + 1] == '\\'
                  && bytes[at + 2] == 'u';
          if (pair) {
            at += 2;
            char low = unit(thing, at - 1);
            text.append(low);
            pair = Character.isLowSurrogate(low);
          }
          if (!pair) {
            int end = at + 1;
            at = start;
            throw error(thing, "both halves of a surrogate pair", text(start, end));
          }
        }
      }
      default -> {
        int end = Math.min(at + 1, bytes.length);
        at = start;
        throw error(thing, "an escape of JSON", text(start, end));
      }
    }
  }

  /** Decodes the four digits behind the {@code u} that is here. */
  private char unit(String thing, int start) {
    int value = 0;
    int end = at + 4;
    while (at < end) {
      at++;
      int digit = at < bytes.length ? Character.digit(bytes[at], 16) : -1;
      if (digit < 0) {
        int stop = Math.min(at + 1, bytes.length);
        at = start;
        throw error(thing, "four hexadecimal digits behind \\u", text(start, stop));
      }
      value = 16 * value + digit;
    }
    return (char) value;
  }

  private String decode(String thing, int start, int end, boolean ascii) {
    if (ascii) {
      return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
    }
    ByteBuffer part = ByteBuffer.wrap(bytes, start, end - start);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(part).toString();
    } catch (CharacterCodingException e) {
      at = part.position();
      throw error(thing, "valid UTF-8", found());
    }
  }

  /** Checks that only white space is left. */
  void end(String thing) {
    if (peek() >= 0) {
      throw error(thing, "nothing but white space behind the last '}'", found());
    }
  }

  private void expect(String thing, char c, String expected) {
    if (peek() != c) {
      throw error(thing, expected, found());
    }
    at++;
  }

  /** Skips white space and returns the byte that follows, or -1 at the end. */
  private int peek() {
    while (at < bytes.length) {
      switch (bytes[at]) {
        case ' ', '\t', '\n', '\r' -> at++;
        default -> {
          return bytes[at] & 0xff;
        }
      }
    }
    return -1;
  }

  private String found() {
    if (at >= bytes.length) {
      return "the end";
    }
    byte c = bytes[at];
    return c > ' ' && c < 127 ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c);
  }

  private String text(int start, int end) {
    String text = new String(bytes, start, Math.min(end - start, 40), StandardCharsets.ISO_8859_1);
    return end - start > 40 ? text + "…" : text;
  }

  private FileFormatException error(String thing, String expected, String found) {
    return new FileFormatException(source, thing + " at byte " + (origin + at), expected, found);
  }

  /** Appends a string as JSON, in the one form that serde_json writes. */
  static void append(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
