package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shape of a dense product, written {@code 24x128x256}.
 *
 * @param rows M, the batch
 * @param inputs K
 * @param outputs N
 */
public record DenseShape(int rows, int inputs, int outputs) {
  private static final Pattern FORM =
      Pattern.compile("([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})");

  /** Reads a shape; throws {@link IllegalArgumentException} if it is none. */
  public static DenseShape of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "expected a shape of M x K x N like 24x128x256, but found '%s'".formatted(text));
    }
    return new DenseShape(
        Integer.parseInt(form.group(1)),
        Integer.parseInt(form.group(2)),
        Integer.parseInt(form.group(3)));
  }

  /** Floating-point operations of the product. */
  double operations() {
    return 2.0 * rows * inputs * outputs;
  }

  /** Bytes of the packed weights and the bias. */
  long weightBytes() {
    return weightBytes(inputs, outputs);
  }

  static long weightBytes(int inputs, int outputs) {
    return (inputs + 1L) * PanelLayout.roundUp(outputs) * Float.BYTES;
  }

  @Override
  public String toString() {
    return rows + "x" + inputs + "x" + outputs;
  }
}
