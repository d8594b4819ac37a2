package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Gradients of a backend's fully connected layers have the bits of the definition. */
public abstract class DenseGradientContract {
  private static final int[] ROWS =
      Contract.SMALL
          ? new int[] {1, 2, 17}
          : new int[] {1, 2, 3, 7, 15, 16, 17, 33, 64, 127, 128, 129, 300};
  private static final int[] OUTPUTS =
      Contract.SMALL
          ? new int[] {1, 16, 33, 65}
          : new int[] {1, 3, 15, 16, 17, 31, 33, 48, 63, 64, 65, 127, 128, 129, 200};
  private static final int[] INPUTS =
      Contract.SMALL
          ? new int[] {1, 6, 17}
          : new int[] {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 16, 17, 33, 65, 127, 200};

  /** Floats by which a stride exceeds the least. */
  private static final int[] PADDINGS = {0, 1, 16};

  private static final int[] MISALIGNMENTS = {0, 4, 32};

  private static final int RANDOM = Contract.SMALL ? 3 : 200;

  /** Of sums of a few products, beside the sum of their magnitudes. */
  private static final double TOLERANCE = 1e-6;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> gradientsOfTheTable() {
    return perLayer(table());
  }

  @TestFactory
  Stream<DynamicNode> gradientsOfRandomLayers() {
    return perLayer(
        IntStream.range(0, RANDOM).mapToObj(i -> random(Contract.random("gradient", i))).toList());
  }

  @TestFactory
  Stream<DynamicNode> gradientsAreThoseOfTheLoss() {
    return each("in double precision", DenseGradientContract::plain);
  }

  @TestFactory
  Stream<DynamicNode> rowsMayComeInSeveralCalls() {
    return each("rows", DenseGradientContract::split);
  }

  @TestFactory
  Stream<DynamicNode> transposedLayers() {
    return each("sizes", DenseGradientContract::transposed);
  }

  /** The gradient of the inputs is the transposed layer of the gradient of the outputs. */
  @TestFactory
  Stream<DynamicNode> gradientsOfInputs() {
    return each("in double precision", DenseGradientContract::ofInputs);
  }

  @TestFactory
  Stream<DynamicNode> viewsShowTheirMemory() {
    return each("changed between calls", DenseGradientContract::views);
  }

  @TestFactory
  Stream<DynamicNode> viewsRefuseWhatDoesNotFit() {
    return each("memory and sizes", kernels -> viewRefusals());
  }

  @FunctionalInterface
  private interface Check {
    void check(Kernels kernels);
  }

  private Stream<DynamicNode> each(String name, Check check) {
    return Contract.each(kernels(), k -> Stream.of(dynamicTest(name, () -> check.check(k))));
  }

  private Stream<DynamicNode> perLayer(List<Layer> layers) {
    return Contract.each(
        kernels(),
        k ->
            layers.stream()
                .map(
                    layer -> dynamicTest(layer.toString(), () -> layer.check(k.denseGradients()))));
  }

  private static List<Layer> table() {
    Values[] values = Values.values();
    List<Layer> layers = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            ROWS.length,
            OUTPUTS.length,
            INPUTS.length,
            PADDINGS.length,
            PADDINGS.length,
            MISALIGNMENTS.length,
            MISALIGNMENTS.length,
            values.length)) {
      layers.add(
          new Layer(
              ROWS[row[0]],
              OUTPUTS[row[1]],
              INPUTS[row[2]],
              PADDINGS[row[3]],
              PADDINGS[row[4]],
              MISALIGNMENTS[row[5]],
              MISALIGNMENTS[row[6]],
              values[row[7]]));
    }
    return layers;
  }

  private static Layer random(SplittableRandom random) {
    int most = Contract.SMALL ? 20 : 140;
    return new Layer(
        random.nextInt(1, most),
        random.nextInt(1, 2 * most),
        random.nextInt(1, most),
        random.nextInt(20),
        random.nextInt(20),
        4 * random.nextInt(16),
        4 * random.nextInt(16),
        Values.values()[random.nextInt(Values.values().length)]);
  }

  private static Layer ordinary(int rows, int outputs, int inputs) {
    return new Layer(rows, outputs, inputs, 0, 0, 0, 0, Values.ORDINARY);
  }

  /**
   * One layer, and how what it sees lies in memory.
   *
   * @param xPadding floats by which the stride of x exceeds the least
   * @param misalignment bytes by which x begins behind a multiple of 64
   * @param gradientMisalignment the same of dz and the gradient
   */
  private record Layer(
      int rows,
      int outputs,
      int inputs,
      int xPadding,
      int dzPadding,
      int misalignment,
      int gradientMisalignment,
      Values values) {

    int xStride() {
      return inputs + xPadding;
    }

    int width() {
      return PanelLayout.roundUp(outputs);
    }

    int dzStride() {
      return width() + dzPadding;
    }

    /** With NaN between the rows. */
    float[] x() {
      return spread(
          values.rows(Contract.random("x", this), rows, inputs), inputs, inputs, xStride());
    }

    /** The same, with zeros behind the outputs. */
    float[] dz() {
      return spread(
          values.rows(Contract.random("dz", this), rows, outputs), outputs, width(), dzStride());
    }

    private float[] spread(float[] dense, int items, int width, int stride) {
      float[] spread = new float[(rows - 1) * stride + width];
      Arrays.fill(spread, Float.NaN);
      for (int row = 0; row < rows; row++) {
        Arrays.fill(spread, row * stride, row * stride + width, 0);
        System.arraycopy(dense, row * items, spread, row * stride, items);
      }
      return spread;
    }

    /** Panels with something in them already. */
    float[] before() {
      SplittableRandom random = Contract.random("before", this);
      return packed(
          values.weights(random, inputs * outputs, inputs), values.weights(random, outputs, 1));
    }

    float[] packed(float[] weights, float[] bias) {
      return DenseWeights.pack(inputs, outputs, weights, bias)
          .panels()
          .toArray(ValueLayout.JAVA_FLOAT);
    }

    void check(DenseGradientKernels kernels) {
      float[] x = x();
      float[] dz = dz();
      float[] before = before();
      float[] expected =
          gradient(Contract.DEFINITION.denseGradients(), x, dz, before, 0, 0, new int[] {rows});
      float[] found =
          gradient(kernels, x, dz, before, misalignment, gradientMisalignment, new int[] {rows});
      assertSame(toString(), expected, found);
    }

    /** The panels after so many rows a call. */
    float[] gradient(
        DenseGradientKernels kernels,
        float[] x,
        float[] dz,
        float[] before,
        int xMisalignment,
        int otherMisalignment,
        int[] calls) {
      try (Arena arena = Arena.ofConfined()) {
        GuardedMemory from = GuardedMemory.of(arena, x, xMisalignment);
        GuardedMemory errors = GuardedMemory.of(arena, dz, otherMisalignment);
        GuardedMemory to = GuardedMemory.of(arena, before, otherMisalignment);
        int row = 0;
        for (int n : calls) {
          // No rows may end where the memory does.
          long xAt = n == 0 ? 0 : 4L * row * xStride();
          long dzAt = n == 0 ? 0 : 4L * row * dzStride();
          kernels.weights(
              from.segment().asSlice(xAt),
              xStride(),
              errors.segment().asSlice(dzAt),
              dzStride(),
              n,
              inputs,
              outputs,
              to.segment());
          row += n;
        }
        assertThat(row).isEqualTo(rows);
        from.assertGuards(this + ": x");
        errors.assertGuards(this + ": dz");
        to.assertGuards(this + ": gradient");
        assertSame(this + ": x", x, from.toFloats());
        assertSame(this + ": dz", dz, errors.toFloats());
        return to.toFloats();
      }
    }

    @Override
    public String toString() {
      return "%d x %d x %d, strides +%d +%d, offsets %d %d, %s"
          .formatted(
              rows,
              outputs,
              inputs,
              xPadding,
              dzPadding,
              misalignment,
              gradientMisalignment,
              Contract.name(values));
    }
  }

  /** A layer whose panels these are. */
  private static DenseWeights layer(int inputs, int outputs, float[] panels) {
    MemorySegment memory = Arena.ofAuto().allocate(4L * panels.length, PanelLayout.ALIGNMENT);
    MemorySegment.copy(panels, 0, memory, ValueLayout.JAVA_FLOAT, 0, panels.length);
    return DenseWeights.view(inputs, outputs, memory);
  }

  private static void plain(Kernels kernels) {
    for (Layer layer : List.of(ordinary(13, 70, 37), ordinary(5, 3, 1), ordinary(16, 16, 6))) {
      float[] x = layer.x();
      float[] dz = layer.dz();
      float[] before = layer.before();
      DenseWeights start = layer(layer.inputs, layer.outputs, before);
      DenseWeights found =
          layer(
              layer.inputs,
              layer.outputs,
              layer.gradient(
                  kernels.denseGradients(), x, dz, before, 0, 0, new int[] {layer.rows}));
      for (int n = 0; n < layer.outputs; n++) {
        for (int k = -1; k < layer.inputs; k++) {
          double sum = k < 0 ? start.bias(n) : start.weight(n, k);
          double magnitude = Math.abs(sum);
          for (int row = 0; row < layer.rows; row++) {
            double product =
                (k < 0 ? 1.0 : x[row * layer.xStride() + k]) * dz[row * layer.dzStride() + n];
            sum += product;
            magnitude += Math.abs(product);
          }
          assertThat((double) (k < 0 ? found.bias(n) : found.weight(n, k)))
              .as("%s, input %d, output %d", layer, k, n)
              .isCloseTo(sum, within(TOLERANCE * magnitude));
        }
      }
    }
  }

  private static void split(Kernels kernels) {
    DenseGradientKernels gradients = kernels.denseGradients();
    Layer layer = ordinary(Contract.SMALL ? 20 : 150, Contract.SMALL ? 33 : 97, 20);
    float[] x = layer.x();
    float[] dz = layer.dz();
    float[] before = layer.before();
    float[] expected = layer.gradient(gradients, x, dz, before, 0, 0, new int[] {layer.rows});
    int[] single = new int[layer.rows];
    Arrays.fill(single, 1);
    for (int[] calls :
        new int[][] {
          {0, layer.rows, 0}, {1, 2, 16, layer.rows - 19}, {layer.rows - 7, 7}, single
        }) {
      assertSame(
          "rows " + Arrays.toString(calls),
          expected,
          layer.gradient(gradients, x, dz, before, 0, 0, calls));
    }
  }

  private static void transposed(Kernels kernels) {
    for (int outputs : OUTPUTS) {
      for (int inputs : INPUTS) {
        Layer layer = ordinary(1, outputs, inputs);
        DenseWeights weights = layer(inputs, outputs, layer.before());
        for (int[] part :
            new int[][] {{0, inputs}, {inputs / 2, inputs - inputs / 2}, {inputs - 1, 1}}) {
          transposed(kernels.denseGradients(), weights, part[0], part[1]);
        }
      }
    }
  }

  private static void transposed(
      DenseGradientKernels gradients, DenseWeights weights, int first, int inputs) {
    String what =
        "%d x %d transposed from input %d on, %d of them"
            .formatted(weights.inputs(), weights.outputs(), first, inputs);
    int outputs = weights.outputs();
    float[] w = new float[outputs * inputs];
    for (int n = 0; n < outputs; n++) {
      for (int k = 0; k < inputs; k++) {
        w[k * outputs + n] = weights.weight(n, first + k);
      }
    }
    DenseWeights expected = DenseWeights.pack(outputs, inputs, w, new float[inputs]);
    try (Arena arena = Arena.ofConfined()) {
      for (int misalignment : MISALIGNMENTS) {
        GuardedMemory to =
            GuardedMemory.floats(arena, DenseWeights.panelFloats(outputs, inputs), misalignment);
        gradients.transpose(weights, first, inputs, to.segment());
        assertSame(what, expected.panels().toArray(ValueLayout.JAVA_FLOAT), to.toFloats());
        to.assertGuards(what);
      }
    }
  }

  private static void ofInputs(Kernels kernels) {
    Layer layer = ordinary(4, 37, 21);
    DenseWeights weights = layer(layer.inputs, layer.outputs, layer.before());
    float[] dz = layer.dz();
    int first = 3;
    int columns = layer.inputs - first;
    MemorySegment panels =
        Arena.ofAuto()
            .allocate(4 * DenseWeights.panelFloats(layer.outputs, columns), PanelLayout.ALIGNMENT);
    kernels.denseGradients().transpose(weights, first, columns, panels);
    DenseWeights transposed = DenseWeights.view(layer.outputs, columns, panels);
    try (Arena arena = Arena.ofConfined()) {
      int stride = PanelLayout.roundUp(columns);
      GuardedMemory from = GuardedMemory.of(arena, dz, 0);
      GuardedMemory to = GuardedMemory.floats(arena, (long) layer.rows * stride, 0);
      kernels
          .dense()
          .forward(
              transposed,
              Activation.LINEAR,
              Accuracy.ACCURATE,
              from.segment(),
              layer.dzStride(),
              to.segment(),
              stride,
              layer.rows);
      for (int row = 0; row < layer.rows; row++) {
        for (int k = 0; k < columns; k++) {
          double sum = 0;
          double magnitude = 0;
          for (int n = 0; n < layer.outputs; n++) {
            double product = (double) dz[row * layer.dzStride() + n] * weights.weight(n, first + k);
            sum += product;
            magnitude += Math.abs(product);
          }
          assertThat((double) to.get((long) row * stride + k))
              .as("row %d, input %d", row, first + k)
              .isCloseTo(sum, within(TOLERANCE * magnitude));
        }
      }
    }
  }

  private static void views(Kernels kernels) {
    int inputs = 5;
    int outputs = 33;
    Layer layer = ordinary(3, outputs, inputs);
    float[] panels = layer.before();
    MemorySegment memory = Arena.ofAuto().allocate(4L * panels.length + 64, PanelLayout.ALIGNMENT);
    DenseWeights view = DenseWeights.view(inputs, outputs, memory);
    assertThat(view.panels().byteSize()).isEqualTo(4L * panels.length);
    assertThat(view.panels().isReadOnly()).isTrue();
    float[] x = layer.x();
    for (float factor : new float[] {1, -3}) {
      float[] weights = new float[inputs * outputs];
      float[] bias = new float[outputs];
      SplittableRandom random = Contract.random("view", factor);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = factor * (float) random.nextDouble(-1, 1);
      }
      Arrays.fill(bias, factor);
      DenseWeights packed = DenseWeights.pack(inputs, outputs, weights, bias);
      memory.copyFrom(packed.panels());
      assertSame(
          "factor " + factor, forward(kernels, packed, x, layer), forward(kernels, view, x, layer));
    }
  }

  private static float[] forward(Kernels kernels, DenseWeights weights, float[] x, Layer layer) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory from = GuardedMemory.of(arena, x, 0);
      GuardedMemory to = GuardedMemory.floats(arena, (long) layer.rows * layer.width(), 0);
      kernels
          .dense()
          .forward(
              weights,
              Activation.LINEAR,
              Accuracy.ACCURATE,
              from.segment(),
              layer.xStride(),
              to.segment(),
              layer.width(),
              layer.rows);
      float[] y = to.toFloats();
      float[] outputs = new float[layer.rows * layer.outputs];
      for (int row = 0; row < layer.rows; row++) {
        System.arraycopy(y, row * layer.width(), outputs, row * layer.outputs, layer.outputs);
      }
      return outputs;
    }
  }

  private static void viewRefusals() {
    MemorySegment memory = Arena.ofAuto().allocate(4 * 6 * 48 + 64, PanelLayout.ALIGNMENT);
    assertThat(DenseWeights.panelFloats(5, 33)).isEqualTo(6 * 48);
    assertThatThrownBy(() -> DenseWeights.view(5, 33, memory.asSlice(0, 4 * 6 * 48 - 4)))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("panels must hold 288 elements, but has 287");
    assertThatThrownBy(() -> DenseWeights.view(5, 33, memory.asSlice(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("panels must be aligned to 64 bytes, but begin 4 behind");
    assertThatThrownBy(() -> DenseWeights.view(5, 33, MemorySegment.ofArray(new float[288])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("panels must be native memory, but is on the heap");
    assertThatThrownBy(() -> DenseWeights.view(0, 33, memory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inputs must be at least 1, but is 0");
    assertThatThrownBy(() -> DenseWeights.view(5, 0, memory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("outputs must be at least 1, but is 0");
    assertThatThrownBy(() -> DenseWeights.panelFloats(Integer.MAX_VALUE, Integer.MAX_VALUE - 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must have fewer than 2^63 bytes");
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      for (Arena arena : List.of(confined, shared)) {
        assertThatThrownBy(() -> DenseWeights.view(5, 33, arena.allocate(4 * 288, 64)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("panels must be memory of an automatic or the global arena");
      }
    }
  }
}
