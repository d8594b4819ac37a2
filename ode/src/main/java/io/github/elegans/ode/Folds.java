package io.github.elegans.ode;

import io.github.elegans.expressions.Interpreter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is left to do about folds between steps: parts of a step, and results; for one thread. */
final class Folds {
  private final List<Fold> folds;
  private final Solution solution;
  private final LaneMemory lanes;
  private final Layout layout;
  private final DenseStep step;
  private final int states;
  private final int parameters;
  private final int signs;
  private final @Nullable Interpreter alone;
  private final double[] memory;

  Folds(Setup setup, Solution solution, LaneMemory lanes, Layout layout, DenseStep step) {
    this.folds = setup.folds();
    this.solution = solution;
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.states = setup.system().states().size();
    this.parameters = setup.system().parameters().size();
    this.signs = setup.switches().signs();
    this.alone = folds.isEmpty() ? null : new Interpreter(StepProgram.foldAlone(setup), 1);
    this.memory = new double[StepProgram.foldVariables(setup)];
  }

  /** Folds the part of the step up to θ, instead of the whole. */
  void part(int lane, double theta) {
    if (alone == null) {
      return;
    }
    int v = 0;
    for (int j = 0; j < folds.size(); j++) {
      memory[v++] = lanes.get(layout.foldsBefore + j, lane);
    }
    for (int i = 0; i < parameters; i++) {
      memory[v++] = lanes.get(layout.parameters + i, lane);
    }
    memory[v++] = lanes.get(layout.timeBefore, lane);
    memory[v++] = lanes.get(layout.stepTaken, lane) * theta;
    for (int i = 0; i < states; i++) {
      memory[v + i] = lanes.get(layout.dense(i, 0), lane);
    }
    step.states(lane, 0.5 * theta, memory, v + states);
    step.states(lane, theta, memory, v + 2 * states);
    v += 3 * states;
    for (int i = 0; i < signs; i++) {
      memory[v++] = lanes.get(layout.signs + i, lane);
    }
    alone.run(memory, 1);
    for (int j = 0; j < folds.size(); j++) {
      lanes.set(layout.folds + j, lane, memory[j]);
    }
  }

  /** Writes the results of a trajectory that lasted so long. */
  void finish(int lane, int trajectory, double duration) {
    for (int j = 0; j < folds.size(); j++) {
      double value = lanes.get(layout.folds + j, lane);
      solution.folds[trajectory * folds.size() + j] =
          Solution.canonical(
              switch (folds.get(j).kind()) {
                case MEAN -> value / duration;
                case ROOT_MEAN_SQUARE -> Math.sqrt(value / duration);
                default -> value;
              });
    }
  }
}
