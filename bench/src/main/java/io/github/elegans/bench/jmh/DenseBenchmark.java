package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A dense layer of packed weights, with and without an activation in its epilogue. */
public class DenseBenchmark extends BackendState {
  /** M x K x N. */
  @Param({"1x128x256", "6x128x256", "24x128x256", "24x256x512", "96x256x512"})
  public String shape = "";

  @Param({"LINEAR", "TANH"})
  public Activation epilogue = Activation.LINEAR;

  @Param("ACCURATE")
  public Accuracy accuracy = Accuracy.ACCURATE;

  private DenseKernels dense;
  private DenseWeights weights;
  private MemorySegment x = MemorySegment.NULL;
  private MemorySegment y = MemorySegment.NULL;
  private int xStride;
  private int yStride;
  private int rows;

  @Setup
  public void setUp(BenchmarkParams params) {
    dense = open().dense();
    DenseShape size = DenseShape.of(shape);
    rows = size.rows();
    int inputs = size.inputs();
    int outputs = size.outputs();
    SplittableRandom random = new SplittableRandom(1);
    weights =
        DenseWeights.pack(
            inputs,
            outputs,
            uniform(random, Math.multiplyExact(inputs, outputs), 1 / Math.sqrt(inputs)),
            uniform(random, outputs, 1));
    xStride = PanelLayout.stride(inputs);
    yStride = PanelLayout.stride(outputs);
    Arena arena = Arena.ofAuto();
    x = arena.allocate((long) rows * xStride * Float.BYTES, PanelLayout.ALIGNMENT);
    y = arena.allocate((long) rows * yStride * Float.BYTES, PanelLayout.ALIGNMENT);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          uniform(random, inputs, 1),
          0,
          x,
          ValueLayout.JAVA_FLOAT,
          (long) row * xStride * Float.BYTES,
          inputs);
    }
    prepare(params, this::forward);
  }

  @Benchmark
  public void forward() {
    dense.forward(weights, epilogue, accuracy, x, xStride, y, yStride, rows);
  }

  private static float[] uniform(SplittableRandom random, int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }
}
