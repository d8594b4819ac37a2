package io.github.elegans.bench.jmh;

import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.util.function.UnaryOperator;

/**
 * What one operation of a benchmark has to do, whoever does it.
 *
 * @param flops floating-point operations of its matrix products, of float32 functions, or of the
 *     steps of differential equations; or 0
 * @param bytes bytes of weights, arguments or initial values that each thread must read at least
 *     once, or 0
 * @param workingSet bytes that each thread touches over and over: they say which cache it reads
 * @param items elements of a function, samples of a layer, samples times steps of a network,
 *     trajectories of an ensemble, steps of a batch in training
 * @param threads threads that share the work
 */
record Workload(double flops, double bytes, long workingSet, double items, int threads) {
  static final String FLOAT32 = "MathBenchmark.float32";
  static final String FLOAT64 = "MathBenchmark.float64";
  static final String GRADIENT = "MathBenchmark.gradient";
  static final String DENSE = "DenseBenchmark.forward";
  static final String STEP = "CfcStepBenchmark.step";
  static final String KEYED = "KeyedStepBenchmark.step";
  static final String SEQUENCE = "CfcSequenceBenchmark.run";
  static final String NETWORK = "NetworkStepBenchmark.step";
  static final String NETWORK_SEQUENCE = "NetworkSequenceBenchmark.run";
  static final String ODE = "OdeBenchmark.solve";
  static final String TRAINING = "TrainingBenchmark.run";
  static final String WEIGHT_GRADIENT = "DenseGradientBenchmark.weights";
  static final String TRANSPOSE = "DenseGradientBenchmark.transpose";
  static final String TRAINING_KERNEL = "TrainingKernelBenchmark.run";

  /** Samples that go through a network in training together. */
  private static final int LEAF = 16;

  /** Any of the others, done by a peer. */
  static final String PEER = "PeerBenchmark.run";

  static final String EMPTY_MATH = "EmptyCallBenchmark.math";
  static final String EMPTY_STEP = "EmptyCallBenchmark.step";

  /**
   * The work of a benchmark.
   *
   * @param benchmark class and method, with or without the package
   * @param parameter gives a parameter's value by its name
   */
  static Workload of(String benchmark, UnaryOperator<String> parameter) {
    return switch (shortName(benchmark)) {
      case FLOAT32 -> {
        Activation function = Activation.valueOf(parameter.apply("function"));
        Accuracy accuracy = Accuracy.valueOf(parameter.apply("accuracy"));
        yield elementwise(parameter, operations(function, accuracy), Float.BYTES);
      }
      case FLOAT64 -> elementwise(parameter, 0, Double.BYTES);
      case GRADIENT -> {
        Activation function = Activation.valueOf(parameter.apply("function"));
        yield elementwise(parameter, operations(function), Float.BYTES);
      }
      case DENSE -> {
        DenseShape shape = DenseShape.of(parameter.apply("shape"));
        long weights = shape.weightBytes();
        yield new Workload(shape.operations(), weights, weights, shape.rows(), 1);
      }
      case STEP, KEYED -> network(parameter, 1);
      case SEQUENCE -> network(parameter, Integer.parseInt(parameter.apply("steps")));
      case NETWORK -> kind(parameter, 1);
      case NETWORK_SEQUENCE -> kind(parameter, Integer.parseInt(parameter.apply("steps")));
      case ODE -> {
        OdeWorkload system = OdeWorkload.valueOf(parameter.apply("system"));
        int trajectories = Integer.parseInt(parameter.apply("trajectories"));
        int threads = Integer.parseInt(parameter.apply("threads"));
        long bytes = system.bytes(trajectories) / threads;
        yield new Workload(system.operations(trajectories), bytes, bytes, trajectories, threads);
      }
      case TRAINING -> training(parameter);
      case WEIGHT_GRADIENT -> {
        DenseShape shape = DenseShape.of(parameter.apply("shape"));
        double rows = (double) shape.rows() * (shape.inputs() + shape.outputs()) * Float.BYTES;
        yield new Workload(
            shape.operations(),
            rows + shape.weightBytes(),
            Math.round(rows) + shape.weightBytes(),
            shape.rows(),
            1);
      }
      case TRANSPOSE -> {
        long weights = DenseShape.of(parameter.apply("shape")).weightBytes();
        yield new Workload(0, weights, 2 * weights, 1, 1);
      }
      case TRAINING_KERNEL -> {
        TrainingKernel kernel = TrainingKernel.valueOf(parameter.apply("kernel"));
        yield new Workload(0, kernel.bytes(), kernel.bytes(), kernel.elements(), 1);
      }
      case PEER -> {
        BenchmarkCase what = BenchmarkCase.parse(parameter.apply("what"));
        yield of(what.benchmark(), what.parameters()::get);
      }
      case EMPTY_MATH -> new Workload(0, 0, 0, 1, 1);
      case EMPTY_STEP -> new Workload(0, 0, 0, 1, Integer.parseInt(parameter.apply("threads")));
      default -> throw new IllegalArgumentException("unknown benchmark " + benchmark);
    };
  }

  /** A benchmark's name without its package. */
  static String shortName(String benchmark) {
    int method = benchmark.lastIndexOf('.');
    return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
  }

  private static Workload elementwise(UnaryOperator<String> parameter, int operations, int size) {
    long elements = Long.parseLong(parameter.apply("elements"));
    return new Workload(
        (double) elements * operations, (double) elements * size, 2 * elements * size, elements, 1);
  }

  /**
   * Float32 additions, multiplications and divisions of an element in ScalarFloats, a multiply-add
   * as two; 0 where the work is done in float64.
   */
  private static int operations(Activation function, Accuracy accuracy) {
    if (accuracy == Accuracy.EXACT) {
      return 0;
    }
    boolean fast = accuracy == Accuracy.FAST;
    return switch (function) {
      case LINEAR, RELU -> 0;
      case EXP -> 21;
      case TANH -> fast ? 19 : 37;
      case LECUN_TANH -> fast ? 21 : 39;
      case SIGMOID -> fast ? 22 : 36;
      case SILU -> fast ? 22 : 37;
      case GELU -> fast ? 24 : 77;
      case GELU_TANH -> fast ? 27 : 61;
      case SOFTPLUS -> fast ? 35 : 52;
    };
  }

  /** The same of an element in ScalarActivationGradients. */
  private static int operations(Activation derivedFrom) {
    return switch (derivedFrom) {
      case LINEAR, RELU, EXP -> 0;
      case TANH, SIGMOID -> 2;
      case LECUN_TANH -> 3;
      case SOFTPLUS -> operations(Activation.SIGMOID, Accuracy.ACCURATE);
      case SILU -> operations(Activation.SIGMOID, Accuracy.ACCURATE) + 5;
      case GELU_TANH -> operations(Activation.SIGMOID, Accuracy.ACCURATE) + 12;
      case GELU ->
          operations(Activation.GELU, Accuracy.ACCURATE)
              + operations(Activation.EXP, Accuracy.ACCURATE)
              + 6;
    };
  }

  private static Workload kind(UnaryOperator<String> parameter, int steps) {
    NetworkKind kind = NetworkKind.valueOf(parameter.apply("network"));
    double items = (double) Integer.parseInt(parameter.apply("batch")) * steps;
    return new Workload(
        items * kind.operations(), steps * kind.weightBytes(), kind.workingSet(), items, 1);
  }

  private static Workload training(UnaryOperator<String> parameter) {
    TrainingNetwork network = TrainingNetwork.valueOf(parameter.apply("network"));
    int batch = Integer.parseInt(parameter.apply("batch"));
    int steps = Integer.parseInt(parameter.apply("steps"));
    int threads = Integer.parseInt(parameter.apply("threads"));
    int leaves = Math.ceilDiv(batch, LEAF);
    // A thread takes the next leaf.
    double most = Math.ceilDiv(leaves, threads);
    return new Workload(
        (double) batch * steps * network.operations(),
        most * steps * network.weightBytes(),
        network.weightBytes(),
        steps,
        threads);
  }

  private static Workload network(UnaryOperator<String> parameter, int steps) {
    CfcShape shape = CfcShape.of(parameter.apply("shape"));
    int batch = Integer.parseInt(parameter.apply("batch"));
    int threads = Integer.parseInt(parameter.apply("threads"));
    double items = (double) batch * steps;
    // Threads that share the rows read all weights each; otherwise each has its own panels.
    boolean byRows = batch >= 2 * threads || batch > Workspace.CHUNK;
    long weights = byRows ? shape.weightBytes() : shape.weightBytes() / threads;
    return new Workload(
        items * shape.operations(), (double) weights * steps, weights, items, threads);
  }

  /**
   * The least time that the machine needs: to compute, or to read what must be read.
   *
   * @param gflops what one thread can compute in 10⁹ operations a second
   * @param gigabytesPerSecond what one thread can read from a working set of this size
   * @return nanoseconds; 0 if there is nothing to compute and to read
   */
  double leastNanos(double gflops, double gigabytesPerSecond) {
    return Math.max(
        flops == 0 ? 0 : flops / (threads * gflops), bytes == 0 ? 0 : bytes / gigabytesPerSecond);
  }
}
