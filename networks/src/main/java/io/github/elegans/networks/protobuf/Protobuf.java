package io.github.elegans.networks.protobuf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A message of <a href="https://protobuf.dev/programming-guides/encoding/">protocol buffers</a>:
 * fields one after the other, each with its number and its kind in front.
 */
public final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A message without fields. */
  public Protobuf() {}

  /** Adds an integer or an enum. */
  public Protobuf number(int field, long value) {
    varint(((long) field << 3) | VARINT);
    varint(value);
    return this;
  }

  /** Adds a double. */
  public Protobuf doubleNumber(int field, double value) {
    varint(((long) field << 3) | FIXED64);
    littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
    return this;
  }

  /** Adds a float. */
  public Protobuf floatNumber(int field, float value) {
    varint(((long) field << 3) | FIXED32);
    littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
    return this;
  }

  private void littleEndian(long bits, int n) {
    for (int i = 0; i < n; i++) {
      bytes.write((int) (bits >>> (8 * i)) & 0xff);
    }
  }

  /** Adds a text. */
  public Protobuf text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a message. */
  public Protobuf message(int field, Protobuf value) {
    varint(((long) field << 3) | LENGTH_DELIMITED);
    varint(value.bytes.size());
    bytes.writeBytes(value.toBytes());
    return this;
  }

  /** Adds bytes. */
  public Protobuf bytes(int field, byte[] value) {
    varint(((long) field << 3) | LENGTH_DELIMITED);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  /** Seven bits a byte, the least significant first; all but the last have the eighth set. */
  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  /** The message. */
  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
