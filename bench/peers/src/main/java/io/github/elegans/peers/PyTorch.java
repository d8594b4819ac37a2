package io.github.elegans.peers;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.cfc.Cfc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * PyTorch on the CPU, on one thread and in inference mode: the cells as TorchScript with all
 * weights constants of the code, as in a frozen module. CfC of mode default, LSTM, GRU, functions.
 */
public final class PyTorch implements TorchPeer {
  @Override
  public String name() {
    return "PyTorch, TorchScript";
  }

  @Override
  public boolean does(PeerTask task) {
    return switch (task) {
      case PeerTask.Step step -> Torch.isPlain(step.network()) || !step.parameters().isEmpty();
      case PeerTask.Sequence sequence -> Torch.isPlain(sequence.network());
      case PeerTask.Elementwise elementwise ->
          elementwise.function() != Activation.LECUN_TANH
              && Torch.function(elementwise.function()) != null;
      case PeerTask.Gradients gradients -> false;
      case PeerTask.Lorenz lorenz -> false;
    };
  }

  @Override
  public Operation prepare(PeerTask task) throws IOException {
    TorchArchive archive = new TorchArchive();
    return switch (task) {
      case PeerTask.Step step when step.network() instanceof Cfc cfc -> {
        String forward =
            """
            def forward(self: __torch__.Cell, x: Tensor, timespans: Tensor, h: Tensor) -> Tensor:
            %s  return next
            """
                .formatted(cfc(archive, cfc.weights()).indent(2));
        yield new Script(
            archive.toBytes(forward),
            List.of(
                new Tensor(step.x(), step.batch(), -1),
                new Tensor(repeated(step.timespan(), step.batch()), step.batch(), 1)),
            new Tensor[] {zeros(step.batch(), cfc.weights().hiddenSize())});
      }
      case PeerTask.Step step -> gates(archive, step);
      case PeerTask.Sequence sequence -> {
        CfcWeights weights = ((Cfc) sequence.network()).weights();
        String forward =
            """
            def forward(self: __torch__.Cell, xs: Tensor, ts: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
              outs = annotate(List[Tensor], [])
              for i in range(%d):
                x = torch.select(xs, 1, i)
                timespans = torch.narrow(ts, 1, i, 1)
            %s    h = next
                _0 = torch.append(outs, h)
              return (torch.stack(outs, 1), h)
            """
                .formatted(sequence.steps(), cfc(archive, weights).indent(4));
        int rows = sequence.batch();
        int steps = sequence.steps();
        yield new Script(
            archive.toBytes(forward),
            List.of(
                new Tensor(sequence.x(), rows, steps, -1),
                new Tensor(repeated(sequence.timespan(), rows * steps), rows, steps)),
            new Tensor[] {zeros(rows, weights.hiddenSize())});
      }
      case PeerTask.Elementwise elementwise ->
          new Script(
              archive.toBytes(
                  """
                  def forward(self: __torch__.Cell, x: Tensor) -> Tensor:
                    return torch.%s(x)
                  """
                      .formatted(Torch.function(elementwise.function()))),
              List.of(new Tensor(elementwise.x(), -1)),
              new Tensor[0]);
      case PeerTask.Gradients gradients -> throw new IllegalArgumentException(gradients.toString());
      case PeerTask.Lorenz lorenz -> throw new IllegalArgumentException(lorenz.toString());
    };
  }

  /** From x, timespans and h to next. */
  private static String cfc(TorchArchive archive, CfcWeights weights) {
    StringBuilder code = new StringBuilder("z = torch.cat([x, h], 1)\n");
    float scale = 1;
    for (DenseWeights layer : weights.backbone()) {
      Torch.Layer plain =
          Torch.Layer.of(
              layer,
              layer.outputs(),
              IntUnaryOperator.identity(),
              scale,
              Torch.slope(weights.activation()));
      code.append(
          "z = torch.%s(%s)\n"
              .formatted(Torch.function(weights.activation()), linear(archive, plain)));
      scale = Torch.scale(weights.activation());
    }
    int units = weights.hiddenSize();
    Torch.Layer heads =
        Torch.Layer.of(
            weights.heads(), 4 * units, i -> CfcWeights.headOutput(i / units, i % units), scale, 1);
    return code.append(
            """
            heads = %s
            ends = torch.tanh(torch.narrow(heads, 1, 0, %d))
            a = torch.narrow(ends, 1, 0, %d)
            b = torch.narrow(ends, 1, %d, %d)
            rate = torch.narrow(heads, 1, %d, %d)
            shift = torch.narrow(heads, 1, %d, %d)
            gate = torch.sigmoid(torch.addcmul(shift, rate, timespans))
            next = torch.lerp(a, b, gate)
            """
                .formatted(
                    linear(archive, heads),
                    2 * units,
                    units,
                    units,
                    units,
                    2 * units,
                    units,
                    3 * units,
                    units))
        .toString();
  }

  private static String linear(TorchArchive archive, Torch.Layer layer) {
    int outputs = layer.bias().length;
    return "torch.linear(z, %s, %s)"
        .formatted(
            archive.constant(layer.weight(), outputs, layer.weight().length / outputs),
            archive.constant(layer.bias(), outputs));
  }

  /** PyTorch's own LSTM and GRU cells. */
  private static Script gates(TorchArchive archive, PeerTask.Step step) throws IOException {
    Map<String, float[]> parameters = step.parameters();
    int units = step.network().stateSize();
    int rows = parameters.get("bias_ih_l0").length;
    String weights =
        String.join(
            ", ",
            archive.constant(parameters.get("weight_ih_l0"), rows, step.network().inputSize()),
            archive.constant(parameters.get("weight_hh_l0"), rows, units),
            archive.constant(parameters.get("bias_ih_l0"), rows),
            archive.constant(parameters.get("bias_hh_l0"), rows));
    List<Tensor> x = List.of(new Tensor(step.x(), step.batch(), -1));
    Tensor h = zeros(step.batch(), units);
    return step.network().memorySize() > 0
        ? new Script(
            archive.toBytes(
                """
                def forward(self: __torch__.Cell, x: Tensor, h: Tensor, c: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
                  h1, c1, = torch.lstm_cell(x, [h, c], %s)
                  return (h1, h1, c1)
                """
                    .formatted(weights)),
            x,
            new Tensor[] {h, h})
        : new Script(
            archive.toBytes(
                """
                def forward(self: __torch__.Cell, x: Tensor, h: Tensor) -> Tensor:
                  return torch.gru_cell(x, h, %s)
                """
                    .formatted(weights)),
            x,
            new Tensor[] {h});
  }

  private static float[] repeated(float value, int n) {
    float[] values = new float[n];
    Arrays.fill(values, value);
    return values;
  }

  private static Tensor zeros(int rows, int columns) {
    return new Tensor(new float[rows * columns], rows, columns);
  }

  /**
   * A tensor's content.
   *
   * @param shape of which the last size may be -1: what remains
   */
  private record Tensor(float[] values, int... shape) {
    PtNDArray on(PtNDManager manager) {
      long[] sizes = Arrays.stream(shape).asLongStream().toArray();
      long known = Arrays.stream(sizes).filter(size -> size > 0).reduce(1, (a, b) -> a * b);
      int last = sizes.length - 1;
      sizes[last] = sizes[last] < 0 ? values.length / known : sizes[last];
      return (PtNDArray) manager.create(values, new Shape(sizes));
    }
  }

  /**
   * A loaded module: a function of inputs and states, which returns an output and then the next
   * states, or one tensor that is the output and the state.
   */
  private static final class Script implements Operation {
    private final PtNDManager manager = Torch.manager();
    private final PtSymbolBlock module;
    private final IValue[] arguments;
    private final int inputs;
    private PtNDArray out;

    Script(byte[] file, List<Tensor> inputs, Tensor[] states) throws IOException {
      this.inputs = inputs.size();
      Path path = Files.createTempFile("elegans-", ".pt");
      try {
        Files.write(path, file);
        module = JniUtils.loadModule(manager, path, true, new String[0], new String[0], false);
      } finally {
        Files.delete(path);
      }
      arguments = new IValue[inputs.size() + states.length];
      for (int i = 0; i < arguments.length; i++) {
        Tensor tensor = i < inputs.size() ? inputs.get(i) : states[i - inputs.size()];
        arguments[i] = IValue.from(tensor.on(manager));
      }
      out = zeros(1, 1).on(manager);
    }

    @Override
    public void run() {
      IValue result = module.forward(arguments);
      out.close();
      if (result.isTensor()) {
        out = result.toTensor(manager);
        if (arguments.length > inputs) {
          // The result is the next state itself.
          arguments[inputs].close();
          arguments[inputs] = result;
        } else {
          result.close();
        }
        return;
      }
      IValue[] parts = result.toIValueTuple();
      result.close();
      out = parts[0].toTensor(manager);
      parts[0].close();
      for (int i = 1; i < parts.length; i++) {
        arguments[inputs + i - 1].close();
        arguments[inputs + i - 1] = parts[i];
      }
    }

    @Override
    public double[] output() {
      return PeerTask.doubles(out.toFloatArray());
    }

    @Override
    public void close() {
      module.close();
      manager.close();
    }
  }
}
