package io.github.elegans.ode;

/** The last step of a lane, as a polynomial of each state in θ: 0 where it begins, 1 at its end. */
final class DenseStep {
  private final LaneMemory lanes;
  private final Layout layout;
  private final int states;
  private final int parameters;

  DenseStep(LaneMemory lanes, Layout layout, OdeSystem system) {
    this.lanes = lanes;
    this.layout = layout;
    this.states = system.states().size();
    this.parameters = system.parameters().size();
  }

  double time(int lane, double theta) {
    return theta == 1
        ? lanes.get(layout.time, lane)
        : lanes.get(layout.timeBefore, lane) + theta * lanes.get(layout.stepTaken, lane);
  }

  double theta(int lane, double time) {
    return time == lanes.get(layout.time, lane)
        ? 1
        : Math.min(
            1, (time - lanes.get(layout.timeBefore, lane)) / lanes.get(layout.stepTaken, lane));
  }

  /** Writes the states at θ to an array, from an index on. */
  void states(int lane, double theta, double[] to, int from) {
    for (int i = 0; i < states; i++) {
      to[from + i] = theta == 1 ? lanes.get(layout.states + i, lane) : value(lane, i, theta);
    }
  }

  private double value(int lane, int state, double theta) {
    double y = lanes.get(layout.dense(state, layout.degree), lane);
    for (int j = layout.degree - 1; j >= 0; j--) {
      y = Math.fma(y, theta, lanes.get(layout.dense(state, j), lane));
    }
    return y;
  }

  /** Evaluates a function at a point, with the parameters of the lane. */
  void evaluate(EventFunction function, int lane, double time, double[] at) {
    for (int i = 0; i < states; i++) {
      function.state(i, at[i]);
    }
    for (int i = 0; i < parameters; i++) {
      function.parameter(i, lanes.get(layout.parameters + i, lane));
    }
    function.time(time);
    function.evaluate();
  }
}
