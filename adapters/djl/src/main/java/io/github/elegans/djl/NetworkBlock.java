package io.github.elegans.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Timespans;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network as a block: of a batch of sequences, and states at their beginning, it makes outputs
 * and states at their end. It holds no state from call to call, and may be used by several threads.
 */
final class NetworkBlock extends AbstractSymbolBlock {
  static final String OUTPUT = "output";

  private final Network network;
  private final IdleSessions sessions;

  /** S + M, what a row holds. */
  private final int rowSize;

  NetworkBlock(String modelName, Network network, int parallelism) {
    this.network = network;
    sessions = new IdleSessions(modelName, network, parallelism);
    rowSize = Math.addExact(network.stateSize(), network.memorySize());
    inputNames = List.of(InputArrays.INPUT);
    inputShapes = new Shape[] {new Shape(-1, -1, network.inputSize())};
    outputDataTypes = new DataType[] {DataType.FLOAT32, DataType.FLOAT32};
  }

  Network network() {
    return network;
  }

  /**
   * Runs a batch.
   *
   * @param inputs as {@link InputArrays} says
   * @return {@code output} [B, T, O] and {@code hx} [B, S + M], and the lengths if they were given
   */
  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    if (training) {
      throw new UnsupportedOperationException(
          "the engine %s does not train: docs/training.md".formatted(ElegansEngine.NAME));
    }
    InputArrays arrays = InputArrays.of(inputs);
    float[] x = InputArrays.floats(InputArrays.INPUT, arrays.input(), -1, -1, network.inputSize());
    Shape shape = arrays.input().getShape();
    int batch = size("sequences", shape.get(0));
    int steps = size("steps", shape.get(1));
    Timespans timespans = timespans(arrays.timespans(), batch, steps);
    Mask mask = mask(arrays, batch, steps);
    NDArray hx = arrays.hx();
    float[] before = hx == null ? null : InputArrays.floats(InputArrays.HX, hx, batch, rowSize);
    float[] output = new float[elements(OUTPUT, (long) batch * steps, network.outputSize())];
    float[] after = new float[elements(InputArrays.HX, batch, rowSize)];

    IdleSessions.Rows rows = sessions.take(batch);
    if (before == null) {
      rows.session().reset();
    } else {
      rows.session().writeRows(rows.numbers(), before);
    }
    rows.session().run(x, steps, timespans, mask, output);
    rows.session().readRows(rows.numbers(), after);
    sessions.give(rows);

    NDManager manager = inputs.getManager();
    NDList outputs =
        new NDList(
            named(OUTPUT, manager.create(output, new Shape(batch, steps, network.outputSize()))),
            named(InputArrays.HX, manager.create(after, new Shape(batch, rowSize))));
    if (arrays.lengths() != null) {
      outputs.add(arrays.lengths());
    }
    return outputs;
  }

  private static int size(String what, long found) {
    if (found < 1) {
      throw new IllegalArgumentException(
          "%s must have at least 1 of %s, but has none".formatted(InputArrays.INPUT, what));
    }
    return Math.toIntExact(found);
  }

  static int elements(String what, long items, int size) {
    long elements = Math.multiplyExact(items, (long) size);
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s must have at most %d elements, but would have %d"
              .formatted(what, Integer.MAX_VALUE - 8, elements));
    }
    return (int) elements;
  }

  private static Timespans timespans(@Nullable NDArray array, int batch, int steps) {
    return array == null
        ? Timespans.ONE
        : Timespans.perRowAndStep(InputArrays.floats(InputArrays.TIMESPANS, array, batch, steps));
  }

  private static Mask mask(InputArrays arrays, int batch, int steps) {
    NDArray flags = arrays.mask();
    NDArray ends = arrays.lengths();
    boolean[] mask =
        flags == null ? null : InputArrays.booleans(InputArrays.MASK, flags, batch, steps);
    if (ends == null) {
      return mask == null ? Mask.ALL : Mask.of(mask);
    }
    int[] lengths = InputArrays.integers(InputArrays.LENGTHS, ends, batch);
    Mask ofLengths = Mask.lengths(lengths);
    if (mask == null) {
      return ofLengths;
    }
    ofLengths.check(batch, steps);
    for (int row = 0; row < batch; row++) {
      Arrays.fill(mask, row * steps + lengths[row], (row + 1) * steps, false);
    }
    return Mask.of(mask);
  }

  static NDArray named(String name, NDArray array) {
    array.setName(name);
    return array;
  }

  void close() {
    sessions.close();
  }

  /** None that DJL could change. */
  @Override
  public ParameterList getDirectParameters() {
    return new ParameterList();
  }

  @Override
  public PairList<String, Shape> describeOutput() {
    return new PairList<>(
        List.of(OUTPUT, InputArrays.HX),
        List.of(new Shape(-1, -1, network.outputSize()), new Shape(-1, rowSize)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return new Shape[] {
      new Shape(shapes[0].get(0), shapes[0].get(1), network.outputSize()),
      new Shape(shapes[0].get(0), rowSize)
    };
  }

  @Override
  public String toString() {
    return network.toString();
  }
}
