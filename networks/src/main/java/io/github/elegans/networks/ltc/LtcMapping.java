package io.github.elegans.networks.ltc;

import java.util.Arrays;
import java.util.Locale;

/** How inputs reach the sensory synapses, and states of motor neurons the output. */
public enum LtcMapping {
  /** w x + b. */
  AFFINE,
  /** w x. */
  LINEAR,
  /** x. */
  NONE;

  /** ncps's name (of {@link #NONE}, what Python prints for its {@code None}, in small letters). */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static LtcMapping of(String key, String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(mapping -> mapping.fieldName().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s must be affine, linear or none, but is '%s'".formatted(key, name)));
  }
}
