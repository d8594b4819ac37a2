package io.github.elegans.networks.models;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
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

/** Opens a model file of any kind that the library knows, and writes one. */
public final class Models {
  /** A tensor that only one kind of cell has, behind what its name begins with. */
  private static final Pattern LANDMARK =
      Pattern.compile(
          "(.*?)(?:rnn_cell\\.)?(gleak|layer_0\\.ff1\\.weight|(?<!layer_\\d{1,5}\\.)ff1\\.weight)");

  /** In TensorFlow and Keras. */
  private static final Pattern KERAS_LANDMARK =
      Pattern.compile("(?:.*[/.])?ff1[_/.](?:weight|kernel)(?::0)?");

  private static final String CELL = "cell";

  private Models() {}

  /**
   * Saves a network to a safetensors file, from which {@link #load(Path)} makes a network that
   * computes the same bits, and ncps on PyTorch one that computes the same function: tensors have
   * ncps's names and shapes ({@code load_state_dict} takes those of a network of ncps's own), those
   * of a stack's layers behind their numbers, and those of a sequential network behind {@code
   * encoder.0.}, {@code network.} and {@code head.0.}.
   *
   * <p>What is saved are the parameters in float32 that the network was made of ({@link
   * Network#stateDict}), whatever their storage is: with {@code with(WeightStorage.BFLOAT16)} a
   * loaded network has the same bits again. Backend and tier are not saved. Masks that a network of
   * ncps has, and this one was not given, are ones. The file is written as a whole or not at all.
   *
   * @throws UnsupportedOperationException if a network does not tell its parameters, which those of
   *     this library do
   * @throws IOException if the file cannot be written
   */
  public static void save(Network network, Path file) throws IOException {
    save(network, file, Map.of());
  }

  /**
   * As {@link #save(Network, Path)}, with more in the file's metadata, such as where the network
   * comes from; it is in {@link Safetensors#metadata()}, and does not matter to {@code load}.
   *
   * @throws IllegalArgumentException if it has a key that says something about a network
   */
  public static void save(Network network, Path file, Map<String, String> provenance)
      throws IOException {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(provenance, "provenance");
    SavedNetwork.of(network, provenance).write(file);
  }

  /**
   * Loads a state dict from a safetensors file. Its metadata tells in {@code cell} what it is:
   * {@code cfc}, {@code wired_cfc}, {@code ltc}, one of {@link RecurrentNetwork.Kind} in small
   * letters, or {@code stack} or {@code sequential}; of the first three the tensors' names tell it,
   * too. The metadata also tells what else its model's {@code load} asks for; those of a stack and
   * of a sequential network are described at {@link Stack#metadata()} and {@link
   * Sequential#metadata()}. {@code _orig_mod.} and a leading {@code module.}, which PyTorch's
   * {@code compile} and {@code DataParallel} add to names, are understood.
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
    // A part of a stack or a sequential network has metadata of its own.
    Map<String, String> own =
        metadata.containsKey(prefix + CELL) ? within(metadata, prefix) : metadata;
    boolean filters = options.ignoringOthers() && !Parts.has(own.get(CELL));
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              String plain = Parameters.unwrapped(name);
              if (plain.startsWith(prefix)
                  && (!filters || TensorNames.has(plain.substring(prefix.length())))) {
                String rest = plain.substring(prefix.length());
                if (tensors.put(rest, tensor) != null) {
                  throw new FileFormatException(
                      source, "tensor '" + rest + "'", "once", "again as '" + name + "'");
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
    return of(source, own, tensors, options.ignoringOthers());
  }

  /** The values of keys that begin so, by the rest of their keys. */
  static Map<String, String> within(Map<String, String> metadata, String prefix) {
    Map<String, String> some = new LinkedHashMap<>();
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            some.put(key.substring(prefix.length()), value);
          }
        });
    return some;
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
    return of(source, metadata, tensors, false);
  }

  /**
   * As above.
   *
   * @param ignoringOthers whether tensors that are none of a part's are ignored
   */
  static Network of(
      String source,
      Map<String, String> metadata,
      Map<String, Safetensors.Tensor> tensors,
      boolean ignoringOthers) {
    String told = metadata.getOrDefault(CELL, "");
    if (Parts.has(told)) {
      return new Parts(source, metadata, tensors, ignoringOthers).network(told);
    }
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
    String told = metadata.get(CELL);
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
