package io.github.elegans.expressions;

/** The numbers that a program computes with. */
public enum Precision {
  /** Double precision: binary64 of IEEE 754. */
  DOUBLE(52, 1023),
  /** Single precision: binary32 of IEEE 754. */
  FLOAT(23, 127);

  private final int mantissaBits;
  private final int bias;

  Precision(int mantissaBits, int bias) {
    this.mantissaBits = mantissaBits;
    this.bias = bias;
  }

  /** Bits of the fraction as stored: 52 or 23. */
  public int mantissaBits() {
    return mantissaBits;
  }

  /** What is added to the exponent as stored: 1023 or 127. */
  public int bias() {
    return bias;
  }

  /** The value as these numbers have it. */
  public double round(double x) {
    return this == DOUBLE ? x : (float) x;
  }

  /** The distance of a value's size to the next greater one. */
  public double ulp(double x) {
    return this == DOUBLE ? Math.ulp(x) : Math.ulp((float) x);
  }

  /** The bits of a value, in the low end of the result. */
  public long bits(double x) {
    return this == DOUBLE
        ? Double.doubleToRawLongBits(x)
        : Integer.toUnsignedLong(Float.floatToRawIntBits((float) x));
  }

  /** The value with these bits. */
  public double value(long bits) {
    return this == DOUBLE ? Double.longBitsToDouble(bits) : Float.intBitsToFloat((int) bits);
  }

  /** Keeps as many low bits as the numbers have. */
  public long truncate(long bits) {
    return this == DOUBLE ? bits : bits & 0xffffffffL;
  }
}
