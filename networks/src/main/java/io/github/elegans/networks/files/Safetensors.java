package io.github.elegans.networks.files;

import io.github.elegans.files.AtomicFile;
import java.io.ByteArrayOutputStream;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Named tensors and text about them, in the <a
 * href="https://github.com/huggingface/safetensors#format">safetensors</a> format: the length of
 * the header as 8 bytes, the header as JSON, the data; all little-endian, tensors in row-major
 * order.
 *
 * <p>Reading accepts what the format's reference implementation accepts, and refuses what the
 * format forbids even where that implementation lets it pass: a header that does not begin with
 * <code>{</code>, a name given twice, <code>__metadata__</code> that is not an object of strings,
 * members of a tensor other than {@code dtype}, {@code shape} and {@code data_offsets}. The tensors
 * must cover the data without overlap or hole. The header is at most 100 MB, a file, a dimension
 * and the number of bits of a tensor less than 2<sup>63</sup>. Nothing is allocated by a number
 * that the file claims before the claim was compared with the size of the file; the data lie
 * outside the heap, within what {@code -XX:MaxDirectMemorySize} allows. Values are not looked at,
 * NaN and infinities are as good as any.
 *
 * <p>Objects are immutable and may be shared by threads.
 */
public final class Safetensors {
  private static final int PREFIX = Long.BYTES;
  private static final int HEADER_LIMIT = 100_000_000;

  /** A byte buffer cannot span more than 2 GB. */
  private static final long CHUNK = 1 << 30;

  private static final String METADATA = "__metadata__";

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String source;
  private final Map<String, String> metadata;
  private final Map<String, Tensor> tensors;

  private Safetensors(String source, Header header, MemorySegment data) {
    this.source = source;
    this.metadata = Collections.unmodifiableMap(header.metadata);
    var map = new LinkedHashMap<String, Tensor>();
    for (Entry entry : header.entries) {
      map.put(entry.name, new Tensor(source, entry, data));
    }
    this.tensors = Collections.unmodifiableMap(map);
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is not a regular file or not in the format
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path path) throws IOException {
    String source = path.toString();
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileFormatException(
          source, "path", "a file", Files.isDirectory(path) ? "a directory" : "a special file");
    }
    try (var channel = Files.newByteChannel(path)) {
      long size = channel.size();
      var start = new byte[(int) Math.min(ForeignFormat.BYTES, size)];
      fill(channel, ByteBuffer.wrap(start), source);
      checkFormat(source, start);
      channel.position(Math.min(PREFIX, size));
      var text = new byte[headerLength(source, MemorySegment.ofArray(start), size)];
      fill(channel, ByteBuffer.wrap(text), source);
      Header header = Header.parse(source, text, size - PREFIX - text.length);
      MemorySegment data = header.allocate();
      for (long at = 0; at < data.byteSize(); at += CHUNK) {
        long length = Math.min(CHUNK, data.byteSize() - at);
        fill(channel, data.asSlice(at, length).asByteBuffer(), source);
      }
      return new Safetensors(source, header, data);
    }
  }

  /**
   * Reads the content of a file from memory, which is copied.
   *
   * @param source what messages call it
   * @throws FileFormatException if it is not in the format
   */
  public static Safetensors read(String source, byte[] content) {
    return read(source, MemorySegment.ofArray(content));
  }

  /**
   * Reads the content of a file from memory, which is copied.
   *
   * @param source what messages call it
   * @throws FileFormatException if it is not in the format
   */
  public static Safetensors read(String source, MemorySegment content) {
    long looked = Math.min(ForeignFormat.BYTES, content.byteSize());
    checkFormat(source, content.asSlice(0, looked).toArray(ValueLayout.JAVA_BYTE));
    int length = headerLength(source, content, content.byteSize());
    byte[] text = content.asSlice(PREFIX, length).toArray(ValueLayout.JAVA_BYTE);
    Header header = Header.parse(source, text, content.byteSize() - PREFIX - length);
    MemorySegment data = header.allocate().copyFrom(content.asSlice(PREFIX + length));
    return new Safetensors(source, header, data);
  }

  /** Names another format: what its first bytes make of a header's length would tell nobody. */
  private static void checkFormat(String source, byte[] start) {
    String foreign =
        start.length > PREFIX && start[PREFIX] == '{' ? null : ForeignFormat.describe(start);
    if (foreign != null) {
      throw new FileFormatException(source, "format", "safetensors", foreign);
    }
  }

  private static int headerLength(String source, MemorySegment start, long size) {
    if (size < PREFIX) {
      throw new FileFormatException(source, "file", "at least 8 bytes", size + " bytes");
    }
    long length = start.get(LONG, 0);
    if (length < 0 || length > HEADER_LIMIT) {
      throw new FileFormatException(
          source,
          "header length",
          "at most " + HEADER_LIMIT + " bytes",
          Long.toUnsignedString(length));
    }
    if (length > size - PREFIX) {
      throw new FileFormatException(
          source,
          "header length",
          "at most the " + (size - PREFIX) + " bytes that follow it",
          Long.toString(length));
    }
    return (int) length;
  }

  private static void fill(ReadableByteChannel channel, ByteBuffer buffer, String source)
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

  /** What the file was called when it was read. */
  public String source() {
    return source;
  }

  /** The text of {@code __metadata__}, in the order of the file; empty without it. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors by name, in the order of the header. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * The tensor of a name.
   *
   * @throws FileFormatException naming the most similar ones, if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new FileFormatException(source, thing(name), "such a tensor", similar(name));
    }
    return tensor;
  }

  private String similar(String name) {
    if (tensors.isEmpty()) {
      return "no tensors";
    }
    record Candidate(String name, int distance) {}
    return tensors.keySet().stream()
        .limit(10_000)
        .map(other -> new Candidate(other, distance(name, other)))
        .sorted(Comparator.comparingInt(Candidate::distance))
        .limit(3)
        .map(candidate -> "\"" + candidate.name + "\"")
        .collect(Collectors.joining(", ", "", tensors.size() > 3 ? ", …" : ""));
  }

  /** Levenshtein's distance of the first hundred characters. */
  private static int distance(String a, String b) {
    int rows = Math.min(a.length(), 100);
    int columns = Math.min(b.length(), 100);
    int[] above = IntStream.rangeClosed(0, columns).toArray();
    var row = new int[columns + 1];
    for (int i = 1; i <= rows; i++) {
      row[0] = i;
      for (int j = 1; j <= columns; j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      int[] done = row;
      row = above;
      above = done;
    }
    return above[columns];
  }

  @Override
  public String toString() {
    return source + " " + tensors.values();
  }

  private static String thing(String name) {
    return "tensor \"" + name + "\"";
  }

  /** The element types of the format, by its names and in its order of alignment. */
  public enum DataType {
    /** Truth value. */
    BOOL(8),
    /** MX 4-bit float. */
    F4(4),
    /** MX 6-bit float, 2 bits of exponent. */
    F6_E2M3(6),
    /** MX 6-bit float, 3 bits of exponent. */
    F6_E3M2(6),
    /** Unsigned 8-bit integer. */
    U8(8),
    /** Signed 8-bit integer. */
    I8(8),
    /** 8-bit float, 5 bits of exponent. */
    F8_E5M2(8),
    /** 8-bit float, 4 bits of exponent. */
    F8_E4M3(8),
    /** MX 8-bit scale, exponent only. */
    F8_E8M0(8),
    /** 8-bit float, 4 bits of exponent, no infinities and no negative zero. */
    F8_E4M3FNUZ(8),
    /** 8-bit float, 5 bits of exponent, no infinities and no negative zero. */
    F8_E5M2FNUZ(8),
    /** Signed 16-bit integer. */
    I16(16),
    /** Unsigned 16-bit integer. */
    U16(16),
    /** IEEE 754 binary16. */
    F16(16),
    /** The upper half of a binary32. */
    BF16(16),
    /** Signed 32-bit integer. */
    I32(32),
    /** Unsigned 32-bit integer. */
    U32(32),
    /** IEEE 754 binary32. */
    F32(32),
    /** Complex number of two binary32. */
    C64(64),
    /** IEEE 754 binary64. */
    F64(64),
    /** Signed 64-bit integer. */
    I64(64),
    /** Unsigned 64-bit integer. */
    U64(64);

    private final int bits;

    DataType(int bits) {
      this.bits = bits;
    }

    /** The size of an element in bits. */
    public int bits() {
      return bits;
    }
  }

  /** A tensor of a file. */
  public static final class Tensor {
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final String source;
    private final Entry entry;
    private final MemorySegment data;

    private Tensor(String source, Entry entry, MemorySegment data) {
      this.source = source;
      this.entry = entry;
      this.data = data.asSlice(entry.begin, entry.end - entry.begin);
    }

    /** The name. */
    public String name() {
      return entry.name;
    }

    /** The type of the elements. */
    public DataType dataType() {
      return entry.dataType;
    }

    /** The dimensions, the slowest first; empty for a scalar. */
    public List<Long> shape() {
      return entry.shape;
    }

    /** The number of elements: the product of the dimensions. */
    public long elements() {
      return data.byteSize() * 8 / entry.dataType.bits;
    }

    /**
     * The elements as floats in row-major order: F32, F16 and BF16 as they are, F64 rounded to the
     * nearest, beyond the range to an infinity.
     *
     * @throws FileFormatException if they are of another type or more than an array can hold
     */
    public float[] toFloats() {
      return switch (entry.dataType) {
        case F32 -> {
          checkLength();
          yield data.toArray(FLOAT);
        }
        case F64 -> {
          var values = new float[checkLength()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) data.get(DOUBLE, (long) i * Double.BYTES);
          }
          yield values;
        }
        case F16 -> {
          var values = new float[checkLength()];
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(data.get(SHORT, (long) i * Short.BYTES));
          }
          yield values;
        }
        case BF16 -> {
          var values = new float[checkLength()];
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(data.get(SHORT, (long) i * Short.BYTES) << 16);
          }
          yield values;
        }
        default ->
            throw new FileFormatException(
                source, thing(name()), "type F32, F64, F16 or BF16", entry.dataType.name());
      };
    }

    /**
     * The elements as doubles in row-major order: F64, F32, F16 and BF16, all exact.
     *
     * @throws FileFormatException if they are of another type or more than an array can hold
     */
    public double[] toDoubles() {
      if (entry.dataType == DataType.F64) {
        checkLength();
        return data.toArray(DOUBLE);
      }
      float[] floats = toFloats();
      var values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
      return values;
    }

    private int checkLength() {
      if (elements() > LONGEST_ARRAY) {
        throw new FileFormatException(
            source, thing(name()), "at most " + LONGEST_ARRAY + " elements", "" + elements());
      }
      return (int) elements();
    }

    @Override
    public String toString() {
      return name() + " " + entry.dataType + " " + entry.shape;
    }
  }

  /** What the header says of a tensor; the offsets count from the begin of the data. */
  private record Entry(String name, DataType dataType, List<Long> shape, long begin, long end) {

    /** Reads the description of a tensor and checks it by itself. */
    static Entry parse(String source, Json json, String name, long dataLength) {
      String thing = thing(name);
      DataType dataType = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      for (Json.Members members = json.object(thing); members.next(); ) {
        switch (members.name()) {
          case "dtype" -> dataType = dataType(source, thing, json.string(thing));
          case "shape" -> shape = integers(json, thing);
          case "data_offsets" -> offsets = integers(json, thing);
          default ->
              throw new FileFormatException(
                  source,
                  thing,
                  "no members but dtype, shape and data_offsets",
                  "\"" + members.name() + "\"");
        }
      }
      if (dataType == null || shape == null || offsets == null) {
        throw new FileFormatException(
            source,
            thing,
            "dtype, shape and data_offsets",
            "no " + (dataType == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
      }
      if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataLength) {
        throw new FileFormatException(
            source,
            thing,
            "data_offsets [begin, end] with begin <= end <= " + dataLength,
            text(offsets));
      }
      long begin = offsets.get(0);
      long end = offsets.get(1);
      long size = size(source, thing, dataType, shape);
      if (size != end - begin) {
        throw new FileFormatException(
            source,
            thing,
            size + " bytes for " + dataType + " " + text(shape),
            (end - begin) + " in data_offsets " + text(offsets));
      }
      return new Entry(name, dataType, shape, begin, end);
    }

    private static DataType dataType(String source, String thing, String name) {
      for (DataType dataType : DataType.values()) {
        if (dataType.name().equals(name)) {
          return dataType;
        }
      }
      throw new FileFormatException(
          source, thing, "a dtype of " + Arrays.toString(DataType.values()), "\"" + name + "\"");
    }

    private static List<Long> integers(Json json, String thing) {
      var integers = new ArrayList<Long>();
      for (Json.Elements elements = json.array(thing); elements.next(); ) {
        integers.add(json.integer(thing));
      }
      return List.copyOf(integers);
    }

    private static long size(String source, String thing, DataType dataType, List<Long> shape) {
      long bits = dataType.bits;
      try {
        long elements = 1;
        for (long dimension : shape) {
          elements = Math.multiplyExact(elements, dimension);
        }
        bits = Math.multiplyExact(elements, bits);
      } catch (ArithmeticException e) {
        throw new FileFormatException(
            source, thing, "less than 2^63 bits", dataType + " " + text(shape));
      }
      if (bits % 8 != 0) {
        throw new FileFormatException(
            source, thing, "whole bytes", bits + " bits for " + dataType + " " + text(shape));
      }
      return bits / 8;
    }

    private static String text(List<Long> integers) {
      return integers.size() > 20 ? integers.size() + " integers" : integers.toString();
    }
  }

  /** What the header says. */
  private record Header(Map<String, String> metadata, List<Entry> entries, long dataLength) {

    /** Reads the header and checks it against the length of the data. */
    static Header parse(String source, byte[] text, long dataLength) {
      if (text.length == 0 || text[0] != '{') {
        throw new FileFormatException(
            source,
            "header",
            "'{' as its first byte",
            text.length == 0 ? "an empty one" : "0x%02x".formatted(text[0]));
      }
      var json = new Json(source, text, PREFIX);
      var metadata = new LinkedHashMap<String, String>();
      var entries = new ArrayList<Entry>();
      for (Json.Members members = json.object("header"); members.next(); ) {
        String name = members.name();
        if (!name.equals(METADATA)) {
          entries.add(Entry.parse(source, json, name, dataLength));
          continue;
        }
        for (Json.Members pairs = json.object(METADATA); pairs.next(); ) {
          metadata.put(pairs.name(), json.string(METADATA + " \"" + pairs.name() + "\""));
        }
      }
      json.end("header");
      checkCover(source, entries, dataLength);
      return new Header(metadata, entries, dataLength);
    }

    /** Tensors that leave no byte to another use of the file, and share none. */
    private static void checkCover(String source, List<Entry> entries, long dataLength) {
      var order = new ArrayList<Entry>(entries);
      order.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long covered = 0;
      for (Entry entry : order) {
        if (entry.begin != covered) {
          throw new FileFormatException(
              source,
              thing(entry.name),
              "data from byte " + covered + " on, where those before it end",
              "data from byte " + entry.begin + (entry.begin < covered ? " (overlap)" : " (hole)"));
        }
        covered = entry.end;
      }
      if (covered != dataLength) {
        throw new FileFormatException(
            source,
            "data",
            "the " + covered + " bytes of its tensors",
            dataLength + " bytes behind the header");
      }
    }

    MemorySegment allocate() {
      return Arena.ofAuto().allocate(dataLength, 64);
    }
  }

  /** Begins a file to be written. */
  public static Writer writer() {
    return new Writer();
  }

  /**
   * Collects metadata and tensors and writes them as a file. The same calls make the same bytes;
   * these are the bytes that the reference implementation writes, which sorts tensors by type and
   * name and pads the header to 8 bytes, apart from the order of the metadata, which it leaves to
   * chance.
   */
  public static final class Writer {
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<Item> items = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private record Item(String name, DataType dataType, List<Long> shape, MemorySegment data) {
      byte[] nameBytes() {
        return name.getBytes(StandardCharsets.UTF_8);
      }
    }

    private Writer() {}

    /**
     * Adds a line of metadata.
     *
     * @throws IllegalArgumentException if the key was added before, or the text is not valid UTF-16
     */
    public Writer metadata(String key, String value) {
      checkText("metadata key", key);
      checkText("metadata \"" + key + "\"", value);
      if (metadata.putIfAbsent(key, value) != null) {
        throw new IllegalArgumentException(
            "metadata \"" + key + "\": expected every key once, found it again");
      }
      return this;
    }

    /**
     * Adds a tensor of type F32.
     *
     * @param values its elements in row-major order, which are copied
     * @param shape its dimensions, the slowest first; none for a scalar
     * @throws IllegalArgumentException if the name is not valid or was added before, or the shape
     *     does not have as many elements as there are values
     */
    public Writer tensor(String name, float[] values, long... shape) {
      check(name, values.length, shape);
      MemorySegment data = Arena.ofAuto().allocate((long) values.length * Float.BYTES);
      MemorySegment.copy(values, 0, data, FLOAT, 0, values.length);
      return add(new Item(name, DataType.F32, Arrays.stream(shape).boxed().toList(), data));
    }

    /**
     * Adds a tensor of type F64.
     *
     * @param values its elements in row-major order, which are copied
     * @param shape its dimensions, the slowest first; none for a scalar
     * @throws IllegalArgumentException if the name is not valid or was added before, or the shape
     *     does not have as many elements as there are values
     */
    public Writer tensor(String name, double[] values, long... shape) {
      check(name, values.length, shape);
      MemorySegment data = Arena.ofAuto().allocate((long) values.length * Double.BYTES);
      MemorySegment.copy(values, 0, data, DOUBLE, 0, values.length);
      return add(new Item(name, DataType.F64, Arrays.stream(shape).boxed().toList(), data));
    }

    private Writer add(Item item) {
      names.add(item.name);
      items.add(item);
      return this;
    }

    private void check(String name, int length, long[] shape) {
      checkText("tensor name", name);
      if (name.equals(METADATA) || names.contains(name)) {
        throw new IllegalArgumentException(
            thing(name)
                + (name.equals(METADATA)
                    ? ": expected another name, found the one reserved for metadata"
                    : ": expected every name once, found it again"));
      }
      if (!isShapeOf(length, shape)) {
        throw new IllegalArgumentException(
            "%s: expected a shape of %d elements, found %s"
                .formatted(thing(name), length, Arrays.toString(shape)));
      }
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

    private static void checkText(String thing, String text) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
        throw new IllegalArgumentException(
            thing + ": expected valid UTF-16, found half of a surrogate pair");
      }
    }

    /**
     * The content of the file.
     *
     * @throws IllegalStateException if the header is longer than 100 MB
     */
    public byte[] toBytes() {
      var bytes = new ByteArrayOutputStream();
      try {
        writeTo(Channels.newChannel(bytes));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    /**
     * Writes the file, replacing one of this name in a single step: whoever reads it sees the old
     * content or the new, and a failure leaves the old.
     *
     * @throws IOException if it cannot be written
     * @throws IllegalStateException if the header is longer than 100 MB
     */
    public void write(Path path) throws IOException {
      AtomicFile.write(path, this::writeTo);
    }

    private void writeTo(WritableByteChannel channel) throws IOException {
      List<Item> order = order();
      byte[] header = header(order).getBytes(StandardCharsets.UTF_8);
      int length = Math.ceilDiv(header.length, PREFIX) * PREFIX;
      if (length > HEADER_LIMIT) {
        throw new IllegalStateException(
            "header: expected at most " + HEADER_LIMIT + " bytes, found " + length);
      }
      ByteBuffer start = ByteBuffer.allocate(PREFIX + length).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(length).put(header);
      while (start.hasRemaining()) {
        start.put((byte) ' ');
      }
      writeFully(channel, start.flip());
      for (Item item : order) {
        long size = item.data.byteSize();
        for (long at = 0; at < size; at += CHUNK) {
          writeFully(channel, item.data.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer());
        }
      }
    }

    private List<Item> order() {
      return items.stream()
          .sorted(
              Comparator.comparing(Item::dataType)
                  .reversed()
                  // The order of UTF-8, which is not that of String.
                  .thenComparing(Item::nameBytes, Arrays::compareUnsigned))
          .toList();
    }

    private String header(Collection<Item> order) {
      var json = new StringBuilder("{");
      if (!metadata.isEmpty()) {
        Json.append(json, METADATA);
        json.append(":{");
        metadata.forEach(
            (key, value) -> {
              Json.append(json, key);
              json.append(':');
              Json.append(json, value);
              json.append(',');
            });
        json.setCharAt(json.length() - 1, '}');
        json.append(',');
      }
      long offset = 0;
      for (Item item : order) {
        Json.append(json, item.name);
        json.append(":{\"dtype\":\"").append(item.dataType).append("\",\"shape\":");
        json.append(item.shape.toString().replace(" ", ""));
        json.append(",\"data_offsets\":[").append(offset).append(',');
        offset += item.data.byteSize();
        json.append(offset).append("]},");
      }
      if (json.length() > 1) {
        json.setLength(json.length() - 1);
      }
      return json.append('}').toString();
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer buffer)
        throws IOException {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
