package io.github.elegans.cli;

import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the shape of a network: {@code I,U,H} or {@code I,U,H,LAYERS}. */
final class ShapeConverter implements ITypeConverter<CfcConfiguration> {
  private static final Pattern SHAPE =
      Pattern.compile("(\\d{1,5}),(\\d{1,5}),(\\d{1,5})(?:,(\\d{1,3}))?");

  @Override
  public CfcConfiguration convert(String value) {
    Matcher shape = SHAPE.matcher(value);
    if (!shape.matches()) {
      throw new TypeConversionException(
          "expected INPUTS,BACKBONE_UNITS,HIDDEN[,BACKBONE_LAYERS] as 16,128,64, but is '%s'"
              .formatted(value));
    }
    try {
      int layers = shape.group(4) == null ? 1 : Integer.parseInt(shape.group(4));
      return CfcConfiguration.of(Integer.parseInt(shape.group(1)), Integer.parseInt(shape.group(3)))
          .withBackbone(Integer.parseInt(shape.group(2)), layers);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
