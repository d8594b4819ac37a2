package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Batches of sequences through a model, with a loss: forward, back, and the optimiser's step. */
final class TrainingLoop implements AutoCloseable {
  private final TrainableModel model;
  private final Kernels kernels;
  private final LossFunction loss;
  private final BatchGradient engine;
  private final ParameterBlock gradient;
  private final ParameterUpdate update;
  private final RandomDropout dropout;
  private final Member[] members;
  private final @Nullable MemorySegment classWeights;
  private double[] sampleLosses = {};

  // The batch that is being done, and the window of its steps.
  private Sequences data;
  private int[] order = {};
  private int batchFirst;
  private int batchCount;
  private int firstStep;
  private int steps;
  private double weight;
  private float scale;

  /** States at the end of a window, of each leaf of the batch: where the next one begins. */
  private final List<List<StateRows>> carried = new ArrayList<>();

  // The part of the batch that is being done.
  private int first;
  private int count;
  private float @Nullable [] outputs;
  private final BatchGradient.Work learn = this::learn;
  private final BatchGradient.Visit pass = this::pass;
  private final BatchGradient.Visit look = this::look;

  /** What a thread needs beside its run. */
  private final class Member implements LeafRows.Mask {
    final RowBuffer targets = RowBuffer.of(data.targetSize());

    /** Of elements, as far apart as the targets. */
    final RowBuffer weights = RowBuffer.of(data.targetSize());

    final RowBuffer losses = RowBuffer.ofScalars();
    int firstSample;

    @Override
    public boolean has(int sample, int step) {
      return data.isPresent(order[firstSample + sample], firstStep + step);
    }
  }

  TrainingLoop(Trainee trainee, Sequences data, LossFunction loss, Training.Options options) {
    this.loss = loss;
    this.data = data;
    model = new TrainableModel(trainee, data.isLastOnly(), options.memory());
    kernels = model.kernels();
    gradient = new ParameterBlock(model.layout());
    update =
        new ParameterUpdate(
            model,
            gradient,
            options.optimiser(),
            options.schedule(),
            options.clipping(),
            options.decaysMatricesOnly());
    dropout = new RandomDropout(kernels, options.seed(), options.dropout());
    engine = new BatchGradient(model, options.threads(), options.dropout() > 0 ? dropout : null);
    members = new Member[options.threads()];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Member();
    }
    float[] given = loss.classWeights();
    if (given == null) {
      classWeights = null;
    } else {
      classWeights = Staging.allocate((long) given.length * Float.BYTES);
      MemorySegment.copy(given, 0, classWeights, JAVA_FLOAT, 0, given.length);
    }
  }

  TrainableModel model() {
    return model;
  }

  ParameterUpdate update() {
    return update;
  }

  /** Throws unless the model can learn from such data. */
  void check(String what, Sequences sequences) {
    requireFitting(what, sequences);
    if (!hasTarget(sequences, inOrder(sequences), 0, sequences.samples())) {
      throw new IllegalArgumentException(
          what + " must have a target that counts, but masks and weights leave none");
    }
  }

  private void requireFitting(String what, Sequences sequences) {
    if (sequences.inputSize() != model.inputSize()
        || sequences.isLastOnly() != model.isLastOnly()) {
      throw new IllegalArgumentException(
          "%s must have %d inputs and targets %s, but are %s"
              .formatted(
                  what,
                  model.inputSize(),
                  model.isLastOnly() ? "for the last output" : "for every step",
                  sequences));
    }
    loss.check(sequences, model.outputSize());
  }

  /**
   * Takes a batch, in which at least one target counts and whose states are 0.
   *
   * @param newOrder numbers of samples, of which those from {@code begin} on are meant
   */
  void batch(Sequences sequences, int[] newOrder, int begin, int n) {
    data = sequences;
    order = newOrder;
    batchFirst = begin;
    batchCount = n;
  }

  /**
   * Takes the next window of the batch's steps.
   *
   * @return the weight of its targets: what the sum of their losses is divided by
   */
  double window(int newFirst, int n) {
    firstStep = newFirst;
    steps = n;
    weight = weightOfTargets();
    int leaves = Math.ceilDiv(batchCount, LeafRows.SAMPLES);
    while (isCut() && carried.size() < leaves) {
      carried.add(StateRows.like(engine.run(0).states()));
    }
    return weight;
  }

  /** Whether a window is not all there is. */
  private boolean isCut() {
    return steps < data.steps();
  }

  /**
   * Learns from the window.
   *
   * @param accumulate into how many parts the batch is cut, one after the other
   * @return the sum of the losses before the step; if it is not finite, nothing has changed
   */
  double learn(int accumulate) {
    scale = (float) (1 / weight);
    dropout.set(true, update.steps());
    engine.clear();
    double sum = 0;
    // Parts are whole leaves, so that they change no bit.
    int leaves = Math.ceilDiv(Math.ceilDiv(batchCount, LeafRows.SAMPLES), accumulate);
    for (int done = 0; done < batchCount; done += leaves * LeafRows.SAMPLES) {
      part(done, Math.min(leaves * LeafRows.SAMPLES, batchCount - done));
      engine.add(Math.ceilDiv(count, LeafRows.SAMPLES), learn);
      for (int i = 0; i < count; i++) {
        sum += sampleLosses[i];
      }
    }
    if (Double.isFinite(sum)) {
      engine.total(gradient);
    }
    return sum;
  }

  /** Throws unless the model can learn from leaves of such data. */
  void check(Sequences sequences) {
    requireFitting("a leaf", sequences);
  }

  /** The weight of each sample's targets; that of a batch is {@link #divisor} of their sum. */
  double[] weights(Sequences sequences) {
    requireFitting("the samples", sequences);
    double[] weights = new double[sequences.samples()];
    Arrays.setAll(weights, i -> weightOf(sequences, i, 0, sequences.steps()));
    return weights;
  }

  /** What the losses of a batch are divided by, by the sum of its samples' weights. */
  double divisor(double weights) {
    return loss.hasClasses() ? weights : weights * model.outputSize();
  }

  /**
   * Takes one leaf of a batch through the model, without adding its gradient to others.
   *
   * @param number of the leaf in its batch
   * @param weights the sum of the weights of the batch's samples
   * @param step of the optimiser, for dropout
   * @param to receives the gradient
   * @return the losses of the samples
   */
  double[] learnLeaf(
      Sequences sequences, int number, double weights, long step, ParameterBlock to) {
    // As if it stood behind the batch's other leaves: dropout knows samples by their place in it.
    batch(sequences, inOrder(sequences), -number * LeafRows.SAMPLES, sequences.samples());
    firstStep = 0;
    steps = sequences.steps();
    weight = divisor(weights);
    scale = (float) (1 / weight);
    dropout.set(true, step);
    part(number * LeafRows.SAMPLES, sequences.samples());
    to.clear();
    learn(0, 0, to);
    return Arrays.copyOf(sampleLosses, count);
  }

  /** Adds the gradients of a batch's leaves, as {@link #learn} does, for the next update. */
  void sum(List<float[]> gradients) {
    engine.clear();
    for (float[] of : gradients) {
      engine.add(
          1,
          (member, leaf, block) ->
              MemorySegment.copy(of, 0, block.memory(), JAVA_FLOAT, 0, of.length));
    }
    engine.total(gradient);
  }

  /** Only takes the states through the window. */
  void pass() {
    dropout.set(true, update.steps());
    part(0, batchCount);
    engine.each(Math.ceilDiv(count, LeafRows.SAMPLES), pass);
  }

  private void part(int begin, int n) {
    first = batchFirst + begin;
    count = n;
    if (sampleLosses.length < count) {
      sampleLosses = new double[count];
    }
  }

  private double weightOfTargets() {
    double total = 0;
    for (int i = batchFirst; i < batchFirst + batchCount; i++) {
      total += weightOf(data, order[i], firstStep, steps);
    }
    return divisor(total);
  }

  /** The sum of the weights of a sample's targets, of some steps or of the last output. */
  private double weightOf(Sequences sequences, int sample, int begin, int n) {
    int end = sequences.isLastOnly() ? 1 : begin + n;
    float[] ofClasses = loss.classWeights();
    boolean plain = !sequences.isWeighted() && ofClasses == null;
    if (plain && (sequences.isLastOnly() || !sequences.isMasked())) {
      return end - begin;
    }
    double total = 0;
    for (int step = begin; step < end; step++) {
      if (sequences.isLastOnly() || sequences.isPresent(sample, step)) {
        double weight = sequences.weight(sample, step);
        total +=
            ofClasses == null
                ? weight
                : weight * ofClasses[(int) sequences.y()[sample * sequences.targetSteps() + step]];
      }
    }
    return total;
  }

  private static int[] inOrder(Sequences sequences) {
    return IntStream.range(0, sequences.samples()).toArray();
  }

  /** Whether a target counts of the samples from {@code begin} to before {@code end}. */
  boolean hasTarget(Sequences sequences, int[] newOrder, int begin, int end) {
    for (int i = begin; i < end; i++) {
      if (weightOf(sequences, newOrder[i], 0, sequences.steps()) > 0) {
        return true;
      }
    }
    return false;
  }

  private LeafRun load(int member, int leaf) {
    LeafRun run = engine.run(member);
    Member own = members[member];
    own.firstSample = first + leaf * LeafRows.SAMPLES;
    int samples = Math.min(LeafRows.SAMPLES, count - leaf * LeafRows.SAMPLES);
    int inBatch = own.firstSample - batchFirst;
    run.begin(samples, steps, inBatch, firstStep, data.isMasked() ? own : null);
    LeafRows rows = run.rows();
    int inputs = data.inputSize();
    for (int row = 0; row < rows.rows(); row++) {
      int sample = order[own.firstSample + rows.sample(row)];
      int step = firstStep + rows.step(row);
      run.inputs().load(row, 0, data.x(), (sample * data.steps() + step) * inputs, inputs);
      run.timespans().set(row, 0, data.timespan(sample, step));
    }
    if (firstStep == 0) {
      StateRows.clear(run.states());
    } else {
      StateRows.copy(carried.get(inBatch / LeafRows.SAMPLES), run.states());
    }
    return run;
  }

  private void learn(int member, int leaf, ParameterBlock ofLeaf) {
    LeafRun run = load(member, leaf);
    RowBuffer out = forward(run, member);
    RowBuffer upstream = loss(run, member, leaf, out);
    StateRows.clear(run.stateGradients());
    run.backward(upstream, ofLeaf, false, false);
  }

  private void pass(int member, int leaf) {
    forward(load(member, leaf), member);
  }

  /** Goes forward, and keeps the states for the next window. */
  private RowBuffer forward(LeafRun run, int member) {
    RowBuffer out = run.forward();
    if (isCut()) {
      int inBatch = members[member].firstSample - batchFirst;
      StateRows.copy(run.states(), carried.get(inBatch / LeafRows.SAMPLES));
    }
    return out;
  }

  /** Computes the loss of every sample of the leaf; returns the gradients of the outputs. */
  private RowBuffer loss(LeafRun run, int member, int leaf, RowBuffer out) {
    Member own = members[member];
    LeafRows rows = run.outputRows();
    int n = rows.rows();
    RowBuffer upstream = run.upstream();
    upstream.reserve(n);
    own.targets.reserve(n);
    // Of doubles.
    own.losses.reserve(2 * Math.max(1, n));
    if (data.isWeighted()) {
      own.weights.reserve(n);
    }
    int width = data.targetSize();
    for (int row = 0; row < n; row++) {
      int sample = order[own.firstSample + rows.sample(row)];
      int step = firstStep + rows.step(row);
      own.targets.load(row, 0, data.y(), (sample * data.targetSteps() + step) * width, width);
      if (loss.hasClasses() && data.weight(sample, step) == 0) {
        own.targets.set(row, 0, LossKernels.NO_CLASS);
      }
      if (data.isWeighted()) {
        for (int i = 0; i < width; i++) {
          own.weights.set(row, i, data.weight(sample, step));
        }
      }
    }
    if (n > 0) {
      kernels
          .losses()
          .loss(
              loss.loss(),
              loss.parameter(),
              out.memory(),
              out.stride(),
              own.targets.memory(),
              own.targets.stride(),
              loss.hasClasses() ? classWeights : data.isWeighted() ? own.weights.memory() : null,
              model.outputSize(),
              n,
              scale,
              upstream.memory(),
              own.losses.memory());
    }
    for (int i = 0; i < rows.samples(); i++) {
      double sum = 0;
      for (int step = 0; step < rows.steps(); step++) {
        int row = n == rows.samples() * rows.steps() ? rows.first(step) + i : rows.row(i, step);
        if (row >= 0) {
          sum += own.losses.memory().getAtIndex(JAVA_DOUBLE, row);
        }
      }
      sampleLosses[leaf * LeafRows.SAMPLES + i] = sum;
    }
    return upstream;
  }

  /**
   * The mean loss and metrics of data, without learning from them.
   *
   * @return {@code loss}, and the metrics by their names
   */
  Map<String, Double> evaluate(Sequences sequences, List<Metric> metrics) {
    Sequences before = data;
    int[] all = inOrder(sequences);
    batch(sequences, all, 0, all.length);
    double total = window(0, data.steps());
    part(0, all.length);
    dropout.set(false, 0);
    long rows = (long) all.length * data.targetSteps();
    float[] out = new float[Require.elements("outputs", rows, model.outputSize())];
    outputs = out;
    scale = 1;
    engine.each(Math.ceilDiv(count, LeafRows.SAMPLES), look);
    outputs = null;
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += sampleLosses[i];
    }
    Map<String, Double> results = new LinkedHashMap<>();
    results.put("loss", sum / total);
    if (!metrics.isEmpty()) {
      measure(metrics, out, data.targetSteps(), results);
    }
    data = before;
    return results;
  }

  /** Metrics of the rows that count. */
  private void measure(List<Metric> metrics, float[] all, int steps, Map<String, Double> results) {
    int width = model.outputSize();
    int targetSize = data.targetSize();
    float[] out = new float[all.length];
    float[] targets = new float[data.samples() * steps * targetSize];
    int n = 0;
    for (int row = 0; row < data.samples() * steps; row++) {
      int sample = row / steps;
      int step = row % steps;
      if ((data.isLastOnly() || data.isPresent(sample, step)) && data.weight(sample, step) > 0) {
        System.arraycopy(all, row * width, out, n * width, width);
        System.arraycopy(data.y(), row * targetSize, targets, n * targetSize, targetSize);
        n++;
      }
    }
    float[] someOut = Arrays.copyOf(out, n * width);
    float[] someTargets = Arrays.copyOf(targets, n * targetSize);
    for (Metric metric : metrics) {
      results.put(metric.fieldName(), metric.of(someOut, someTargets, width));
    }
  }

  private void look(int member, int leaf) {
    LeafRun run = load(member, leaf);
    RowBuffer out = run.forward();
    float[] to = outputs;
    LeafRows rows = run.outputRows();
    int width = model.outputSize();
    for (int row = 0; row < rows.rows() && to != null; row++) {
      int sample = order[members[member].firstSample + rows.sample(row)];
      out.store(row, 0, to, (sample * data.targetSteps() + rows.step(row)) * width, width);
    }
    loss(run, member, leaf, out);
  }

  @Override
  public void close() {
    engine.close();
  }
}
