package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/** The gradient of a dense layer's weights, and the packing of the transposed layer. */
public class DenseGradientBenchmark extends BackendState {
  private DenseGradientKernels kernels;

  @Setup
  public void setUp() {
    kernels = open().denseGradients();
  }

  @Benchmark
  public void weights(Rows rows) {
    kernels.weights(
        rows.x, rows.xStride, rows.dz, rows.dzStride, rows.n, rows.inputs, rows.outputs, rows.to);
  }

  @Benchmark
  public void transpose(Layer layer) {
    kernels.transpose(layer.weights, 0, layer.weights.inputs(), layer.to);
  }

  private static MemorySegment floats(long n) {
    MemorySegment memory = Arena.ofAuto().allocate(n * Float.BYTES, PanelLayout.ALIGNMENT);
    float[] values = CfcState.inputs(Math.toIntExact(n), 1);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return memory;
  }

  /** What {@link #weights} reads and adds to. */
  @State(Scope.Benchmark)
  public static class Rows {
    /** M x K x N. */
    @Param({"16x128x256", "512x128x256"})
    public String shape = "";

    private MemorySegment x = MemorySegment.NULL;
    private MemorySegment dz = MemorySegment.NULL;
    private MemorySegment to = MemorySegment.NULL;
    private int xStride;
    private int dzStride;
    private int n;
    private int inputs;
    private int outputs;

    @Setup
    public void setUp(DenseGradientBenchmark benchmark, BenchmarkParams params) {
      DenseShape size = DenseShape.of(shape);
      n = size.rows();
      inputs = size.inputs();
      outputs = size.outputs();
      xStride = PanelLayout.stride(inputs);
      dzStride = PanelLayout.stride(outputs);
      x = floats((long) n * xStride);
      dz = floats((long) n * dzStride);
      to = floats(DenseWeights.panelFloats(inputs, outputs));
      benchmark.prepare(params, () -> benchmark.weights(this));
    }
  }

  /** What {@link #transpose} packs. */
  @State(Scope.Benchmark)
  public static class Layer {
    /** K x N, as the shape of one row. */
    @Param("1x128x256")
    public String shape = "";

    private DenseWeights weights;
    private MemorySegment to = MemorySegment.NULL;

    @Setup
    public void setUp(DenseGradientBenchmark benchmark, BenchmarkParams params) {
      DenseShape size = DenseShape.of(shape);
      int inputs = size.inputs();
      int outputs = size.outputs();
      weights =
          DenseWeights.view(inputs, outputs, floats(DenseWeights.panelFloats(inputs, outputs)));
      to = floats(DenseWeights.panelFloats(outputs, inputs));
      benchmark.prepare(params, () -> benchmark.transpose(this));
    }
  }
}
