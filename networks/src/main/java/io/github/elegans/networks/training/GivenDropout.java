package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/** Dropout by factors of the caller's, behind every layer. */
record GivenDropout(GradientSession.Dropout factors) implements TrainableCell.Dropout {
  @Override
  public void apply(int layer, RowBuffer y, int row, int n, LeafRows rows) {
    MemorySegment samples = rows.samplesFrom(row);
    MemorySegment steps = rows.stepsFrom(row);
    for (int i = 0; i < n; i++) {
      int sample = samples.getAtIndex(JAVA_INT, i);
      int step = steps.getAtIndex(JAVA_INT, i);
      for (int unit = 0; unit < y.width(); unit++) {
        y.set(row + i, unit, y.get(row + i, unit) * factors.factor(sample, step, layer, unit));
      }
    }
  }

  @Override
  public boolean isEverywhere() {
    return true;
  }
}
