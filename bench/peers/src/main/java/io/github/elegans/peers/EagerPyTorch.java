package io.github.elegans.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.networks.cfc.Cfc;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * PyTorch on the CPU through DJL, one operation after the other, as a program in Java calls it: on
 * one thread. Steps of CfC of mode default, without gradients, and gradients of whole sequences.
 */
public final class EagerPyTorch implements TorchPeer {
  @Override
  public String name() {
    return "PyTorch, eager";
  }

  @Override
  public boolean does(PeerTask task) {
    return switch (task) {
      case PeerTask.Step step -> Torch.isPlain(step.network());
      case PeerTask.Gradients gradients -> Torch.isPlain(gradients.network());
      default -> false;
    };
  }

  @Override
  public Operation prepare(PeerTask task) {
    if (task instanceof PeerTask.Gradients gradients) {
      return new EagerGradients(gradients);
    }
    PeerTask.Step step = (PeerTask.Step) task;
    return new CfcSteps(((Cfc) step.network()).weights(), step);
  }

  private record Layer(NDArray weight, NDArray bias) {
    static Layer of(NDManager manager, Torch.Layer plain) {
      int outputs = plain.bias().length;
      return new Layer(
          manager.create(plain.weight(), new Shape(outputs, plain.weight().length / outputs)),
          manager.create(plain.bias()));
    }

    NDArray forward(NDArray x) {
      return Linear.linear(x, weight, bias).singletonOrThrow();
    }
  }

  private static final class CfcSteps implements Operation {
    private final NDManager manager = Torch.manager();
    private final CfcWeights weights;
    private final List<Layer> backbone = new ArrayList<>();
    private final Layer heads;
    private final NDArray x;
    private final NDArray timespans;
    private NDArray state;

    CfcSteps(CfcWeights weights, PeerTask.Step step) {
      this.weights = weights;
      float scale = 1;
      for (DenseWeights layer : weights.backbone()) {
        backbone.add(
            Layer.of(
                manager,
                Torch.Layer.of(
                    layer,
                    layer.outputs(),
                    IntUnaryOperator.identity(),
                    scale,
                    Torch.slope(weights.activation()))));
        scale = Torch.scale(weights.activation());
      }
      int units = weights.hiddenSize();
      heads =
          Layer.of(
              manager,
              Torch.Layer.of(
                  weights.heads(),
                  4 * units,
                  i -> CfcWeights.headOutput(i / units, i % units),
                  scale,
                  1));
      x = manager.create(step.x(), new Shape(step.batch(), weights.inputSize()));
      timespans = manager.ones(new Shape(step.batch(), 1)).mul(step.timespan());
      state = manager.zeros(new Shape(step.batch(), units));
    }

    @Override
    public void run() {
      int units = weights.hiddenSize();
      // What a step makes on its way is freed at its end.
      try (NDManager own = manager.newSubManager()) {
        own.tempAttachAll(x, timespans, state);
        NDArray z = NDArrays.concat(new NDList(x, state), 1);
        for (Layer layer : backbone) {
          NDArray sum = layer.forward(z);
          z =
              switch (weights.activation()) {
                case TANH, LECUN_TANH -> sum.tanh();
                case RELU -> Activation.relu(sum);
                case SIGMOID -> Activation.sigmoid(sum);
                default -> throw new IllegalArgumentException(weights.activation().fieldName());
              };
        }
        NDArray all = heads.forward(z);
        NDList parts = all.split(new long[] {2L * units, 3L * units}, 1);
        NDList ends = parts.get(0).tanh().split(2, 1);
        NDArray a = ends.get(0);
        NDArray gate = Activation.sigmoid(parts.get(1).mul(timespans).addi(parts.get(2)));
        NDArray next = ends.get(1).sub(a).muli(gate).addi(a);
        next.attach(manager);
        NDArray last = state;
        state = next;
        last.close();
      }
    }

    @Override
    public double[] output() {
      return PeerTask.doubles(state.toFloatArray());
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
