package io.github.elegans.ode;

import io.github.elegans.checks.Require;
import java.util.Arrays;
import java.util.Objects;

/** What came of the samples of a {@link NeuralOde}. */
public final class NeuralSolution {
  private final int samples;
  private final int states;
  private final double[] saveAt;
  final float[] end;
  final double[] times;
  final Status[] status;
  final int[] steps;
  final int[] rejected;
  private final float[][] saved;

  NeuralSolution(int samples, int states, double[] saveAt) {
    this.samples = samples;
    this.states = states;
    this.saveAt = saveAt;
    end = new float[Require.elements("states at the end", samples, states)];
    times = new double[samples];
    status = new Status[samples];
    steps = new int[samples];
    rejected = new int[samples];
    saved = new float[samples][Require.elements("saved states", saveAt.length, states)];
    for (float[] values : saved) {
      Arrays.fill(values, Float.NaN);
    }
  }

  /** How many samples there are. */
  public int samples() {
    return samples;
  }

  /** The states at the end of each sample, [samples, states] row-major. */
  public float[] states() {
    return end.clone();
  }

  /** A state at the end of a sample, or where it stopped. */
  public float state(int sample, int state) {
    Objects.checkIndex(state, states);
    return end[Objects.checkIndex(sample, samples) * states + state];
  }

  /** The time that a sample reached. */
  public double time(int sample) {
    return times[Objects.checkIndex(sample, samples)];
  }

  /** How a sample ended. */
  public Status status(int sample) {
    return status[Objects.checkIndex(sample, samples)];
  }

  /** Steps that a sample took. */
  public int steps(int sample) {
    return steps[Objects.checkIndex(sample, samples)];
  }

  /** Steps that a sample tried in vain. */
  public int rejected(int sample) {
    return rejected[Objects.checkIndex(sample, samples)];
  }

  /** The times at which states were kept. */
  public double[] saveTimes() {
    return saveAt.clone();
  }

  /** A sample's states at the times to save at, [times, states] row-major; NaN where it was not. */
  public float[] saved(int sample) {
    return saved[Objects.checkIndex(sample, samples)].clone();
  }

  float[] savedAt(int sample) {
    return saved[sample];
  }
}
