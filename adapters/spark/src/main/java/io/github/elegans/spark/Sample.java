package io.github.elegans.spark;

import io.github.elegans.networks.training.Sequences;
import io.github.elegans.spark.SequenceColumns.Sequence;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * What is learnt from.
 *
 * @param targets of every step, or of the last output
 */
record Sample(Sequence sequence, float[] targets) implements Serializable {
  /** Samples together, each of a step at least, padded to the longest. */
  static Sequences sequences(List<Sample> samples, boolean lastOnly, int targetSize) {
    int n = samples.size();
    int steps = 1;
    boolean isMasked = false;
    for (Sample sample : samples) {
      steps = Math.max(steps, sample.sequence.steps());
      isMasked |= sample.sequence.mask() != null;
    }
    for (Sample sample : samples) {
      isMasked |= sample.sequence.steps() != steps;
    }
    int inputs = samples.getFirst().sequence.x().length / samples.getFirst().sequence.steps();
    float[] x = new float[n * steps * inputs];
    float[] y = new float[lastOnly ? n * targetSize : n * steps * targetSize];
    float[] timespans = new float[n * steps];
    Arrays.fill(timespans, 1);
    boolean[] present = new boolean[n * steps];
    for (int i = 0; i < n; i++) {
      Sequence one = samples.get(i).sequence;
      float[] own = samples.get(i).targets;
      System.arraycopy(one.x(), 0, x, i * steps * inputs, one.x().length);
      System.arraycopy(own, 0, y, i * (y.length / n), own.length);
      if (one.timespans() != null) {
        System.arraycopy(one.timespans(), 0, timespans, i * steps, one.steps());
      }
      if (one.mask() != null) {
        System.arraycopy(one.mask(), 0, present, i * steps, one.steps());
      } else {
        Arrays.fill(present, i * steps, i * steps + one.steps(), true);
      }
    }
    Sequences sequences =
        lastOnly ? Sequences.lastOnly(n, steps, x, y) : Sequences.perStep(n, steps, x, y);
    sequences = sequences.withTimespans(timespans);
    return isMasked ? sequences.withMask(present) : sequences;
  }
}
