package io.github.elegans.cli.measuring;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What the operating system tells of the processor.
 *
 * @param name the processor's name, {@code "unknown"} if nothing tells it
 * @param features the features that matter for vector code, by the operating system's names
 * @param caches the data caches of a core, the nearest first
 */
public record Machine(String name, List<String> features, List<Cache> caches) {
  private static final String UNKNOWN = "unknown";
  private static final long KIBIBYTE = 1 << 10;
  private static final long MEBIBYTE = 1 << 20;

  private static final Pattern FEATURE =
      Pattern.compile(
          System.getProperty("os.arch", "").equals("aarch64")
              ? "asimd.*|sve.*|sme.*|bf16|i8mm" // Linux
                  + "|AdvSIMD|FEAT_(BF16|FP16|I8MM|DotProd|SME.*)" // macOS
              : "sse4_2|f16c|fma|avx.*|amx.*|bmi2");

  private static final Path CPU_CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /**
   * A data cache.
   *
   * @param level 1 is nearest
   * @param bytes its size
   */
  public record Cache(int level, long bytes) {}

  /**
   * A buffer that fits into a level of memory.
   *
   * @param name for people
   * @param bytes its size
   */
  public record Level(String name, long bytes) {}

  /** Asks the operating system; what it does not tell is left out. */
  public static Machine probe() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("linux")) {
      return linux();
    }
    return system.contains("mac") ? mac() : new Machine(UNKNOWN, List.of(), List.of());
  }

  /** The size of a cache, if it is known. */
  public OptionalLong cacheBytes(int level) {
    return caches.stream()
        .filter(cache -> cache.level == level)
        .mapToLong(Cache::bytes)
        .findFirst();
  }

  /** Buffers that fit well into each of three caches, and one that fits into none. */
  public List<Level> levels() {
    long first = cacheBytes(1).orElse(32 * KIBIBYTE);
    long second = cacheBytes(2).orElse(512 * KIBIBYTE);
    long third = cacheBytes(3).orElse(16 * MEBIBYTE);
    return List.of(
        new Level("L1", first / 2),
        new Level("L2", second / 2),
        new Level("L3", third / 2),
        new Level("memory", Math.max(2 * third, 128 * MEBIBYTE)));
  }

  private static Machine linux() {
    var fields = new TreeMap<String, String>();
    // Without /proc nothing is known.
    for (String line : lines(Path.of("/proc/cpuinfo"))) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String name = fields.get("model name");
    if (name == null && fields.containsKey("CPU part")) {
      name =
          "AArch64 implementer %s part %s"
              .formatted(fields.getOrDefault("CPU implementer", "?"), fields.get("CPU part"));
    }
    String flags = fields.getOrDefault("flags", fields.getOrDefault("Features", ""));
    return new Machine(name == null ? UNKNOWN : name, features(flags), linuxCaches());
  }

  private static List<Cache> linuxCaches() {
    var caches = new ArrayList<Cache>();
    for (int i = 0; i < 8; i++) {
      Path cache = CPU_CACHES.resolve("index" + i);
      Optional<String> type = firstLine(cache.resolve("type"));
      Optional<String> level = firstLine(cache.resolve("level"));
      Optional<String> size = firstLine(cache.resolve("size"));
      if (type.isPresent()
          && !type.get().equals("Instruction")
          && level.isPresent()
          && size.isPresent()
          && level.get().matches("[1-9]")
          && size.get().matches("\\d{1,9}K")) {
        long kibibytes = Long.parseLong(size.get().substring(0, size.get().length() - 1));
        caches.add(new Cache(Integer.parseInt(level.get()), kibibytes << 10));
      }
    }
    return caches;
  }

  private static Optional<String> firstLine(Path file) {
    return lines(file).stream().findFirst().map(String::strip);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Machine mac() {
    var values = new TreeMap<String, String>();
    for (String line : sysctl("machdep.cpu", "hw")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        values.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    var flags =
        new StringBuilder(
            (values.getOrDefault("machdep.cpu.features", "")
                    + " "
                    + values.getOrDefault("machdep.cpu.leaf7_features", ""))
                .toLowerCase(Locale.ROOT)
                .replace('.', '_'));
    values.forEach(
        (key, value) -> {
          if (key.startsWith("hw.optional.") && value.equals("1")) {
            flags.append(' ').append(key.substring(key.lastIndexOf('.') + 1));
          }
        });
    var caches = new ArrayList<Cache>();
    List<String> sizes = List.of("hw.l1dcachesize", "hw.l2cachesize", "hw.l3cachesize");
    for (int i = 0; i < sizes.size(); i++) {
      String size = values.getOrDefault(sizes.get(i), "");
      if (size.matches("[1-9]\\d{0,11}")) {
        caches.add(new Cache(i + 1, Long.parseLong(size)));
      }
    }
    return new Machine(
        values.getOrDefault("machdep.cpu.brand_string", UNKNOWN),
        features(flags.toString()),
        caches);
  }

  private static List<String> sysctl(String... names) {
    var command = new ArrayList<>(List.of("sysctl"));
    command.addAll(List.of(names));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = reader.lines().toList();
        process.waitFor(5, TimeUnit.SECONDS);
        return lines;
      }
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static List<String> features(String flags) {
    return Pattern.compile("\\s+")
        .splitAsStream(flags)
        .filter(FEATURE.asMatchPredicate())
        .distinct()
        .sorted()
        .toList();
  }
}
