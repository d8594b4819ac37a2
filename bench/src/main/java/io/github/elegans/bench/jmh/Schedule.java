package io.github.elegans.bench.jmh;

import io.github.elegans.bench.jmh.BenchmarkRun.TrialFailedException;
import io.github.elegans.bench.report.BenchReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What a run measures, one part after the other. A part that is to be measured once more goes
 * behind all others: what disturbs the machine now may be over then. Measuring parts more often
 * than they should be ends after a while: a machine that is never quiet would have no end of it.
 */
record Schedule(List<Part> parts) {
  /** How long repetitions beyond those planned may take, by what the planned ones should take. */
  private static final double REPETITIONS_SHARE = 0.25;

  /**
   * A part of a run.
   *
   * @param title what is measured
   * @param target on what
   * @param times how often it should be
   * @param seconds about how long that takes each time
   * @param work measures it once
   */
  record Part(String title, String target, int times, double seconds, Work work) {}

  /** Measures something. */
  interface Work {
    Outcome run() throws IOException, InterruptedException, TrialFailedException;
  }

  /** What came out, in a few words, and whether to measure it once more. */
  record Outcome(String summary, boolean again) {
    static Outcome once(String summary) {
      return new Outcome(summary, false);
    }
  }

  /** What is to be done after each part. */
  interface Afterwards {
    void run() throws IOException;
  }

  /** How often something is measured, if nothing is once more than it should be. */
  int times() {
    return parts.stream().mapToInt(Part::times).sum();
  }

  /** About how many seconds that takes. */
  double seconds() {
    return parts.stream().mapToDouble(part -> part.times * part.seconds).sum();
  }

  /**
   * Measures all parts, and prints progress.
   *
   * @param failures takes parts that came to no result, and are not tried again
   * @throws IOException from what is done after a part
   */
  void run(PrintWriter out, Consumer<BenchReport.Failure> failures, Afterwards afterwards)
      throws IOException, InterruptedException {
    Progress progress = new Progress(times(), seconds());
    Deque<Part> queue = new ArrayDeque<>(parts);
    Map<Part, Integer> runs = new HashMap<>();
    OptionalLong end = OptionalLong.empty();
    while (!queue.isEmpty()) {
      Part part = queue.remove();
      int run = runs.merge(part, 1, Integer::sum);
      if (run > part.times) {
        if (end.isEmpty()) {
          end = OptionalLong.of(System.nanoTime() + (long) (REPETITIONS_SHARE * seconds() * 1e9));
        }
        if (System.nanoTime() - end.getAsLong() >= 0) {
          progress.dropped(1, part.seconds);
          continue;
        }
      }
      out.print("%s %s, %s: ".formatted(progress.next(), part.title, part.target));
      out.flush();
      try {
        Outcome outcome = part.work.run();
        out.print(outcome.summary);
        if (outcome.again) {
          queue.add(part);
          progress.queued(queue.size(), part.seconds);
        }
      } catch (IOException | TrialFailedException | RuntimeException e) {
        // The rest may work.
        failures.accept(new BenchReport.Failure(part.title, part.target, "" + e.getMessage()));
        out.print("FAILED: " + e.getMessage());
        progress.dropped(Math.max(0, part.times - run), part.seconds);
      }
      progress.done(part.seconds);
      out.println("   " + progress.left());
      out.flush();
      afterwards.run();
    }
  }
}
