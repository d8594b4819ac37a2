package io.github.elegans.cli;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32;

/** Compares results bit for bit; NaNs are the same whatever their payload. */
final class Bits {
  private Bits() {}

  /** The number of elements whose bits differ between arrays of one length. */
  static int differences(float[] a, float[] b) {
    int differences = 0;
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToIntBits(a[i]) != Float.floatToIntBits(b[i])) {
        differences++;
      }
    }
    return differences;
  }

  /** The number of elements whose bits differ between arrays of one length. */
  static int differences(double[] a, double[] b) {
    int differences = 0;
    for (int i = 0; i < a.length; i++) {
      if (Double.doubleToLongBits(a[i]) != Double.doubleToLongBits(b[i])) {
        differences++;
      }
    }
    return differences;
  }

  /** Whether all arrays, of one length, have the same bits. */
  static boolean agree(List<float[]> results) {
    return results.stream().allMatch(result -> differences(results.getFirst(), result) == 0);
  }

  /** A checksum of the bits, to compare runs on different machines. */
  static String fingerprint(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    for (float value : values) {
      bytes.putInt(Float.floatToIntBits(value));
    }
    var checksum = new CRC32();
    checksum.update(bytes.flip());
    return "%08x".formatted(checksum.getValue());
  }
}
