package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;
import io.github.elegans.kernels.ProgramKernel;

/** The variables of a group of lanes, in either precision. */
final class LaneMemory {
  private final double[] doubles;
  private final float[] floats;
  private final int width;

  LaneMemory(Precision precision, int variables, int width) {
    this.width = width;
    this.doubles = new double[precision == Precision.DOUBLE ? variables * width : 0];
    this.floats = new float[precision == Precision.FLOAT ? variables * width : 0];
  }

  int width() {
    return width;
  }

  double get(int variable, int lane) {
    int at = variable * width + lane;
    return doubles.length > 0 ? doubles[at] : floats[at];
  }

  void set(int variable, int lane, double value) {
    int at = variable * width + lane;
    if (doubles.length > 0) {
      doubles[at] = value;
    } else {
      floats[at] = (float) value;
    }
  }

  int run(ProgramKernel kernel, int rounds) {
    return doubles.length > 0 ? kernel.run(doubles, rounds) : kernel.run(floats, rounds);
  }

  /** Copies all variables of a lane to a lane of another memory. */
  void copy(int lane, LaneMemory to, int toLane, int variables) {
    if (doubles.length > 0) {
      for (int v = 0; v < variables; v++) {
        to.doubles[v * to.width + toLane] = doubles[v * width + lane];
      }
    } else {
      for (int v = 0; v < variables; v++) {
        to.floats[v * to.width + toLane] = floats[v * width + lane];
      }
    }
  }
}
