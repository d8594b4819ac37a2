package io.github.elegans.bench.jmh;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.Backends;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.bench.report.Numbers;
import io.github.elegans.checks.Words;
import io.github.elegans.cli.measuring.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs benchmarks in JVMs of their own, one after the other, and reports.
 *
 * @param selection what to measure
 * @param setting how long
 * @param backends backends by name, each of which must be able to run; empty for all that can
 * @param instructionSets caps of the instruction set, each measured on its own; empty for none
 * @param jvmArguments further arguments of the JVMs
 * @param results where JMH's JSON goes
 * @param verbose whether to show JMH's own output
 * @param peers other libraries that do the same, beside the backends
 */
public record BenchmarkRun(
    Selection selection,
    Setting setting,
    List<String> backends,
    List<InstructionSet> instructionSets,
    List<String> jvmArguments,
    Optional<Path> results,
    boolean verbose,
    List<Peer> peers) {
  /** JMH's property for runs beside others. */
  private static final String IGNORE_LOCK = "jmh.ignoreLock";

  /**
   * What every JVM that uses the vector and the native backend is started with, and JMH, which the
   * JVM would warn of in the middle of our lines.
   */
  private static final List<String> FLAGS =
      List.of(
          "--add-modules=jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** Lines by which a dying JVM says why. */
  private static final Pattern LAST_WORDS =
      Pattern.compile("Unrecognized|Error|Exception|# +(SIG|EXCEPTION_|Internal)");

  /**
   * A case on a backend, or on a peer.
   *
   * @param target the backend; of a peer, the one that the machine's limits are probed with
   */
  record Trial(BenchmarkCase what, ForkTarget target, Optional<Peer> peer) {
    String label() {
      return peer.map(Peer::title).orElse(target.tier());
    }

    /** What JMH runs. */
    BenchmarkCase benchmark() {
      return peer.map(it -> PeerBenchmark.of(it, what)).orElse(what);
    }

    /** What JMH found. */
    Measurement measured(RunResult result) {
      return Measurement.of(what, label(), peer.isPresent(), result);
    }
  }

  /** A trial came to no result; the message says why. */
  static final class TrialFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    TrialFailedException(String reason) {
      super(reason);
    }
  }

  /**
   * Measures, and prints progress and tables.
   *
   * @return whether every benchmark ran and none allocated
   * @throws BackendUnavailableException if a backend that was named cannot run
   * @throws IllegalStateException if another run is under way
   * @throws IllegalArgumentException if there is no such backend, or a JVM does not start
   * @throws IOException if the results cannot be written
   */
  public boolean run(PrintWriter out) throws IOException, InterruptedException {
    return alone(() -> runAlone(out));
  }

  /** Something that measures. */
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Runs while no other run measures on this machine. */
  static <T> T alone(Work<T> work) throws IOException, InterruptedException {
    if (Boolean.getBoolean(IGNORE_LOCK)) {
      return work.run();
    }
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "elegans-bench.lock");
    try (FileChannel channel = openForAll(file);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new IllegalStateException(
            "another run measures on this machine and holds %s; two would disturb each other"
                .formatted(file));
      }
      return work.run();
    }
  }

  /** Opens a file that other users can open, too, and makes it if there is none. */
  private static FileChannel openForAll(Path file) throws IOException {
    try {
      FileChannel made =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
      }
      return made;
    } catch (FileAlreadyExistsException e) {
      // Without CREATE, which Linux refuses for another user's file in a folder like /tmp.
      return FileChannel.open(file, StandardOpenOption.WRITE);
    }
  }

  private boolean runAlone(PrintWriter out) throws IOException, InterruptedException {
    List<ForkTarget> targets = targets(out);
    warnOfLoad(out);
    List<Trial> trials = trials(targets);
    if (results.isPresent()) {
      // Before the long wait: may it be written at all?
      write(List.of(), results.get());
    }
    List<TrialRuns> runs = trials.stream().map(TrialRuns::new).toList();
    Map<TrialRuns, Measurement> measurements = new LinkedHashMap<>();
    List<BenchReport.Failure> failures = new ArrayList<>();
    Schedule schedule =
        new Schedule(
            runs.stream()
                .map(trial -> trial.part(this, out, found -> measurements.put(trial, found)))
                .toList());
    out.printf(
        "%nSetting %s: %s in %s each%s, %d x %d ms warm-up, %d x %d ms measured; about %s%n",
        setting.name(),
        Words.count(trials.size(), "benchmark"),
        Words.count(setting.leastJvms(), "JVM"),
        setting.mostForks() > setting.forks()
            ? " and in up to %d where they differ".formatted(setting.mostForks())
            : "",
        setting.warmups(),
        setting.warmup().toMillis(),
        setting.iterations(),
        setting.iteration().toMillis(),
        Numbers.clock(schedule.seconds()));
    schedule.run(
        out,
        failures::add,
        () -> {
          if (results.isPresent()) {
            write(
                runs.stream().map(TrialRuns::found).filter(Objects::nonNull).toList(),
                results.get());
          }
        });
    return report(List.copyOf(measurements.values()), failures, out);
  }

  /** All cases on all targets, and what peers can do of them. */
  List<Trial> trials(List<ForkTarget> targets) {
    List<Trial> trials = new ArrayList<>();
    for (BenchmarkCase what : selection.cases(setting)) {
      for (ForkTarget target : targets) {
        trials.add(new Trial(what, target, Optional.empty()));
      }
      trials.addAll(peerTrials(what, targets));
    }
    return trials;
  }

  /** What a case is for the peers that can do it. */
  private List<Trial> peerTrials(BenchmarkCase what, List<ForkTarget> targets) {
    if (peers.isEmpty() || targets.isEmpty()) {
      return List.of();
    }
    return PeerBenchmark.task(what).stream()
        .flatMap(task -> peers.stream().filter(peer -> peer.reason().isEmpty() && peer.does(task)))
        .map(peer -> new Trial(what, targets.getFirst(), Optional.of(peer)))
        .toList();
  }

  /** Says so if others keep the processors busy. */
  static void warnOfLoad(PrintWriter out) {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    double load = system.getSystemLoadAverage();
    int processors = system.getAvailableProcessors();
    if (load > processors / 2.0) {
      out.printf(
          Locale.ROOT,
          "  The machine is busy (load average %.1f on %d processors): expect noise%n",
          load,
          processors);
    }
  }

  private boolean report(
      List<Measurement> measurements, List<BenchReport.Failure> failures, PrintWriter out) {
    boolean passed = failures.isEmpty();
    if (!measurements.isEmpty()) {
      MeasurementTables report = new MeasurementTables(measurements);
      report.lines().forEach(out::println);
      out.println();
      List<String> allocating = report.allocating();
      passed &= allocating.isEmpty();
      long own = measurements.stream().filter(m -> !m.mayAllocate()).count();
      out.printf(
          "Allocation after warm-up: %s (%d of %d benchmarks at 0 B/op)%n",
          allocating.isEmpty() ? "OK" : "FAIL", own - allocating.size(), own);
      allocating.forEach(line -> out.println("  FAIL " + line));
    }
    if (!failures.isEmpty()) {
      out.printf("Failed: %d%n", failures.size());
      failures.forEach(
          failure ->
              out.printf("  %s, %s: %s%n", failure.title(), failure.target(), failure.reason()));
    }
    results.ifPresent(file -> out.println("JMH's results: " + file));
    out.flush();
    return passed;
  }

  /** Asks JVMs like those that will measure, and prints what they have: what can run. */
  private List<ForkTarget> targets(PrintWriter out) throws IOException, InterruptedException {
    return allTargets(out).stream().filter(ForkTarget::available).toList();
  }

  /** The same with what cannot run. */
  List<ForkTarget> allTargets(PrintWriter out) throws IOException, InterruptedException {
    List<List<String>> variants = new ArrayList<>();
    for (InstructionSet cap : instructionSets) {
      variants.add(List.of("-D%s=%s".formatted(InstructionSet.PROPERTY, cap.label())));
    }
    if (variants.isEmpty()) {
      variants.add(List.of());
    }
    List<ForkTarget> targets = new ArrayList<>();
    for (List<String> variant : variants) {
      List<String> arguments = new ArrayList<>(FLAGS);
      arguments.addAll(ownProperties());
      arguments.addAll(variant);
      arguments.addAll(jvmArguments);
      ForkTarget.Jvm jvm = ForkTarget.ask(arguments);
      if (targets.isEmpty()) {
        out.println(Machine.probe().name() + ", " + jvm.description());
      }
      for (String name : backends) {
        check(name, jvm.targets());
      }
      for (ForkTarget target : jvm.targets()) {
        boolean wanted = backends.isEmpty() || backends.contains(target.backend());
        // A cap that changes nothing needs no second measurement.
        boolean known =
            targets.stream()
                .anyMatch(
                    other ->
                        other.tier().equals(target.tier())
                            && other.backend().equals(target.backend()));
        if (wanted && !known) {
          targets.add(target);
          String reason = target.reason().isEmpty() ? "" : ": " + target.reason();
          out.println(
              "  "
                  + (target.available() ? target.tier() : target.backend() + " is not available")
                  + reason);
        }
      }
    }
    for (Peer peer : peers) {
      out.println(
          "  "
              + (peer.reason().isEmpty()
                  ? peer.title()
                  : peer.name() + " is not available: " + peer.reason()));
    }
    return targets;
  }

  /** The library's properties that this JVM was started with, such as its native library's path. */
  private static List<String> ownProperties() {
    return System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("elegans.") && !name.equals(Backends.PROPERTY))
        .sorted()
        .map(name -> "-D%s=%s".formatted(name, System.getProperty(name)))
        .toList();
  }

  private static void check(String name, List<ForkTarget> targets) {
    ForkTarget found =
        targets.stream()
            .filter(target -> target.backend().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "unknown backend '%s': expected one of %s"
                            .formatted(
                                name,
                                targets.stream()
                                    .map(ForkTarget::backend)
                                    .collect(Collectors.joining(", ")))));
    if (!found.available()) {
      throw new BackendUnavailableException(
          "backend '%s' cannot run here: %s".formatted(name, found.reason()));
    }
  }

  /** Runs a trial in one JVM. */
  RunResult run(Trial trial, PrintWriter out) throws TrialFailedException {
    CapturingFormat format = new CapturingFormat(verbose, out);
    ForkTarget target = trial.target;
    try {
      RunResult result =
          run(trial.benchmark(), setting, target.backend(), target.forkArguments(), format);
      if (setting.forks() > 0
          && !format.text().contains(RunningJvm.ANNOUNCEMENT + trial.label() + ",")) {
        throw new TrialFailedException(
            "the JVM did not say that it runs on %s".formatted(trial.label()));
      }
      return result;
    } catch (RunnerException e) {
      throw new TrialFailedException(reason(e, format.text()));
    }
  }

  /** Runs one benchmark in one JVM. */
  static RunResult run(
      BenchmarkCase what,
      Setting setting,
      String backend,
      List<String> forkArguments,
      CapturingFormat format)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + Pattern.quote(what.benchmark()) + "$")
            .forks(Math.min(1, setting.forks()))
            .jvmArgs()
            .jvmArgsAppend(forkArguments.toArray(String[]::new))
            .warmupIterations(setting.warmups())
            .warmupTime(TimeValue.milliseconds(setting.warmup().toMillis()))
            .measurementIterations(setting.iterations())
            .measurementTime(TimeValue.milliseconds(setting.iteration().toMillis()))
            .addProfiler(RooflineProfiler.class)
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .param("backend", backend);
    what.parameters().forEach((name, value) -> options.param(name, value));
    return new Runner(options.build(), format).runSingle();
  }

  /** Why there is no result, in one line. */
  static String reason(Throwable thrown, String printed) {
    Throwable cause = thrown;
    while (cause.getCause() != null || cause.getSuppressed().length > 0) {
      cause = cause.getSuppressed().length > 0 ? cause.getSuppressed()[0] : cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    if (message.startsWith("Forked VM")) {
      // It is gone; its last words may tell.
      return printed
          .lines()
          .filter(line -> LAST_WORDS.matcher(line).find())
          .findFirst()
          .map(line -> message + ": " + line.strip())
          .orElse(message);
    }
    boolean clear =
        cause instanceof IllegalArgumentException
            || cause instanceof IllegalStateException
            || cause instanceof BackendUnavailableException
            || cause instanceof RunnerException;
    return clear ? message : cause.getClass().getSimpleName() + ": " + message;
  }

  private static void write(List<RunResult> results, Path file) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (PrintStream to = new PrintStream(json, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, to).writeOut(results);
    }
    Files.write(file, json.toByteArray());
  }
}
