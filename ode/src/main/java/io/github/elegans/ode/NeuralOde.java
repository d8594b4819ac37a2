package io.github.elegans.ode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A neural ordinary differential equation (Chen et al. 2018): y' = network(y), or network(y, t),
 * where the network is a multilayer perceptron of any depth. Samples go through the dense kernels
 * together, but each has its own time, step and status; one that ends makes room for the next. A
 * sample's result depends on nothing but its own numbers, bit for bit.
 *
 * <pre>{@code
 * NeuralOde ode =
 *     NeuralOde.builder(2)
 *         .layer(weights1, bias1, Activation.TANH)
 *         .layer(weights2, bias2, Activation.LINEAR)
 *         .tolerance(1e-4, 1e-5)
 *         .build();
 * NeuralSolution solution = ode.solve(initial, 0, 1);
 * }</pre>
 *
 * <p>States and slopes are float32, times and steps float64. Immutable and safe for use by many
 * threads.
 */
public final class NeuralOde {
  /** Samples that go through the network together: enough for its weights to be read seldom. */
  private static final int MOST_ROWS = 192;

  /** A solve refills when so large a part of the rows is free. */
  private static final int REFILL_PART = 8;

  private final int states;
  private final boolean timeIsInput;
  private final List<Layer> layers;
  private final Accuracy accuracy;
  private final Method method;
  private final Tableau.Explicit tableau;
  private final StepControl control;
  private final double fixedStep;
  private final double relative;
  private final double absolute;
  private final double maximumStep;
  private final int maximumSteps;
  private final Kernels kernels;
  private final Program next;
  private final Program tried;
  private final Program first;

  private record Layer(DenseWeights weights, Activation activation) {}

  private NeuralOde(Builder builder, Tableau.Explicit tableau) {
    this.states = builder.states;
    this.timeIsInput = builder.timeIsInput;
    this.layers = List.copyOf(builder.layers);
    this.accuracy = builder.accuracy;
    this.method = builder.method;
    this.tableau = tableau;
    this.control = builder.control;
    this.fixedStep = builder.fixedStep;
    this.relative = builder.relative;
    this.absolute = builder.absolute;
    this.maximumStep = builder.maximumStep;
    this.maximumSteps = builder.maximumSteps;
    this.kernels = builder.kernels != null ? builder.kernels : Backends.get();
    this.next = nextProgram();
    this.tried = triedProgram();
    this.first = firstProgram();
  }

  /**
   * A neural ODE, to be told more.
   *
   * @param states how many numbers a sample's state has, at least 1
   */
  public static Builder builder(int states) {
    return new Builder(states);
  }

  /** How many numbers a sample's state has. */
  public int states() {
    return states;
  }

  /** How steps are taken. */
  public Method method() {
    return method;
  }

  /** What it is, in words. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("neural ODE, ");
    text.append(layers.getFirst().weights.inputs());
    for (Layer layer : layers) {
      text.append(" -> ").append(layer.weights.outputs()).append(' ').append(layer.activation);
    }
    return text.append(", ").append(method).toString();
  }

  // Variables of nextProgram.
  private static final int STEP = 0;
  private static final int ACCEPTED = 1;
  private static final int LOG_ERROR = 2;
  private static final int EARLIER_LOG_ERROR = 3;
  private static final int MAXIMUM = 4;
  private static final int DIRECTION = 5;
  private static final int ERROR = 6;
  private static final int CONTROL_VARIABLES = 7;

  private StepSize stepSize(Graph g) {
    return new StepSize(g, Precision.DOUBLE, tableau.errorOrder());
  }

  private Program nextProgram() {
    Graph g = new Graph(Precision.DOUBLE);
    Real[] v = RightHandSide.variables(g, 0, CONTROL_VARIABLES);
    Mask accepted = g.lessEqual(v[ERROR], g.constant(1));
    StepSize.Choice choice =
        stepSize(g)
            .next(
                control,
                new StepSize.Before(
                    v[STEP],
                    v[ACCEPTED],
                    v[LOG_ERROR],
                    v[EARLIER_LOG_ERROR],
                    v[MAXIMUM],
                    v[DIRECTION]),
                accepted,
                v[ERROR]);
    return new Program(
        g,
        CONTROL_VARIABLES,
        new int[] {STEP, ACCEPTED, LOG_ERROR, EARLIER_LOG_ERROR},
        new Real[] {
          choice.step(),
          g.select(accepted, g.constant(1), g.constant(0)),
          choice.logError(),
          choice.earlierLogError()
        },
        null);
  }

  /** Of the norms of states and slopes and the distance, makes the step to be tried first. */
  private Program triedProgram() {
    Graph g = new Graph(Precision.DOUBLE);
    Real h = stepSize(g).tried(g.variable(0), g.variable(1), g.variable(2));
    return new Program(g, 3, new int[] {0}, new Real[] {h}, null);
  }

  /** Of the step tried and the greater norm of slopes and their change, makes the first step. */
  private Program firstProgram() {
    Graph g = new Graph(Precision.DOUBLE);
    Real h = stepSize(g).first(g.variable(0), g.variable(1));
    return new Program(g, 2, new int[] {0}, new Real[] {h}, null);
  }

  /**
   * Solves all samples over the same time.
   *
   * @param initial [samples, states] row-major
   * @param saveAt times at which states are kept, in the order of the solution
   */
  public NeuralSolution solve(float[] initial, double start, double end, double... saveAt) {
    int samples = samples(initial);
    double[] starts = new double[samples];
    double[] ends = new double[samples];
    Arrays.fill(starts, start);
    Arrays.fill(ends, end);
    return solve(initial, starts, ends, saveAt);
  }

  /**
   * Solves samples, each over its own time; backwards where the end is before the start.
   *
   * @param initial [samples, states] row-major
   * @param starts one for each sample
   * @param ends one for each sample
   * @param saveAt times at which states are kept, in the order of the solution; those that a sample
   *     does not pass stay NaN
   * @throws IllegalArgumentException if a length does not fit, or a time is not finite or not in
   *     order
   */
  public NeuralSolution solve(float[] initial, double[] starts, double[] ends, double... saveAt) {
    FloatingPoint.check();
    int samples = samples(initial);
    Require.length("starts", samples, starts.length);
    Require.length("ends", samples, ends.length);
    for (int i = 0; i < samples; i++) {
      if (!(Math.abs(ends[i] - starts[i]) < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "sample %d: finite times are expected, found %s to %s"
                .formatted(i, starts[i], ends[i]));
      }
      for (int k = 1; k < saveAt.length; k++) {
        if (!((saveAt[k] - saveAt[k - 1]) * (ends[i] - starts[i]) >= 0)) {
          throw new IllegalArgumentException(
              "times to save at: they must run with sample %d, but %s follows %s"
                  .formatted(i, saveAt[k], saveAt[k - 1]));
        }
      }
    }
    NeuralSolution solution = new NeuralSolution(samples, states, saveAt.clone());
    if (samples > 0) {
      new Run(initial, starts, ends, saveAt, solution).run();
    }
    return solution;
  }

  private int samples(float[] initial) {
    if (initial.length % states != 0) {
      throw new IllegalArgumentException(
          "initial: a multiple of %d floats is expected, found %d"
              .formatted(states, initial.length));
    }
    return initial.length / states;
  }

  /** One solve: rows of samples in work. */
  private final class Run {
    private final float[] initial;
    private final double[] starts;
    private final double[] ends;
    private final double[] saveAt;
    private final NeuralSolution solution;
    private final int rows;
    private final int stages = tableau.c().length;
    private final boolean endIsStage = tableau.firstSameAsLast();

    /** The sample of a row, or -1. */
    private final int[] sample;

    private final double[] time;
    private final double[] step;
    private final double[] taken;
    private final double[] stageTime;
    private final boolean[] last;
    private final int[] tries;
    private final int[] saved;

    /** [CONTROL_VARIABLES][rows], as its program has it. */
    private final double[] choice;

    private final Interpreter next;
    private final float[] y;
    private final float[] at;
    private final float[] end;

    /** Slopes, [stages + 1][rows · states]; the last one is at the end of the step. */
    private final float[][] k;

    private final int[] active;
    private final int[] fresh;
    private int nextSample;

    private final MemorySegment[] values;
    private final long[] strides;

    Run(float[] initial, double[] starts, double[] ends, double[] saveAt, NeuralSolution solution) {
      this.initial = initial;
      this.starts = starts;
      this.ends = ends;
      this.saveAt = saveAt;
      this.solution = solution;
      rows = Math.min(MOST_ROWS, solution.samples());
      sample = new int[rows];
      Arrays.fill(sample, -1);
      time = new double[rows];
      step = new double[rows];
      taken = new double[rows];
      stageTime = new double[rows];
      last = new boolean[rows];
      tries = new int[rows];
      saved = new int[rows];
      choice = new double[CONTROL_VARIABLES * rows];
      next = new Interpreter(NeuralOde.this.next, rows);
      y = new float[rows * states];
      at = new float[rows * states];
      end = new float[rows * states];
      k = new float[stages + 1][rows * states];
      active = new int[rows];
      fresh = new int[rows];
      values = new MemorySegment[layers.size() + 1];
      strides = new long[layers.size() + 1];
      Arena arena = Arena.ofAuto();
      for (int l = 0; l <= layers.size(); l++) {
        int width =
            l == 0 ? layers.getFirst().weights.inputs() : layers.get(l - 1).weights.outputs();
        strides[l] = PanelLayout.stride(width);
        values[l] = arena.allocate(rows * strides[l] * Float.BYTES, PanelLayout.ALIGNMENT);
      }
    }

    void run() {
      while (true) {
        int count = activeRows();
        if (nextSample < solution.samples() && (rows - count) * REFILL_PART >= rows) {
          refill();
          continue;
        }
        if (count == 0) {
          return;
        }
        advance(count);
      }
    }

    private int activeRows() {
      int count = 0;
      for (int r = 0; r < rows; r++) {
        if (sample[r] >= 0) {
          active[count++] = r;
        }
      }
      return count;
    }

    private void refill() {
      int count = 0;
      for (int r = 0; r < rows; r++) {
        while (sample[r] < 0 && nextSample < solution.samples()) {
          begin(r, nextSample++);
        }
        if (sample[r] >= 0 && tries[r] == 0) {
          fresh[count++] = r;
        }
      }
      evaluate(fresh, count, y, k[0]);
      if (fixedStep == 0) {
        firstSteps(count);
      }
      for (int i = 0; i < count; i++) {
        int r = fresh[i];
        if (!isFinite(y, r) || !isFinite(k[0], r)) {
          finish(r, Status.NOT_FINITE);
        }
      }
    }

    /** Puts a sample into a row, unless it ends where it begins. */
    private void begin(int r, int i) {
      sample[r] = i;
      time[r] = starts[i];
      stageTime[r] = starts[i];
      tries[r] = 0;
      saved[r] = 0;
      System.arraycopy(initial, i * states, y, r * states, states);
      double direction = ends[i] < starts[i] ? -1 : 1;
      step[r] = direction * fixedStep;
      choice[ACCEPTED * rows + r] = 1;
      choice[LOG_ERROR * rows + r] = StepControl.LOG2_LEAST_ERROR;
      choice[EARLIER_LOG_ERROR * rows + r] = StepControl.LOG2_LEAST_ERROR;
      choice[MAXIMUM * rows + r] = maximumStep;
      choice[DIRECTION * rows + r] = direction;
      while (saved[r] < saveAt.length && (due(r) - starts[i]) * direction <= 0) {
        if (due(r) == starts[i]) {
          System.arraycopy(y, r * states, solution.savedAt(i), saved[r] * states, states);
        }
        saved[r]++;
      }
      if (starts[i] == ends[i]) {
        finish(r, isFinite(y, r) ? Status.DONE : Status.NOT_FINITE);
      }
    }

    private void firstSteps(int count) {
      double[] lanes = new double[3 * count];
      double[] d1 = new double[count];
      for (int i = 0; i < count; i++) {
        int r = fresh[i];
        d1[i] = norm(r, k[0], null);
        lanes[i] = norm(r, y, null);
        lanes[count + i] = d1[i];
        lanes[2 * count + i] = Math.abs(ends[sample[r]] - time[r]);
      }
      new Interpreter(tried, count).run(lanes, 1);
      for (int i = 0; i < count; i++) {
        int r = fresh[i];
        double h = lanes[i] * choice[DIRECTION * rows + r];
        stageTime[r] = time[r] + h;
        for (int s = r * states; s < (r + 1) * states; s++) {
          at[s] = Math.fma((float) h, k[0][s], y[s]);
        }
      }
      evaluate(fresh, count, at, k[1]);
      double[] firstLanes = new double[2 * count];
      for (int i = 0; i < count; i++) {
        firstLanes[i] = lanes[i];
        double change = norm(fresh[i], k[1], k[0]) / lanes[i];
        firstLanes[count + i] = Math.max(d1[i], change);
      }
      new Interpreter(first, count).run(firstLanes, 1);
      for (int i = 0; i < count; i++) {
        int r = fresh[i];
        double h = Math.min(Math.min(100 * lanes[i], firstLanes[i]), lanes[2 * count + i]);
        step[r] = Math.min(h, maximumStep) * choice[DIRECTION * rows + r];
      }
    }

    /** The root mean square of v, or of v − w, by what is tolerated. */
    private double norm(int r, float[] v, float @Nullable [] w) {
      double sum = 0;
      for (int s = r * states; s < (r + 1) * states; s++) {
        double value = w == null ? v[s] : (double) v[s] - w[s];
        double part = value / Math.fma(relative, Math.abs((double) y[s]), absolute);
        sum = Math.fma(part, part, sum);
      }
      return Math.sqrt(sum / states);
    }

    private void advance(int count) {
      for (int i = 0; i < count; i++) {
        chooseStep(active[i]);
      }
      for (int stage = 1; stage < stages; stage++) {
        boolean isEnd = endIsStage && stage == stages - 1;
        float[] to = isEnd ? end : at;
        combine(count, tableau.a()[stage], stage, tableau.c()[stage], to);
        evaluate(active, count, to, k[stage]);
      }
      float[] slopeEnd = k[stages - 1];
      if (!endIsStage) {
        combine(count, tableau.b(), stages, 1, end);
        slopeEnd = k[stages];
        evaluate(active, count, end, slopeEnd);
      }
      if (fixedStep == 0) {
        for (int i = 0; i < count; i++) {
          int r = active[i];
          choice[STEP * rows + r] = taken[r];
          choice[ERROR * rows + r] = squaredError(r);
        }
        next.run(choice, 1);
      }
      for (int i = 0; i < count; i++) {
        conclude(active[i], slopeEnd);
      }
    }

    private void chooseStep(int r) {
      double distance = ends[sample[r]] - time[r];
      double direction = choice[DIRECTION * rows + r];
      // A step that would leave a sliver takes it, too.
      last[r] = Math.fma(step[r], 1.0001, -distance) * direction > 0;
      taken[r] = last[r] ? distance : step[r];
      tries[r]++;
    }

    /** to = y + h Σ weights k. */
    private void combine(int count, double[] weights, int used, double c, float[] to) {
      for (int i = 0; i < count; i++) {
        int r = active[i];
        int from = r * states;
        int until = from + states;
        Arrays.fill(to, from, until, 0);
        for (int j = 0; j < used; j++) {
          float weight = (float) weights[j];
          if (weight != 0) {
            float[] slopes = k[j];
            for (int s = from; s < until; s++) {
              to[s] = Math.fma(weight, slopes[s], to[s]);
            }
          }
        }
        float h = (float) taken[r];
        for (int s = from; s < until; s++) {
          to[s] = Math.fma(h, to[s], y[s]);
        }
        stageTime[r] = c == 1 ? time[r] + taken[r] : Math.fma(c, taken[r], time[r]);
      }
    }

    private double squaredError(int r) {
      double[] weights = tableau.error();
      double sum = 0;
      for (int s = r * states; s < (r + 1) * states; s++) {
        double error = 0;
        for (int j = 0; j < weights.length; j++) {
          error = Math.fma(weights[j], k[j][s], error);
        }
        double size = Math.max(Math.abs(y[s]), Math.abs(end[s]));
        double part = taken[r] * error / Math.fma(relative, size, absolute);
        sum = Math.fma(part, part, sum);
      }
      double error = sum / states;
      // What is not finite is far too much, and the next step shorter.
      return isFinite(end, r) && error < Double.POSITIVE_INFINITY
          ? error
          : Double.POSITIVE_INFINITY;
    }

    private void conclude(int r, float[] slopeEnd) {
      int i = sample[r];
      boolean controlled = fixedStep == 0;
      if (!controlled || choice[ACCEPTED * rows + r] != 0) {
        solution.steps[i]++;
        double after = last[r] ? ends[i] : time[r] + taken[r];
        if (!controlled && !last[r]) {
          // Counted, not summed, so that time does not drift.
          after = Math.fma(solution.steps[i], step[r], starts[i]);
        }
        save(r, after);
        time[r] = after;
        System.arraycopy(end, r * states, y, r * states, states);
        System.arraycopy(slopeEnd, r * states, k[0], r * states, states);
        if (!isFinite(y, r)) {
          finish(r, Status.NOT_FINITE);
          return;
        }
        if (last[r]) {
          finish(r, Status.DONE);
          return;
        }
      } else {
        solution.rejected[i]++;
      }
      if (controlled) {
        step[r] = choice[STEP * rows + r];
        // Below the numbers' spacing, y cannot change any more.
        if (time[r] + step[r] == time[r]) {
          boolean bounded = choice[ERROR * rows + r] < Double.POSITIVE_INFINITY;
          finish(r, bounded ? Status.STEP_UNDERFLOW : Status.NOT_FINITE);
          return;
        }
      }
      if (tries[r] >= maximumSteps) {
        finish(r, Status.MAXIMUM_STEPS);
      }
    }

    /** The next time that is wanted, or the start or end that it misses by rounding. */
    private double due(int r) {
      double wanted = saveAt[saved[r]];
      double direction = choice[DIRECTION * rows + r];
      double start = starts[sample[r]];
      double end = ends[sample[r]];
      if ((wanted - start) * direction < 0 && SavedTimes.isNear(Precision.DOUBLE, wanted, start)) {
        return start;
      }
      return (end - wanted) * direction < 0 && SavedTimes.isNear(Precision.DOUBLE, wanted, end)
          ? end
          : wanted;
    }

    /** Saves the states at all times that are due up to a time, from the step's polynomial. */
    private void save(int r, double until) {
      double direction = choice[DIRECTION * rows + r];
      while (saved[r] < saveAt.length && (due(r) - until) * direction <= 0) {
        double theta = due(r) == until ? 1 : (due(r) - time[r]) / taken[r];
        interpolate(r, theta, solution.savedAt(sample[r]), saved[r] * states);
        saved[r]++;
      }
    }

    private void interpolate(int r, double theta, float[] to, int from) {
      double[][] dense = tableau.dense();
      float[] slopeEnd = k[endIsStage ? stages - 1 : stages];
      for (int s = 0; s < states; s++) {
        int at = r * states + s;
        if (theta == 1) {
          to[from + s] = end[at];
        } else if (dense == null) {
          // Hermite's cubic.
          double difference = (double) end[at] - y[at];
          double a = taken[r] * k[0][at];
          double b = taken[r] * slopeEnd[at];
          double cubic = a + b - 2 * difference;
          double square = 3 * difference - 2 * a - b;
          to[from + s] =
              (float) Math.fma(Math.fma(Math.fma(cubic, theta, square), theta, a), theta, y[at]);
        } else {
          double sum = 0;
          for (int j = 0; j < stages; j++) {
            double weight = 0;
            for (int power = dense[j].length - 1; power >= 0; power--) {
              weight = Math.fma(weight, theta, dense[j][power]);
            }
            sum = Math.fma(weight * theta, k[j][at], sum);
          }
          to[from + s] = (float) Math.fma(taken[r], sum, y[at]);
        }
      }
    }

    private boolean isFinite(float[] v, int r) {
      for (int s = r * states; s < (r + 1) * states; s++) {
        if (!Float.isFinite(v[s])) {
          return false;
        }
      }
      return true;
    }

    private void finish(int r, Status status) {
      int i = sample[r];
      solution.status[i] = status;
      System.arraycopy(y, r * states, solution.end, i * states, states);
      solution.times[i] = time[r];
      sample[r] = -1;
    }

    /** Slopes of the rows listed: the states are gathered, go through the network, and back. */
    private void evaluate(int[] which, int count, float[] from, float[] to) {
      if (count == 0) {
        return;
      }
      for (int i = 0; i < count; i++) {
        int r = which[i];
        long row = i * strides[0];
        MemorySegment.copy(from, r * states, values[0], JAVA_FLOAT, row * Float.BYTES, states);
        if (timeIsInput) {
          values[0].setAtIndex(JAVA_FLOAT, row + states, (float) stageTime[r]);
        }
      }
      for (int l = 0; l < layers.size(); l++) {
        Layer layer = layers.get(l);
        kernels
            .dense()
            .forward(
                layer.weights,
                layer.activation,
                accuracy,
                values[l],
                strides[l],
                values[l + 1],
                strides[l + 1],
                count);
      }
      MemorySegment result = values[layers.size()];
      for (int i = 0; i < count; i++) {
        long row = i * strides[layers.size()];
        MemorySegment.copy(result, JAVA_FLOAT, row * Float.BYTES, to, which[i] * states, states);
      }
    }
  }

  /** Collects a neural ODE's layers and options. */
  public static final class Builder {
    private final int states;
    private final List<Layer> layers = new ArrayList<>();
    private boolean timeIsInput;
    private Accuracy accuracy = Accuracy.ACCURATE;
    private Method method = Method.TSIT5;
    private StepControl control = StepControl.PI;
    private double fixedStep;
    private double relative = 1e-4;
    private double absolute = 1e-6;
    private double maximumStep = Double.POSITIVE_INFINITY;
    private int maximumSteps = 100_000;
    private @Nullable Kernels kernels;

    private Builder(int states) {
      Require.atLeast("states", 1, states);
      this.states = states;
    }

    /** The first layer has the time as its last input, behind the states. */
    public Builder timeIsInput() {
      if (!layers.isEmpty()) {
        throw new IllegalStateException("timeIsInput() is to be said before the first layer");
      }
      timeIsInput = true;
      return this;
    }

    /**
     * The next layer: activation(W x + b).
     *
     * @param weights [outputs, inputs] row-major, as PyTorch stores a Linear layer; inputs are the
     *     outputs of the layer before, or the states (and the time)
     * @param bias one for each output
     * @throws IllegalArgumentException if a length does not fit, or a number is not finite
     */
    public Builder layer(float[] weights, float[] bias, Activation activation) {
      int inputs =
          layers.isEmpty() ? states + (timeIsInput ? 1 : 0) : layers.getLast().weights.outputs();
      layers.add(new Layer(DenseWeights.pack(inputs, bias.length, weights, bias), activation));
      return this;
    }

    /** Of the activations, {@link Accuracy#ACCURATE} by default. */
    public Builder accuracy(Accuracy accuracy) {
      this.accuracy = accuracy;
      return this;
    }

    /** The method, explicit and without further stages for its polynomial; TSIT5 by default. */
    public Builder method(Method method) {
      this.method = method;
      return this;
    }

    /** Steps chosen so that the local error stays within relative·|y| + absolute. */
    public Builder tolerance(double relative, double absolute) {
      this.relative = Options.tolerance("relative", relative);
      this.absolute = Options.tolerance("absolute", absolute);
      this.fixedStep = 0;
      return this;
    }

    /** How steps are chosen, {@link StepControl#PI} by default. */
    public Builder control(StepControl control) {
      this.control = control;
      return this;
    }

    /** Fixed steps of this length, the last one shorter; positive, backwards too. */
    public Builder fixedStep(double step) {
      this.fixedStep = Options.fixedStep(step);
      return this;
    }

    /** No step is longer. */
    public Builder maximumStep(double step) {
      this.maximumStep = Options.step("maximum step", step);
      return this;
    }

    /** No sample tries more steps, 100,000 by default. */
    public Builder maximumSteps(int steps) {
      Require.atLeast("maximum steps", 1, steps);
      this.maximumSteps = steps;
      return this;
    }

    /** The backend, the best one by default. */
    public Builder kernels(Kernels kernels) {
      this.kernels = kernels;
      return this;
    }

    /**
     * The neural ODE.
     *
     * @throws IllegalArgumentException if the last layer's outputs are not the states, or the
     *     method does not serve
     */
    public NeuralOde build() {
      int outputs = layers.isEmpty() ? 0 : layers.getLast().weights.outputs();
      if (outputs != states) {
        throw new IllegalArgumentException(
            "layers: %d outputs, the slopes of the states, are expected of the last one, found %d"
                .formatted(states, outputs));
      }
      if (!(method.tableau() instanceof Tableau.Explicit tableau) || tableau.extraC() != null) {
        throw new IllegalArgumentException(
            "method: EULER, HEUN, RK4, BS3, DP5 or TSIT5 is expected, found " + method);
      }
      if (fixedStep == 0 && !method.isAdaptive()) {
        throw new IllegalArgumentException(
            "%s has no error estimate: say fixedStep(…)".formatted(method));
      }
      return new NeuralOde(this, tableau);
    }
  }
}
