package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Pauses;
import io.github.elegans.bench.report.BenchReport.Start;
import io.github.elegans.bench.report.ReportFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts JVMs that measure one thing each.
 *
 * @param target the name of what they measure
 * @param backend the backend's name
 * @param jvmArguments what they are started with
 */
public record WorkerJvm(String target, String backend, List<String> jvmArguments) {
  private static final String SAFEPOINT_LOG = "-Xlog:safepoint=info";

  private static final Pattern SAFEPOINT = Pattern.compile("Safepoint \".*Total: +(\\d+) ns");

  /** The machine's limits through the backend. */
  public List<Limit> limits() throws IOException, InterruptedException {
    return parse(run(List.of(), "limits"), LimitsTask.Limits.class).limits();
  }

  /** So many steps at a fixed rate. */
  public Latency latency(double stepsPerSecond, long steps)
      throws IOException, InterruptedException {
    List<String> lines = run(List.of(SAFEPOINT_LOG), "latency", "" + stepsPerSecond, "" + steps);
    Latency latency = parse(lines, Latency.class);
    long count = 0;
    double sum = 0;
    double worst = 0;
    for (String line : lines.subList(lines.indexOf(Worker.BEGIN) + 1, lines.size())) {
      Matcher safepoint = SAFEPOINT.matcher(line);
      if (safepoint.find()) {
        double millis = Long.parseLong(safepoint.group(1)) * 1e-6;
        count++;
        sum += millis;
        worst = Math.max(worst, millis);
      }
    }
    return new Latency(
        latency.target(),
        latency.network(),
        latency.stepsPerSecond(),
        latency.steps(),
        latency.late(),
        latency.service(),
        latency.response(),
        latency.waits(),
        new Pauses(
            latency.pauses().collections(),
            latency.pauses().collectionMillis(),
            count,
            sum,
            worst));
  }

  /** From the start of the process until so many seconds later. */
  public Start start(double seconds) throws IOException, InterruptedException {
    Instant now = Instant.now();
    double millis = now.getEpochSecond() * 1e3 + now.getNano() * 1e-6;
    return parse(run(List.of(), "start", "" + millis, "" + seconds), Start.class);
  }

  /** What lies in memory. */
  public Footprint footprint() throws IOException, InterruptedException {
    return parse(run(List.of(FootprintTask.FLAG), "footprint"), Footprint.class);
  }

  private List<String> run(List<String> flags, String task, String... parameters)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
    command.addAll(List.of(task, target, backend));
    command.addAll(List.of(parameters));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = reader.lines().toList();
      if (process.waitFor() != 0) {
        throw new IOException(
            "the JVM that measured %s of %s ended with %d: %s"
                .formatted(
                    task,
                    target,
                    process.exitValue(),
                    lines.stream()
                        .filter(line -> line.contains("Exception") || line.contains("Error"))
                        .findFirst()
                        .orElse(lines.isEmpty() ? "" : lines.getLast())));
      }
      return lines;
    } finally {
      process.destroy();
    }
  }

  private static <T> T parse(List<String> lines, Class<T> type) throws IOException {
    return lines.stream()
        .filter(line -> line.startsWith(Worker.RESULT))
        .findFirst()
        .map(line -> ReportFile.parse(line.substring(Worker.RESULT.length()), type))
        .orElseThrow(() -> new IOException("a measuring JVM printed no result"));
  }
}
