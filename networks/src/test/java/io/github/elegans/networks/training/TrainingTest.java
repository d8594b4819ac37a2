package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.BidirectionalSession;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.models.Models;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
  private static final int STEPS = 8;

  private static Network network(int outputs) {
    return Cfc.initialised(CfcConfiguration.of(1, 12).withProjection(outputs), 1)
        .on(Backends.named("scalar"));
  }

  /** The running mean of noise. */
  private static Sequences data(int samples, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[samples * STEPS];
    float[] y = new float[samples * STEPS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
      y[i] = i % STEPS == 0 ? x[i] : 0.5f * (y[i - 1] + x[i]);
    }
    return Sequences.perStep(samples, STEPS, x, y);
  }

  private static Training training() {
    return Training.of(network(1)).optimiser(Optimiser.adam().withLearningRate(0.02)).batch(16);
  }

  @Test
  void learnsARunningMean() throws IOException {
    Sequences validation = data(40, 2);
    List<Integer> told = new ArrayList<>();
    History history =
        training()
            .epochs(25)
            .metrics(Metric.MSE, Metric.RMSE, Metric.MAE)
            .listener(
                new TrainingListener() {
                  @Override
                  public boolean epochDone(History.Epoch epoch) {
                    told.add(epoch.number());
                    return true;
                  }
                })
            .fit(data(160, 1), validation);
    assertThat(told).hasSize(25).isSorted();
    History.Epoch last = history.epochs().getLast();
    assertThat(last.loss()).isLessThan(0.01);
    assertThat(last.metrics().get("mse")).isLessThan(0.01);
    assertThat(last.metrics().get("loss")).isCloseTo(last.metrics().get("mse"), within(1e-9));
    assertThat(last.metrics().get("rmse"))
        .isCloseTo(Math.sqrt(last.metrics().get("mse")), within(1e-12));
    // What comes out is the network that has been measured.
    float[] out = new float[40 * STEPS];
    try (Session session = history.network().session(40)) {
      session.run(validation.x(), STEPS, out);
    }
    assertThat(Metric.MSE.of(out, validation.y(), 1)).isEqualTo(last.metrics().get("mse"));
  }

  /** All parts learn, and are put together again: for every output, and for the last one only. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void trainsDenseLayersAroundANetwork(boolean lastOnly) throws IOException {
    Network untrained =
        Sequential.of(
                List.of(Dense.initialised(1, 6, Activation.TANH, 1)),
                Cfc.initialised(CfcConfiguration.of(6, 12), 2),
                List.of(
                    Dense.initialised(12, 8, Activation.TANH, 3),
                    Dense.initialised(8, 1, Activation.LINEAR, 4)))
            .on(Backends.named("scalar"));
    Sequences train = data(160, 1);
    Sequences validation = data(40, 2);
    if (lastOnly) {
      train = lastOnly(train);
      validation = lastOnly(validation);
    }
    History history =
        Training.of(untrained)
            .optimiser(Optimiser.adam().withLearningRate(0.005))
            .batch(16)
            .epochs(25)
            .metrics(Metric.MSE)
            .fit(train, validation);
    History.Epoch last = history.epochs().getLast();
    assertThat(last.metrics().get("mse")).isLessThan(0.01);
    Network trained = history.network();
    assertThat(trained).isInstanceOf(Sequential.class).hasToString(untrained.toString());
    assertThat(trained.stateDict().names()).isEqualTo(untrained.stateDict().names());
    for (String name : trained.stateDict().names()) {
      assertThat(trained.stateDict().get(name).values())
          .as(name)
          .isNotEqualTo(untrained.stateDict().get(name).values());
    }
    float[] out = new float[lastOnly ? 40 : 40 * STEPS];
    try (Session session = trained.session(40)) {
      if (lastOnly) {
        session.runToLast(validation.x(), STEPS, out);
      } else {
        session.run(validation.x(), STEPS, out);
      }
    }
    assertThat(Metric.MSE.of(out, validation.y(), 1)).isEqualTo(last.metrics().get("mse"));
  }

  /** The mean of the readings before and behind each, under a mask: one direction cannot know. */
  private static Sequences between(int samples, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[samples * STEPS];
    float[] y = new float[samples * STEPS];
    boolean[] mask = new boolean[samples * STEPS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
      // Padded sequences, some of them of no steps.
      mask[i] = i % STEPS < (i / STEPS) % (STEPS + 1);
    }
    for (int i = 0; i < x.length; i++) {
      boolean begins = i % STEPS == 0;
      boolean ends = i % STEPS == STEPS - 1 || !mask[i + 1];
      y[i] = ((begins ? 0 : x[i - 1]) + (ends ? 0 : x[i + 1])) / 2;
    }
    return Sequences.perStep(samples, STEPS, x, y).withMask(mask);
  }

  @Test
  void trainsBothDirections(@TempDir Path folder) throws IOException {
    Dense dense = Dense.initialised(12, 1, Activation.LINEAR, 3);
    CfcConfiguration configuration = CfcConfiguration.of(1, 12).withBackbone(16, 1);
    Cfc forward = Cfc.initialised(configuration, 1);
    Cfc backward = Cfc.initialised(configuration, 2);
    Bidirectional untrained =
        new Bidirectional(
                Sequential.behind(forward, dense),
                Sequential.behind(backward, dense),
                Bidirectional.Merge.SUM)
            .on(Backends.named("scalar"));
    Sequences validation = between(45, 2);
    History history = null;
    // The second training goes on from the checkpoint of the first.
    for (int epochs : new int[] {20, 40}) {
      history =
          Training.of(untrained)
              .optimiser(Optimiser.adam().withLearningRate(0.01))
              .batch(16)
              .epochs(epochs)
              .metrics(Metric.MSE)
              .checkpoint(folder.resolve("checkpoint.safetensors"))
              .resume(true)
              .fit(between(180, 1), validation);
    }
    assertThat(history.epochs()).hasSize(40);
    double reached = history.epochs().getLast().metrics().get("mse");
    // The variance of one of two readings, each a quarter of 1/3, is what one direction leaves.
    assertThat(reached).isLessThan(0.2 / 12);
    Bidirectional trained = history.bidirectional();
    assertThatThrownBy(history::network).isInstanceOf(IllegalStateException.class);
    for (String name : untrained.stateDict().names()) {
      assertThat(trained.stateDict().get(name).values())
          .as(name)
          .isNotEqualTo(untrained.stateDict().get(name).values());
    }
    Path one = folder.resolve("forward.safetensors");
    Path other = folder.resolve("backward.safetensors");
    Models.save(trained.forward(), one);
    Models.save(trained.backward(), other);
    Bidirectional loaded =
        new Bidirectional(Models.load(one), Models.load(other), trained.merge())
            .on(Backends.named("scalar"));
    float[] out = new float[45 * STEPS];
    boolean[] mask = new boolean[45 * STEPS];
    try (BidirectionalSession session = loaded.session(45)) {
      for (int i = 0; i < mask.length; i++) {
        mask[i] = validation.isPresent(i / STEPS, i % STEPS);
      }
      session.run(validation.x(), STEPS, Timespans.ONE, Mask.of(mask), out);
    }
    double sum = 0;
    int n = 0;
    for (int i = 0; i < out.length; i++) {
      if (mask[i]) {
        sum += Math.pow((double) out[i] - validation.y()[i], 2);
        n++;
      }
    }
    assertThat(sum / n).isCloseTo(reached, within(1e-12));
  }

  /** Dropout counts the steps of a direction, wherever windows begin. */
  @Test
  void windowsAndThreadsChangeNoBitOfBothDirections() throws IOException {
    CfcConfiguration configuration = CfcConfiguration.of(1, 6).withBackbone(5, 2);
    Bidirectional untrained =
        new Bidirectional(
                Cfc.initialised(configuration.withProjection(1), 1),
                Cfc.initialised(configuration.withProjection(1), 2),
                Bidirectional.Merge.AVE)
            .on(Backends.named("scalar"));
    SplittableRandom random = new SplittableRandom(3);
    float[] x = new float[40 * 20];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    Sequences data = Sequences.perStep(40, 20, x, x);
    Map<String, float[]> expected =
        Training.of(untrained).dropout(0.4).fit(data).bidirectional().stateDict().values();
    Map<String, float[]> found =
        Training.of(untrained)
            .dropout(0.4)
            .memory(1)
            .threads(2)
            .accumulate(2)
            .fit(data)
            .bidirectional()
            .stateDict()
            .values();
    Map<String, float[]> without =
        Training.of(untrained).fit(data).bidirectional().stateDict().values();
    assertThat(found).containsOnlyKeys(expected.keySet());
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
    // Both directions drop.
    for (String direction : List.of("forward.", "backward.")) {
      String name = direction + "backbone.0.weight";
      assertThat(without.get(name)).as(name).isNotNull().isNotEqualTo(expected.get(name));
    }
  }

  private static Sequences lastOnly(Sequences data) {
    float[] y = new float[data.samples()];
    for (int i = 0; i < y.length; i++) {
      y[i] = data.y()[i * STEPS + STEPS - 1];
    }
    return Sequences.lastOnly(data.samples(), STEPS, data.x(), y);
  }

  /** A run that is resumed goes on in the same table, and in another event file. */
  @Test
  void tellsItsListenersHowItGoes(@TempDir Path folder) throws IOException {
    Path table = folder.resolve("log.csv");
    StringWriter shown = new StringWriter();
    for (int epochs : new int[] {2, 5}) {
      training()
          .epochs(epochs)
          .metrics(Metric.MSE)
          .checkpoint(folder.resolve("checkpoint.safetensors"))
          .resume(true)
          .listener(TrainingListeners.csv(table))
          .listener(TrainingListeners.tensorBoard(folder.resolve("logs")))
          .listener(TrainingListeners.progress(new PrintWriter(shown), false))
          .fit(data(64, 1), data(40, 2));
    }
    History whole = training().epochs(5).metrics(Metric.MSE).fit(data(64, 1), data(40, 2));
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).hasSize(6);
    for (History.Epoch epoch : whole.epochs()) {
      assertThat(lines.get(1 + epoch.number()).split(","))
          .startsWith(
              String.valueOf(epoch.number()),
              String.valueOf(epoch.loss()),
              String.valueOf(epoch.learningRate()),
              String.valueOf(epoch.gradientNorm()))
          .endsWith(
              String.valueOf(epoch.metrics().get("loss")),
              String.valueOf(epoch.metrics().get("mse")));
    }
    assertThat(shown.toString().lines().map(line -> line.split(",")[0]))
        .containsExactly("epoch 1/2", "epoch 2/2", "epoch 3/5", "epoch 4/5", "epoch 5/5");
    try (Stream<Path> files = Files.list(folder.resolve("logs"))) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void stopsEarlyAndRestoresTheBest() throws IOException {
    Sequences validation = data(40, 2);
    History history =
        training()
            .optimiser(Optimiser.sgd(3.0).withMomentum(0.9))
            .clipping(Clipping.byNorm(1))
            .epochs(100)
            .earlyStopping(3, 0)
            .restoreBest(true)
            .metrics(Metric.MSE)
            .fit(data(64, 1), validation);
    int best = history.bestEpoch();
    assertThat(history.epochs()).hasSize(best + 4).hasSizeLessThan(100);
    float[] out = new float[40 * STEPS];
    try (Session session = history.network().session(40)) {
      session.run(validation.x(), STEPS, out);
    }
    assertThat(Metric.MSE.of(out, validation.y(), 1))
        .isEqualTo(history.epochs().get(best).metrics().get("mse"));
  }

  @Test
  void partsOfABatchChangeNoBit() throws IOException {
    History whole = training().batch(50).epochs(2).fit(data(120, 1));
    History parts = training().batch(50).epochs(2).accumulate(3).fit(data(120, 1));
    assertThat(parts.epochs().getLast().loss()).isEqualTo(whole.epochs().getLast().loss());
  }

  @Test
  void namesWhatIsNotFinite() {
    assertThatThrownBy(() -> training().optimiser(Optimiser.sgd(1e30)).epochs(3).fit(data(64, 1)))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("epoch")
        .hasMessageContaining("batch");
    float[] x = new float[16];
    x[11] = Float.NaN;
    assertThatThrownBy(() -> Sequences.perStep(2, 4, x, new float[8]))
        .hasMessage("x must be finite, but is NaN at sample 1, step 1, column 1");
  }

  @Test
  void namesWhatDoesNotFit() {
    Sequences data = data(4, 1);
    assertThatThrownBy(() -> Training.of(network(2)).fit(data))
        .hasMessageContaining("values of a target")
        .hasMessageContaining("2");
    assertThatThrownBy(
            () ->
                Training.of(network(3))
                    .loss(LossFunction.crossEntropy())
                    .fit(Sequences.lastOnly(2, 4, new float[8], new float[] {0, 3})))
        .hasMessageContaining("classes must be whole numbers from 0 to 2")
        .hasMessageContaining("3.0");
    assertThatThrownBy(() -> Sequences.perStep(0, 4, new float[0], new float[0]))
        .hasMessageContaining("samples");
    assertThatThrownBy(() -> Sequences.perStep(3, 4, new float[13], new float[12]))
        .hasMessageContaining("13");
    assertThatThrownBy(
            () -> training().fit(data, Sequences.lastOnly(1, 2, new float[2], new float[1])))
        .hasMessageContaining("the validation data");
    assertThatThrownBy(() -> training().batch(0)).hasMessageContaining("batch");
    assertThatThrownBy(() -> training().dropout(1)).hasMessageContaining("dropout");
  }

  /** A step of weight decay or momentum would change parameters. */
  @Test
  void passesOverBatchesWithoutATarget() throws IOException {
    Sequences some = data(16, 1);
    float[] x = Arrays.copyOf(some.x(), 48 * STEPS);
    float[] y = Arrays.copyOf(some.y(), 48 * STEPS);
    float[] weights = new float[48 * STEPS];
    Arrays.fill(weights, 0, 16 * STEPS, 1);
    int[] lengths = new int[48];
    Arrays.fill(lengths, 0, 16, STEPS);
    Sequences padded = Sequences.perStep(48, STEPS, x, y);
    Optimiser optimiser = Optimiser.adamW().withLearningRate(0.02).withWeightDecay(0.1);
    Training training =
        training().optimiser(optimiser).shuffle(false).epochs(3).metrics(Metric.MSE);
    History expected = training.fit(some, some);
    for (Sequences data : List.of(padded.withWeights(weights), padded.withLengths(lengths))) {
      History found = training.fit(data, data);
      for (int i = 0; i < 3; i++) {
        assertThat(found.epochs().get(i).loss()).isEqualTo(expected.epochs().get(i).loss());
        assertThat(found.epochs().get(i).metrics()).isEqualTo(expected.epochs().get(i).metrics());
      }
      expected
          .network()
          .stateDict()
          .values()
          .forEach(
              (name, values) ->
                  assertThat(found.network().stateDict().values().get(name))
                      .as(name)
                      .isEqualTo(values));
    }
    assertThatThrownBy(() -> training.fit(padded.withLengths(new int[48])))
        .hasMessageContaining("the training data must have a target that counts");
    assertThatThrownBy(() -> training.fit(some, padded.withWeights(new float[48 * STEPS])))
        .hasMessageContaining("the validation data must have a target that counts");
  }

  @Test
  void leavesRowsOfWeightZeroOutOfCrossEntropyAndMetrics() throws IOException {
    float[] x = data(8, 1).x();
    float[] classes = new float[8 * STEPS];
    float[] weights = new float[8 * STEPS];
    boolean[] present = new boolean[8 * STEPS];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = x[i] > 0 ? 1 : 0;
      // At the end of a sequence a step that is masked changes no other.
      weights[i] = i % STEPS < 5 ? 1 : 0;
      present[i] = i % STEPS < 5;
    }
    Sequences all = Sequences.perStep(8, STEPS, x, classes);
    Training training =
        Training.of(network(2))
            .loss(LossFunction.crossEntropy(0.1, new float[] {1, 2}))
            .epochs(3)
            .metrics(Metric.ACCURACY);
    Sequences masked = all.withMask(present);
    Sequences weighted = all.withWeights(weights);
    History expected = training.fit(masked, masked);
    History found = training.fit(weighted, weighted);
    for (int i = 0; i < 3; i++) {
      assertThat(found.epochs().get(i).loss()).isEqualTo(expected.epochs().get(i).loss());
      assertThat(found.epochs().get(i).metrics()).isEqualTo(expected.epochs().get(i).metrics());
    }
    weights[3] = 0.5f;
    assertThatThrownBy(() -> training.fit(all.withWeights(weights)))
        .hasMessageContaining("weights of rows must be 0 or 1 for cross entropy");
  }

  @Test
  void namesTargetsAndWeightsOutOfRange() {
    assertThatThrownBy(
            () ->
                training()
                    .loss(LossFunction.binaryCrossEntropy())
                    .fit(Sequences.lastOnly(2, 4, new float[8], new float[] {0, -1})))
        .hasMessage("targets of binary cross entropy must be from 0 to 1, but target 1 is -1.0");
    assertThatThrownBy(() -> LossFunction.crossEntropy(0, new float[] {1, -1}))
        .hasMessageContaining("class weights must be finite and not negative");
  }

  @Test
  void namesMetricsAndLossesThatDoNotFit() {
    Sequences classes = Sequences.lastOnly(2, 4, new float[8], new float[] {0, 2});
    Training training = Training.of(network(3)).loss(LossFunction.crossEntropy());
    assertThatThrownBy(() -> training.metrics(Metric.MSE).fit(classes, classes))
        .hasMessageContaining("metric mse")
        .hasMessageContaining("but they are 3 and 1");
    assertThatThrownBy(() -> LossFunction.huber(1e-300)).hasMessageContaining("delta");
    assertThatThrownBy(() -> LossFunction.binaryCrossEntropy(1e300))
        .hasMessageContaining("the positive weight");
    assertThatThrownBy(() -> new LossFunction(Loss.MEAN_SQUARED_ERROR, 0, new float[] {2}))
        .hasMessageContaining("class weights");
  }

  /** The update of the last batch of an epoch may be the one that goes wrong. */
  @Test
  void keepsTheLastCheckpointOfFiniteParameters(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    Schedule schedule = Schedule.multistep(List.of(1L), 1e308);
    Training training =
        training().optimiser(Optimiser.sgd(0.01)).schedule(schedule).checkpoint(file);
    training.epochs(1).fit(data(16, 1));
    byte[] good = Files.readAllBytes(file);
    assertThatThrownBy(() -> training.resume(true).epochs(2).fit(data(16, 1)))
        .isInstanceOf(TrainingDivergedException.class)
        .hasMessageContaining("the parameter ")
        .hasMessageContaining("epoch 2, batch 1");
    assertThat(file).hasBinaryContent(good);
  }

  @Test
  void asksBeforeTheBeginningAreHeard() throws IOException {
    Training training = training().epochs(2);
    training.stop();
    assertThat(training.fit(data(16, 1)).epochs()).isEmpty();
    assertThat(training.fit(data(16, 1)).epochs()).hasSize(2);
  }

  @Test
  void namesNetworksThatCannotBeTrained() {
    Network rounded = network(1).with(WeightStorage.BFLOAT16);
    assertThatThrownBy(() -> Training.of(rounded).fit(data(4, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stored as float32")
        .hasMessageContaining("bfloat16");
    Network fast =
        Ltc.initialised(new AutoNcp(8, 1).build(1), 1)
            .on(Backends.named("scalar"))
            .with(Accuracy.FAST);
    assertThatThrownBy(() -> GradientSession.of(fast))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tier accurate")
        .hasMessageContaining("fast");
  }

  @Test
  void measures() {
    float[] scores = {0.9f, 0.8f, 0.7f, -0.1f, -0.2f, -0.3f};
    float[] truth = {1, 1, 0, 1, 0, 0};
    assertThat(Metric.BINARY_ACCURACY.of(scores, truth, 1)).isCloseTo(4 / 6.0, within(1e-12));
    // Of 9 pairs, 8 are in order.
    assertThat(Metric.ROC_AUC.of(scores, truth, 1)).isCloseTo(8 / 9.0, within(1e-12));
    assertThat(Metric.ROC_AUC.of(new float[] {1, 1, 1}, new float[] {1, 0, 1}, 1)).isEqualTo(0.5);
    assertThat(Metric.F1.of(scores, truth, 1)).isCloseTo(2 * 2 / 6.0, within(1e-12));
    assertThat(Metric.ACCURACY.of(new float[] {1, 2, 0, 5, 4, 4}, new float[] {1, 2}, 3))
        .isEqualTo(0.5);
    assertThat(Metric.MAE.of(new float[] {1, -1}, new float[] {0, 1}, 1)).isEqualTo(1.5);
  }
}
