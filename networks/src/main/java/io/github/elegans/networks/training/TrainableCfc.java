package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.TensorNames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A CfC cell in training: {@link io.github.elegans.kernels.cfc.CfcGradientKernels}. */
final class TrainableCfc implements TrainableCell {
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final int inputSize;
  private final int units;
  private final CfcMode mode;
  private final Activation activation;
  private final Activation headActivation;
  private final List<TrainableDense> layers = new ArrayList<>();

  /** The first layer that dropout follows, and the number of the first of all of them. */
  private final int firstDropout;

  private final int firstLayer;
  private final int decayRegion;
  private MemorySegment decay = MemorySegment.NULL;

  /** The way back from the first layer to x and to h. */
  private final int toInput;

  private final int toState;

  /**
   * A cell.
   *
   * @param prefix of its tensors' names
   * @param firstLayer the number of its first layer, for dropout
   */
  TrainableCfc(
      Kernels kernels,
      Accuracy accuracy,
      ParameterLayout layout,
      StateDict dict,
      String prefix,
      int inputSize,
      int units,
      CfcMode mode,
      Activation activation,
      CfcDialect dialect,
      List<String> backbone,
      int firstLayer) {
    this.kernels = kernels;
    this.accuracy = accuracy;
    this.inputSize = inputSize;
    this.units = units;
    this.mode = mode;
    this.activation = activation;
    this.headActivation = mode == CfcMode.PURE ? Activation.LINEAR : dialect.headActivation();
    this.firstLayer = firstLayer;
    firstDropout = dialect.negatesTimeA() ? 0 : 1;
    int padded = PanelLayout.roundUp(units);
    if (mode == CfcMode.PURE) {
      // In the order of PyTorch's parameters.
      decayRegion = layout.region(2L * padded);
      String wTau = prefix + TensorNames.W_TAU;
      layout.add(wTau, dict.get(wTau), layout.vector(decayRegion, 0, units));
      String a = prefix + TensorNames.A;
      layout.add(a, dict.get(a), layout.vector(decayRegion, padded, units));
    } else {
      decayRegion = -1;
    }
    int inputs = inputSize + units;
    for (String name : backbone) {
      TrainableDense layer = TrainableDense.linear(layout, dict, prefix + name);
      layers.add(layer);
      inputs = layer.outputs();
    }
    List<String> names =
        mode == CfcMode.PURE
            ? List.of(TensorNames.FF1)
            : List.of(TensorNames.FF1, TensorNames.FF2, TensorNames.TIME_A, TensorNames.TIME_B);
    TrainableDense heads = new TrainableDense(layout, inputs, units, names.size());
    String mask = prefix + TensorNames.SPARSITY_MASK;
    float[] factors = dict.has(mask) ? dialect.mask(dict.get(mask).values()) : null;
    for (int head = 0; head < names.size(); head++) {
      String name = prefix + names.get(head);
      int[] chunks = {head};
      layout.add(name + ".weight", dict.get(name + ".weight"), heads.weights(chunks, 0, inputs));
      layout.add(name + ".bias", dict.get(name + ".bias"), heads.biases(head));
      if (head < 2 && factors != null) {
        heads.multiply(head, factors);
      }
      if (head == 2 && dialect.negatesTimeA()) {
        heads.negate(head);
      }
    }
    layers.add(heads);
    TrainableDense first = layers.getFirst();
    toInput = first.transpose(0, inputSize);
    toState = first.transpose(inputSize, units);
    for (int i = 1; i < layers.size(); i++) {
      layers.get(i).transpose(0, layers.get(i).inputs());
    }
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int outputSize() {
    return units;
  }

  @Override
  public int stateSize() {
    return units;
  }

  @Override
  public long rowFloats() {
    long floats = inputSize + units + (long) layers.getLast().outputs() + units;
    for (TrainableDense layer : layers.subList(0, layers.size() - 1)) {
      floats += 4L * layer.outputs();
    }
    return floats;
  }

  @Override
  public void bind(ParameterBlock parameters) {
    layers.forEach(layer -> layer.bind(parameters));
    if (decayRegion >= 0) {
      decay = parameters.region(decayRegion);
    }
  }

  @Override
  public void refresh() {
    layers.forEach(layer -> layer.refresh(kernels));
  }

  @Override
  public void finish(ParameterBlock gradient) {
    layers.forEach(layer -> layer.finish(gradient));
  }

  @Override
  public Tape tape(Context context) {
    return new CfcTape(context);
  }

  private final class CfcTape implements Tape {
    private final Context context;
    private final RowBuffer inputs = RowBuffer.of(inputSize + units);

    /** What the backbone's layers put out, before and after dropout. */
    private final RowBuffer[] outputs;

    private final RowBuffer[] dropped;

    /** The sums of a backbone's layer, where the derivative is taken from them. */
    private final @Nullable RowBuffer[] sums;

    /** Gradients of the sums. */
    private final RowBuffer[] gradients;

    private final RowBuffer heads;
    private final RowBuffer decays = RowBuffer.of(units);
    private final RowBuffer timespanGradients = RowBuffer.ofScalars();

    CfcTape(Context context) {
      this.context = context;
      int n = layers.size() - 1;
      outputs = new RowBuffer[n];
      dropped = new RowBuffer[n];
      sums = new RowBuffer[n];
      gradients = new RowBuffer[n];
      for (int i = 0; i < n; i++) {
        int width = layers.get(i).outputs();
        outputs[i] = RowBuffer.of(width);
        dropped[i] = hasDropout(i) ? RowBuffer.of(width) : outputs[i];
        sums[i] = fromOutput() ? null : RowBuffer.of(width);
        gradients[i] = RowBuffer.of(width);
      }
      heads = RowBuffer.of(layers.getLast().outputs());
    }

    private boolean fromOutput() {
      return ActivationGradientKernels.FROM_OUTPUT.contains(activation);
    }

    private boolean hasDropout(int layer) {
      return context.dropout != null && (layer >= firstDropout || context.dropout.isEverywhere());
    }

    @Override
    public void reserve(int rows) {
      inputs.reserve(rows);
      for (int i = 0; i < outputs.length; i++) {
        outputs[i].reserve(rows);
        dropped[i].reserve(rows);
        gradients[i].reserve(rows);
        RowBuffer own = sums[i];
        if (own != null) {
          own.reserve(rows);
        }
      }
      heads.reserve(rows);
      decays.reserve(rows);
      timespanGradients.reserve(rows);
    }

    @Override
    public void forward(int row, int n, RowBuffer x, int xRow, StateRows state) {
      RowBuffer h = state.hidden();
      Rows.join(x, xRow, h, inputs, row, n);
      RowBuffer in = inputs;
      for (int i = 0; i < outputs.length; i++) {
        RowBuffer out = outputs[i];
        RowBuffer own = sums[i];
        if (own == null) {
          dense(layers.get(i), activation, in, out, row, n);
        } else {
          dense(layers.get(i), Activation.LINEAR, in, own, row, n);
          kernels
              .math()
              .apply(activation, accuracy, own.from(row), out.from(row), n * own.stride());
        }
        if (hasDropout(i)) {
          MemorySegment.copy(
              out.memory(),
              out.at(row) * Float.BYTES,
              dropped[i].memory(),
              out.at(row) * Float.BYTES,
              n * out.stride() * Float.BYTES);
          drop(i, dropped[i], row, n);
        }
        in = dropped[i];
      }
      dense(layers.getLast(), Activation.LINEAR, in, heads, row, n);
      if (mode == CfcMode.PURE) {
        kernels
            .cfcGradients()
            .decay(
                accuracy,
                heads.from(row),
                heads.stride(),
                decay,
                context.timespans.from(row),
                decays.from(row),
                decays.stride(),
                h.from(0),
                h.stride(),
                units,
                n);
      } else {
        kernels
            .cfcGradients()
            .gate(
                mode,
                headActivation,
                accuracy,
                heads.from(row),
                heads.stride(),
                context.timespans.from(row),
                h.from(0),
                h.stride(),
                units,
                n);
      }
    }

    private void drop(int layer, RowBuffer y, int row, int n) {
      Dropout dropout = context.dropout;
      if (dropout != null) {
        dropout.apply(firstLayer + layer, y, row, n, context.rows);
      }
    }

    private void dense(
        TrainableDense layer, Activation function, RowBuffer in, RowBuffer out, int row, int n) {
      kernels
          .dense()
          .forward(
              layer.weights(),
              function,
              accuracy,
              in.from(row),
              in.stride(),
              out.from(row),
              out.stride(),
              n);
    }

    @Override
    public void outputBackward(
        int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients) {
      Rows.add(kernels, upstream, upstreamRow, gradients.hidden(), 0, n);
    }

    @Override
    public void backward(int row, int n, StateRows states, ParameterBlock gradient) {
      RowBuffer h = states.hidden();
      MemorySegment timespans = context.timespans.from(row);
      MemorySegment forTimespans =
          context.wantsTimespanGradients ? timespanGradients.from(row) : null;
      if (mode == CfcMode.PURE) {
        kernels
            .cfcGradients()
            .decayBackward(
                heads.from(row),
                heads.stride(),
                decay,
                timespans,
                decays.from(row),
                decays.stride(),
                h.from(0),
                h.stride(),
                units,
                n,
                gradient.region(decayRegion),
                forTimespans);
      } else {
        kernels
            .cfcGradients()
            .gateBackward(
                mode,
                headActivation,
                heads.from(row),
                heads.stride(),
                timespans,
                h.from(0),
                h.stride(),
                units,
                n,
                forTimespans);
      }
      RowBuffer upper = heads;
      for (int i = outputs.length - 1; i >= 0; i--) {
        RowBuffer dz = gradients[i];
        Rows.dense(kernels, layers.get(i + 1).transposed(0), upper, row, dz, row, n);
        if (hasDropout(i)) {
          drop(i, dz, row, n);
        }
        RowBuffer own = sums[i];
        kernels
            .activationGradients()
            .backward(
                activation,
                (own == null ? outputs[i] : own).from(row),
                dz.from(row),
                n * dz.stride());
        upper = dz;
      }
      Rows.dense(kernels, layers.getFirst().transposed(toState), upper, row, h, 0, n);
    }

    private RowBuffer firstGradients() {
      return outputs.length == 0 ? heads : gradients[0];
    }

    @Override
    public void inputGradients(int row, int n, RowBuffer to, int toRow) {
      Rows.dense(
          kernels, layers.getFirst().transposed(toInput), firstGradients(), row, to, toRow, n);
    }

    @Override
    public void addGradients(int rows, ParameterBlock gradient) {
      RowBuffer in = inputs;
      for (int i = 0; i < outputs.length; i++) {
        layers.get(i).addGradient(kernels, in, gradients[i], rows, gradient);
        in = dropped[i];
      }
      layers.getLast().addGradient(kernels, in, heads, rows, gradient);
    }

    @Override
    public void addTimespanGradients(int rows, RowBuffer sum) {
      kernels.optimisers().add(timespanGradients.memory(), sum.memory(), rows);
    }
  }
}
