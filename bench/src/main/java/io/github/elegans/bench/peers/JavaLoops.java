package io.github.elegans.bench.peers;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.cfc.Cfc;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Loops over Java arrays, written so that HotSpot's C2 vectorises them: weights [K][N], so that the
 * inner loop goes over outputs, four inputs at a time. All arrays of a loop have the same index,
 * because C2 cannot tell whether two parts of arrays overlap.
 */
final class JavaLoops implements Peer {
  private static final float LECUN_SCALE = 1.7159f;
  private static final float LECUN_SLOPE = 0.666f;
  private static final Set<Activation> ACTIVATIONS =
      Set.of(Activation.TANH, Activation.LECUN_TANH, Activation.SIGMOID);

  /** Where tanh comes from. */
  enum Functions {
    /** A quotient of polynomials, which C2 vectorises; about 5 ulp. */
    RATIONAL("Java loops"),
    /** {@link Math#tanh}, one number at a time. */
    MATH("Java loops, Math.tanh");

    private final String title;

    Functions(String title) {
      this.title = title;
    }
  }

  private final Functions functions;

  JavaLoops(Functions functions) {
    this.functions = functions;
  }

  @Override
  public String name() {
    return functions.title;
  }

  @Override
  public String version() {
    return "";
  }

  @Override
  public String reason() {
    return "";
  }

  @Override
  public boolean does(PeerTask task) {
    return switch (task) {
      case PeerTask.Step step -> step.network() instanceof Cfc cfc && isPlain(cfc);
      case PeerTask.Sequence sequence -> sequence.network() instanceof Cfc cfc && isPlain(cfc);
      case PeerTask.Elementwise elementwise -> ACTIVATIONS.contains(elementwise.function());
      case PeerTask.Gradients gradients -> false;
      case PeerTask.Lorenz lorenz -> false;
    };
  }

  private static boolean isPlain(Cfc cfc) {
    CfcWeights weights = cfc.weights();
    return weights.mode() == CfcMode.DEFAULT
        && !cfc.configuration().mixedMemory()
        && cfc.configuration().projectionSize() == 0
        && weights.headActivation() == Activation.TANH
        && ACTIVATIONS.contains(weights.activation());
  }

  @Override
  public Operation prepare(PeerTask task) {
    return switch (task) {
      case PeerTask.Step step -> {
        Cell cell = new Cell(((Cfc) step.network()).weights(), step.batch());
        yield operation(
            () -> cell.step(step.x(), 0, step.x().length / step.batch(), step.timespan()),
            cell.out);
      }
      case PeerTask.Sequence sequence -> {
        Cell cell = new Cell(((Cfc) sequence.network()).weights(), sequence.batch());
        float[] outs = new float[sequence.batch() * sequence.steps() * cell.units];
        yield operation(() -> cell.run(sequence, outs), outs);
      }
      case PeerTask.Elementwise elementwise -> {
        float[] y = new float[elementwise.x().length];
        yield operation(() -> apply(elementwise.function(), elementwise.x(), y), y);
      }
      case PeerTask.Gradients gradients -> throw new IllegalArgumentException(gradients.toString());
      case PeerTask.Lorenz lorenz -> throw new IllegalArgumentException(lorenz.toString());
    };
  }

  private static Operation operation(Runnable run, float[] output) {
    return new Operation() {
      @Override
      public void run() {
        run.run();
      }

      @Override
      public double[] output() {
        return PeerTask.doubles(output);
      }
    };
  }

  /** A dense layer. */
  private static final class Layer {
    /** [K][N]. */
    private final float[][] weights;

    /** [N]. */
    private final float[] bias;

    Layer(float[][] weights, float[] bias) {
      this.weights = weights;
      this.bias = bias;
    }

    static Layer of(DenseWeights packed, int outputs, IntUnaryOperator output) {
      int inputs = packed.inputs();
      float[][] weights = new float[inputs][outputs];
      float[] bias = new float[outputs];
      for (int n = 0; n < outputs; n++) {
        int from = output.applyAsInt(n);
        bias[n] = packed.bias(from);
        for (int k = 0; k < inputs; k++) {
          weights[k][n] = packed.weight(from, k);
        }
      }
      return new Layer(weights, bias);
    }

    /** y = bias + x W, for one row. */
    void forward(float[] x, float[] y) {
      float[][] w = weights;
      System.arraycopy(bias, 0, y, 0, y.length);
      int k = 0;
      for (; k + 4 <= w.length; k += 4) {
        four(w[k], w[k + 1], w[k + 2], w[k + 3], x[k], x[k + 1], x[k + 2], x[k + 3], y);
      }
      for (; k < w.length; k++) {
        one(w[k], x[k], y);
      }
    }

    private static void four(
        float[] w0,
        float[] w1,
        float[] w2,
        float[] w3,
        float x0,
        float x1,
        float x2,
        float x3,
        float[] y) {
      for (int i = 0; i < y.length; i++) {
        float sum = Math.fma(x0, w0[i], y[i]);
        sum = Math.fma(x1, w1[i], sum);
        sum = Math.fma(x2, w2[i], sum);
        y[i] = Math.fma(x3, w3[i], sum);
      }
    }

    private static void one(float[] w, float x, float[] y) {
      for (int i = 0; i < y.length; i++) {
        y[i] = Math.fma(x, w[i], y[i]);
      }
    }
  }

  /** A CfC cell with its state. */
  private final class Cell {
    private final int inputs;
    private final int units;
    private final int batch;
    private final Activation activation;
    private final List<Layer> backbone;
    private final Layer heads;

    /** [x | h] of a row. */
    private final float[] row;

    private final float[][] hidden;
    private final float[] product;

    /** ff1, ff2, time_a and time_b. */
    private final float[][] four;

    /** The state of all rows, which is the output. */
    private final float[] out;

    Cell(CfcWeights weights, int batch) {
      this.batch = batch;
      inputs = weights.inputSize();
      units = weights.hiddenSize();
      activation = weights.activation();
      backbone =
          weights.backbone().stream()
              .map(layer -> Layer.of(layer, layer.outputs(), IntUnaryOperator.identity()))
              .toList();
      heads =
          Layer.of(weights.heads(), 4 * units, i -> CfcWeights.headOutput(i / units, i % units));
      row = new float[inputs + units];
      hidden = backbone.stream().map(layer -> new float[layer.bias.length]).toArray(float[][]::new);
      product = new float[4 * units];
      four = new float[4][units];
      out = new float[batch * units];
    }

    /** A step of all rows, whose inputs stand in x from {@code first} on, {@code stride} apart. */
    void step(float[] x, int first, int stride, float timespan) {
      for (int b = 0; b < batch; b++) {
        System.arraycopy(x, first + b * stride, row, 0, inputs);
        System.arraycopy(out, b * units, row, inputs, units);
        float[] from = row;
        for (int i = 0; i < hidden.length; i++) {
          backbone.get(i).forward(from, hidden[i]);
          apply(activation, hidden[i], hidden[i]);
          from = hidden[i];
        }
        heads.forward(from, product);
        for (int head = 0; head < 4; head++) {
          System.arraycopy(product, head * units, four[head], 0, units);
        }
        apply(Activation.TANH, four[0], four[0]);
        apply(Activation.TANH, four[1], four[1]);
        times(four[2], timespan, four[3]);
        apply(Activation.SIGMOID, four[2], four[2]);
        mix(four[2], four[1], four[0]);
        System.arraycopy(four[0], 0, out, b * units, units);
      }
    }

    void run(PeerTask.Sequence sequence, float[] outs) {
      int steps = sequence.steps();
      for (int t = 0; t < steps; t++) {
        step(sequence.x(), t * inputs, steps * inputs, sequence.timespan());
        for (int b = 0; b < batch; b++) {
          System.arraycopy(out, b * units, outs, (b * steps + t) * units, units);
        }
      }
    }
  }

  /** The argument of the gate, time_a Δ + time_b, in place of time_a. */
  private static void times(float[] rate, float timespan, float[] shift) {
    for (int i = 0; i < rate.length; i++) {
      rate[i] = Math.fma(rate[i], timespan, shift[i]);
    }
  }

  /** a + s (b - a), in place of a. */
  private static void mix(float[] s, float[] b, float[] a) {
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.fma(s[i], b[i] - a[i], a[i]);
    }
  }

  /** From one array to another, or to itself. */
  private void apply(Activation function, float[] x, float[] y) {
    switch (function) {
      case TANH -> tanh(x, y, 1, 1, 0);
      case LECUN_TANH -> tanh(x, y, LECUN_SLOPE, LECUN_SCALE, 0);
      case SIGMOID -> tanh(x, y, 0.5f, 0.5f, 0.5f);
      default -> throw new IllegalArgumentException(function.fieldName());
    }
  }

  /** y = scale tanh(slope x) + shift. */
  private void tanh(float[] x, float[] y, float slope, float scale, float shift) {
    if (functions == Functions.MATH) {
      for (int i = 0; i < y.length; i++) {
        y[i] = scale * (float) Math.tanh(slope * x[i]) + shift;
      }
    } else {
      for (int i = 0; i < y.length; i++) {
        y[i] = Math.fma(scale, rational(slope * x[i]), shift);
      }
    }
  }

  /** The minimax quotient that Eigen has, its constants in as many digits as a float has. */
  private static float rational(float argument) {
    float x = Math.max(-7.905311f, Math.min(7.905311f, argument));
    float s = x * x;
    float p = Math.fma(s, -2.7607684e-16f, 2.000188e-13f);
    p = Math.fma(s, p, -8.604672e-11f);
    p = Math.fma(s, p, 5.1222973e-8f);
    p = Math.fma(s, p, 1.48572235e-5f);
    p = Math.fma(s, p, 6.3726195e-4f);
    p = Math.fma(s, p, 0.0048935246f);
    float q = Math.fma(s, 1.1982584e-6f, 1.1853471e-4f);
    q = Math.fma(s, q, 0.0022684347f);
    q = Math.fma(s, q, 0.004893525f);
    return x * p / q;
  }
}
