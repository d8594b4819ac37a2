package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a leaf: at most {@value #SAMPLES} consecutive samples of a batch, with those steps
 * that count. Rows stand in the order in which gradients are summed over them: steps descending,
 * and samples ascending within a step; steps that are masked have none.
 */
final class LeafRows {
  /** Samples of a whole leaf: part of the promise of equal bits. */
  static final int SAMPLES = 16;

  private int steps;
  private int samples;
  private int rows;

  /** Whether all steps count, and what else was set last: leaves are mostly as the one before. */
  private boolean isWhole;

  private int firstSample;
  private int firstStep;
  private int[] first = {};
  private int[] sample = {};
  private int[] step = {};
  private MemorySegment stepOfRow = MemorySegment.NULL;
  private MemorySegment sampleOfRow = MemorySegment.NULL;

  /** Whether a step of a sample counts. */
  interface Mask {
    boolean has(int sample, int step);
  }

  /**
   * Takes other samples and steps.
   *
   * @param firstStep of the sequence, for random numbers
   * @param firstSample of the batch, likewise
   * @param mask null if all steps count
   */
  void set(int samples, int steps, int firstSample, int firstStep, @Nullable Mask mask) {
    boolean same =
        isWhole
            && mask == null
            && samples == this.samples
            && steps == this.steps
            && firstSample == this.firstSample
            && firstStep == this.firstStep;
    if (same) {
      return;
    }
    isWhole = mask == null;
    this.firstSample = firstSample;
    this.firstStep = firstStep;
    this.samples = samples;
    this.steps = steps;
    int most = Math.multiplyExact(samples, steps);
    if (sample.length < most || first.length < steps + 1) {
      sample = new int[most];
      step = new int[most];
      first = new int[steps + 1];
      stepOfRow = Staging.allocate(Math.max(1, most) * (long) Integer.BYTES);
      sampleOfRow = Staging.allocate(Math.max(1, most) * (long) Integer.BYTES);
    }
    int row = 0;
    for (int t = steps - 1; t >= 0; t--) {
      // first[t + 1] is where the rows of this step begin, first[t] where they end.
      first[t + 1] = row;
      for (int i = 0; i < samples; i++) {
        if (mask == null || mask.has(i, t)) {
          sample[row] = i;
          step[row] = t;
          stepOfRow.setAtIndex(JAVA_INT, row, firstStep + t);
          sampleOfRow.setAtIndex(JAVA_INT, row, firstSample + i);
          row++;
        }
      }
    }
    first[0] = row;
    rows = row;
  }

  int steps() {
    return steps;
  }

  int samples() {
    return samples;
  }

  /** Rows of all steps. */
  int rows() {
    return rows;
  }

  /** The first row of a step. */
  int first(int ofStep) {
    return first[ofStep + 1];
  }

  /** Rows of a step. */
  int count(int ofStep) {
    return first[ofStep] - first[ofStep + 1];
  }

  /** The sample of a row, counted from the leaf's first. */
  int sample(int row) {
    return sample[row];
  }

  /** The step of a row, counted from the first of these. */
  int step(int row) {
    return step[row];
  }

  /** The row of a sample's step, or -1 if it does not count. */
  int row(int of, int ofStep) {
    for (int row = first(ofStep), end = row + count(ofStep); row < end; row++) {
      if (sample[row] == of) {
        return row;
      }
    }
    return -1;
  }

  /** The row of the same sample and step when the sequences are taken from their ends. */
  int reversed(int row) {
    int ofStep = step[row];
    // What stands before a step's rows stands behind them then.
    return rows - first(ofStep) - count(ofStep) + (row - first(ofStep));
  }

  /** The last row of a sample, or -1 if none of its steps counts. */
  int lastRow(int of) {
    for (int row = 0; row < rows; row++) {
      if (sample[row] == of) {
        return row;
      }
    }
    return -1;
  }

  /** int32 of every row from one on: its step of the sequence. */
  MemorySegment stepsFrom(int row) {
    return stepOfRow.asSlice((long) row * Integer.BYTES);
  }

  /** int32 of every row from one on: its sample of the batch. */
  MemorySegment samplesFrom(int row) {
    return sampleOfRow.asSlice((long) row * Integer.BYTES);
  }
}
