package io.github.elegans.cli.training;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.training.Clipping;
import io.github.elegans.networks.training.LossFunction;
import io.github.elegans.networks.training.Metric;
import io.github.elegans.networks.training.Optimiser;
import io.github.elegans.networks.training.Schedule;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A network and how it is trained. Tasks give one each, and options change it. */
public final class Recipe {
  /** What stands in the network. */
  public enum CellKind {
    /** A CfC with a backbone. */
    CFC,
    /** A CfC on an AutoNCP wiring. */
    WIRED_CFC,
    /** A fully connected LTC with a dense layer behind it. */
    LTC,
    /** An LTC on an AutoNCP wiring, whose motor neurons are the outputs. */
    WIRED_LTC
  }

  /** The optimisers, each with the defaults of its framework. */
  public enum OptimiserKind {
    ADAM,
    ADAMW,
    SGD,
    RMSPROP,
    LION,
    KERAS_ADAM,
    KERAS_RMSPROP
  }

  /** What is made small. */
  public enum LossKind {
    MSE,
    MAE,
    HUBER,
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY
  }

  /** How gradients that are too large are made smaller. */
  public enum ClippingKind {
    /** All together, as PyTorch does. */
    NORM,
    /** Each element. */
    VALUE,
    /** Each variable by itself, as Keras does. */
    VARIABLE
  }

  public CellKind cell = CellKind.CFC;
  public int units = 32;
  public int backboneUnits = 64;
  public int backboneLayers = 1;
  public Activation activation = Activation.LECUN_TANH;
  public CfcMode mode = CfcMode.DEFAULT;
  public boolean mixedMemory;

  /** What the forget gate of a CfC's mixed memory begins with; 1 as in ncps. */
  public double forgetBias = 1;

  public CfcDialect dialect = CfcDialect.NCPS_TORCH;

  public LossKind loss = LossKind.MSE;
  public OptimiserKind optimiser = OptimiserKind.ADAM;
  public double learningRate = 0.01;

  /** What the learning rate of an epoch is multiplied with, again and again; continuously. */
  public double decay = 1;

  public double weightDecay;
  public boolean decaysMatricesOnly;
  public double dropout;
  public ClippingKind clippingKind = ClippingKind.NORM;

  /** The largest norm or magnitude; 0 for no clipping. */
  public double clip;

  /** Steps of a window of truncated backpropagation through time; 0 for whole sequences. */
  public int truncate;

  public int batch = 32;
  public int epochs = 50;

  /** Whether the network of the best epoch counts, or else that of the last. */
  public boolean restoresBest;

  /** Epochs without progress after which training ends; 0 for never. */
  public int patience;

  /** A fresh network on the default backend. */
  public Network network(int inputs, int outputs, long seed) {
    return switch (cell) {
      case CFC -> cfc(inputs, outputs, seed);
      case WIRED_CFC -> {
        boolean memoryIsInput = mixedMemory && dialect.memoryReplacesInput();
        Wiring wiring =
            new WiringPlan.AutoNcp(units, outputs).build(memoryIsInput ? units : inputs);
        yield WiredCfc.initialised(inputs, wiring, mode, mixedMemory, dialect, seed);
      }
      case LTC -> {
        Wiring wiring = new WiringPlan.FullyConnected(units, units).build(inputs);
        Ltc ltc = ltc(wiring, seed);
        // Another seed than that of the LTC, whose first numbers it would repeat.
        yield Sequential.behind(
            ltc, Dense.initialised(units, outputs, Activation.LINEAR, seed ^ 0x5eed));
      }
      case WIRED_LTC -> ltc(new WiringPlan.AutoNcp(units, outputs).build(inputs), seed);
    };
  }

  private Cfc cfc(int inputs, int outputs, long seed) {
    CfcConfiguration configuration =
        CfcConfiguration.of(inputs, units)
            .withDialect(dialect)
            .withMode(mode)
            .withActivation(activation)
            .withBackbone(backboneLayers == 0 ? 0 : backboneUnits, backboneLayers)
            .withMixedMemory(mixedMemory)
            .withProjection(outputs);
    Cfc cfc = Cfc.initialised(configuration, seed);
    if (!mixedMemory || forgetBias == 1) {
      return cfc;
    }
    Map<String, float[]> tensors = new LinkedHashMap<>(cfc.stateDict().values());
    // Gates i, ig, fg, og; the cell itself adds 1 to the forget gate.
    float[] bias = tensors.get("lstm.input_map.bias").clone();
    for (int i = 2 * units; i < 3 * units; i++) {
      bias[i] += (float) (forgetBias - 1);
    }
    tensors.put("lstm.input_map.bias", bias);
    return Cfc.of(configuration, tensors);
  }

  private Ltc ltc(Wiring wiring, long seed) {
    return Ltc.initialised(
        LtcConfiguration.of(wiring.inputSize(), wiring.units(), wiring.outputSize())
            .withMixedMemory(mixedMemory),
        wiring,
        seed);
  }

  /** The loss. */
  public LossFunction lossFunction() {
    return switch (loss) {
      case MSE -> LossFunction.meanSquaredError();
      case MAE -> LossFunction.meanAbsoluteError();
      case HUBER -> LossFunction.huber(1);
      case BINARY_CROSS_ENTROPY -> LossFunction.binaryCrossEntropy();
      case CROSS_ENTROPY -> LossFunction.crossEntropy();
    };
  }

  private Optimiser optimiser() {
    return switch (optimiser) {
      case ADAM -> Optimiser.adam().withLearningRate(learningRate).withWeightDecay(weightDecay);
      case ADAMW -> Optimiser.adamW().withLearningRate(learningRate).withWeightDecay(weightDecay);
      case SGD -> Optimiser.sgd(learningRate).withMomentum(0.9).withWeightDecay(weightDecay);
      case RMSPROP ->
          Optimiser.rmsProp().withLearningRate(learningRate).withWeightDecay(weightDecay);
      case LION -> Optimiser.lion().withLearningRate(learningRate).withWeightDecay(weightDecay);
      case KERAS_ADAM ->
          Optimiser.kerasAdam().withLearningRate(learningRate).withWeightDecay(weightDecay);
      case KERAS_RMSPROP ->
          Optimiser.kerasRmsProp().withLearningRate(learningRate).withWeightDecay(weightDecay);
    };
  }

  private Clipping clipping() {
    return clip == 0
        ? Clipping.none()
        : switch (clippingKind) {
          case NORM -> Clipping.byNorm(clip);
          case VALUE -> Clipping.byValue(clip);
          case VARIABLE -> Clipping.byVariable(clip);
        };
  }

  private Metric metric() {
    return switch (loss) {
      case MSE, HUBER -> Metric.RMSE;
      case MAE -> Metric.MAE;
      case BINARY_CROSS_ENTROPY -> Metric.BINARY_ACCURACY;
      case CROSS_ENTROPY -> Metric.ACCURACY;
    };
  }

  /**
   * The training of a network.
   *
   * @param data of an epoch; the schedule counts whole batches, as the CfC authors' scripts do
   */
  public Training training(Network network, Sequences data) {
    Training training =
        Training.of(network)
            .loss(lossFunction())
            .optimiser(optimiser())
            .clipping(clipping())
            .decayMatricesOnly(decaysMatricesOnly)
            .dropout(dropout)
            .batch(batch)
            .epochs(epochs)
            .metrics(metric())
            .restoreBest(restoresBest);
    int windows = 1;
    if (truncate != 0) {
      training.truncate(truncate);
      windows = Math.ceilDiv(data.steps(), truncate);
    }
    if (decay != 1) {
      int steps = Math.max(1, data.samples() / batch) * windows;
      training.schedule(Schedule.exponential(decay, steps));
    }
    if (patience > 0) {
      training.earlyStopping(patience, 0);
    }
    return training;
  }

  /** How it is trained, in words. */
  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    words.add(name(loss));
    words.add("%s, learning rate %s".formatted(name(optimiser), number(learningRate)));
    if (decay != 1) {
      words.add("x %s an epoch".formatted(number(decay)));
    }
    if (weightDecay != 0) {
      words.add(
          "weight decay %s%s"
              .formatted(number(weightDecay), decaysMatricesOnly ? " of matrices" : ""));
    }
    if (clip != 0) {
      words.add("clipped by %s %s".formatted(name(clippingKind), number(clip)));
    }
    if (dropout != 0) {
      words.add("dropout %s".formatted(number(dropout)));
    }
    words.add("batches of %d, %d epochs".formatted(batch, epochs));
    if (truncate != 0) {
      words.add("truncated after %d steps".formatted(truncate));
    }
    if (patience > 0) {
      words.add("patience %d".formatted(patience));
    }
    words.add(restoresBest ? "the best counts" : "the last counts");
    return String.join(", ", words);
  }

  private static String number(double value) {
    return value == (long) value ? Long.toString((long) value) : Double.toString(value);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
