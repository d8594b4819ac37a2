package io.github.elegans.networks.models;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a caller says of a file that does not say everything itself.
 *
 * @param prefix what the names of the network's tensors begin with in a bigger state dict, such as
 *     {@code encoder.rnn.}; all other tensors are ignored, and without it ({@code ""}) there may be
 *     no others
 * @param ignoringOthers whether tensors behind the prefix that are none of a CfC's or LTC's in
 *     PyTorch are ignored, too
 * @param metadata what the file's metadata lacks, or says as well
 */
public record LoadOptions(String prefix, boolean ignoringOthers, Map<String, String> metadata) {
  /** Nothing. */
  public static final LoadOptions NONE = new LoadOptions("", false, Map.of());

  /** Copies the metadata. */
  public LoadOptions {
    Objects.requireNonNull(prefix, "prefix");
    metadata = Map.copyOf(Objects.requireNonNull(metadata, "metadata"));
  }

  /** These options with another prefix. */
  public LoadOptions withPrefix(String newPrefix) {
    return new LoadOptions(newPrefix, ignoringOthers, metadata);
  }

  /** These options, ignoring other tensors. */
  public LoadOptions ignoreOthers() {
    return new LoadOptions(prefix, true, metadata);
  }

  /** These options with a value that the file's metadata lacks. */
  public LoadOptions with(String key, String value) {
    Objects.requireNonNull(key, "key");
    Map<String, String> more = new LinkedHashMap<>(metadata);
    more.put(key, Objects.requireNonNull(value, "value"));
    return new LoadOptions(prefix, ignoringOthers, more);
  }
}
