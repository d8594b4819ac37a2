package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Leaves that are computed apart give the bits of {@link Training#fit}. */
class DataParallelTrainingTest {
  private static final int SAMPLES = 75;
  private static final int STEPS = 6;
  private static final Network NETWORK =
      Cfc.initialised(CfcConfiguration.of(2, 12).withProjection(2), 1);

  private static Training training(Network network) {
    return Training.of(network)
        .optimiser(Optimiser.adam().withLearningRate(0.01))
        .clipping(Clipping.byNorm(1))
        .schedule(Schedule.exponential(0.9))
        .batch(40)
        .epochs(3)
        .seed(5);
  }

  private static float[] random(int n, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Sequences sequences() {
    return Sequences.perStep(
        SAMPLES, STEPS, random(SAMPLES * STEPS * 2, 1), random(SAMPLES * STEPS * 2, 2));
  }

  /** The samples of those numbers, one by one, put together again. */
  private static Sequences samples(Sequences all, int[] order, int first, int n) {
    List<Sequences> some = new ArrayList<>();
    for (int i = first; i < first + n; i++) {
      some.add(all.slice(order[i], order[i] + 1));
    }
    float[] x = new float[n * STEPS * all.inputSize()];
    int targets = all.targetSteps() * all.targetSize();
    float[] y = new float[n * targets];
    float[] timespans = new float[n * STEPS];
    boolean[] present = new boolean[n * STEPS];
    float[] weights = new float[n * all.targetSteps()];
    for (int i = 0; i < n; i++) {
      Sequences one = some.get(i);
      System.arraycopy(one.x(), 0, x, i * one.x().length, one.x().length);
      System.arraycopy(one.y(), 0, y, i * targets, targets);
      for (int t = 0; t < STEPS; t++) {
        timespans[i * STEPS + t] = one.timespan(0, t);
        present[i * STEPS + t] = one.isPresent(0, t);
      }
      for (int t = 0; t < all.targetSteps(); t++) {
        weights[i * all.targetSteps() + t] = one.weight(0, t);
      }
    }
    Sequences sequences =
        all.isLastOnly() ? Sequences.lastOnly(n, STEPS, x, y) : Sequences.perStep(n, STEPS, x, y);
    sequences = sequences.withTimespans(timespans);
    sequences = all.isMasked() ? sequences.withMask(present) : sequences;
    return all.isWeighted() ? sequences.withWeights(weights) : sequences;
  }

  /** Trains with three workers, who answer in any order. */
  private static void assertSameBits(Network network, Training training, Sequences data)
      throws IOException {
    History expected = training.fit(data);
    List<DataParallelTraining> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workers.add(training.dataParallel(data.slice(0, 1)));
    }
    try (DataParallelTraining coordinator = training.dataParallel(data.slice(0, 1))) {
      double[] weights = coordinator.weights(data);
      long step = 0;
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        int[] order = coordinator.order(epoch, SAMPLES);
        double sum = 0;
        for (int first = 0; first < SAMPLES; first += training.batch()) {
          int count = Math.min(training.batch(), SAMPLES - first);
          double weight = 0;
          for (int i = first; i < first + count; i++) {
            weight += weights[order[i]];
          }
          List<Integer> numbers = new ArrayList<>();
          List<DataParallelTraining.Leaf> leaves = new ArrayList<>();
          for (int leaf = 0; leaf < Math.ceilDiv(count, DataParallelTraining.LEAF); leaf++) {
            numbers.add(leaf);
            leaves.add(null);
          }
          Collections.shuffle(numbers, new Random(first));
          for (int number : numbers) {
            DataParallelTraining worker = workers.get(number % 3);
            worker.parameters(coordinator.parameters());
            int begin = first + number * DataParallelTraining.LEAF;
            int n = Math.min(DataParallelTraining.LEAF, first + count - begin);
            leaves.set(
                number, worker.gradient(samples(data, order, begin, n), number, weight, step));
          }
          sum += coordinator.step(leaves, weight, epoch, first / training.batch()) * count;
          step++;
        }
        assertThat(sum / SAMPLES).isEqualTo(expected.epochs().get(epoch).loss());
      }
      assertThat(parameters(coordinator.network())).isEqualTo(parameters(expected.network()));
      assertThat(parameters(coordinator.network())).isNotEqualTo(parameters(network));
    } finally {
      workers.forEach(DataParallelTraining::close);
    }
  }

  private static List<Float> parameters(Network network) {
    List<Float> all = new ArrayList<>();
    try (GradientSession session = GradientSession.of(network)) {
      session
          .parameters()
          .values()
          .forEach(
              values -> {
                for (float value : values) {
                  all.add(value);
                }
              });
    }
    return all;
  }

  @Test
  void trainsWithTheBitsOfOneMachine() throws IOException {
    assertSameBits(NETWORK, training(NETWORK), sequences());
  }

  @Test
  void masksTimespansAndWeightsCount() throws IOException {
    boolean[] present = new boolean[SAMPLES * STEPS];
    float[] weights = new float[SAMPLES * STEPS];
    float[] timespans = new float[SAMPLES * STEPS];
    Random random = new Random(3);
    for (int i = 0; i < present.length; i++) {
      present[i] = random.nextInt(3) > 0;
      weights[i] = random.nextFloat();
      timespans[i] = random.nextFloat();
    }
    assertSameBits(
        NETWORK,
        training(NETWORK),
        sequences().withMask(present).withWeights(weights).withTimespans(timespans));
  }

  /** Dropout goes by the place in the batch and the optimiser's step. */
  @Test
  void dropoutIsThatOfOneMachine() throws IOException {
    assertSameBits(NETWORK, training(NETWORK).dropout(0.3), sequences());
  }

  @Test
  void classesOfTheLastOutputAreLearnt() throws IOException {
    Network network = Ltc.initialised(new AutoNcp(9, 3).build(2), 1);
    float[] classes = new float[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      classes[i] = i % 3;
    }
    assertSameBits(
        network,
        training(network).loss(LossFunction.crossEntropy(0.1, new float[] {1, 2, 0.5f})),
        Sequences.lastOnly(SAMPLES, STEPS, random(SAMPLES * STEPS * 2, 1), classes));
  }

  @Test
  void whatOnlyFitCanDoIsRefused() {
    assertThatThrownBy(() -> training(NETWORK).truncate(3).dataParallel(sequences()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("truncate");
    assertThatThrownBy(() -> training(NETWORK).earlyStopping(3, 0).dataParallel(sequences()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void wrongLeavesAreNamedBeforeAnythingChanges() {
    try (DataParallelTraining session = training(NETWORK).dataParallel(sequences())) {
      float[] before = session.parameters();
      assertThatThrownBy(() -> session.gradient(sequences(), 0, 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("samples of a leaf");
      Sequences wide = Sequences.perStep(1, 2, new float[6], new float[4]);
      assertThatThrownBy(() -> session.gradient(wide, 0, 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 inputs");
      List<DataParallelTraining.Leaf> cut =
          List.of(new DataParallelTraining.Leaf(new double[1], new float[3]));
      assertThatThrownBy(() -> session.step(cut, 1, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gradient of a leaf");
      float[] bad = new float[before.length];
      bad[0] = Float.NaN;
      List<DataParallelTraining.Leaf> diverged =
          List.of(new DataParallelTraining.Leaf(new double[1], bad));
      assertThatThrownBy(() -> session.step(diverged, 1, 0, 1))
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageContaining("epoch 1, batch 2");
      assertThatThrownBy(() -> session.parameters(new float[2])).hasMessageContaining("parameters");
      assertThat(session.parameters()).isEqualTo(before);
    }
  }
}
