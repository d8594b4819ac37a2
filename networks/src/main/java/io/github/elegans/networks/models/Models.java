package io.github.elegans.networks.models;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.statedict.Parameters;
import io.github.elegans.networks.statedict.TensorNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens a model file of any kind that the library knows. */
public final class Models {
  /** A tensor that only one kind of cell has, behind what its name begins with. */
  private static final Pattern LANDMARK =
      Pattern.compile(
          "(.*?)(?:rnn_cell\\.)?(gleak|layer_0\\.ff1\\.weight|(?<!layer_\\d{1,5}\\.)ff1\\.weight)");

  /** In TensorFlow and Keras. */
  private static final Pattern KERAS_LANDMARK =
      Pattern.compile("(?:.*[/.])?ff1[_/.](?:weight|kernel)(?::0)?");

  private Models() {}

  /**
   * Loads a state dict from a safetensors file. Its metadata tells in {@code cell} what it is:
   * {@code cfc}, {@code wired_cfc}, {@code ltc}, or one of {@link RecurrentNetwork.Kind} in small
   * letters; of the first three the tensors' names tell it, too. The metadata also tells what else
   * its model's {@code load} asks for. {@code _orig_mod.} and a leading {@code module.}, which
   * PyTorch's {@code compile} and {@code DataParallel} add to names, are understood.
   *
   * @throws IOException if the file cannot be read
   * @throws FileFormatException if it is not such a file; the message says what it seems to be
   */
  public static Network load(Path file) throws IOException {
    return load(file, LoadOptions.NONE);
  }

  /**
   * As {@link #load(Path)}, from the part of a bigger state dict whose tensors' names begin with a
   * prefix, such as {@code encoder.rnn.}.
   */
  public static Network load(Path file, String prefix) throws IOException {
    return load(file, LoadOptions.NONE.withPrefix(prefix));
  }

  /** As {@link #load(Path)}, with what the caller says of the file. */
  public static Network load(Path file, LoadOptions options) throws IOException {
    return of(Safetensors.read(file), options);
  }

  /** As {@link #load(Path, LoadOptions)}, from a file that has been read. */
  public static Network of(Safetensors file, LoadOptions options) {
    String source = file.source();
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    options
        .metadata()
        .forEach(
            (key, value) -> {
              String told = metadata.putIfAbsent(key, value);
              if (told != null && !told.equals(value)) {
                throw new FileFormatException(
                    source, "metadata " + key, "'" + value + "' as the caller says", told);
              }
            });
    String prefix = Parameters.unwrapped(options.prefix());
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              String plain = Parameters.unwrapped(name);
              if (plain.startsWith(prefix)
                  && (!options.ignoringOthers()
                      || TensorNames.has(plain.substring(prefix.length())))) {
                String own = plain.substring(prefix.length());
                if (tensors.put(own, tensor) != null) {
                  throw new FileFormatException(
                      source, "tensor '" + own + "'", "once", "again as '" + name + "'");
                }
              }
            });
    if (tensors.isEmpty() && !file.tensors().isEmpty()) {
      throw new FileFormatException(
          source,
          "tensors",
          prefix.isEmpty() ? "those of a network" : "some that begin with '" + prefix + "'",
          content(file.tensors().keySet()));
    }
    return of(source, metadata, tensors);
  }

  /**
   * As {@link #load(Path)}, from parts.
   *
   * @param source what messages call the origin of the tensors
   */
  public static Network of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(metadata, "metadata");
    Objects.requireNonNull(tensors, "tensors");
    return switch (cell(source, metadata, tensors.keySet())) {
      case "cfc" -> Cfc.of(source, metadata, tensors);
      case "wired_cfc" -> WiredCfc.of(source, metadata, tensors);
      case "ltc" -> Ltc.of(source, metadata, tensors);
      default -> RecurrentNetwork.of(source, metadata, tensors);
    };
  }

  /** The kind of cell that the metadata or the tensors' names tell. */
  private static String cell(String source, Map<String, String> metadata, Set<String> names) {
    String shown = null;
    boolean nested = false;
    for (String name : names) {
      Matcher landmark = LANDMARK.matcher(Parameters.unwrapped(name));
      if (landmark.matches()) {
        nested |= !landmark.group(1).isEmpty();
        shown = landmark.group(1).isEmpty() ? kind(landmark) : shown;
      } else if (KERAS_LANDMARK.matcher(name).matches()) {
        shown = shown == null ? "cfc" : shown;
      }
    }
    String told = metadata.get("cell");
    if (shown == null && (nested || told == null)) {
      throw new FileFormatException(
          source,
          nested ? "tensors" : "metadata cell",
          nested
              ? "those of one network, or a prefix that chooses them"
              : "one, or tensors that show it (ff1.weight of a CfC, layer_0.ff1.weight of a wired"
                  + " one, gleak of an LTC)",
          content(names));
    }
    return told != null ? told : Objects.requireNonNull(shown);
  }

  private static String kind(Matcher landmark) {
    return switch (landmark.group(2)) {
      case "gleak" -> "ltc";
      case "ff1.weight" -> "cfc";
      default -> "wired_cfc";
    };
  }

  private static @Nullable Matcher nested(String name) {
    Matcher landmark = LANDMARK.matcher(Parameters.unwrapped(name));
    return landmark.matches() && landmark.group(1).endsWith(".") ? landmark : null;
  }

  /** What a state dict seems to hold. */
  private static String content(Set<String> names) {
    String parts =
        names.stream()
            .map(Models::nested)
            .filter(Objects::nonNull)
            .limit(3)
            .map(part -> "a %s behind the prefix '%s'".formatted(kind(part), part.group(1)))
            .collect(Collectors.joining(" and "));
    List<String> some = names.stream().limit(3).toList();
    return parts.isEmpty()
        ? names.size() + " tensors, " + String.join(", ", some) + (names.size() > 3 ? ", …" : "")
        : parts;
  }
}
