package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Reading;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    List<Path> counters = new ArrayList<>();
    // Only whole packages: "intel-rapl:0:1" is a part of "intel-rapl:0".
    try (DirectoryStream<Path> domains =
        Files.newDirectoryStream(
            directory, name -> ("" + name.getFileName()).matches("[a-z-]+:\\d+"))) {
      domains.forEach(domain -> counters.add(domain.resolve("energy_uj")));
    } catch (IOException e) {
      return new Energy(List.of(), "there is no " + directory);
    }
    if (counters.isEmpty()) {
      return new Energy(List.of(), "the machine has no counters below " + directory);
    }
    for (Path counter : counters) {
      if (!Files.isReadable(counter)) {
        return new Energy(List.of(), counter + " may not be read");
      }
    }
    return new Energy(List.copyOf(counters), "");
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
