package io.github.elegans.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a report goes.
 *
 * @param directory that exists
 */
public record ReportDirectory(Path directory) {

  /** Makes the directory if there is none; fails before anything was measured. */
  public static ReportDirectory in(Path directory) throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "--report must be a directory, but is the file " + directory);
    }
    Files.createDirectories(directory);
    if (!Files.isWritable(directory)) {
      throw new IllegalArgumentException("--report %s: may not be written to".formatted(directory));
    }
    return new ReportDirectory(directory);
  }

  /** The page. */
  public Path page() {
    return directory.resolve("index.html");
  }

  /** Writes the data as JSON and CSV, and the page: each file as a whole or not at all. */
  public void write(BenchReport report) throws IOException {
    ReportFile.write(report, directory.resolve("report.json"));
    AtomicFile.write(directory.resolve("report.csv"), UTF_8.encode(FlatTable.of(report)));
    AtomicFile.write(page(), UTF_8.encode(Page.of(report)));
  }
}
