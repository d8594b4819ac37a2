package io.github.elegans.bench.jmh;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.bench.jmh.BenchmarkRun.Trial;
import io.github.elegans.bench.jmh.Schedule.Afterwards;
import io.github.elegans.bench.jmh.Schedule.Outcome;
import io.github.elegans.bench.jmh.Schedule.Part;
import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Spread;
import io.github.elegans.bench.report.BenchReport.Start;
import io.github.elegans.bench.report.Numbers;
import io.github.elegans.bench.report.ReportDirectory;
import io.github.elegans.bench.workers.WorkerJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Measures everything that a report shows, and writes the report.
 *
 * @param benchmarks what JMH measures, and on which targets
 * @param directory where the report goes
 */
public record ReportRun(BenchmarkRun benchmarks, Path directory) {

  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** The place of the stolen time among the processors' ticks. */
  private static final int STEAL = 7;

  /** What has been found so far. */
  private static final class Findings {
    private final List<Limit> limits = new ArrayList<>();
    private final Map<Trial, Result> results = new LinkedHashMap<>();
    private final List<BenchReport.Failure> failures = new ArrayList<>();
    private final List<Latency> latencies = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private final List<Footprint> footprints = new ArrayList<>();
  }

  /**
   * Measures, prints progress, and writes the report.
   *
   * @return whether all was measured, and nothing allocated that should not
   * @throws IllegalStateException if another run is under way
   * @throws IllegalArgumentException if there is no such backend, or a JVM does not start
   * @throws IOException if the report cannot be written
   */
  public boolean run(PrintWriter out) throws IOException, InterruptedException {
    return BenchmarkRun.alone(() -> runAlone(out));
  }

  private boolean runAlone(PrintWriter out) throws IOException, InterruptedException {
    ReportDirectory files = ReportDirectory.in(directory);
    Instant created = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    long[] ticks = processorTicks();
    List<ForkTarget> all = benchmarks.allTargets(out);
    List<ForkTarget> targets = all.stream().filter(ForkTarget::available).toList();
    BenchmarkRun.warnOfLoad(out);
    Findings found = new Findings();
    BenchReport.Build build = Provenance.build();
    BenchReport.Host host = Provenance.host(targets);
    List<BenchReport.Target> known = Provenance.targets(all, benchmarks.peers());
    Function<Boolean, BenchReport> report =
        whole ->
            new BenchReport(
                BenchReport.FORMAT,
                created.toString(),
                benchmarks.setting().name(),
                created.until(Instant.now(), ChronoUnit.MILLIS) * 1e-3,
                whole,
                build,
                host,
                known,
                found.limits,
                found.results.entrySet().stream()
                    .map(e -> underRoofs(e.getValue(), e.getKey().target(), found.limits))
                    .toList(),
                found.failures,
                found.latencies,
                found.starts,
                found.footprints,
                new BenchReport.Noise(
                    load, steal(ticks, processorTicks()), spreads(found.results.values())));
    Schedule schedule = schedule(targets, found, out);
    out.printf(
        "%nSetting %s: %d parts, about %s%n",
        benchmarks.setting().name(), schedule.times(), Numbers.clock(schedule.seconds()));
    // Who breaks off keeps what there is.
    schedule.run(out, found.failures::add, everyMinute(() -> files.write(report.apply(false))));
    files.write(report.apply(true));
    out.printf("%nReport: %s%n", files.page());
    List<Result> allocating =
        found.results.values().stream().filter(r -> !r.mayAllocate() && r.allocated() > 0).toList();
    allocating.forEach(
        r ->
            out.printf(
                "  FAIL %s, %s: %s B/op%n", r.title(), r.target(), Numbers.digits(r.allocated())));
    found.failures.forEach(
        failure ->
            out.printf("  FAIL %s, %s: %s%n", failure.title(), failure.target(), failure.reason()));
    out.flush();
    return allocating.isEmpty() && found.failures.isEmpty();
  }

  private Schedule schedule(List<ForkTarget> targets, Findings found, PrintWriter out)
      throws IOException, InterruptedException {
    Extent extent = Extent.of(benchmarks.setting());
    List<Part> parts = new ArrayList<>();
    everyWidth(targets).forEach(target -> parts.add(limits(target, found)));
    for (Trial trial : benchmarks.trials(targets)) {
      parts.add(
          new TrialRuns(trial)
              .part(benchmarks, out, measured -> found.results.put(trial, measured.result())));
    }
    for (ForkTarget target : targets) {
      parts.add(start(target, extent, found));
      parts.add(footprint(target, found));
      parts.add(latency(target, extent, found));
    }
    return new Schedule(parts);
  }

  private static Afterwards everyMinute(Afterwards work) {
    return new Afterwards() {
      private long last = System.nanoTime();

      @Override
      public void run() throws IOException {
        if (System.nanoTime() - last > MINUTE_NANOS) {
          work.run();
          last = System.nanoTime();
        }
      }
    };
  }

  /** The targets, and the same backends with narrower vectors. */
  private List<ForkTarget> everyWidth(List<ForkTarget> targets)
      throws IOException, InterruptedException {
    if (!benchmarks.instructionSets().isEmpty()) {
      return targets;
    }
    List<String> backends = targets.stream().map(ForkTarget::backend).toList();
    Map<String, ForkTarget> all = new LinkedHashMap<>();
    targets.forEach(target -> all.put(target.tier(), target));
    new BenchmarkRun(
            benchmarks.selection(),
            benchmarks.setting(),
            List.of(),
            Arrays.asList(InstructionSet.values()).reversed(),
            benchmarks.jvmArguments(),
            Optional.empty(),
            false,
            List.of())
        .allTargets(new PrintWriter(Writer.nullWriter())).stream()
            .filter(target -> target.available() && backends.contains(target.backend()))
            .forEach(target -> all.putIfAbsent(target.tier(), target));
    return List.copyOf(all.values());
  }

  private static WorkerJvm jvm(ForkTarget target) {
    return new WorkerJvm(target.tier(), target.backend(), target.jvmArguments());
  }

  private Part limits(ForkTarget target, Findings found) {
    int times = benchmarks.setting().leastJvms();
    return new Part(
        "limits of the machine",
        target.tier(),
        times,
        Extent.LIMITS_SECONDS,
        () -> {
          List<Limit> limits = jvm(target).limits();
          limits.forEach(limit -> merge(limit, found.limits));
          String peak =
              limits.stream()
                  .filter(limit -> limit.quantity() == Quantity.MULTIPLY_ADD)
                  .map(limit -> Numbers.digits(limit.best()) + " " + limit.quantity().unit())
                  .collect(Collectors.joining());
          int repetitions =
              found.limits.stream()
                  .filter(limit -> limit.target().equals(target.tier()))
                  .mapToInt(Limit::repetitions)
                  .max()
                  .orElse(times);
          return new Outcome(peak, repetitions < times);
        });
  }

  private static void merge(Limit limit, List<Limit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      Limit known = limits.get(i);
      if (known.target().equals(limit.target()) && known.quantity() == limit.quantity()) {
        limits.set(
            i,
            new Limit(
                known.target(),
                known.quantity(),
                known.bytes(),
                Math.max(known.best(), limit.best()),
                Math.min(known.lowest(), limit.best()),
                known.repetitions() + 1));
        return;
      }
    }
    limits.add(limit);
  }

  private static Part start(ForkTarget target, Extent extent, Findings found) {
    return new Part(
        "from start to steady state",
        target.tier(),
        1,
        extent.starts() * (extent.startSeconds() + 0.5),
        () -> {
          List<Start> starts = new ArrayList<>();
          for (int i = 0; i < extent.starts(); i++) {
            starts.add(jvm(target).start(extent.startSeconds()));
          }
          Start start =
              new Start(
                  target.tier(),
                  starts.getFirst().network(),
                  median(starts, Start::firstMillis),
                  median(starts, Start::steadyMillis),
                  median(starts, Start::steadyNanos),
                  starts.size(),
                  starts.getFirst().curve(),
                  starts.getFirst().joules());
          found.starts.add(start);
          return Outcome.once(
              "first result after %.0f ms, steady after %.0f ms"
                  .formatted(start.firstMillis(), start.steadyMillis()));
        });
  }

  private static double median(List<Start> starts, ToDoubleFunction<Start> figure) {
    double[] sorted = starts.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static Part footprint(ForkTarget target, Findings found) {
    return new Part(
        "memory",
        target.tier(),
        1,
        Extent.JVM_SECONDS,
        () -> {
          Footprint footprint = jvm(target).footprint();
          found.footprints.add(footprint);
          return Outcome.once(
              footprint.resident().known()
                  ? Numbers.bytes(footprint.resident().value()) + " resident"
                  : footprint.resident().unavailable());
        });
  }

  private static Part latency(ForkTarget target, Extent extent, Findings found) {
    return new Part(
        "%d steps at %.0f a second".formatted(extent.steps(), extent.stepsPerSecond()),
        target.tier(),
        1,
        extent.latencySeconds(),
        () -> {
          Latency latency = jvm(target).latency(extent.stepsPerSecond(), extent.steps());
          found.latencies.add(latency);
          return Outcome.once(
              "p50 %s, p99.9 %s, worst %s"
                  .formatted(
                      Numbers.time(latency.response().p50()),
                      Numbers.time(latency.response().p999()),
                      Numbers.time(latency.response().worst())));
        });
  }

  /**
   * A result under the roofs of the whole run, where they are higher than those of its own JVM:
   * that of the multiply-adds, and that of the smallest level that its weights fit into.
   */
  private static Result underRoofs(Result result, ForkTarget probed, List<Limit> limits) {
    List<Limit> own =
        limits.stream().filter(limit -> limit.target().equals(probed.tier())).toList();
    double peak =
        own.stream()
            .filter(limit -> limit.quantity() == Quantity.MULTIPLY_ADD)
            .mapToDouble(Limit::best)
            .findFirst()
            .orElse(0);
    double bandwidth =
        own.stream()
            .filter(limit -> limit.quantity().isRead() && limit.bytes() >= result.workingSet())
            .mapToDouble(Limit::best)
            .findFirst()
            .orElse(0);
    return result.under(
        Math.max(result.peak(), peak),
        result.bytes() == 0 ? 0 : Math.max(result.bandwidth(), bandwidth));
  }

  /** Time of all processors by what they did, in ticks; empty if nothing tells. */
  private static long[] processorTicks() {
    try {
      String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split("\\s+");
      return Arrays.stream(fields).skip(1).mapToLong(Long::parseLong).toArray();
    } catch (IOException | NumberFormatException e) {
      return new long[0];
    }
  }

  private static Reading steal(long[] before, long[] after) {
    if (before.length <= STEAL || after.length != before.length) {
      return Reading.unavailable("nothing like Linux's /proc/stat tells it");
    }
    // The guests' time, behind the steal, is part of the users'.
    double all = 0;
    for (int i = 0; i <= STEAL; i++) {
      all += after[i] - before[i];
    }
    return Reading.of(all == 0 ? 0 : (after[STEAL] - before[STEAL]) / all);
  }

  /** How much the same limits differ between the JVMs of this library's backends. */
  private static List<Spread> spreads(Collection<Result> results) {
    List<Spread> spreads = new ArrayList<>();
    results.stream()
        .filter(result -> !result.peer())
        .collect(
            Collectors.groupingBy(
                Result::target,
                LinkedHashMap::new,
                Collectors.flatMapping(result -> result.jvms().stream(), Collectors.toList())))
        .forEach(
            (target, jvms) -> {
              spreads.add(spread(target, Quantity.CLOCK, jvms, BenchReport.Jvm::clock));
              spreads.add(spread(target, Quantity.MULTIPLY_ADD, jvms, BenchReport.Jvm::peak));
            });
    return spreads;
  }

  private static Spread spread(
      String target,
      Quantity quantity,
      List<BenchReport.Jvm> jvms,
      ToDoubleFunction<BenchReport.Jvm> figure) {
    double[] sorted = jvms.stream().mapToDouble(figure).sorted().toArray();
    return new Spread(
        target,
        quantity,
        sorted[0],
        sorted[sorted.length / 2],
        sorted[sorted.length - 1],
        sorted.length);
  }
}
