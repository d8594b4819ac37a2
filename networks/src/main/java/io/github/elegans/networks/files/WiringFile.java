package io.github.elegans.networks.files;

import io.github.elegans.files.AtomicFile;
import io.github.elegans.networks.wiring.Wiring;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntBinaryOperator;
import java.util.stream.Collectors;

/**
 * A wiring as a JSON file: an object with {@code format} ({@value #FORMAT}), {@code inputs}, {@code
 * units}, {@code outputs}, {@code layers} (lists of neurons), and the synapses as pairs [source,
 * target]: {@code sensory_excitatory}, {@code sensory_inhibitory}, {@code excitatory} and {@code
 * inhibitory}. Everything is numbered from 0.
 */
public final class WiringFile {
  /** The format's name and version. */
  public static final String FORMAT = "elegans-wiring-1";

  private static final Set<String> LISTS =
      Set.of("sensory_excitatory", "sensory_inhibitory", "excitatory", "inhibitory");

  private WiringFile() {}

  /** Writes a file, replacing an existing one. */
  public static void write(Path file, Wiring wiring) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(toJson(wiring));
    AtomicFile.write(file, bytes);
  }

  private static String toJson(Wiring wiring) {
    int units = wiring.units();
    return """
    {
      "format": "%s",
      "inputs": %s,
      "units": %s,
      "outputs": %s,
      "layers": %s,
      "sensory_excitatory": %s,
      "sensory_inhibitory": %s,
      "excitatory": %s,
      "inhibitory": %s
    }
    """
        .formatted(
            FORMAT,
            wiring.inputSize(),
            units,
            wiring.outputSize(),
            wiring.layers(),
            pairs(wiring.inputSize(), units, wiring::sensoryPolarity, 1),
            pairs(wiring.inputSize(), units, wiring::sensoryPolarity, -1),
            pairs(units, units, wiring::polarity, 1),
            pairs(units, units, wiring::polarity, -1));
  }

  private static String pairs(int sources, int targets, IntBinaryOperator polarity, int wanted) {
    List<String> pairs = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      for (int target = 0; target < targets; target++) {
        if (polarity.applyAsInt(source, target) == wanted) {
          pairs.add("[" + source + ", " + target + "]");
        }
      }
    }
    return pairs.stream().collect(Collectors.joining(", ", "[", "]"));
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is not a wiring
   */
  public static Wiring read(Path file) throws IOException {
    return read(file.toString(), Files.readAllBytes(file));
  }

  /** A synapse that was read; it can only be added when the sizes are known. */
  private record Pair(String list, int source, int target) {}

  static Wiring read(String source, byte[] bytes) {
    Json json = new Json(source, bytes, 0);
    int inputs = -1;
    int units = -1;
    int outputs = -1;
    String format = "none";
    List<List<Integer>> layers = new ArrayList<>();
    List<Pair> synapses = new ArrayList<>();
    Set<String> missing = new TreeSet<>(List.of("format", "inputs", "units", "outputs", "layers"));
    missing.addAll(LISTS);
    for (Json.Members members = json.object("wiring"); members.next(); ) {
      String name = members.name();
      missing.remove(name);
      switch (name) {
        case "format" -> format = json.string(name);
        case "inputs" -> inputs = integer(json, source, name);
        case "units" -> units = integer(json, source, name);
        case "outputs" -> outputs = integer(json, source, name);
        case "layers" -> {
          for (Json.Elements elements = json.array(name); elements.next(); ) {
            layers.add(integers(json, source, name));
          }
        }
        default -> {
          if (!LISTS.contains(name)) {
            throw new FileFormatException(source, "member", "one of a wiring", "'" + name + "'");
          }
          for (Json.Elements elements = json.array(name); elements.next(); ) {
            List<Integer> pair = integers(json, source, name);
            if (pair.size() != 2) {
              throw new FileFormatException(
                  source, name, "pairs [source, target]", pair.toString());
            }
            synapses.add(new Pair(name, pair.get(0), pair.get(1)));
          }
        }
      }
    }
    json.end("wiring");
    if (!missing.isEmpty()) {
      throw new FileFormatException(source, "wiring", "the members " + missing, "none of them");
    }
    if (!format.equals(FORMAT)) {
      throw new FileFormatException(source, "format", FORMAT, "'" + format + "'");
    }
    try {
      return build(Wiring.builder(inputs, units, outputs).layers(layers), synapses);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(
          source, "wiring", "one that is possible", String.valueOf(e.getMessage()));
    }
  }

  private static Wiring build(Wiring.Builder wiring, List<Pair> synapses) {
    for (Pair pair : synapses) {
      int polarity = pair.list.endsWith("excitatory") ? 1 : -1;
      if (pair.list.startsWith("sensory")) {
        wiring.sensorySynapse(pair.source, pair.target, polarity);
      } else {
        wiring.synapse(pair.source, pair.target, polarity);
      }
    }
    return wiring.build();
  }

  private static List<Integer> integers(Json json, String source, String thing) {
    List<Integer> integers = new ArrayList<>();
    for (Json.Elements elements = json.array(thing); elements.next(); ) {
      integers.add(integer(json, source, thing));
    }
    return integers;
  }

  private static int integer(Json json, String source, String thing) {
    long value = json.integer(thing);
    if (value > 1 << 20) {
      throw new FileFormatException(source, thing, "at most 1048576", String.valueOf(value));
    }
    return (int) value;
  }
}
