package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.memory.Staging;
import io.github.elegans.networks.training.ParameterLayout.Strip;
import io.github.elegans.networks.training.ParameterLayout.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** An optimiser at work on a model: what it remembers, and its steps. */
final class ParameterUpdate {
  private static final int CHAINS = 16;

  private final TrainableModel model;
  private final ParameterBlock gradient;
  private final Kernels kernels;
  private final Optimiser optimiser;
  private final Schedule schedule;
  private final Clipping clipping;
  private final boolean decaysMatricesOnly;
  private final List<ParameterBlock> states = new ArrayList<>();
  private final List<MemorySegment> stateMemory = new ArrayList<>();

  /** Of each tensor. */
  private final List<List<Region>> regions = new ArrayList<>();

  private final MemorySegment chains = Staging.allocate(CHAINS * Double.BYTES);
  private final double[] norms;
  private long steps;

  /** A strip of a tensor in all of the blocks. */
  private record Region(
      Strip strip, MemorySegment p, MemorySegment g, List<MemorySegment> states) {}

  /**
   * An optimiser.
   *
   * @param gradient where the gradients will stand
   */
  ParameterUpdate(
      TrainableModel model,
      ParameterBlock gradient,
      Optimiser optimiser,
      Schedule schedule,
      Clipping clipping,
      boolean decaysMatricesOnly) {
    this.model = model;
    this.gradient = gradient;
    this.kernels = model.kernels();
    this.optimiser = optimiser;
    this.schedule = schedule;
    this.clipping = clipping;
    this.decaysMatricesOnly = decaysMatricesOnly && optimiser.weightDecay() != 0;
    for (int i = 0; i < optimiser.stateCount(); i++) {
      ParameterBlock block = new ParameterBlock(model.layout());
      states.add(block);
      stateMemory.add(block.memory());
    }
    norms = new double[model.layout().tensors().size()];
    for (Tensor tensor : model.layout().tensors()) {
      List<Region> ofTensor = new ArrayList<>();
      for (Strip strip : tensor.strips()) {
        long at = strip.start() * Float.BYTES;
        List<MemorySegment> own = stateMemory.stream().map(memory -> memory.asSlice(at)).toList();
        ofTensor.add(
            new Region(
                strip,
                model.parameters().memory().asSlice(at),
                gradient.memory().asSlice(at),
                own));
      }
      regions.add(ofTensor);
    }
  }

  /**
   * Updates the parameters.
   *
   * @return the norm of all gradients before clipping; if it is not finite, nothing has changed
   */
  double step() {
    double norm = norm();
    if (!Double.isFinite(norm)) {
      return norm;
    }
    double rate = learningRate();
    boolean eachTensor = clipping.perVariable() || decaysMatricesOnly;
    float scale = clipping.perVariable() ? 1 : (float) clipping.factor(norm);
    if (eachTensor) {
      for (int i = 0; i < norms.length; i++) {
        stepTensor(i, rate, clipping.perVariable() ? (float) clipping.factor(norms[i]) : scale);
      }
    } else {
      OptimiserStep constants =
          optimiser.constants(steps, rate, scale, clipping.limit(), optimiser.weightDecay());
      long floats = model.layout().floats();
      Optimiser.step(
          kernels,
          constants,
          model.parameters().memory(),
          gradient.memory(),
          stateMemory,
          floats,
          floats,
          1);
    }
    steps++;
    model.constrain();
    model.refresh();
    return norm;
  }

  private void stepTensor(int number, double rate, float scale) {
    boolean decays = !decaysMatricesOnly || model.layout().tensors().get(number).isMatrix();
    OptimiserStep constants =
        optimiser.constants(
            steps, rate, scale, clipping.limit(), decays ? optimiser.weightDecay() : 0);
    for (Region region : regions.get(number)) {
      Optimiser.step(
          kernels,
          constants,
          region.p,
          region.g,
          region.states,
          region.strip.stride(),
          CHAINS,
          region.strip.rows());
    }
  }

  /** The learning rate of the next step. */
  double learningRate() {
    return optimiser.learningRate() * schedule.factor(steps);
  }

  /** The norm of all gradients; keeps that of each tensor. */
  private double norm() {
    double all = 0;
    for (int i = 0; i < norms.length; i++) {
      chains.fill((byte) 0);
      for (Region region : regions.get(i)) {
        kernels
            .optimisers()
            .sumsOfSquares(region.g, region.strip.stride(), region.strip.rows(), chains);
      }
      for (int half = CHAINS / 2; half > 0; half /= 2) {
        for (int chain = 0; chain < half; chain++) {
          double sum =
              chains.getAtIndex(ValueLayout.JAVA_DOUBLE, chain)
                  + chains.getAtIndex(ValueLayout.JAVA_DOUBLE, chain + half);
          chains.setAtIndex(ValueLayout.JAVA_DOUBLE, chain, sum);
        }
      }
      double squares = chains.getAtIndex(ValueLayout.JAVA_DOUBLE, 0);
      norms[i] = Math.sqrt(squares);
      all += squares;
    }
    return Math.sqrt(all);
  }

  /** The name of a tensor whose gradient is not finite, after a step that found one. */
  String notFinite() {
    for (int i = 0; i < norms.length; i++) {
      if (!Double.isFinite(norms[i])) {
        return model.layout().tensors().get(i).name();
      }
    }
    return "none";
  }

  Optimiser optimiser() {
    return optimiser;
  }

  /** Steps so far. */
  long steps() {
    return steps;
  }

  void setSteps(long number) {
    steps = number;
  }

  /** What the optimiser remembers, in the order of its names. */
  List<ParameterBlock> states() {
    return states;
  }
}
