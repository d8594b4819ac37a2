package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.SequenceLayout;
import io.github.elegans.networks.Timespans;
import io.github.elegans.threads.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of a network, for whoever has losses, layers and optimisers of their own: {@link
 * #forward}, then {@link #backward} with the gradient of the outputs, which adds to the gradients
 * of all parameters until {@link #clearGradients}.
 *
 * <p>The bits of the gradients are the same on every backend, instruction set and number of
 * threads: sums over a batch go by leaves of 16 consecutive samples, within a leaf from the last
 * step to the first, and leaves are added in pairs, pairs of pairs and so on. A batch may come in
 * parts: parts of a multiple of 16 samples give the bits of the whole.
 *
 * <p>Of a {@link Bidirectional}, parameters, states and gradients are those of both networks, the
 * forward one's first: names as {@link Bidirectional#stateDict} has them, states of all layers and
 * then memories, as of a {@link io.github.elegans.networks.Stack}. The backward network's sums go
 * by its own steps, from its last, which is the sequence's first, to its first.
 *
 * <p>B is the batch, T the steps, I, O, S and M the sizes of the {@link Network}; all arrays are
 * row-major. A session is for one thread at a time. Once it has seen its largest batch it allocates
 * nothing on the way forward and back.
 */
public final class GradientSession implements AutoCloseable {
  private static final float[] EMPTY = {};

  private final Owner owner = new Owner("gradient session");
  private final TrainableModel model;
  private final @Nullable GivenDropout dropout;
  private final BatchGradient engine;
  private final ParameterBlock gradient;
  private final int stateSize;
  private final int memorySize;
  private final boolean wantsInputs;
  private final BatchGradient.Visit goForward = this::forwardLeaf;
  private final BatchGradient.Work goBack = this::backwardLeaf;
  private final BatchGradient.Work goForwardAndBack = this::forwardAndBackwardLeaf;

  // The batch that has gone forward.
  private int batch;
  private int steps;

  /** The inputs: those that were given while going forward, and then a copy if it is needed. */
  private float[] x = {};

  private float[] keptInputs = {};
  private float[] timespans = {};
  private float[] states = {};
  private boolean[] present = {};
  private boolean isMasked;
  private float[] inputGradients = {};
  private float[] timespanGradients = {};
  private float[] stateGradients = {};
  private float[] lastStates = {};
  private boolean hasGone;
  private boolean isClosed;

  // The arrays of a call that is under way.
  private float[] out = {};
  private float[] upstream = {};
  private float @Nullable [] upstreamOfStates;
  private @Nullable Upstream asked;
  private float[] ownUpstream = {};

  /** The runs of all leaves, or none if they are computed again for the way back. */
  private final List<LeafRun> runs = new ArrayList<>();

  private GradientSession(Builder options) {
    Require.between("threads", 1, 1024, options.threads);
    Require.atLeast("memory", 1, options.memory);
    model = new TrainableModel(options.trainee, options.lastOnly, options.memory);
    dropout = options.dropout == null ? null : new GivenDropout(options.dropout);
    engine = new BatchGradient(model, options.threads, dropout);
    wantsInputs = options.wantsInputs;
    gradient = new ParameterBlock(model.layout());
    stateSize = model.stateSize();
    memorySize = model.memorySize();
    engine.endWith(this);
  }

  /** A session of one thread. */
  public static GradientSession of(Network network) {
    return builder(network).build();
  }

  /**
   * A session of one thread, for networks in both directions; one that serves both becomes two that
   * begin equal.
   */
  public static GradientSession of(Bidirectional networks) {
    return builder(networks).build();
  }

  /** A session with options. */
  public static Builder builder(Network network) {
    return new Builder(new Trainee.One(network));
  }

  /** A session with options, for networks in both directions. */
  public static Builder builder(Bidirectional networks) {
    return new Builder(new Trainee.Both(networks));
  }

  /** The gradient of a loss by the outputs, of some samples at a time. */
  @FunctionalInterface
  public interface Upstream {
    /**
     * Sets it. The session's threads call it at the same time, for different samples.
     *
     * @param first number of the first sample of the batch that is meant
     * @param samples how many are, at most 16
     * @param out [B, T, O] or [B, O], in which the outputs of the samples stand
     * @param upstream of the same shape, in which their gradients are to be set
     */
    void set(int first, int samples, float[] out, float[] upstream);
  }

  /** What hidden outputs are multiplied with, on the way forward, and their gradients back. */
  @FunctionalInterface
  public interface Dropout {
    /**
     * The factor of an output: 0 if it is dropped, 1 / (1 - p) otherwise, or any other. Asked for
     * more than once, in any order and by any of the session's threads, it must be the same for a
     * batch from its way forward to its way back.
     *
     * @param sample of the batch, from 0 on
     * @param step from 0 on; for the backward network of a {@link Bidirectional} from the end
     * @param layer from 0 on, through the backbones of all CfCs of a stack, and of both directions
     * @param unit of the layer, from 0 on
     */
    float factor(int sample, int step, int layer, int unit);
  }

  /** Options of a session. */
  public static final class Builder {
    private final Trainee trainee;
    private int threads = 1;
    private boolean lastOnly;
    private long memory = TrainableModel.MEMORY;
    private boolean wantsInputs = true;
    private @Nullable Dropout dropout;

    private Builder(Trainee trainee) {
      this.trainee = trainee;
    }

    /** How many threads share the leaves of a batch; 1 by default. */
    public Builder threads(int n) {
      threads = n;
      return this;
    }

    /**
     * Only the output after the last step that is not masked counts, or 0 of a sample without any:
     * outputs are [B, O]. Of a {@link Bidirectional} it is merged of the forward network's after
     * the end of the sequences and the backward network's after their beginning.
     */
    public Builder lastOutputOnly() {
      lastOnly = true;
      return this;
    }

    /**
     * The bytes that a thread may keep of a leaf's steps, in both directions if there are two, 64
     * MB by default. Beyond that only the states at the beginnings of windows are kept, and the
     * rest is computed again, with the same bits and a third more work.
     */
    public Builder memory(long bytes) {
      memory = bytes;
      return this;
    }

    /** Leaves out the gradients of inputs and timespans, which training has no use for. */
    public Builder withoutInputGradients() {
      wantsInputs = false;
      return this;
    }

    /**
     * Multiplies the outputs of the backbones' layers of CfCs; by default nothing is dropped.
     *
     * @param factors of all layers, whether the dialect has dropout behind them or not
     */
    public Builder dropout(Dropout factors) {
      dropout = Objects.requireNonNull(factors, "factors");
      return this;
    }

    /**
     * The session.
     *
     * @throws IllegalArgumentException if an option is out of range, or the network cannot be
     *     trained
     */
    public GradientSession build() {
      return new GradientSession(this);
    }
  }

  /**
   * Runs a batch of sequences from zero states with timespans of 1.
   *
   * @param given [B, T, I]
   * @param newOut receives [B, T, O], or [B, O] of the last outputs
   */
  public void forward(int newBatch, int newSteps, float[] given, float[] newOut) {
    forward(newBatch, newSteps, given, Timespans.ONE, Mask.ALL, null, newOut);
  }

  /**
   * Runs a batch of sequences.
   *
   * @param given [B, T, I]
   * @param elapsed of B rows and T steps
   * @param mask which steps count; at others states stay, and the output is that of the step before
   *     (0 if there is none), or 0 of a {@link Bidirectional}
   * @param newStates [B, S + M] as {@code Session} stores them; null for zeros
   * @param newOut receives [B, T, O], or [B, O] of the last outputs
   */
  public void forward(
      int newBatch,
      int newSteps,
      float[] given,
      Timespans elapsed,
      Mask mask,
      float @Nullable [] newStates,
      float[] newOut) {
    check(newBatch, newSteps, given, elapsed, mask, newStates, newOut);
    enter();
    try {
      try {
        load(newBatch, newSteps, given, elapsed, mask, newStates, newOut);
        arrange();
        engine.each(leaves(), goForward);
        if (runs.isEmpty()) {
          keptInputs = sized(keptInputs, given.length);
          System.arraycopy(given, 0, keptInputs, 0, given.length);
        }
        hasGone = true;
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      x = keptInputs;
      out = EMPTY;
      owner.thread = null;
    }
  }

  private void check(
      int newBatch,
      int newSteps,
      float[] given,
      Timespans elapsed,
      Mask mask,
      float @Nullable [] newStates,
      float[] newOut) {
    Objects.requireNonNull(given, "given");
    Objects.requireNonNull(elapsed, "elapsed");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(newOut, "newOut");
    Require.atLeast("batch", 1, newBatch);
    Require.atLeast("steps", 1, newSteps);
    int rows = Require.elements("rows", newBatch, newSteps);
    Require.length("x [B, T, I]", (long) rows * model.inputSize(), given.length);
    Require.length(
        model.isLastOnly() ? "out [B, O]" : "out [B, T, O]",
        (long) (model.isLastOnly() ? newBatch : rows) * model.outputSize(),
        newOut.length);
    elapsed.check(newBatch, newSteps);
    mask.check(newBatch, newSteps);
    int all = Require.elements("states", newBatch, stateSize + memorySize);
    if (newStates != null) {
      Require.length("state [B, S + M]", all, newStates.length);
    }
  }

  /** Takes a batch that has been checked. */
  private void load(
      int newBatch,
      int newSteps,
      float[] given,
      Timespans elapsed,
      Mask mask,
      float @Nullable [] newStates,
      float[] newOut) {
    hasGone = false;
    batch = newBatch;
    steps = newSteps;
    x = given;
    out = newOut;
    isMasked = mask != Mask.ALL;
    int rows = batch * steps;
    if (timespans.length != rows) {
      timespans = new float[rows];
      present = new boolean[rows];
    }
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < steps; t++) {
        timespans[b * steps + t] = elapsed.get(SequenceLayout.BATCH_FIRST, b, t, batch, steps);
        present[b * steps + t] = mask.get(SequenceLayout.BATCH_FIRST, b, t, batch, steps);
      }
    }
    int all = batch * (stateSize + memorySize);
    states = sized(states, all);
    lastStates = sized(lastStates, all);
    if (newStates == null) {
      Arrays.fill(states, 0);
    } else {
      System.arraycopy(newStates, 0, states, 0, states.length);
    }
  }

  private void forwardLeaf(int member, int leaf) {
    LeafRun run = run(member, leaf);
    storeOutputs(run, leaf, forward(run, leaf), out);
    storeStates(run, leaf, false, lastStates);
  }

  /** The array, or another if it has not that length. */
  private static float[] sized(float[] array, int length) {
    return array.length == length ? array : new float[length];
  }

  /**
   * Goes back through the batch that has gone forward, and adds to the gradients of the parameters.
   *
   * @param ofOutputs the gradient of the outputs, as {@link #forward} wrote them
   */
  public void backward(float[] ofOutputs) {
    backward(ofOutputs, null);
  }

  /**
   * As {@link #backward(float[])}, with gradients of the last states.
   *
   * @param ofStates [B, S + M]; null for zeros
   * @throws IllegalStateException if no batch has gone forward since the last way back
   */
  public void backward(float[] ofOutputs, float @Nullable [] ofStates) {
    Objects.requireNonNull(ofOutputs, "ofOutputs");
    enter();
    try {
      if (!hasGone) {
        throw new IllegalStateException("backward needs a forward before it, and there was none");
      }
      int rows = batch * steps;
      Require.length(
          "upstream",
          (long) (model.isLastOnly() ? batch : rows) * model.outputSize(),
          ofOutputs.length);
      int all = stateSize + memorySize;
      if (ofStates != null) {
        Require.length("upstream of the state [B, S + M]", (long) batch * all, ofStates.length);
      }
      try {
        hasGone = false;
        reserveGradients();
        upstream = ofOutputs;
        upstreamOfStates = ofStates;
        engine.add(leaves(), goBack);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      upstream = EMPTY;
      upstreamOfStates = null;
      owner.thread = null;
    }
  }

  private void reserveGradients() {
    if (wantsInputs) {
      inputGradients = sized(inputGradients, batch * steps * model.inputSize());
      timespanGradients = sized(timespanGradients, batch * steps);
      if (isMasked) {
        Arrays.fill(inputGradients, 0);
        Arrays.fill(timespanGradients, 0);
      }
    }
    stateGradients = sized(stateGradients, batch * (stateSize + memorySize));
  }

  /**
   * Goes forward from zero states with timespans of 1, and back.
   *
   * @param given [B, T, I]
   * @param newOut receives [B, T, O], or [B, O] of the last outputs
   */
  public void forwardAndBackward(
      int newBatch, int newSteps, float[] given, float[] newOut, Upstream ofOutputs) {
    forwardAndBackward(newBatch, newSteps, given, Timespans.ONE, Mask.ALL, null, newOut, ofOutputs);
  }

  /**
   * Goes forward and back, with the bits of {@link #forward} and then {@link #backward}. All that a
   * leaf of 16 samples needs is kept until it has gone back, and is still in the caches then: large
   * batches are faster in this way, and take no more memory than small ones.
   *
   * @param given [B, T, I]
   * @param elapsed of B rows and T steps
   * @param mask which steps count, as of {@link #forward}
   * @param newStates [B, S + M]; null for zeros
   * @param newOut receives [B, T, O], or [B, O] of the last outputs
   * @param ofOutputs is asked for the gradients of the outputs; those of the last states are 0
   */
  public void forwardAndBackward(
      int newBatch,
      int newSteps,
      float[] given,
      Timespans elapsed,
      Mask mask,
      float @Nullable [] newStates,
      float[] newOut,
      Upstream ofOutputs) {
    Objects.requireNonNull(ofOutputs, "ofOutputs");
    check(newBatch, newSteps, given, elapsed, mask, newStates, newOut);
    enter();
    try {
      try {
        load(newBatch, newSteps, given, elapsed, mask, newStates, newOut);
        reserveGradients();
        ownUpstream = sized(ownUpstream, newOut.length);
        upstream = ownUpstream;
        asked = ofOutputs;
        engine.add(leaves(), goForwardAndBack);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      x = keptInputs;
      out = EMPTY;
      upstream = EMPTY;
      asked = null;
      owner.thread = null;
    }
  }

  private void forwardAndBackwardLeaf(int member, int leaf, ParameterBlock ofLeaf) {
    LeafRun run = engine.run(member);
    storeOutputs(run, leaf, forward(run, leaf), out);
    storeStates(run, leaf, false, lastStates);
    Objects.requireNonNull(asked).set(leaf * LeafRows.SAMPLES, samples(leaf), out, upstream);
    back(run, leaf, ofLeaf);
  }

  private void backwardLeaf(int member, int leaf, ParameterBlock ofLeaf) {
    LeafRun run = run(member, leaf);
    if (runs.isEmpty()) {
      forward(run, leaf);
    }
    back(run, leaf, ofLeaf);
  }

  private void back(LeafRun run, int leaf, ParameterBlock ofLeaf) {
    loadStateGradients(run, leaf, upstreamOfStates);
    RowBuffer above = loadUpstream(run, leaf, upstream);
    RowBuffer ofInputs = run.backward(above, ofLeaf, wantsInputs, wantsInputs);
    if (ofInputs != null) {
      storeInputGradients(run, leaf, ofInputs);
    }
    storeStates(run, leaf, true, stateGradients);
  }

  private int leaves() {
    return Math.ceilDiv(batch, LeafRows.SAMPLES);
  }

  private int samples(int leaf) {
    return Math.min(LeafRows.SAMPLES, batch - leaf * LeafRows.SAMPLES);
  }

  /** Keeps the runs of all leaves for the way back, if that is not too much. */
  private void arrange() {
    boolean keeps = model.rowBytes() * batch * steps <= model.memory();
    if (!keeps) {
      runs.clear();
    }
    while (keeps && runs.size() < leaves()) {
      runs.add(model.run(dropout));
    }
  }

  private LeafRun run(int member, int leaf) {
    return runs.isEmpty() ? engine.run(member) : runs.get(leaf);
  }

  private RowBuffer forward(LeafRun run, int leaf) {
    int first = leaf * LeafRows.SAMPLES;
    run.begin(
        samples(leaf),
        steps,
        first,
        0,
        isMasked ? (sample, step) -> present[(first + sample) * steps + step] : null);
    LeafRows rows = run.rows();
    int inputs = model.inputSize();
    for (int row = 0; row < rows.rows(); row++) {
      int item = (first + rows.sample(row)) * steps + rows.step(row);
      run.inputs().load(row, 0, x, item * inputs, inputs);
      run.timespans().set(row, 0, timespans[item]);
    }
    StateRows.clear(run.states());
    eachState(run, leaf, false, states, false);
    return run.forward();
  }

  private void storeStates(LeafRun run, int leaf, boolean gradients, float[] to) {
    eachState(run, leaf, gradients, to, true);
  }

  private void loadStateGradients(LeafRun run, int leaf, float @Nullable [] from) {
    StateRows.clear(run.stateGradients());
    if (from != null) {
      eachState(run, leaf, true, from, false);
    }
  }

  /** Copies states, of all layers one after the other, and then memories. */
  private void eachState(LeafRun run, int leaf, boolean gradients, float[] array, boolean toArray) {
    int all = stateSize + memorySize;
    int state = 0;
    int memory = stateSize;
    List<StateRows> layers = gradients ? run.stateGradients() : run.states();
    // Without an iterator, which code that is not compiled yet would allocate.
    for (int layer = 0; layer < layers.size(); layer++) {
      StateRows rows = layers.get(layer);
      for (int i = 0; i < samples(leaf); i++) {
        int at = (leaf * LeafRows.SAMPLES + i) * all;
        copy(rows.hidden(), i, array, at + state, toArray);
        copy(rows.memory(), i, array, at + memory, toArray);
      }
      state += rows.hidden().width();
      memory += rows.memory().width();
    }
  }

  private static void copy(RowBuffer rows, int row, float[] array, int at, boolean toArray) {
    if (toArray) {
      rows.store(row, 0, array, at, rows.width());
    } else {
      rows.load(row, 0, array, at, rows.width());
    }
  }

  private void storeOutputs(LeafRun run, int leaf, RowBuffer from, float[] out) {
    int width = model.outputSize();
    int first = leaf * LeafRows.SAMPLES;
    LeafRows rows = run.rows();
    for (int i = 0; i < samples(leaf); i++) {
      if (model.isLastOnly()) {
        copy(from, i, out, (first + i) * width, true);
        continue;
      }
      for (int step = 0; step < steps; step++) {
        int row = isMasked ? rows.row(i, step) : rows.first(step) + i;
        int at = ((first + i) * steps + step) * width;
        if (row >= 0) {
          copy(from, row, out, at, true);
        } else if (step > 0 && model.holdsOutputs()) {
          System.arraycopy(out, at - width, out, at, width);
        } else {
          Arrays.fill(out, at, at + width, 0);
        }
      }
    }
  }

  /** The upstream gradients; those of masked steps go to the step whose output they had, if any. */
  private RowBuffer loadUpstream(LeafRun run, int leaf, float[] from) {
    int width = model.outputSize();
    int first = leaf * LeafRows.SAMPLES;
    LeafRows rows = run.rows();
    RowBuffer to = run.upstream();
    to.reserve(Math.max(rows.rows(), samples(leaf)));
    for (int i = 0; i < samples(leaf); i++) {
      if (model.isLastOnly()) {
        copy(to, i, from, (first + i) * width, false);
        continue;
      }
      int last = -1;
      for (int step = 0; step < steps; step++) {
        int row = isMasked ? rows.row(i, step) : rows.first(step) + i;
        int at = ((first + i) * steps + step) * width;
        if (row >= 0) {
          copy(to, row, from, at, false);
          last = row;
        } else if (last >= 0 && model.holdsOutputs()) {
          for (int k = 0; k < width; k++) {
            to.set(last, k, to.get(last, k) + from[at + k]);
          }
        }
      }
    }
    return to;
  }

  private void storeInputGradients(LeafRun run, int leaf, RowBuffer from) {
    LeafRows rows = run.rows();
    int inputs = model.inputSize();
    for (int row = 0; row < rows.rows(); row++) {
      int item = (leaf * LeafRows.SAMPLES + rows.sample(row)) * steps + rows.step(row);
      copy(from, row, inputGradients, item * inputs, true);
      timespanGradients[item] = run.timespanGradients().get(row, 0);
    }
  }

  /** The names of the parameters, as the network's state dict has them. */
  public List<String> parameterNames() {
    return model.layout().tensors().stream().map(ParameterLayout.Tensor::name).toList();
  }

  /**
   * The gradients of all parameters since {@link #clearGradients}, by name, shaped as the
   * parameters; those of synapses that do not exist are 0.
   */
  public Map<String, float[]> gradients() {
    enter();
    try {
      engine.total(gradient);
      Map<String, float[]> all = new LinkedHashMap<>();
      for (ParameterLayout.Tensor tensor : model.layout().tensors()) {
        all.put(tensor.name(), gradient.valuesOrZeros(tensor));
      }
      return all;
    } finally {
      owner.thread = null;
    }
  }

  /** Forgets the gradients of the parameters. */
  public void clearGradients() {
    enter();
    engine.clear();
    owner.thread = null;
  }

  /**
   * The gradients of the inputs of the last way back: [B, T, I], 0 at masked steps.
   *
   * @throws IllegalStateException if the session is without them
   */
  public float[] inputGradients() {
    requireInputs();
    return inputGradients.clone();
  }

  /**
   * The gradients of the timespans of the last way back: [B, T], 0 at masked steps.
   *
   * @throws IllegalStateException if the session is without them
   */
  public float[] timespanGradients() {
    requireInputs();
    return timespanGradients.clone();
  }

  private void requireInputs() {
    if (!wantsInputs) {
      throw new IllegalStateException(
          "gradients of inputs and timespans were asked for, but the session was built withoutInputGradients()");
    }
  }

  /** The gradients of the states before the first step of the last way back: [B, S + M]. */
  public float[] stateGradients() {
    return stateGradients.clone();
  }

  /** The states after the last step of the last way forward: [B, S + M]. */
  public float[] states() {
    return lastStates.clone();
  }

  /** The parameters as they are now, by name. */
  public Map<String, float[]> parameters() {
    return model.parameters().stateDict();
  }

  /**
   * Sets parameters.
   *
   * @param values some or all, by name, shaped as the network's state dict has them
   * @throws IllegalArgumentException if a name is unknown, or an array has another length or a
   *     value that is not finite; then none is set
   */
  public void setParameters(Map<String, float[]> values) {
    Objects.requireNonNull(values, "values");
    Map<String, ParameterLayout.Tensor> tensors = new LinkedHashMap<>();
    model.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    values.forEach(
        (name, array) -> {
          ParameterLayout.Tensor tensor = tensors.get(name);
          if (tensor == null) {
            throw new IllegalArgumentException(
                "parameters must be among %s, but one is '%s'".formatted(tensors.keySet(), name));
          }
          Objects.requireNonNull(array, name);
          Require.length("elements of " + name, tensor.offsets().length, array.length);
          Require.finite(name, array);
        });
    enter();
    try {
      values.forEach(
          (name, array) ->
              model.parameters().set(Objects.requireNonNull(tensors.get(name)), array));
      model.refresh();
      hasGone = false;
    } finally {
      owner.thread = null;
    }
  }

  /**
   * The network with the parameters as they are now.
   *
   * @throws IllegalStateException if the session is for a {@link Bidirectional}
   */
  public Network network() {
    return model.trained().network();
  }

  /**
   * The networks of both directions with the parameters as they are now.
   *
   * @throws IllegalStateException if the session is for a single network
   */
  public Bidirectional bidirectional() {
    return model.trained().bidirectional();
  }

  private void enter() {
    owner.enter();
    if (isClosed) {
      owner.thread = null;
      throw new IllegalStateException("the gradient session is closed");
    }
  }

  /**
   * Ends the session and its helper threads.
   *
   * @throws java.util.ConcurrentModificationException if another thread is inside; nothing ends
   */
  @Override
  public void close() {
    owner.enterBroken();
    isClosed = true;
    engine.close();
    owner.thread = null;
  }
}
