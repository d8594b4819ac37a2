package io.github.elegans.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.training.GradientCollector;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.files.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gradients of a CfC by PyTorch's autograd, through the operations of ncps's cell. */
final class EagerGradients implements Peer.Operation {
  private final NDManager manager = Torch.manager();
  private final PeerTask.Gradients task;
  private final io.github.elegans.kernels.math.Activation activation;
  private final int layers;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final NDArray[] x;
  private final NDArray upstream;

  EagerGradients(PeerTask.Gradients task) {
    this.task = task;
    Cfc cfc = (Cfc) task.network();
    activation = cfc.configuration().activation();
    layers = cfc.weights().backbone().size();
    StateDict dict = cfc.stateDict();
    for (String name : dict.names()) {
      StateDict.Tensor tensor = dict.get(name);
      Shape shape = new Shape(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
      NDArray parameter = manager.create(tensor.values(), shape);
      parameter.setRequiresGradient(true);
      parameters.put(name, parameter);
    }
    int inputs = cfc.inputSize();
    NDArray all = manager.create(task.x(), new Shape(task.batch(), task.steps(), inputs));
    x = new NDArray[task.steps()];
    for (int i = 0; i < x.length; i++) {
      x[i] = all.get(":, " + i);
    }
    upstream =
        manager.create(task.upstream(), new Shape(task.batch(), task.steps(), cfc.outputSize()));
  }

  private NDArray linear(String name, NDArray in) {
    return Linear.linear(in, parameters.get(name + ".weight"), parameters.get(name + ".bias"))
        .singletonOrThrow();
  }

  private NDArray activated(NDArray sum) {
    return switch (activation) {
      case LECUN_TANH -> sum.mul(0.666f).tanh().mul(1.7159f);
      case TANH -> sum.tanh();
      case RELU -> Activation.relu(sum);
      case SIGMOID -> Activation.sigmoid(sum);
      default -> throw new IllegalArgumentException(activation.fieldName());
    };
  }

  private NDArray step(NDArray in, NDArray h) {
    NDArray z = NDArrays.concat(new NDList(in, h), 1);
    for (int layer = 0; layer < layers; layer++) {
      // Between two of them stands an activation.
      z = activated(linear("backbone." + 2 * layer, z));
    }
    NDArray a = linear("ff1", z).tanh();
    NDArray b = linear("ff2", z).tanh();
    // The timespan is 1.
    NDArray gate = Activation.sigmoid(linear("time_a", z).add(linear("time_b", z)));
    return a.mul(gate.mul(-1).add(1)).add(gate.mul(b));
  }

  @Override
  public void run() {
    for (NDArray parameter : parameters.values()) {
      try (NDArray gradient = parameter.getGradient()) {
        gradient.subi(gradient);
      }
    }
    Engine engine = Engine.getEngine(PtEngine.ENGINE_NAME);
    try (NDManager own = manager.newSubManager();
        GradientCollector collector = engine.newGradientCollector()) {
      own.tempAttachAll(parameters.values().toArray(NDArray[]::new));
      own.tempAttachAll(x);
      own.tempAttachAll(upstream);
      NDArray h = own.zeros(new Shape(task.batch(), task.network().stateSize()));
      NDList outs = new NDList(x.length);
      for (NDArray in : x) {
        h = step(in, h);
        outs.add(h);
      }
      collector.backward(NDArrays.stack(outs, 1).mul(upstream).sum());
    }
  }

  @Override
  public double[] output() {
    return parameters.values().stream()
        .flatMapToDouble(
            parameter -> {
              try (NDArray gradient = parameter.getGradient()) {
                return Arrays.stream(PeerTask.doubles(gradient.toFloatArray()));
              }
            })
        .toArray();
  }

  @Override
  public void close() {
    manager.close();
  }
}
