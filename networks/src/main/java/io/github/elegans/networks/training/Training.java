package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on sequences:
 *
 * <pre>{@code
 * History history =
 *     Training.of(network)
 *         .loss(LossFunction.meanSquaredError())
 *         .optimiser(Optimiser.adam().withLearningRate(0.01))
 *         .batch(32)
 *         .epochs(50)
 *         .fit(train, validation);
 * Network trained = history.network();
 * }</pre>
 *
 * <p>The same data, options and seed give the same bits on every backend, instruction set and
 * number of threads, whether training was interrupted and resumed or not. Defaults are PyTorch's:
 * mean squared error, Adam, a constant learning rate, no clipping.
 */
public final class Training {
  private final Trainee trainee;
  private LossFunction loss = LossFunction.meanSquaredError();
  private Optimiser optimiser = Optimiser.adam();
  private Schedule schedule = Schedule.constant();
  private Clipping clipping = Clipping.none();
  private boolean decaysMatricesOnly;
  private double dropout;
  private int batch = 32;
  private int epochs = 1;
  private int accumulate = 1;
  private int truncate = Integer.MAX_VALUE;
  private boolean shuffles = true;
  private long seed;
  private int threads = 1;
  private long memory = TrainableModel.MEMORY;
  private int patience = Integer.MAX_VALUE;
  private double leastImprovement;
  private boolean restoresBest;
  private @Nullable Path checkpoint;
  private boolean resumes;
  private volatile boolean isAsked;
  private final List<Metric> metrics = new ArrayList<>();
  private final List<TrainingListener> listeners = new ArrayList<>();

  /** What a loop must know. */
  record Options(
      Optimiser optimiser,
      Schedule schedule,
      Clipping clipping,
      boolean decaysMatricesOnly,
      double dropout,
      long seed,
      int threads,
      long memory) {}

  private Training(Trainee trainee) {
    this.trainee = trainee;
  }

  /** Training of a network, which stays as it is; it says the backend, too. */
  public static Training of(Network network) {
    return new Training(new Trainee.One(network));
  }

  /**
   * Training of the networks of both directions, as {@link #of(Network)}; one that serves both is
   * trained as two that begin equal.
   */
  public static Training of(Bidirectional networks) {
    return new Training(new Trainee.Both(networks));
  }

  /** Sets what is made small. */
  public Training loss(LossFunction function) {
    loss = Objects.requireNonNull(function, "loss");
    return this;
  }

  /** Sets the optimiser, and the learning rate with it. */
  public Training optimiser(Optimiser newOptimiser) {
    optimiser = Objects.requireNonNull(newOptimiser, "optimiser");
    return this;
  }

  /** Sets what the learning rate of each step is multiplied with. */
  public Training schedule(Schedule newSchedule) {
    schedule = Objects.requireNonNull(newSchedule, "schedule");
    return this;
  }

  /** Sets how gradients that are too large are made smaller. */
  public Training clipping(Clipping newClipping) {
    clipping = Objects.requireNonNull(newClipping, "clipping");
    return this;
  }

  /** Sets whether weight decay leaves biases and other vectors out, as Keras's regularisers do. */
  public Training decayMatricesOnly(boolean only) {
    decaysMatricesOnly = only;
    return this;
  }

  /**
   * Sets the probability with which elements of a CfC's backbone become 0, where the network's
   * dialect has dropout: after the second and later layers in PyTorch, after all in TensorFlow and
   * Keras.
   *
   * @param probability from 0 to below 1; 0 by default
   */
  public Training dropout(double probability) {
    Hyperparameters.share("dropout", probability);
    dropout = probability;
    return this;
  }

  /** Sets the samples of a step, 32 by default; the last batch of an epoch may have fewer. */
  public Training batch(int samples) {
    Require.atLeast("batch", 1, samples);
    batch = samples;
    return this;
  }

  /** Sets how often all data are seen, 1 by default, those of an interrupted run included. */
  public Training epochs(int n) {
    Require.atLeast("epochs", 0, n);
    epochs = n;
    return this;
  }

  /**
   * Cuts every batch into parts that are done one after the other. Parts are whole leaves of 16
   * samples, and the bits stay those of the whole batch.
   */
  public Training accumulate(int parts) {
    Require.atLeast("parts", 1, parts);
    accumulate = parts;
    return this;
  }

  /**
   * Truncates backpropagation through time: sequences are cut into windows of so many steps, of
   * which the last may be shorter. Every window begins with the states in which the one before has
   * ended, but gradients end at its first step, and every window has an optimiser's step of its
   * own, by the mean loss of the window; the schedule counts these steps. A window in which no
   * target of the batch counts has none, and only takes the states on. States are 0 where sequences
   * begin: a long stream is one sequence, and several streams are the samples of a batch.
   *
   * <p>By default sequences are not cut. Validation never cuts them. A {@link Bidirectional} cannot
   * be truncated.
   *
   * @param steps of a window, at least 1
   */
  public Training truncate(int steps) {
    Require.atLeast("steps", 1, steps);
    truncate = steps;
    return this;
  }

  /** Sets whether every epoch has an order of its own; it has by default. */
  public Training shuffle(boolean shuffle) {
    shuffles = shuffle;
    return this;
  }

  /** Sets where random numbers come from: orders and dropout; 0 by default. */
  public Training seed(long newSeed) {
    seed = newSeed;
    return this;
  }

  /** Sets how many threads share the leaves of a batch; 1 by default. */
  public Training threads(int n) {
    Require.between("threads", 1, 1024, n);
    threads = n;
    return this;
  }

  /** As {@link GradientSession.Builder#memory}. */
  public Training memory(long bytes) {
    Require.atLeast("memory", 1, bytes);
    memory = bytes;
    return this;
  }

  /** Measures validation data after every epoch by these, too. */
  public Training metrics(Metric... newMetrics) {
    List<Metric> more = Arrays.asList(Objects.requireNonNull(newMetrics, "metrics"));
    Require.noNull("metrics", more);
    metrics.addAll(more);
    return this;
  }

  /**
   * Ends training when the validation loss, or without validation the training loss, has not become
   * smaller by a least improvement for some epochs.
   *
   * @param epochsToWait at least 1
   */
  public Training earlyStopping(int epochsToWait, double improvement) {
    Require.atLeast("epochs to wait", 1, epochsToWait);
    Hyperparameters.notNegative("the least improvement", improvement);
    patience = epochsToWait;
    leastImprovement = improvement;
    return this;
  }

  /** Sets whether the network at the end is that of the best epoch; by default of the last. */
  public Training restoreBest(boolean restore) {
    restoresBest = restore;
    return this;
  }

  /** Tells someone how it goes. */
  public Training listener(TrainingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /** Writes everything that is needed to go on to a file, after every epoch. */
  public Training checkpoint(Path file) {
    checkpoint = Objects.requireNonNull(file, "file");
    return this;
  }

  /**
   * Sets whether to go on from the checkpoint, if there is one. The bits are then those of a run
   * that was never interrupted.
   */
  public Training resume(boolean resume) {
    resumes = resume;
    return this;
  }

  /**
   * Asks training to end after the batch that it is at, or before the first if it is about to
   * begin; may be called by any thread. A checkpoint is written as after an epoch.
   */
  public void stop() {
    isAsked = true;
  }

  /** How often all data are seen. */
  public int epochs() {
    return epochs;
  }

  /** What is minimised. */
  public LossFunction loss() {
    return loss;
  }

  /** The samples of a step. */
  public int batch() {
    return batch;
  }

  /**
   * The network that training begins with.
   *
   * @throws IllegalStateException if it is a {@link Bidirectional}
   */
  public Network network() {
    return trainee.network();
  }

  /**
   * The networks of both directions that training begins with.
   *
   * @throws IllegalStateException if it is a single network
   */
  public Bidirectional bidirectional() {
    return trainee.bidirectional();
  }

  /** As {@link #fit(Sequences, Sequences)}, without validation. */
  public History fit(Sequences train) throws IOException {
    return fit(train, null);
  }

  /**
   * Trains.
   *
   * @param train what is learnt from
   * @param validation what is measured after every epoch
   * @throws IllegalArgumentException if the data do not fit the network or the loss, or would be
   *     truncated but have targets for the last output only or a network in both directions, or a
   *     checkpoint is of another training
   * @throws TrainingDivergedException if a loss or a gradient is not finite
   * @throws IOException if a checkpoint cannot be read or written
   */
  public History fit(Sequences train, @Nullable Sequences validation) throws IOException {
    Objects.requireNonNull(train, "train");
    if (train.isLastOnly() && truncate < train.steps()) {
      throw new IllegalArgumentException(
          "truncation after %d steps needs training data with a target for every step, but they are %s"
              .formatted(truncate, train));
    }
    if (trainee instanceof Trainee.Both && truncate < train.steps()) {
      throw new IllegalArgumentException(
          "truncation after %d steps needs a single direction: the backward network begins at the end of the %d steps"
              .formatted(truncate, train.steps()));
    }
    try (TrainingLoop loop = new TrainingLoop(trainee, train, loss, options())) {
      loop.check("the training data", train);
      if (validation != null) {
        loop.check("the validation data", validation);
        for (Metric metric : metrics) {
          metric.check(loop.model().outputSize(), validation.targetSize());
        }
      }
      return new Fit(loop, train, validation).run();
    } finally {
      isAsked = false;
    }
  }

  /**
   * This training by hand, so that the gradients of leaves can come from elsewhere: a cluster's
   * workers and its coordinator have one each.
   *
   * @param like samples as those that will be learnt from: their inputs, targets, and whether these
   *     are for every step
   * @throws IllegalArgumentException if the samples do not fit the network or the loss
   * @throws IllegalStateException if something was asked for that needs {@code fit}: truncation,
   *     early stopping, the best parameters, a checkpoint, metrics or listeners; or both directions
   */
  public DataParallelTraining dataParallel(Sequences like) {
    Objects.requireNonNull(like, "like");
    if (truncate != Integer.MAX_VALUE
        || patience != Integer.MAX_VALUE
        || restoresBest
        || checkpoint != null
        || !metrics.isEmpty()
        || !listeners.isEmpty()
        || trainee instanceof Trainee.Both) {
      throw new IllegalStateException(
          "data-parallel training is expected to be of one network, without truncate, earlyStopping, restoreBest, checkpoint, metrics and listeners, but is of %s: %s"
              .formatted(trainee, configuration()));
    }
    TrainingLoop loop = new TrainingLoop(trainee, like, loss, options());
    try {
      loop.check(like);
    } catch (Throwable e) {
      loop.close();
      throw e;
    }
    return new DataParallelTraining(this, loop);
  }

  private Options options() {
    return new Options(
        optimiser, schedule, clipping, decaysMatricesOnly, dropout, seed, threads, memory);
  }

  /** The order in which an epoch goes through n samples. */
  int[] order(int epoch, int n) {
    if (shuffles) {
      return Shuffle.permutation(trainee.kernels().random(), seed, epoch, n);
    }
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    return order;
  }

  /** All that the bits depend on, in words, but for the data and the network. */
  String configuration() {
    return "%s, %s, %s, %s, decay of matrices only %s, dropout %s, batches of %d, truncated %s, shuffled %s, best restored %s, seed %d"
        .formatted(
            loss,
            optimiser,
            schedule,
            clipping,
            decaysMatricesOnly,
            dropout,
            batch,
            truncate == Integer.MAX_VALUE ? "never" : "after %d steps".formatted(truncate),
            shuffles,
            restoresBest,
            seed);
  }

  /** A training under way. */
  private final class Fit {
    private final TrainingLoop loop;
    private final Sequences train;
    private final @Nullable Sequences validation;
    private final TrainingState state;

    // Of the last step.
    private double rate;
    private double norm;

    Fit(TrainingLoop loop, Sequences train, @Nullable Sequences validation) {
      this.loop = loop;
      this.train = train;
      this.validation = validation;
      state = new TrainingState(loop);
    }

    History run() throws IOException {
      Path file = checkpoint;
      Checkpoint saved =
          new Checkpoint(loop, state, trainee.toString(), configuration(), train, validation);
      if (resumes && file != null && Files.exists(file)) {
        saved.load(file);
      }
      listeners.forEach(listener -> listener.begins(Training.this, train));
      while (state.epoch < epochs && !state.hasStopped && !isOutOfPatience() && !isAsked) {
        epoch();
        if (file != null) {
          saved.save(file);
        }
      }
      if (restoresBest && state.best != null) {
        loop.model().parameters().memory().copyFrom(state.best.memory());
        loop.model().refresh();
      }
      History history = new History(state.epochs, loop.model().trained(), state.bestEpoch);
      listeners.forEach(listener -> listener.ends(history));
      return history;
    }

    /** Not kept by checkpoints: another patience may go on from them. */
    private boolean isOutOfPatience() {
      return state.epoch - 1 - state.bestEpoch >= patience;
    }

    private void epoch() {
      long begin = System.nanoTime();
      int n = train.samples();
      int batches = Math.ceilDiv(n, batch);
      int[] order = order(state.epoch, n);
      norm = 0;
      rate = loop.update().learningRate();
      while (state.batch < batches) {
        int i = state.batch;
        int first = i * batch;
        int count = Math.min(batch, n - first);
        if (!loop.hasTarget(train, order, first, first + count)) {
          // Nothing to learn from: no step, of which weight decay and momentum would make use.
          state.batch++;
          continue;
        }
        loop.batch(train, order, first, count);
        double mean = learn();
        state.lossSum += mean * count;
        state.batch++;
        for (TrainingListener listener : listeners) {
          listener.batchDone(state.epoch, i, batches, mean);
        }
        if (isAsked && state.batch < batches) {
          state.seconds += (System.nanoTime() - begin) / 1e9;
          requireFiniteParameters();
          return;
        }
      }
      requireFiniteParameters();
      Map<String, Double> measured =
          validation == null ? Map.of() : loop.evaluate(validation, metrics);
      double seconds = state.seconds + (System.nanoTime() - begin) / 1e9;
      History.Epoch done =
          new History.Epoch(
              state.epoch, state.lossSum / counted(order), measured, rate, norm, seconds);
      state.add(done, leastImprovement, restoresBest);
      for (TrainingListener listener : listeners) {
        state.hasStopped |= !listener.epochDone(done);
      }
    }

    /** The optimiser's steps of the batch, one for each window; returns the mean loss. */
    private double learn() {
      int window = Math.min(truncate, train.steps());
      double sum = 0;
      double weight = 0;
      for (int i = 0; i < Math.ceilDiv(train.steps(), window); i++) {
        int first = i * window;
        double ofWindow = loop.window(first, Math.min(window, train.steps() - first));
        if (ofWindow == 0) {
          loop.pass();
        } else {
          sum += loop.learn(accumulate);
          weight += ofWindow;
          requireFinite("the loss", sum / weight, state.batch);
          step();
        }
      }
      return sum / weight;
    }

    private void step() {
      rate = loop.update().learningRate();
      norm = loop.update().step();
      if (!Double.isFinite(norm)) {
        throw new TrainingDivergedException(
            state.epoch, state.batch, "the gradient of " + loop.update().notFinite());
      }
    }

    /** The samples of batches in which a target counts. */
    private int counted(int[] order) {
      int n = order.length;
      int counted = 0;
      for (int first = 0; first < n; first += Math.min(batch, n - first)) {
        int count = Math.min(batch, n - first);
        counted += loop.hasTarget(train, order, first, first + count) ? count : 0;
      }
      return counted;
    }

    /** What a checkpoint keeps must be of use. */
    private void requireFiniteParameters() {
      loop.model()
          .parameters()
          .stateDict()
          .forEach(
              (name, values) -> {
                for (float value : values) {
                  requireFinite("the parameter " + name, value, Math.max(0, state.batch - 1));
                }
              });
    }

    private void requireFinite(String what, double value, int batchNumber) {
      if (!Double.isFinite(value)) {
        throw new TrainingDivergedException(state.epoch, batchNumber, what);
      }
    }
  }
}
