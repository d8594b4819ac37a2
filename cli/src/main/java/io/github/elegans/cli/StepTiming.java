package io.github.elegans.cli;

import io.github.elegans.cli.measuring.WarmUp;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The time of one step of a whole batch through the public session API, on one thread.
 *
 * @param backend the backend's name
 * @param batch rows of the batch
 * @param bestNanos the shortest repetition, divided by its steps
 * @param medianNanos the median repetition, divided by its steps
 * @param repetitions how many there were
 * @param compiled whether the compiler had finished before
 */
record StepTiming(
    String backend,
    int batch,
    double bestNanos,
    double medianNanos,
    int repetitions,
    boolean compiled) {
  private static final long REPETITION_NANOS = 2_000_000;
  private static final long MOST_WARM_UP_NANOS = 3_000_000_000L;
  private static final int LEAST_REPETITIONS = 5;

  /** Steps of single rows in a second, in the median. */
  double rowsPerSecond() {
    return batch * 1e9 / medianNanos;
  }

  /**
   * Times models in turn, so that whatever else the machine does falls on all of them.
   *
   * @param models one network on several backends
   * @param nanos about how long to measure, warming up not counted
   */
  static List<StepTiming> measure(List<Network> models, int batch, long nanos) {
    List<Subject> subjects = models.stream().map(model -> new Subject(model, batch)).toList();
    subjects.forEach(subject -> subject.warmUp());
    long begin = System.nanoTime();
    int repetitions = 0;
    while (repetitions < LEAST_REPETITIONS || System.nanoTime() - begin < nanos) {
      subjects.forEach(Subject::repeat);
      repetitions++;
    }
    return subjects.stream().map(Subject::result).toList();
  }

  /** A session under measurement. */
  private static final class Subject {
    private final Session session;
    private final float[] x;
    private final float[] out;
    private final List<Double> times = new ArrayList<>();
    private long steps = 1;
    private boolean compiled;

    Subject(Network model, int batch) {
      session = model.session(batch);
      x = noise(Sequence.elements(batch, model.inputSize()), 1);
      out = new float[Sequence.elements(batch, model.outputSize())];
    }

    /** Runs until the step is compiled, then finds out how many a repetition takes. */
    void warmUp() {
      compiled = WarmUp.untilCompiled(() -> session.step(x, 1, out), MOST_WARM_UP_NANOS);
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < LEAST_REPETITIONS; i++) {
        least = Math.min(least, time());
        steps = Math.max(1, (long) (REPETITION_NANOS / least));
      }
    }

    void repeat() {
      times.add(time());
    }

    private double time() {
      long start = System.nanoTime();
      for (long i = 0; i < steps; i++) {
        session.step(x, 1, out);
      }
      return (double) (System.nanoTime() - start) / steps;
    }

    StepTiming result() {
      double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
      Arrays.sort(sorted);
      return new StepTiming(
          session.network().kernels().backend(),
          session.batch(),
          sorted[0],
          sorted[sorted.length / 2],
          sorted.length,
          compiled);
    }
  }

  /** The same noise everywhere: normal deviates. */
  static float[] noise(int length, long seed) {
    var random = new Random(seed);
    var noise = new float[length];
    for (int i = 0; i < length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    return noise;
  }
}
