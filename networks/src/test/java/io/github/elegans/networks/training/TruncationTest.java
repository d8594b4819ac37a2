package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Truncated backpropagation through time. */
class TruncationTest {
  private static final int SAMPLES = 50;
  private static final int BATCH = 20;
  private static final int STEPS = 10;
  private static final int INPUTS = 3;
  private static final int OUTPUTS = 2;

  /** The last window is shorter. */
  private static final int WINDOW = 4;

  /** Layers with states, and with memories beside them. */
  private static final Network NETWORK =
      Stack.of(
              Ltc.initialised(new AutoNcp(9, 4).build(INPUTS), 1),
              Cfc.initialised(
                  CfcConfiguration.of(4, 6)
                      .withDialect(CfcDialect.CFC_TENSORFLOW)
                      .withBackbone(5, 1)
                      .withMixedMemory(true)
                      .withProjection(OUTPUTS),
                  2))
          .on(Backends.named("scalar"));

  private static final float[] X = floats(SAMPLES * STEPS * INPUTS, -1);
  private static final float[] Y = floats(SAMPLES * STEPS * OUTPUTS, -1);
  private static final float[] TIMESPANS = floats(SAMPLES * STEPS, 0);

  /** Which targets count: a third does not, and of the last batch none of the middle window. */
  private static final boolean[] COUNTS = counts();

  private static float[] floats(int n, double least) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(least, 1);
    }
    return values;
  }

  private static boolean[] counts() {
    SplittableRandom random = new SplittableRandom(3);
    boolean[] counts = new boolean[SAMPLES * STEPS];
    for (int i = 0; i < counts.length; i++) {
      boolean isLastBatch = i / STEPS >= SAMPLES / BATCH * BATCH;
      boolean isMiddle = i % STEPS / WINDOW == 1;
      counts[i] = random.nextInt(3) > 0 && !(isLastBatch && isMiddle);
    }
    return counts;
  }

  private static float[] weights() {
    float[] weights = floats(SAMPLES * STEPS, 0.1);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = COUNTS[i] ? weights[i] : 0;
    }
    return weights;
  }

  private static Sequences data() {
    return Sequences.perStep(SAMPLES, STEPS, X, Y).withTimespans(TIMESPANS);
  }

  private static Training training() {
    return Training.of(NETWORK)
        .optimiser(Optimiser.sgd(0.25))
        .schedule(Schedule.step(3, 0.5))
        .batch(BATCH)
        .shuffle(false);
  }

  /** What a training by hand ends with. */
  private record Reference(Map<String, float[]> parameters, double loss, int updates) {}

  /**
   * The same updates by a session whose states are those at the end of the window before, and plain
   * gradient descent.
   *
   * @param present which steps count
   * @param weights of the targets
   */
  private static Reference reference(boolean[] present, float[] weights) {
    double epochLoss = 0;
    int updates = 0;
    try (GradientSession session = GradientSession.of(NETWORK)) {
      for (int first = 0; first < SAMPLES; first += BATCH) {
        int n = Math.min(BATCH, SAMPLES - first);
        float[] states = new float[n * (NETWORK.stateSize() + NETWORK.memorySize())];
        double loss = 0;
        double weight = 0;
        for (int begin = 0; begin < STEPS; begin += WINDOW) {
          int steps = Math.min(WINDOW, STEPS - begin);
          float[] x = new float[n * steps * INPUTS];
          float[] timespans = new float[n * steps];
          boolean[] mask = new boolean[n * steps];
          double ofWindow = 0;
          for (int row = 0; row < n * steps; row++) {
            int at = (first + row / steps) * STEPS + begin + row % steps;
            System.arraycopy(X, at * INPUTS, x, row * INPUTS, INPUTS);
            timespans[row] = TIMESPANS[at];
            mask[row] = present[at];
            ofWindow += present[at] ? weights[at] * OUTPUTS : 0;
          }
          float[] out = new float[n * steps * OUTPUTS];
          session.forward(
              n, steps, x, Timespans.perRowAndStep(timespans), Mask.of(mask), states, out);
          states = session.states();
          if (ofWindow == 0) {
            continue;
          }
          float scale = (float) (1 / ofWindow);
          float[] upstream = new float[out.length];
          for (int i = 0; i < out.length; i++) {
            int row = i / OUTPUTS;
            int at = (first + row / steps) * STEPS + begin + row % steps;
            if (present[at]) {
              float difference = out[i] - Y[at * OUTPUTS + i % OUTPUTS];
              loss += weights[at] * difference * difference;
              upstream[i] = weights[at] * (2 * difference) * scale;
            }
          }
          weight += ofWindow;
          session.clearGradients();
          session.backward(upstream);
          int halvings = updates / 3;
          float rate = (float) (0.25 * Math.pow(0.5, halvings));
          Map<String, float[]> parameters = session.parameters();
          session
              .gradients()
              .forEach(
                  (name, gradient) -> {
                    float[] values = parameters.get(name);
                    for (int i = 0; i < values.length; i++) {
                      values[i] = Math.fma(-rate, gradient[i], values[i]);
                    }
                  });
          session.setParameters(parameters);
          updates++;
        }
        epochLoss += n * loss / weight;
      }
      return new Reference(session.network().stateDict().values(), epochLoss / SAMPLES, updates);
    }
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found).containsOnlyKeys(expected.keySet());
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
  }

  private static Map<String, float[]> parameters(History history) {
    return history.network().stateDict().values();
  }

  private static void compare(Training training, Sequences data, Reference expected)
      throws IOException {
    History history = training.truncate(WINDOW).fit(data);
    assertSame(parameters(history), expected.parameters);
    assertThat(history.epochs().getFirst().loss()).isCloseTo(expected.loss, within(1e-6));
  }

  private static float[] ones() {
    float[] ones = new float[SAMPLES * STEPS];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void hasAStepForEveryWindow() throws IOException {
    boolean[] all = new boolean[SAMPLES * STEPS];
    Arrays.fill(all, true);
    Reference expected = reference(all, ones());
    assertThat(expected.updates).isEqualTo(9);
    compare(training(), data(), expected);
    compare(training().threads(2).accumulate(2).memory(1), data(), expected);
  }

  /** A window of a batch in which all is masked has no step. */
  @Test
  void leavesOutWhatIsMasked() throws IOException {
    Reference expected = reference(COUNTS, ones());
    assertThat(expected.updates).isEqualTo(8);
    compare(training(), data().withMask(COUNTS), expected);
    compare(training().threads(2).memory(1), data().withMask(COUNTS), expected);
  }

  /** Nor has one whose targets all have weight 0, but states go on through it. */
  @Test
  void takesStatesThroughWindowsWithoutTargets() throws IOException {
    boolean[] all = new boolean[SAMPLES * STEPS];
    Arrays.fill(all, true);
    Reference expected = reference(all, weights());
    assertThat(expected.updates).isEqualTo(8);
    compare(training(), data().withWeights(weights()), expected);
  }

  @Test
  void takesLengths() throws IOException {
    int[] lengths = new int[SAMPLES];
    boolean[] present = new boolean[SAMPLES * STEPS];
    for (int i = 0; i < SAMPLES; i++) {
      // Of the first batch nothing is left for the last window.
      lengths[i] = i < BATCH ? i % 9 : i % (STEPS + 1);
      Arrays.fill(present, i * STEPS, i * STEPS + lengths[i], true);
    }
    Reference expected = reference(present, ones());
    assertThat(expected.updates).isEqualTo(8);
    compare(training(), data().withLengths(lengths), expected);
  }

  /** Dropout's counters have the step of the sequence, and not of the window. */
  @ParameterizedTest
  @ValueSource(ints = {STEPS, STEPS + 1, Integer.MAX_VALUE})
  void isNoneWithWindowsAsLongAsSequences(int window) throws IOException {
    Training whole = training().epochs(2).dropout(0.3);
    Training truncated = training().epochs(2).dropout(0.3).truncate(window);
    History expected = whole.fit(data().withMask(COUNTS), data());
    History found = truncated.fit(data().withMask(COUNTS), data());
    assertSame(parameters(found), parameters(expected));
    for (int i = 0; i < 2; i++) {
      assertThat(found.epochs().get(i).loss()).isEqualTo(expected.epochs().get(i).loss());
      assertThat(found.epochs().get(i).metrics()).isEqualTo(expected.epochs().get(i).metrics());
    }
  }

  /** Without learning, nothing but the losses of whole sequences remains. */
  @Test
  void carriesStates() throws IOException {
    Training still = training().optimiser(Optimiser.sgd(0.0));
    double whole = still.fit(data()).epochs().getFirst().loss();
    double truncated = still.truncate(1).fit(data()).epochs().getFirst().loss();
    assertThat(truncated).isCloseTo(whole, within(1e-12));
  }

  /** The weight of a window is that of the classes of its own targets. */
  @Test
  void weighsClasses() throws IOException {
    float[] classes = new float[SAMPLES * STEPS];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = Y[i] > 0 ? 1 : 0;
    }
    Sequences data = Sequences.perStep(SAMPLES, STEPS, X, classes).withMask(COUNTS);
    Training still =
        training()
            .loss(LossFunction.crossEntropy(0, new float[] {1, 3}))
            .optimiser(Optimiser.sgd(0.0));
    double whole = still.fit(data).epochs().getFirst().loss();
    double truncated = still.truncate(WINDOW).fit(data).epochs().getFirst().loss();
    assertThat(truncated).isCloseTo(whole, within(1e-12));
  }

  /** Counters have the step of the sequence, and keys the number of the optimiser's step. */
  @Test
  void dropsTheSameElementsAsWithoutTruncation() throws IOException {
    // With targets in the last window only, both have a step for each batch.
    float[] weights = new float[SAMPLES * STEPS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % STEPS >= STEPS / WINDOW * WINDOW ? 1 : 0;
    }
    Sequences data = data().withWeights(weights);
    Training still = training().optimiser(Optimiser.sgd(0.0));
    double without = still.fit(data).epochs().getFirst().loss();
    double whole = still.dropout(0.5).fit(data).epochs().getFirst().loss();
    double truncated = still.truncate(WINDOW).fit(data).epochs().getFirst().loss();
    assertThat(truncated).isEqualTo(whole).isNotEqualTo(without);
  }

  @Test
  void resumingGivesTheBitsOfTheRunThatWasNotInterrupted(@TempDir Path folder) throws IOException {
    History expected = resumable().fit(data());
    for (int batches = 1; batches <= 6; batches++) {
      Path file = folder.resolve(batches + ".safetensors");
      Training interrupted = resumable().checkpoint(file);
      int[] left = {batches};
      interrupted.listener(
          new TrainingListener() {
            @Override
            public void batchDone(int epoch, int batch, int all, double loss) {
              if (--left[0] == 0) {
                interrupted.stop();
              }
            }
          });
      interrupted.fit(data());
      History resumed = resumable().checkpoint(file).resume(true).fit(data());
      assertThat(resumed.epochs().stream().map(History.Epoch::loss).toList())
          .isEqualTo(expected.epochs().stream().map(History.Epoch::loss).toList());
      assertSame(parameters(resumed), parameters(expected));
    }
  }

  private static Training resumable() {
    return training()
        .optimiser(Optimiser.adam().withLearningRate(0.01))
        .shuffle(true)
        .dropout(0.2)
        .epochs(2)
        .truncate(WINDOW);
  }

  @Test
  void refusesBothDirections() {
    Cfc cfc = Cfc.initialised(CfcConfiguration.of(2, 3), 1);
    Sequences data = Sequences.perStep(1, 5, new float[10], new float[15]);
    Training training =
        Training.of(new Bidirectional(cfc, cfc, Bidirectional.Merge.SUM)).truncate(4);
    assertThatThrownBy(() -> training.fit(data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("4 steps", "single direction");
  }

  @Test
  void refusesTheCheckpointOfAnotherTruncation(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    resumable().checkpoint(file).fit(data());
    assertThatThrownBy(() -> resumable().truncate(5).checkpoint(file).resume(true).fit(data()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("truncated after 5 steps");
    assertThatThrownBy(() -> training().checkpoint(file).resume(true).fit(data()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("truncated never");
  }

  @Test
  void namesWhatCannotBeTruncated() throws IOException {
    assertThatThrownBy(() -> training().truncate(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("steps")
        .hasMessageContaining("0");
    Sequences last = Sequences.lastOnly(SAMPLES, STEPS, X, floats(SAMPLES * OUTPUTS, -1));
    assertThatThrownBy(() -> training().truncate(STEPS - 1).fit(last))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("truncation after 9 steps")
        .hasMessageContaining("a target for every step")
        .hasMessageContaining("50 sequences of 10 steps");
    // Nothing would be cut.
    assertSame(parameters(training().truncate(STEPS).fit(last)), parameters(training().fit(last)));
  }

  @Test
  void refusesDataInWhichNothingCounts() {
    Sequences none = data().withMask(new boolean[SAMPLES * STEPS]);
    for (int window : new int[] {WINDOW, STEPS}) {
      assertThatThrownBy(() -> training().truncate(window).fit(none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a target that counts");
    }
  }
}
