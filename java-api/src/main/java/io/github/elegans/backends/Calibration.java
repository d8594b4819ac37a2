package io.github.elegans.backends;

import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How long each backend took for a workload on this machine, and which one that makes the choice:
 * the fastest, unless a backend that automatic choice would prefer to it could not be measured
 * properly. {@link Backends#calibrate} makes it; as a small text file it serves later processes, on
 * the same processor with the same Java, library and backends.
 *
 * @param workload what was measured, on one line
 * @param timings of every backend, the preferred first
 * @param surroundings what else the times depend on, by name: {@code processor}, {@code java},
 *     {@code library}
 */
public record Calibration(String workload, List<Timing> timings, Map<String, String> surroundings) {

  /** The system property that names a file for automatic choice to follow. */
  public static final String PROPERTY = "elegans.calibration";

  private static final String TITLE = "elegans calibration 1";
  private static final String WORKLOAD = "workload";
  private static final String BACKEND = "backend";
  private static final String STEADY = "steady";
  private static final String WARMING = "warming up";

  /**
   * One backend's time.
   *
   * @param backend its name
   * @param tier its tier
   * @param nanos of the workload once, at best; infinite if there was no time to run it
   * @param steady whether the time would stay so; if not, it is what the backend needs at most
   */
  public record Timing(String backend, String tier, double nanos, boolean steady) {
    /** Makes the tier one line with single spaces. */
    public Timing {
      tier = oneLine(tier);
    }

    @Override
    public String toString() {
      return nanos == Double.POSITIVE_INFINITY
          ? backend + " not measured"
          : String.format(
              Locale.ROOT,
              "%s %.4g µs%s",
              backend,
              nanos / 1000,
              steady ? "" : " or less (" + WARMING + ")");
    }
  }

  /** Makes the collections immutable, and texts one line with single spaces, as a file has them. */
  public Calibration {
    workload = oneLine(workload);
    timings = List.copyOf(timings);
    surroundings =
        surroundings.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> oneLine(e.getValue())));
    if (timings.isEmpty()) {
      throw new IllegalArgumentException("timings must be of at least one backend");
    }
  }

  static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private Timing fastest() {
    Timing fastest = timings.getFirst();
    for (Timing timing : timings) {
      fastest = timing.nanos < fastest.nanos ? timing : fastest;
    }
    return fastest;
  }

  /** The first backend that is preferred to the fastest and could not be measured properly. */
  private Optional<Timing> assumed() {
    Timing fastest = fastest();
    if (fastest.nanos == Double.POSITIVE_INFINITY) {
      return Optional.of(fastest);
    }
    return timings.stream()
        .takeWhile(timing -> !timing.equals(fastest))
        .filter(timing -> !timing.steady)
        .findFirst();
  }

  /** The name of the chosen backend. */
  public String chosen() {
    return assumed().orElse(fastest()).backend;
  }

  /** Why it was chosen, with all times. */
  public String reason() {
    String times = String.join(", ", timings.stream().map(Timing::toString).toList());
    return assumed()
        .map(
            timing ->
                "%s is preferred, because there was not time enough to measure it; %s"
                    .formatted(timing.backend, times))
        .orElseGet(() -> "%s %s; %s".formatted(fastest().backend, superlative(), times));
  }

  /** What can be said of the fastest, given what is known of the others. */
  private String superlative() {
    Timing fastest = fastest();
    List<Timing> others = timings.stream().filter(timing -> !timing.equals(fastest)).toList();
    if (others.isEmpty()) {
      return "is the only backend to choose from";
    }
    List<Timing> measured =
        others.stream().filter(timing -> timing.nanos < Double.POSITIVE_INFINITY).toList();
    if (measured.isEmpty()) {
      return "is the only one that was measured";
    }
    return "was the fastest"
        + (measured.size() < others.size() ? " of those that were measured" : "")
        + (measured.stream().allMatch(Timing::steady) ? "" : " so far");
  }

  /**
   * The chosen backend.
   *
   * @throws IllegalArgumentException if there is no such backend any more
   */
  public Kernels kernels() {
    return Backends.named(chosen());
  }

  /** Writes the file that {@link #read} reads, as a whole or not at all. */
  public void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder(TITLE).append('\n');
    line(text, WORKLOAD, workload);
    surroundings.keySet().stream()
        .sorted()
        .forEach(name -> line(text, name, surroundings.get(name)));
    for (Timing timing : timings) {
      line(
          text,
          BACKEND,
          String.join(
              " | ",
              timing.backend,
              timing.tier,
              Double.toString(timing.nanos),
              timing.steady ? STEADY : WARMING));
    }
    AtomicFile.write(file, StandardCharsets.UTF_8.encode(text.toString()));
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(" = ").append(value).append('\n');
  }

  /**
   * Reads a calibration and holds it against this machine.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is no calibration, or not one for the processor, the
   *     Java, the library and the backends here; the message says which, what was expected and what
   *     was found
   */
  public static Calibration read(Path file) throws IOException {
    Calibration calibration = parse(file);
    Optional<String> difference = calibration.difference();
    if (difference.isPresent()) {
      throw new IllegalArgumentException(
          "%s: is of other circumstances: %s".formatted(file, difference.get()));
    }
    return calibration;
  }

  /** Reads a calibration from wherever it may be. */
  static Calibration parse(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw malformed(file, 1, TITLE, "other bytes than text");
    }
    if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
      throw malformed(file, 1, TITLE, lines.isEmpty() ? "nothing" : lines.getFirst());
    }
    Map<String, String> fields = new LinkedHashMap<>();
    List<Timing> timings = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] field = lines.get(i).split(" = ", 2);
      if (field.length < 2) {
        throw malformed(file, i + 1, "a name, =, and a value", lines.get(i));
      }
      if (field[0].equals(BACKEND)) {
        timings.add(timing(file, i + 1, field[1]));
      } else if (fields.putIfAbsent(field[0], field[1]) != null) {
        throw malformed(file, i + 1, field[0] + " once", "it again");
      }
    }
    String workload = fields.remove(WORKLOAD);
    if (workload == null || timings.isEmpty()) {
      throw malformed(
          file, lines.size(), workload == null ? WORKLOAD : BACKEND + " lines", "the end");
    }
    return new Calibration(workload, timings, fields);
  }

  private static Timing timing(Path file, int line, String text) {
    String[] words = text.split(" \\| ", -1);
    if (words.length == 4 && (words[3].equals(STEADY) || words[3].equals(WARMING))) {
      try {
        double nanos = Double.parseDouble(words[2]);
        if (nanos > 0) {
          return new Timing(words[0], words[1], nanos, words[3].equals(STEADY));
        }
      } catch (NumberFormatException e) {
        // As with any other text.
      }
    }
    throw malformed(
        file, line, "name | tier | nanoseconds | %s or %s".formatted(STEADY, WARMING), text);
  }

  private static IllegalArgumentException malformed(
      Path file, int line, String expected, String found) {
    return new IllegalArgumentException(
        "%s: line %d: expected %s, found '%.80s'".formatted(file, line, expected, found));
  }

  /** What of this calibration's circumstances is otherwise here. */
  Optional<String> difference() {
    Map<String, String> here = new LinkedHashMap<>(Surroundings.here());
    here.put("backends", tiers(Backends.candidates()));
    Map<String, String> there = new LinkedHashMap<>(surroundings);
    there.put(
        "backends",
        String.join(
            ", ", timings.stream().map(t -> "%s (%s)".formatted(t.backend, t.tier)).toList()));
    return here.entrySet().stream()
        .filter(entry -> !oneLine(entry.getValue()).equals(there.get(entry.getKey())))
        .findFirst()
        .map(
            entry ->
                "%s: expected %s, found %s"
                    .formatted(
                        entry.getKey(),
                        entry.getValue(),
                        there.getOrDefault(entry.getKey(), "none")));
  }

  private static String tiers(List<Kernels> kernels) {
    return String.join(
        ", ", kernels.stream().map(k -> "%s (%s)".formatted(k.backend(), k.tier())).toList());
  }
}
