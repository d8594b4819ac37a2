package io.github.elegans.peers;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** PyTorch's engine through DJL: one thread, no gradients, nothing from the network. */
final class Torch {
  static {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }

  private Torch() {}

  static String version() {
    return engine().getVersion();
  }

  /** Why it cannot run; empty if it can. The first call unpacks its library, 450 MB, for good. */
  static String reason() {
    try {
      engine();
      return "";
    } catch (EngineException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return String.valueOf(cause.getMessage());
    }
  }

  private static Engine engine() {
    return Engine.getEngine(PtEngine.ENGINE_NAME);
  }

  static PtNDManager manager() {
    NDManager manager = engine().newBaseManager(Device.cpu());
    JniUtils.setGradMode(false);
    return (PtNDManager) manager;
  }

  /** Whether a network is one that is written here for PyTorch. */
  static boolean isPlain(Network network) {
    if (!(network instanceof Cfc cfc)) {
      return false;
    }
    CfcWeights weights = cfc.weights();
    return weights.mode() == CfcMode.DEFAULT
        && !cfc.configuration().mixedMemory()
        && cfc.configuration().projectionSize() == 0
        && weights.headActivation() == Activation.TANH
        && function(weights.activation()) != null;
  }

  /** PyTorch's name of a function; null if it takes several. */
  static @Nullable String function(Activation function) {
    return switch (function) {
      case TANH, EXP, SIGMOID, RELU -> function.fieldName();
      // Its factors are in weights.
      case LECUN_TANH -> "tanh";
      default -> null;
    };
  }

  /** The factor of a tanh of that name, which goes into the weights of the next layer. */
  static float scale(Activation function) {
    return function == Activation.LECUN_TANH ? 1.7159f : 1;
  }

  /** The factor of its argument, which goes into the weights of the layer before. */
  static float slope(Activation function) {
    return function == Activation.LECUN_TANH ? 0.666f : 1;
  }

  /** A layer as PyTorch stores it: weight [N, K], bias [N]. */
  record Layer(float[] weight, float[] bias) {

    /**
     * Some outputs of a layer.
     *
     * @param scale what its inputs are to be multiplied with
     * @param slope what its outputs are to be multiplied with
     */
    static Layer of(
        DenseWeights packed, int outputs, IntUnaryOperator output, float scale, float slope) {
      int inputs = packed.inputs();
      float[] weight = new float[outputs * inputs];
      float[] bias = new float[outputs];
      for (int n = 0; n < outputs; n++) {
        int from = output.applyAsInt(n);
        bias[n] = slope * packed.bias(from);
        for (int k = 0; k < inputs; k++) {
          weight[n * inputs + k] = slope * scale * packed.weight(from, k);
        }
      }
      return new Layer(weight, bias);
    }
  }
}
