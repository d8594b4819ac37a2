package io.github.elegans.bench.jmh;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Connection;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Integration;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels of training beside matrix products. What they change in place comes to rest at ordinary
 * numbers however often they are called.
 */
public enum TrainingKernel {
  /** CfC's gate, forward. */
  CFC_GATE(Sizes.ROWS * Sizes.UNITS, Sizes.ROWS * 5 * Sizes.UNITS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment heads = floats(ROWS * 4 * UNITS);
      MemorySegment timespans = floats(ROWS);
      MemorySegment h = floats(ROWS * UNITS);
      return () ->
          kernels
              .cfcGradients()
              .gate(
                  CfcMode.DEFAULT,
                  Activation.TANH,
                  Accuracy.ACCURATE,
                  heads,
                  4 * UNITS,
                  timespans,
                  h,
                  UNITS,
                  UNITS,
                  ROWS);
    }
  },
  /** The same, forward and back. */
  CFC_GATE_AND_BACK(Sizes.ROWS * Sizes.UNITS, Sizes.ROWS * 6 * Sizes.UNITS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment heads = floats(ROWS * 4 * UNITS);
      MemorySegment timespans = floats(ROWS);
      MemorySegment h = floats(ROWS * UNITS);
      MemorySegment upstream = floats(ROWS * UNITS);
      return () -> {
        kernels
            .cfcGradients()
            .gate(
                CfcMode.DEFAULT,
                Activation.TANH,
                Accuracy.ACCURATE,
                heads,
                4 * UNITS,
                timespans,
                h,
                UNITS,
                UNITS,
                ROWS);
        kernels
            .cfcGradients()
            .gateBackward(
                CfcMode.DEFAULT,
                Activation.TANH,
                heads,
                4 * UNITS,
                timespans,
                upstream,
                UNITS,
                UNITS,
                ROWS,
                null);
      };
    }
  },
  /** LSTM's gates, forward. */
  LSTM_GATES(Sizes.ROWS * Sizes.UNITS, Sizes.ROWS * 8 * Sizes.UNITS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment gates = floats(ROWS * 4 * UNITS);
      MemorySegment c = floats(ROWS * UNITS);
      MemorySegment next = floats(ROWS * UNITS);
      MemorySegment activated = floats(ROWS * UNITS);
      MemorySegment h = floats(ROWS * UNITS);
      return () ->
          kernels
              .lstmGradients()
              .gates(
                  Accuracy.ACCURATE, gates, 4 * UNITS, c, next, activated, h, UNITS, UNITS, ROWS);
    }
  },
  /** Steps of an LTC, an AutoNCP of 28 neurons and 20 inputs; elements are evaluated synapses. */
  LTC_FORWARD(Sizes.LTC_STEPS * Sizes.LANES * Sizes.EVALUATIONS, 0) {
    @Override
    Runnable prepare(Kernels kernels) {
      LtcLeaf leaf = new LtcLeaf();
      return () -> leaf.forward(kernels);
    }
  },
  /** The way back through them. */
  LTC_BACKWARD(Sizes.LTC_STEPS * Sizes.LANES * Sizes.EVALUATIONS, 0) {
    @Override
    Runnable prepare(Kernels kernels) {
      LtcLeaf leaf = new LtcLeaf();
      leaf.forward(kernels);
      return () -> leaf.backward(kernels);
    }
  },
  /** A step of Adam. */
  ADAM(Sizes.PARAMETERS, 4 * Sizes.PARAMETERS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment p = floats(PARAMETERS);
      MemorySegment g = floats(PARAMETERS);
      MemorySegment m = zeros(PARAMETERS);
      MemorySegment v = zeros(PARAMETERS);
      OptimiserStep step = OptimiserStep.adam(1e-3, 0.9, 0.999, 1e-8, false, 1000);
      return () -> kernels.optimisers().step(step, p, g, m, v, null, PARAMETERS, PARAMETERS, 1);
    }
  },
  /** The norm of the gradients. */
  SUMS_OF_SQUARES(Sizes.PARAMETERS, Sizes.PARAMETERS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment g = floats(PARAMETERS);
      MemorySegment sums = zeros(2 * BLOCK);
      return () -> kernels.optimisers().sumsOfSquares(g, BLOCK, PARAMETERS / BLOCK, sums);
    }
  },
  /** The mean squared error and its gradient. */
  LOSS(Sizes.LOSS_ROWS * Sizes.UNITS, 2 * Sizes.LOSS_ROWS * Sizes.UNITS) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment out = floats(LOSS_ROWS * UNITS);
      MemorySegment targets = floats(LOSS_ROWS * UNITS);
      MemorySegment gradient = floats(LOSS_ROWS * UNITS);
      MemorySegment losses = zeros(2 * LOSS_ROWS);
      return () ->
          kernels
              .losses()
              .loss(
                  Loss.MEAN_SQUARED_ERROR,
                  0,
                  out,
                  UNITS,
                  targets,
                  UNITS,
                  null,
                  UNITS,
                  LOSS_ROWS,
                  1,
                  gradient,
                  losses);
    }
  },
  /** Dropout. */
  DROPOUT(Sizes.ROWS * Sizes.BACKBONE, Sizes.ROWS * Sizes.BACKBONE) {
    @Override
    Runnable prepare(Kernels kernels) {
      MemorySegment x = zeros(ROWS * BACKBONE);
      MemorySegment steps = zeros(ROWS);
      MemorySegment samples = zeros(ROWS);
      return () ->
          kernels.random().dropout(1, 0, 0, 0.1, x, BACKBONE, BACKBONE, ROWS, steps, samples);
    }
  },
  /** Derivatives of tanh from its outputs, multiplied to gradients. */
  ACTIVATION_BACKWARD(Sizes.ROWS * Sizes.BACKBONE, 2 * Sizes.ROWS * Sizes.BACKBONE) {
    @Override
    Runnable prepare(Kernels kernels) {
      // The derivative at 0 is 1: products neither vanish nor grow.
      MemorySegment y = zeros(ROWS * BACKBONE);
      MemorySegment dy = floats(ROWS * BACKBONE);
      return () -> kernels.activationGradients().backward(Activation.TANH, y, dy, ROWS * BACKBONE);
    }
  };

  /** How much each of them does. */
  private static final class Sizes {
    static final int ROWS = 16;
    static final int UNITS = 64;
    static final int BACKBONE = 128;
    static final int PARAMETERS = 50_000;
    static final int LOSS_ROWS = 512;
    static final int LTC_STEPS = 8;
    static final int LANES = LtcTrainingWeights.SAMPLES;
    static final Wiring NCP = new AutoNcp(28, 4).build(20);
    static final int EVALUATIONS = 6 * NCP.synapseCount() + NCP.sensorySynapseCount();

    private Sizes() {}
  }

  private static final int ROWS = Sizes.ROWS;
  private static final int UNITS = Sizes.UNITS;
  private static final int BACKBONE = Sizes.BACKBONE;
  private static final int PARAMETERS = Sizes.PARAMETERS;
  private static final int LOSS_ROWS = Sizes.LOSS_ROWS;
  private static final int BLOCK = PanelLayout.BLOCK;

  private final int elements;
  private final int floatsRead;

  TrainingKernel(int elements, int floatsRead) {
    this.elements = elements;
    this.floatsRead = floatsRead;
  }

  /** Allocates what the kernel works on; a run is one call, or one each way. */
  abstract Runnable prepare(Kernels kernels);

  /** What its work is counted in. */
  int elements() {
    return elements;
  }

  /** Bytes that a run reads, or 0 where that is not what takes the time. */
  long bytes() {
    return (long) floatsRead * Float.BYTES;
  }

  private static MemorySegment zeros(long n) {
    return Arena.ofAuto().allocate(n * Float.BYTES, PanelLayout.ALIGNMENT);
  }

  private static MemorySegment floats(int n) {
    MemorySegment memory = zeros(n);
    MemorySegment.copy(CfcState.inputs(n, 1), 0, memory, ValueLayout.JAVA_FLOAT, 0, n);
    return memory;
  }

  /** A leaf of samples on its way through an LTC and back. */
  private static final class LtcLeaf {
    private final LtcTrainingWeights weights;
    private final MemorySegment x;
    private final MemorySegment timespans;
    private final MemorySegment v;
    private final MemorySegment out;
    private final MemorySegment kept;
    private final MemorySegment outGradients;
    private final MemorySegment stateGradients;
    private final MemorySegment sums;

    LtcLeaf() {
      Wiring wiring = Sizes.NCP;
      LtcParameterLayout layout =
          new LtcParameterLayout(
              wiring.inputSize(),
              wiring.units(),
              wiring.outputSize(),
              LtcParameterLayout.Maps.AFFINE,
              connections(wiring.sensoryAdjacency(), wiring.units()),
              connections(wiring.adjacency(), wiring.units()),
              Integration.ncps(),
              true);
      weights = new LtcTrainingWeights(layout);
      weights.update(floats(layout.floats()));
      x = floats(Sizes.LTC_STEPS * wiring.inputSize() * Sizes.LANES);
      timespans = zeros((long) Sizes.LTC_STEPS * Sizes.LANES);
      for (int i = 0; i < Sizes.LTC_STEPS * Sizes.LANES; i++) {
        timespans.setAtIndex(ValueLayout.JAVA_FLOAT, i, CfcState.TIMESPAN);
      }
      v = zeros((long) wiring.units() * Sizes.LANES);
      out = floats(Sizes.LTC_STEPS * wiring.outputSize() * Sizes.LANES);
      outGradients = floats(Sizes.LTC_STEPS * wiring.outputSize() * Sizes.LANES);
      stateGradients = zeros((long) wiring.units() * Sizes.LANES);
      kept = zeros(weights.keptFloats(Sizes.LTC_STEPS));
      sums = zeros(weights.sumFloats());
    }

    private static List<Connection> connections(float[] adjacency, int targets) {
      List<Connection> connections = new ArrayList<>();
      for (int i = 0; i < adjacency.length; i++) {
        if (adjacency[i] != 0) {
          connections.add(new Connection(i / targets, i % targets));
        }
      }
      return connections;
    }

    void forward(Kernels kernels) {
      kernels
          .ltcGradients()
          .forward(weights, Sizes.LTC_STEPS, Sizes.LANES, x, timespans, null, v, out, kept);
    }

    void backward(Kernels kernels) {
      kernels
          .ltcGradients()
          .backward(
              weights,
              Sizes.LTC_STEPS,
              Sizes.LANES,
              x,
              timespans,
              null,
              kept,
              outGradients,
              stateGradients,
              sums,
              null,
              null);
    }
  }
}
