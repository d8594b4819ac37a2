package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the processors' packages use, where the machine tells (RAPL, through Linux's powercap).
 *
 * @param counters the counters of microjoules, one for each package
 * @param unavailable why there are none; empty if there are
 */
record Energy(List<Path> counters, String unavailable) {
  /** Where Linux has them. */
  static final Path POWERCAP = Path.of("/sys/class/powercap");

  /** Looks for the counters below a directory. */
  static Energy below(Path directory) {
    // By name: one package may be there twice, and other domains are parts of packages or hold
    // them.
    Map<String, Path> packages = new TreeMap<>();
    try (Stream<Path> domains = Files.list(directory)) {
      for (Path domain : domains.sorted().toList()) {
        Path name = domain.resolve("name");
        if (Files.isReadable(name)) {
          packages.put(Files.readString(name).strip(), domain.resolve("energy_uj"));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return new Energy(List.of(), "there is no " + directory);
    }
    packages.keySet().removeIf(name -> !name.startsWith("package"));
    List<Path> counters = List.copyOf(packages.values());
    if (counters.isEmpty()) {
      return new Energy(List.of(), "the machine has no counters below " + directory);
    }
    for (Path counter : counters) {
      if (!Files.isReadable(counter)) {
        return new Energy(List.of(), counter + " may not be read");
      }
    }
    return new Energy(counters, "");
  }

  /** What a counter counts. */
  private long microjoules(Path counter) throws IOException {
    return Long.parseLong(Files.readString(counter).strip());
  }

  /** What all packages use, in joules, while something is done. */
  Reading during(Runnable work) {
    if (!unavailable.isEmpty()) {
      work.run();
      return Reading.unavailable(unavailable);
    }
    try {
      List<Long> before = new ArrayList<>();
      for (Path counter : counters) {
        before.add(microjoules(counter));
      }
      work.run();
      long sum = 0;
      for (int i = 0; i < counters.size(); i++) {
        long used = microjoules(counters.get(i)) - before.get(i);
        if (used < 0) {
          // The counter began anew.
          used += microjoules(counters.get(i).resolveSibling("max_energy_range_uj"));
        }
        sum += used;
      }
      return Reading.of(sum / 1e6);
    } catch (IOException | NumberFormatException e) {
      return Reading.unavailable(String.valueOf(e.getMessage()));
    }
  }
}
