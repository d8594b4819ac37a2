package io.github.elegans.networks.cfc;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a CfC cell's parameters in TensorFlow and Keras, where matrices are [in, out]:
 * {@code ff1_weight}, {@code ff1_bias}, … of {@code ncps.tf} and {@code ncps.keras}, and {@code
 * kernel} and {@code bias} of dense layers {@code backbone0}, {@code backbone1}, …, {@code time_a},
 * {@code time_b} (and {@code ff1}, {@code ff2} in the CfC repository), behind a slash or a dot;
 * {@code w_tau} and {@code A}; {@code fc} for a projection; {@code input_kernel}, {@code
 * recurrent_kernel} and {@code bias} of the LSTM of mixed memory. Whatever path stands before, and
 * {@code :0} behind, is dropped.
 */
final class KerasNames {
  private static final Pattern MATRIX =
      Pattern.compile(".*(?:_weight|[/.]kernel|input_kernel|recurrent_kernel)(?::0)?");
  private static final Pattern LAYER =
      Pattern.compile(
          "(?:.*[/.])?(ff1|ff2|time_a|time_b|fc|backbone(\\d{1,5}))[_/.](weight|kernel|bias)(?::0)?");
  private static final Pattern MIXED_MEMORY =
      Pattern.compile("(?:.*[/.])?(input_kernel|recurrent_kernel|bias)(?::0)?");
  private static final Pattern DECAY = Pattern.compile("(?:.*[/.])?(w_tau|A)(?::0)?");

  private KerasNames() {}

  /** Whether names are those of Keras. */
  static boolean in(Set<String> names) {
    return names.stream().anyMatch(KerasNames::isMatrix);
  }

  /** Whether a name is that of a matrix in Keras, and none of a PyTorch state dict. */
  static boolean isMatrix(String name) {
    return MATRIX.matcher(name).matches();
  }

  /** The name in ncps's PyTorch state dict; a name that means nothing here stays as it is. */
  static String toTorch(String name) {
    Matcher decay = DECAY.matcher(name);
    if (decay.matches()) {
      return decay.group(1);
    }
    Matcher layer = LAYER.matcher(name);
    if (!layer.matches()) {
      Matcher lstm = MIXED_MEMORY.matcher(name);
      return !lstm.matches()
          ? name
          : switch (lstm.group(1)) {
            case "input_kernel" -> "lstm.input_map.weight";
            case "recurrent_kernel" -> "lstm.recurrent_map.weight";
            default -> "lstm.input_map.bias";
          };
    }
    String number = layer.group(2);
    String module = number == null ? layer.group(1) : "backbone." + 2 * Integer.parseInt(number);
    return module + (layer.group(3).equals("bias") ? ".bias" : ".weight");
  }
}
