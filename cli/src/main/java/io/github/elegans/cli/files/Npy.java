package io.github.elegans.cli.files;

import io.github.elegans.files.AtomicFile;
import io.github.elegans.networks.files.FileFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An array in the <a
 * href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">npy</a> format of
 * NumPy.
 *
 * <p>Read are versions 1.0 to 3.0 with elements of type {@code f4}, {@code f8}, {@code i4} and
 * {@code i8} in either byte order and {@code b1} (0 or 1), and arrays of any shape in either order
 * of the elements. The header is at most 64 KB, and the data must end with the file; NumPy, too,
 * allows more only on request. Nothing is allocated by a number that the file claims before the
 * claim was compared with the size of the file; the data lie outside the heap, within what {@code
 * -XX:MaxDirectMemorySize} allows.
 *
 * <p>Objects are immutable and may be shared by threads.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int HEADER_LIMIT = 0xffff;
  private static final int ALIGNMENT = 64;

  /** NumPy leaves room for as many digits of the first dimension, so that an array can grow. */
  private static final int GROWTH_DIGITS = 21;

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** A byte buffer cannot span more than 2 GB. */
  private static final long CHUNK = 1 << 30;

  private static final Pattern MEMBER =
      Pattern.compile(
          "\\s*(?:'(\\w+)'|\"(\\w+)\")\\s*:"
              + "\\s*('[^']*'|\"[^\"]*\"|\\w+|\\([^()]*\\)|\\[[^\\]]*\\])\\s*(?:,|(?=\\}))");

  private static final Pattern DESCR = Pattern.compile("['\"](?:([<>])([fi][48])|[|]b1)['\"]");

  private static final Pattern DIGITS = Pattern.compile("\\d+");

  private final String source;
  private final Header header;
  private final MemorySegment data;

  private Npy(String source, Header header, MemorySegment data) {
    this.source = source;
    this.header = header;
    this.data = data;
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is not a regular file or not in the format
   * @throws NoSuchFileException if there is none
   * @throws IOException if it cannot be read
   */
  public static Npy read(Path path) throws IOException {
    String source = path.toString();
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileFormatException(
          source, "path", "a file", Files.isDirectory(path) ? "a directory" : "a special file");
    }
    try (var channel = Files.newByteChannel(path)) {
      return read(source, channel, channel.size());
    }
  }

  /**
   * Reads the content of a file from memory.
   *
   * @param source what messages call it
   * @throws FileFormatException if it is not in the format
   */
  public static Npy read(String source, byte[] content) {
    try (var channel = Channels.newChannel(new ByteArrayInputStream(content))) {
      return read(source, channel, content.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Npy read(String source, ReadableByteChannel channel, long size)
      throws IOException {
    byte[] start = take(source, channel, size, MAGIC.length + 2);
    if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new FileFormatException(
          source,
          "file",
          "\\x93NUMPY as its first bytes",
          new String(start, 0, MAGIC.length, StandardCharsets.ISO_8859_1));
    }
    int major = start[MAGIC.length] & 0xff;
    int minor = start[MAGIC.length + 1] & 0xff;
    if (major < 1 || major > 3 || minor != 0) {
      throw new FileFormatException(source, "version", "1.0, 2.0 or 3.0", major + "." + minor);
    }
    long rest = size - start.length;
    byte[] prefix = take(source, channel, rest, major == 1 ? Short.BYTES : Integer.BYTES);
    rest -= prefix.length;
    ByteBuffer buffer = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        major == 1
            ? Short.toUnsignedLong(buffer.getShort())
            : Integer.toUnsignedLong(buffer.getInt());
    if (length > Math.min(HEADER_LIMIT, rest)) {
      throw new FileFormatException(
          source,
          "header length",
          rest < HEADER_LIMIT
              ? "at most the " + rest + " bytes that follow it"
              : "at most " + HEADER_LIMIT + " bytes",
          Long.toString(length));
    }
    byte[] text = take(source, channel, rest, (int) length);
    rest -= length;
    // Only field names, of types that are refused anyway, are ever beyond ASCII.
    Header header = Header.parse(source, new String(text, StandardCharsets.ISO_8859_1), rest);
    MemorySegment data = Arena.ofAuto().allocate(rest, ALIGNMENT);
    for (long at = 0; at < rest; at += CHUNK) {
      fill(source, channel, data.asSlice(at, Math.min(CHUNK, rest - at)).asByteBuffer());
    }
    return new Npy(source, header, data);
  }

  private static byte[] take(String source, ReadableByteChannel channel, long rest, int length)
      throws IOException {
    if (length > rest) {
      throw new FileFormatException(
          source, "file", length + " bytes of its header", "only " + rest + " bytes");
    }
    var bytes = new byte[length];
    fill(source, channel, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void fill(String source, ReadableByteChannel channel, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new FileFormatException(
            source,
            "file",
            buffer.remaining() + " more bytes",
            "its end: it was shortened while it was read");
      }
    }
  }

  private enum Type {
    /** NumPy's bool. */
    B1(1),
    F4(4),
    F8(8),
    I4(4),
    I8(8);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private record Header(Type type, ByteOrder byteOrder, boolean fortranOrder, List<Long> shape) {

    /** Reads the header, a dictionary of Python, and checks it against the length of the data. */
    static Header parse(String source, String text, long dataLength) {
      Map<String, String> members = members(source, text);
      Matcher descr = DESCR.matcher(members.get("descr"));
      if (!descr.matches()) {
        throw new FileFormatException(
            source,
            "descr",
            "'<f4', '<f8', '<i4', '<i8', one of these with '>', or '|b1'",
            members.get("descr"));
      }
      Type type =
          descr.group(2) == null ? Type.B1 : Type.valueOf(descr.group(2).toUpperCase(Locale.ROOT));
      ByteOrder byteOrder =
          ">".equals(descr.group(1)) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      boolean fortranOrder =
          switch (members.get("fortran_order")) {
            case "True" -> true;
            case "False" -> false;
            default ->
                throw new FileFormatException(
                    source, "fortran_order", "True or False", members.get("fortran_order"));
          };
      String shapeText = members.get("shape");
      List<Long> shape = shape(source, shapeText);
      long size = type.bytes;
      try {
        for (long dimension : shape) {
          size = Math.multiplyExact(size, dimension);
        }
      } catch (ArithmeticException e) {
        throw new FileFormatException(source, "shape", "less than 2^63 bytes", shapeText);
      }
      if (size != dataLength) {
        throw new FileFormatException(
            source,
            "data",
            "%d bytes for %s %s".formatted(size, members.get("descr"), shapeText),
            dataLength + " bytes behind the header");
      }
      return new Header(type, byteOrder, fortranOrder, shape);
    }

    private static Map<String, String> members(String source, String text) {
      String dictionary = text.strip();
      var members = new HashMap<String, String>();
      Matcher member = MEMBER.matcher(dictionary);
      int at = 1;
      if (dictionary.startsWith("{")) {
        while (member.region(at, dictionary.length()).lookingAt()) {
          String name = member.group(1) != null ? member.group(1) : member.group(2);
          if (members.put(name, member.group(3)) != null) {
            throw new FileFormatException(
                source, "header", "every name once", "'" + name + "' again");
          }
          at = member.end();
        }
      }
      if (!dictionary.startsWith("{") || !dictionary.substring(at).strip().equals("}")) {
        throw new FileFormatException(source, "header", "a dictionary of Python", dictionary);
      }
      var names = List.of("descr", "fortran_order", "shape");
      if (members.size() != names.size() || !members.keySet().containsAll(names)) {
        throw new FileFormatException(
            source,
            "header",
            "descr, fortran_order and shape",
            members.isEmpty()
                ? "nothing"
                : String.join(", ", members.keySet().stream().sorted().toList()));
      }
      return members;
    }

    private static List<Long> shape(String source, String text) {
      if (!text.startsWith("(")) {
        throw new FileFormatException(source, "shape", "a tuple of integers", text);
      }
      String[] parts = text.substring(1, text.length() - 1).split(",", -1);
      // A comma may end every tuple but the empty one, and must end one of a single element.
      int length = parts.length - (parts[parts.length - 1].isBlank() ? 1 : 0);
      if (parts.length == 1 && length == 1) {
        throw new FileFormatException(source, "shape", "a tuple of integers", text);
      }
      var shape = new ArrayList<Long>();
      for (int i = 0; i < length; i++) {
        String part = parts[i].strip();
        if (!DIGITS.matcher(part).matches()) {
          throw new FileFormatException(source, "shape", "a tuple of integers", text);
        }
        try {
          shape.add(Long.valueOf(part));
        } catch (NumberFormatException e) {
          throw new FileFormatException(source, "shape", "integers below 2^63", part);
        }
      }
      return List.copyOf(shape);
    }
  }

  /** What the file was called when it was read. */
  public String source() {
    return source;
  }

  /** The dimensions, the slowest first; empty for a scalar. */
  public List<Long> shape() {
    return header.shape;
  }

  /** The number of elements: the product of the dimensions. */
  public long elements() {
    return data.byteSize() / header.type.bytes;
  }

  /**
   * The elements as floats in row-major order, rounded to the nearest where they are not floats.
   *
   * @throws FileFormatException if they are more than an array can hold
   */
  public float[] toFloats() {
    var values = new float[checkLength()];
    ValueLayout.OfInt four = ValueLayout.JAVA_INT_UNALIGNED.withOrder(header.byteOrder);
    ValueLayout.OfLong eight = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(header.byteOrder);
    for (int i = 0; i < values.length; i++) {
      long at = offset(i);
      values[i] =
          switch (header.type) {
            case B1 -> data.get(ValueLayout.JAVA_BYTE, at) == 0 ? 0 : 1;
            case F4 -> Float.intBitsToFloat(data.get(four, at));
            case F8 -> (float) Double.longBitsToDouble(data.get(eight, at));
            case I4 -> data.get(four, at);
            case I8 -> data.get(eight, at);
          };
    }
    return values;
  }

  /**
   * The elements as doubles in row-major order; integers beyond 2<sup>53</sup> are rounded to the
   * nearest.
   *
   * @throws FileFormatException if they are more than an array can hold
   */
  public double[] toDoubles() {
    var values = new double[checkLength()];
    ValueLayout.OfInt four = ValueLayout.JAVA_INT_UNALIGNED.withOrder(header.byteOrder);
    ValueLayout.OfLong eight = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(header.byteOrder);
    for (int i = 0; i < values.length; i++) {
      long at = offset(i);
      values[i] =
          switch (header.type) {
            case B1 -> data.get(ValueLayout.JAVA_BYTE, at) == 0 ? 0 : 1;
            case F4 -> Float.intBitsToFloat(data.get(four, at));
            case F8 -> Double.longBitsToDouble(data.get(eight, at));
            case I4 -> data.get(four, at);
            case I8 -> data.get(eight, at);
          };
    }
    return values;
  }

  private int checkLength() {
    if (elements() > LONGEST_ARRAY) {
      throw new FileFormatException(
          source, "data", "at most " + LONGEST_ARRAY + " elements", Long.toString(elements()));
    }
    return (int) elements();
  }

  /** Where in the file's data an element of the row-major order is. */
  private long offset(long index) {
    if (!header.fortranOrder) {
      return index * header.type.bytes;
    }
    long position = 0;
    long stride = elements();
    for (long dimension : header.shape.reversed()) {
      stride /= dimension;
      position += index % dimension * stride;
      index /= dimension;
    }
    return position * header.type.bytes;
  }

  @Override
  public String toString() {
    return source + " " + header.type + " " + header.shape;
  }

  /**
   * Writes an array of type {@code <f4} in version 1.0: the bytes that {@code numpy.save} writes.
   * An existing file is replaced in a single step; a failure leaves it.
   *
   * @param values the elements in row-major order
   * @param shape the dimensions, the slowest first; none for a scalar
   * @throws IllegalArgumentException if the shape does not have as many elements as there are
   *     values, or more dimensions than the header has room for
   * @throws IOException if the file cannot be written
   */
  public static void write(Path path, float[] values, long... shape) throws IOException {
    write(path, Float.BYTES, values.length, (to, i) -> to.putFloat(values[i]), shape);
  }

  /** Writes an array of type {@code <f8} in the same way. */
  public static void write(Path path, double[] values, long... shape) throws IOException {
    write(path, Double.BYTES, values.length, (to, i) -> to.putDouble(values[i]), shape);
  }

  private static void write(
      Path path, int bytes, int length, ObjIntConsumer<ByteBuffer> element, long[] shape)
      throws IOException {
    byte[] header = header("f" + bytes, length, shape);
    AtomicFile.write(
        path,
        channel -> {
          write(channel, ByteBuffer.wrap(header));
          ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; i < length; i++) {
            if (!chunk.hasRemaining()) {
              write(channel, chunk.flip());
              chunk.clear();
            }
            element.accept(chunk, i);
          }
          write(channel, chunk.flip());
        });
  }

  private static void write(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static byte[] header(String type, int length, long[] shape) {
    if (!isShapeOf(length, shape)) {
      throw new IllegalArgumentException(
          "shape: expected %d elements, found %s".formatted(length, Arrays.toString(shape)));
    }
    String tuple =
        Arrays.stream(shape)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(", ", "(", shape.length == 1 ? ",)" : ")"));
    String dictionary =
        "{'descr': '<%s', 'fortran_order': False, 'shape': %s, }".formatted(type, tuple);
    if (shape.length > 0) {
      dictionary += " ".repeat(GROWTH_DIGITS - Long.toString(shape[0]).length());
    }
    int start = MAGIC.length + 2 + Short.BYTES;
    // As NumPy does: at least one space, and up to a whole line of them.
    int end = (start + dictionary.length() + 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
    if (end - start > HEADER_LIMIT) {
      throw new IllegalArgumentException(
          "shape: expected a header of at most %d bytes, found %d dimensions"
              .formatted(HEADER_LIMIT, shape.length));
    }
    ByteBuffer header = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (end - start));
    header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    return header.put((byte) '\n').array();
  }

  private static boolean isShapeOf(long length, long[] shape) {
    try {
      long elements = 1;
      for (long dimension : shape) {
        if (dimension < 0) {
          return false;
        }
        elements = Math.multiplyExact(elements, dimension);
      }
      return elements == length;
    } catch (ArithmeticException e) {
      return false;
    }
  }
}
