package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shape of a CfC network with one backbone layer, written {@code 16,128,64}, or {@code
 * 16-128-64} where commas separate shapes, as in JMH's options.
 *
 * @param inputs I
 * @param backboneUnits U
 * @param hiddenUnits H
 */
public record CfcShape(int inputs, int backboneUnits, int hiddenUnits) {
  private static final Pattern FORM =
      Pattern.compile("([1-9]\\d{0,4})[,-]([1-9]\\d{0,4})[,-]([1-9]\\d{0,4})");

  private static final int HEADS = 4;

  /** Reads a shape; throws {@link IllegalArgumentException} if it is none. */
  public static CfcShape of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "expected a shape of I,U,H like 16,128,64, but found '%s'".formatted(text));
    }
    return new CfcShape(
        Integer.parseInt(form.group(1)),
        Integer.parseInt(form.group(2)),
        Integer.parseInt(form.group(3)));
  }

  /** ncps's default cell of this shape. */
  CfcConfiguration configuration() {
    return CfcConfiguration.of(inputs, hiddenUnits).withBackbone(backboneUnits, 1);
  }

  /** Floating-point operations of one step of one sample, without its elementwise functions. */
  double operations() {
    return 2.0 * configuration().multiplyAdds();
  }

  /** Bytes of the packed weights and biases. */
  long weightBytes() {
    return DenseShape.weightBytes(inputs + hiddenUnits, backboneUnits)
        + DenseShape.weightBytes(backboneUnits, HEADS * PanelLayout.roundUp(hiddenUnits));
  }

  @Override
  public String toString() {
    return inputs + "," + backboneUnits + "," + hiddenUnits;
  }
}
