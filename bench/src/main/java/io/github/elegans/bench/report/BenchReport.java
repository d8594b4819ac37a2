package io.github.elegans.bench.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that a run of the benchmarks found, as it is written to a file. A target is a backend on a
 * tier, or a library that does the same work, by the name that people read.
 *
 * @param format the version of this format, {@value #FORMAT}
 * @param created when the run began, as ISO 8601 in UTC
 * @param setting how long was measured: {@code quick}, {@code short}, {@code full}
 * @param seconds how long the run took
 * @param whole whether it came to its end
 * @param build what was measured
 * @param host where
 * @param targets all that were looked for, the preferred first
 * @param limits the machine's limits through each target
 * @param results the benchmarks
 * @param failures benchmarks that failed in some JVM, and why
 * @param latencies single steps at a fixed rate
 * @param starts from the start of a JVM to its steady state
 * @param footprints what lies in memory
 * @param noise how quiet the machine was
 */
public record BenchReport(
    int format,
    String created,
    String setting,
    double seconds,
    boolean whole,
    Build build,
    Host host,
    List<Target> targets,
    List<Limit> limits,
    List<Result> results,
    List<Failure> failures,
    List<Latency> latencies,
    List<Start> starts,
    List<Footprint> footprints,
    Noise noise) {
  /** The version of the format: another one cannot be read. */
  public static final int FORMAT = 5;

  /** Checks that the format is the one that this class knows. */
  public BenchReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException("format must be %d, but is %d".formatted(FORMAT, format));
    }
    targets = List.copyOf(targets);
    limits = List.copyOf(limits);
    results = List.copyOf(results);
    failures = List.copyOf(failures);
    latencies = List.copyOf(latencies);
    starts = List.copyOf(starts);
    footprints = List.copyOf(footprints);
  }

  /**
   * A figure, or why there is none.
   *
   * @param value 0 if there is none
   * @param unavailable why there is none; empty if there is one
   */
  public record Reading(double value, String unavailable) {
    public static Reading of(double value) {
      return new Reading(value, "");
    }

    public static Reading unavailable(String reason) {
      return new Reading(0, reason);
    }

    /** Whether there is a figure. */
    public boolean known() {
      return unavailable.isEmpty();
    }
  }

  /**
   * What was measured.
   *
   * @param version of the library
   * @param commit as {@code git describe} has it; empty if nothing tells it
   */
  public record Build(String version, String commit) {}

  /**
   * The machine and the JVM.
   *
   * @param processor its name
   * @param processors how many were available
   * @param features those that matter for vector code
   * @param caches the data caches of a core, the nearest first
   * @param memoryBytes 0 if it is not known
   * @param system the operating system
   * @param jvm name and build
   * @param flags flags of the JVM that decide what compiled code may use
   * @param arguments what every measuring JVM was started with
   */
  public record Host(
      String processor,
      int processors,
      List<String> features,
      List<Cache> caches,
      long memoryBytes,
      String system,
      String jvm,
      List<String> flags,
      List<String> arguments) {}

  /** A data cache: 1 is nearest. */
  public record Cache(int level, long bytes) {}

  /**
   * Something that can be measured.
   *
   * @param name backend and tier; empty if it cannot run
   * @param backend the backend's or library's name
   * @param note why it cannot run, or what should be known of it; may be empty
   * @param peer whether it is another library
   */
  public record Target(String name, String backend, String note, boolean peer) {}

  /**
   * A limit of the machine on one thread.
   *
   * @param target through what it was probed, by name
   * @param quantity one of {@link Quantity}
   * @param bytes the working set of a read, otherwise 0
   * @param best the best rate, in the quantity's unit
   * @param lowest the worst of the repetitions' bests: how far the machine changed meanwhile
   * @param repetitions how often it was probed, from the run's begin to its end
   */
  public record Limit(
      String target, Quantity quantity, long bytes, double best, double lowest, int repetitions) {}

  /** Limits. */
  public enum Quantity {
    CLOCK("clock", "GHz"),
    MULTIPLY_ADD("multiply-add peak", "GFLOP/s"),
    DIVISION("divisions", "10⁹/s"),
    GATHER("gathered floats", "10⁹/s"),
    READ_L1("read from L1", "GB/s"),
    READ_L2("read from L2", "GB/s"),
    READ_L3("read from L3", "GB/s"),
    READ_MEMORY("read from memory", "GB/s");

    private final String label;
    private final String unit;

    Quantity(String label, String unit) {
      this.label = label;
      this.unit = unit;
    }

    public String label() {
      return label;
    }

    public String unit() {
      return unit;
    }

    /** Whether it is the bandwidth of a level of memory. */
    public boolean isRead() {
      return compareTo(READ_L1) >= 0;
    }
  }

  /**
   * A benchmark on a target. Times are nanoseconds of one operation.
   *
   * @param benchmark class and method
   * @param group what benchmarks of this kind are, in words
   * @param parameters values by name, but for the backend
   * @param kind what the title begins with: the benchmark in words
   * @param title the benchmark and its parameters in words
   * @param target on what, by name
   * @param peer whether that is another library
   * @param jvms those that measured it, in this order, with others between them
   * @param iterations in all of them together
   * @param mean over all iterations
   * @param error half of the mean's 99.9 % confidence interval
   * @param lower the lower quartile of the iterations
   * @param median of the iterations
   * @param upper the upper quartile of the iterations
   * @param best in the best of many pieces of some tenths of a millisecond: as undisturbed as the
   *     limits are
   * @param item what an operation consists of, such as a sample or an element
   * @param items how many of them
   * @param flops floating-point operations of its matrix products, of float32 functions, or of the
   *     steps of differential equations, a double's as two; 0 if none are counted
   * @param bytes what each thread must read at least once; 0 if it is not known
   * @param workingSet bytes that each thread touches over and over; 0 if it is not known
   * @param threads that share the work
   * @param coreBound whether the core's clock decides the time: what is read comes from the core's
   *     own caches, or computing takes longer than reading
   * @param clock GHz, the highest that these JVMs found
   * @param peak GFLOP/s of multiply-adds on one thread: the best of the run
   * @param bandwidth GB/s from a working set as large as the benchmark's; 0 if it has none
   * @param allocated bytes of heap memory
   * @param mayAllocate whether it is expected to allocate
   */
  public record Result(
      String benchmark,
      String group,
      Map<String, String> parameters,
      String kind,
      String title,
      String target,
      boolean peer,
      List<Jvm> jvms,
      int iterations,
      double mean,
      double error,
      double lower,
      double median,
      double upper,
      double best,
      String item,
      double items,
      double flops,
      double bytes,
      long workingSet,
      int threads,
      boolean coreBound,
      double clock,
      double peak,
      double bandwidth,
      double allocated,
      boolean mayAllocate) {

    /** Checks that some JVM measured it. */
    public Result {
      jvms = List.copyOf(jvms);
      if (jvms.isEmpty()) {
        throw new IllegalArgumentException("%s on %s: no JVM".formatted(title, target));
      }
    }

    /** The same under other roofs. */
    public Result under(double newPeak, double newBandwidth) {
      return new Result(
          benchmark,
          group,
          parameters,
          kind,
          title,
          target,
          peer,
          jvms,
          iterations,
          mean,
          error,
          lower,
          median,
          upper,
          best,
          item,
          items,
          flops,
          bytes,
          workingSet,
          threads,
          coreBound,
          clock,
          newPeak,
          newBandwidth,
          allocated,
          mayAllocate);
    }

    /** One operation in the best JVM, in cycles if {@link #inCycles}, else in nanoseconds. */
    public double cost() {
      return sortedCosts()[0];
    }

    /**
     * By what share {@link #cost} may be too high: the third best of the JVMs by the best, or of
     * fewer the worst; where there is but one, its upper quartile by its best.
     */
    public double spread() {
      double[] sorted = sortedCosts();
      return sorted.length == 1
          ? upper / best - 1
          : sorted[Math.min(2, sorted.length - 1)] / sorted[0] - 1;
    }

    /** Whether the clock counts, and all JVMs probed it. */
    public boolean inCycles() {
      return coreBound && jvms.stream().allMatch(jvm -> jvm.clock > 0);
    }

    private double[] sortedCosts() {
      boolean cycles = inCycles();
      return jvms.stream()
          .mapToDouble(jvm -> cycles ? jvm.best * jvm.clock : jvm.best)
          .sorted()
          .toArray();
    }

    /** The parameters in words. */
    public String label() {
      String label = title.startsWith(kind) ? title.substring(kind.length()).strip() : title;
      return label.isEmpty() ? title : label;
    }

    /** What is measured, wherever. */
    public Key key() {
      return new Key(benchmark, parameters);
    }

    /** A parameter's value; empty if there is no such parameter. */
    public String parameter(String name) {
      return parameters.getOrDefault(name, "");
    }

    /** 10⁹ floating-point operations a second. */
    public double gflops() {
      return flops / best;
    }

    /** Floating-point operations by bytes that must be read; infinite if nothing must be. */
    public double intensity() {
      return flops / bytes;
    }

    /**
     * The least time that the machine needs, to compute or to read, by the best time; 0 if unknown.
     */
    public double shareOfRoof() {
      double compute = flops == 0 || peak == 0 ? 0 : flops / (threads * peak);
      double read = bytes == 0 || bandwidth == 0 ? 0 : bytes / bandwidth;
      return Math.max(compute, read) / best;
    }
  }

  /**
   * What one JVM found of a benchmark.
   *
   * @param best nanoseconds of one operation in the best piece
   * @param clock GHz; 0 if it was not probed
   * @param peak GFLOP/s of multiply-adds on one thread; 0 if it was not probed
   */
  public record Jvm(double best, double clock, double peak) {}

  /** A benchmark and its parameters. */
  public record Key(String benchmark, Map<String, String> parameters) {}

  /** A benchmark that failed, if only in a later JVM. */
  public record Failure(String title, String target, String reason) {}

  /**
   * Single steps at a fixed rate.
   *
   * @param network which, in words
   * @param stepsPerSecond how many are due
   * @param steps how many were made
   * @param late how many were begun after the next one was due
   * @param service from the begin of a step to its end
   * @param response from the time when the step was due to its end: what waited is late, too
   * @param waits between the steps where there is time, as long as a median step but a quarter of
   *     the period at most, with nothing but the clock: what they take longer is the machine's
   *     doing
   * @param pauses of the JVM meanwhile
   */
  public record Latency(
      String target,
      String network,
      double stepsPerSecond,
      long steps,
      long late,
      Distribution service,
      Distribution response,
      Distribution waits,
      Pauses pauses) {}

  /**
   * A distribution of times in nanoseconds.
   *
   * @param bins counts by upper end, in rising order
   */
  public record Distribution(
      double mean,
      double p50,
      double p90,
      double p99,
      double p999,
      double p9999,
      double worst,
      List<Bin> bins) {

    /** How many times there are. */
    public long count() {
      return bins.stream().mapToLong(Bin::count).sum();
    }

    /** So many times that are at most that long, and longer than the bin before has. */
    public record Bin(double nanos, long count) {}
  }

  /**
   * Pauses of a JVM.
   *
   * @param collections of garbage
   * @param collectionMillis all of them together
   * @param safepoints stops of all threads, for whatever reason
   * @param safepointMillis all of them together
   * @param worstSafepointMillis the longest
   */
  public record Pauses(
      long collections,
      double collectionMillis,
      long safepoints,
      double safepointMillis,
      double worstSafepointMillis) {}

  /**
   * From the start of a JVM to its steady state. Times are medians of some JVMs.
   *
   * @param firstMillis from the start of the process to the first result
   * @param steadyMillis from the start of the process until steps stay within a quarter of their
   *     final time
   * @param steadyNanos a step's final time
   * @param jvms how many were started
   * @param curve nanoseconds of a step by milliseconds since the start, of one of the JVMs
   * @param joules of a million steps in the steady state, of the whole package
   */
  public record Start(
      String target,
      String network,
      double firstMillis,
      double steadyMillis,
      double steadyNanos,
      int jvms,
      List<Point> curve,
      Reading joules) {

    /** A point of a curve. */
    public record Point(double x, double y) {}
  }

  /**
   * What lies in memory, in bytes.
   *
   * @param network in native memory, as it is packed
   * @param session in native memory, with a batch of 1
   * @param largeSession in native memory, with a batch of 64
   * @param bare resident set of a JVM that has done nothing
   * @param resident resident set of the JVM after the warm-up
   */
  public record Footprint(
      String target,
      String name,
      Reading network,
      Reading session,
      Reading largeSession,
      Reading bare,
      Reading resident) {}

  /**
   * How quiet the machine was.
   *
   * @param loadBefore load average when the run began; negative if it is not known
   * @param steal share of the processors' time that the hypervisor took away during the run
   * @param probe spread of the same limits, probed again and again through the run
   */
  public record Noise(double loadBefore, Reading steal, List<Spread> probe) {}

  /**
   * The spread of a limit over all JVMs of this library's backends that probed it.
   *
   * @param target through what
   * @param quantity what
   * @param lowest its lowest best
   * @param median its median best
   * @param highest its highest best
   * @param count how many JVMs
   */
  public record Spread(
      String target, Quantity quantity, double lowest, double median, double highest, int count) {

    /** Half of what lies between lowest and highest, as a share of the median. */
    public double share() {
      return median == 0 ? 0 : (highest - lowest) / 2 / median;
    }
  }

  /** The names of all that can run, the preferred first. */
  public List<String> targetNames() {
    return Stream.of(
            targets.stream().map(Target::name).filter(name -> !name.isEmpty()),
            results.stream().map(Result::target),
            limits.stream().map(Limit::target))
        .flatMap(names -> names)
        .distinct()
        .toList();
  }

  /** The results of this library's backends. */
  public List<Result> ours() {
    return results.stream().filter(result -> !result.peer).toList();
  }

  /** The spread that this share of {@link #ours} does not exceed; 0 if there are none. */
  public double spread(double share) {
    double[] spreads = ours().stream().mapToDouble(Result::spread).sorted().toArray();
    return spreads.length == 0 ? 0 : spreads[(int) Math.ceil(share * spreads.length) - 1];
  }

  /** The highest limit through any target, if it was probed. */
  public Optional<Limit> highest(Quantity quantity) {
    return limits.stream()
        .filter(limit -> limit.quantity == quantity)
        .max((a, b) -> Double.compare(a.best, b.best));
  }
}
