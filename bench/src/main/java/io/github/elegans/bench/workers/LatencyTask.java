package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Distribution;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Pauses;
import io.github.elegans.cli.measuring.WarmUp;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Steps at a fixed rate, each of a sample that arrives in an array of its own. A step is due at a
 * time that does not depend on those before it: one that has to wait for a late one counts its
 * waiting, too (otherwise a long pause would be one slow step, and the thousand steps that should
 * have been made meanwhile would not appear: Tene's coordinated omission).
 *
 * <p>Half way between two steps it waits as long as a step takes, with nothing but the clock: what
 * such a wait takes longer is the machine's doing (interrupts, a hypervisor), and none of ours. A
 * wait is a quarter of the period at most, and is left out where the next step would have to wait.
 */
final class LatencyTask {
  private static final long LONGEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 3;
  private static final long WARM_UP_NANOS = 20_000_000_000L;
  private static final double BIN_RATIO = 1.25;
  private static final long FIRST_BIN = 100;

  private final Subject subject;
  private final long periodNanos;
  private final Histogram service = new Histogram(LONGEST_NANOS, DIGITS);
  private final Histogram response = new Histogram(LONGEST_NANOS, DIGITS);
  private final Histogram waits = new Histogram(LONGEST_NANOS, DIGITS);
  private long waitNanos;
  private long late;

  private LatencyTask(Subject subject, double rate) {
    this.subject = subject;
    periodNanos = Math.round(1e9 / rate);
  }

  static Latency run(String target, String backend, double rate, long steps, PrintStream out) {
    Subject subject = new Subject(Subject.network(Subject.kernels(backend)));
    WarmUp.untilCompiled(subject::step, WARM_UP_NANOS);
    LatencyTask task = new LatencyTask(subject, rate);
    // The loop itself must be compiled, too.
    task.pace(Math.max(2000, steps / 10));
    task.waitNanos = Math.min(task.service.getValueAtPercentile(50), task.periodNanos / 4);
    task.service.reset();
    task.response.reset();
    task.waits.reset();
    task.late = 0;
    long collections = collections();
    long collectionMillis = collectionMillis();
    out.println(Worker.BEGIN);
    task.pace(steps);
    return new Latency(
        target,
        Subject.TITLE,
        rate,
        steps,
        task.late,
        distribution(task.service),
        distribution(task.response),
        distribution(task.waits),
        // Safepoints are read from the log by who started this JVM.
        new Pauses(collections() - collections, collectionMillis() - collectionMillis, 0, 0, 0));
  }

  private void pace(long steps) {
    long due = System.nanoTime() + periodNanos;
    for (long i = 0; i < steps; i++) {
      float[] sample = subject.sample();
      long begin = spinUntil(due);
      if (begin - due > periodNanos) {
        late++;
      }
      subject.step(sample);
      long end = System.nanoTime();
      service.recordValue(Math.min(LONGEST_NANOS, end - begin));
      response.recordValue(Math.min(LONGEST_NANOS, end - due));
      long asleep = spinUntil(due + periodNanos / 2);
      due += periodNanos;
      if (asleep + waitNanos - due < 0) {
        long awake = spinUntil(asleep + waitNanos);
        waits.recordValue(Math.min(LONGEST_NANOS, awake - asleep));
      }
    }
  }

  /** Comes back at that time, and says when that was. */
  private static long spinUntil(long time) {
    long now = System.nanoTime();
    while (now - time < 0) {
      Thread.onSpinWait();
      now = System.nanoTime();
    }
    return now;
  }

  private static Distribution distribution(Histogram histogram) {
    List<Distribution.Bin> bins = new ArrayList<>();
    for (var value : histogram.logarithmicBucketValues(FIRST_BIN, BIN_RATIO)) {
      if (value.getCountAddedInThisIterationStep() > 0) {
        bins.add(
            new Distribution.Bin(
                value.getValueIteratedTo(), value.getCountAddedInThisIterationStep()));
      }
    }
    return new Distribution(
        histogram.getMean(),
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(90),
        histogram.getValueAtPercentile(99),
        histogram.getValueAtPercentile(99.9),
        histogram.getValueAtPercentile(99.99),
        histogram.getMaxValue(),
        bins);
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  private static long collectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
