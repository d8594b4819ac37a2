package io.github.elegans.bench.jmh;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.MathKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Elementwise functions and their derivatives from one array to another; 4096 floats of each fill a
 * 32 KiB L1 cache.
 */
public class MathBenchmark extends BackendState {
  private static final double RANGE = 8;
  private static final long PAGE = 4096;

  private MathKernels math;
  private ActivationGradientKernels gradients;

  @Setup
  public void setUp() {
    Kernels kernels = open();
    math = kernels.math();
    gradients = kernels.activationGradients();
  }

  @Benchmark
  public void float32(Floats arrays) {
    math.apply(arrays.function, arrays.accuracy, arrays.x, arrays.y, arrays.elements);
  }

  @Benchmark
  public void float64(Doubles arrays) {
    math.applyDouble(arrays.function, arrays.x, arrays.y, arrays.elements);
  }

  @Benchmark
  public void gradient(Gradients arrays) {
    gradients.gradient(arrays.function, arrays.z, arrays.d, arrays.elements);
  }

  static float[] arguments(int elements) {
    SplittableRandom random = new SplittableRandom(1);
    float[] x = new float[elements];
    for (int i = 0; i < elements; i++) {
      x[i] = (float) random.nextDouble(-RANGE, RANGE);
    }
    return x;
  }

  /** The arrays of {@link #float32}. */
  @State(Scope.Benchmark)
  public static class Floats {
    @Param public Activation function = Activation.TANH;

    @Param public Accuracy accuracy = Accuracy.ACCURATE;

    @Param({"4096", "65536"})
    public int elements;

    private MemorySegment x = MemorySegment.NULL;
    private MemorySegment y = MemorySegment.NULL;

    @Setup
    public void setUp(MathBenchmark benchmark, BenchmarkParams params) {
      long bytes = (long) elements * Float.BYTES;
      MemorySegment memory = allocate(2 * bytes);
      x = memory.asSlice(0, bytes);
      y = memory.asSlice(outputOffset(bytes), bytes);
      MemorySegment.copy(arguments(elements), 0, x, ValueLayout.JAVA_FLOAT, 0, elements);
      benchmark.prepare(params, () -> benchmark.float32(this));
    }
  }

  /** The arrays of {@link #float64}. */
  @State(Scope.Benchmark)
  public static class Doubles {
    @Param public Activation function = Activation.TANH;

    @Param({"4096", "65536"})
    public int elements;

    private MemorySegment x = MemorySegment.NULL;
    private MemorySegment y = MemorySegment.NULL;

    @Setup
    public void setUp(MathBenchmark benchmark, BenchmarkParams params) {
      long bytes = (long) elements * Double.BYTES;
      MemorySegment memory = allocate(2 * bytes);
      x = memory.asSlice(0, bytes);
      y = memory.asSlice(outputOffset(bytes), bytes);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < elements; i++) {
        x.setAtIndex(ValueLayout.JAVA_DOUBLE, i, random.nextDouble(-RANGE, RANGE));
      }
      benchmark.prepare(params, () -> benchmark.float64(this));
    }
  }

  /** The arrays of {@link #gradient}. */
  @State(Scope.Benchmark)
  public static class Gradients {
    @Param public Activation function = Activation.TANH;

    @Param({"4096", "65536"})
    public int elements;

    private MemorySegment z = MemorySegment.NULL;
    private MemorySegment d = MemorySegment.NULL;

    @Setup
    public void setUp(MathBenchmark benchmark, BenchmarkParams params) {
      long bytes = (long) elements * Float.BYTES;
      MemorySegment memory = allocate(2 * bytes);
      z = memory.asSlice(0, bytes);
      d = memory.asSlice(outputOffset(bytes), bytes);
      MemorySegment.copy(arguments(elements), 0, z, ValueLayout.JAVA_FLOAT, 0, elements);
      if (ActivationGradientKernels.FROM_OUTPUT.contains(function)) {
        benchmark.math.apply(function, Accuracy.ACCURATE, z, z, elements);
      }
      benchmark.prepare(params, () -> benchmark.gradient(this));
    }
  }

  /** Room for both arrays, at the same place in a page in every fork. */
  private static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes + PAGE, PAGE);
  }

  /** Half a page off, so that loads and stores of the same index never share their low bits. */
  private static long outputOffset(long bytes) {
    return bytes + PAGE / 2;
  }
}
