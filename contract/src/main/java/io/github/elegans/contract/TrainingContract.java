package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.training.Clipping;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.LossFunction;
import io.github.elegans.networks.training.Optimiser;
import io.github.elegans.networks.training.Schedule;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.training.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Training on a backend: the losses and weights of PyTorch's training in double precision, and the
 * bits of the scalar backend's training, however many threads.
 */
public abstract class TrainingContract {
  private static final int STEPS = 20;

  /** A training of the reference. */
  private record Run(LossFunction loss, Optimiser optimiser, Schedule schedule, Clipping clipping) {
    static Run of(Optimiser optimiser) {
      return new Run(
          LossFunction.meanSquaredError(), optimiser, Schedule.constant(), Clipping.none());
    }

    Run with(LossFunction other) {
      return new Run(other, optimiser, schedule, clipping);
    }

    Run with(Schedule other) {
      return new Run(loss, optimiser, other, clipping);
    }

    Run with(Clipping other) {
      return new Run(loss, optimiser, schedule, other);
    }
  }

  private static Map<String, Run> runs() {
    Map<String, Run> runs = new LinkedHashMap<>();
    runs.put("train-adam", Run.of(Optimiser.adam().withLearningRate(0.01)));
    runs.put(
        "train-adam-cross-entropy",
        Run.of(
                Optimiser.adam()
                    .withLearningRate(0.02)
                    .withBeta1(0.8)
                    .withBeta2(0.95)
                    .withEpsilon(1e-6)
                    .withAmsgrad(true))
            .with(LossFunction.crossEntropy())
            .with(Clipping.byValue(0.02)));
    runs.put(
        "train-adamw",
        Run.of(Optimiser.adamW().withLearningRate(0.01).withWeightDecay(0.1))
            .with(Clipping.byNorm(0.05))
            .with(Schedule.warmUp(5).then(5, Schedule.cosine(15, 0))));
    runs.put("train-lion", Run.of(Optimiser.lion().withLearningRate(0.003).withWeightDecay(0.01)));
    runs.put(
        "train-ltc-adam", Run.of(Optimiser.adam().withLearningRate(0.02)).with(Clipping.byNorm(1)));
    runs.put("train-ltc-softplus", Run.of(Optimiser.adamW().withLearningRate(0.02)));
    runs.put("train-rmsprop", Run.of(Optimiser.rmsProp().withLearningRate(0.005)));
    runs.put(
        "train-rmsprop-centered",
        Run.of(
            Optimiser.rmsProp()
                .withLearningRate(0.002)
                .withAlpha(0.9)
                .withMomentum(0.5)
                .withCentered(true)
                .withWeightDecay(0.001)));
    runs.put("train-sgd-momentum", Run.of(Optimiser.sgd(0.05).withMomentum(0.9)));
    runs.put(
        "train-sgd-nesterov",
        Run.of(Optimiser.sgd(0.05).withNesterov(0.9).withWeightDecay(0.01))
            .with(LossFunction.meanAbsoluteError())
            .with(Schedule.step(5, 0.5)));
    runs.put(
        "train-xor-keras",
        Run.of(Optimiser.kerasRmsProp().withLearningRate(0.01))
            .with(LossFunction.binaryCrossEntropy())
            .with(Clipping.byVariable(0.1))
            .with(Schedule.exponential(0.95, 4)));
    return runs;
  }

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> trainsAsTheReference() {
    return Contract.each(
        kernels(),
        k ->
            runs().entrySet().stream()
                .map(e -> dynamicTest(e.getKey(), () -> compare(k, e.getKey(), e.getValue()))));
  }

  private static void compare(Kernels kernels, String name, Run run) throws IOException {
    Golden golden = Golden.of("training/" + name);
    float[] x = golden.floats("x");
    int batches = golden.batch();
    int batch = golden.size("x", 1);
    int steps = golden.size("x", 2);
    float[] y = golden.floats("y");
    Sequences data =
        golden.metadata("return_sequences").equals("false")
            ? Sequences.lastOnly(batches * batch, steps, x, y)
            : Sequences.perStep(batches * batch, steps, x, y);
    data = data.withTimespans(golden.floats("ts"));
    if (golden.has("mask")) {
      data = data.withMask(golden.mask());
    }
    Training training =
        Training.of(golden.model().on(kernels))
            .loss(run.loss)
            .optimiser(run.optimiser)
            .schedule(run.schedule)
            .clipping(run.clipping)
            .batch(batch)
            .epochs(STEPS)
            .shuffle(false);
    List<Double> losses = new ArrayList<>();
    training.listener(
        new TrainingListener() {
          @Override
          public void batchDone(int epoch, int number, int all, double loss) {
            losses.add(loss);
            if (losses.size() == STEPS) {
              training.stop();
            }
          }
        });
    History history = training.fit(data);
    double[] expected = golden.doubles("loss");
    assertThat(losses).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(losses.get(i)).as("loss of step %d", i).isCloseTo(expected[i], within(2e-6));
    }
    Map<String, float[]> trained = history.network().stateDict().values();
    List<String> names = golden.names("final.");
    assertThat(names).isNotEmpty();
    for (String parameter : names) {
      double[] weights = golden.doubles("final." + parameter);
      float[] found = trained.get(parameter.replaceFirst("^rnn_cell\\.", ""));
      assertThat(found).as(parameter).hasSameSizeAs(weights);
      float[] mask = golden.maskOf(parameter);
      for (int i = 0; i < weights.length; i++) {
        if (mask != null && mask[i] == 0) {
          // PyTorch lets weights decay that are of no synapse.
          continue;
        }
        assertThat((double) found[i])
            .as("%s[%d]", parameter, i)
            .isCloseTo(weights[i], within(5e-5));
      }
    }
  }

  @TestFactory
  Stream<DynamicNode> trainsWithTheBitsOfTheScalarBackend() {
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                dynamicTest("one thread", () -> compareBits(k, 1, 1)),
                dynamicTest("two threads", () -> compareBits(k, 2, 1)),
                dynamicTest("batches in parts", () -> compareBits(k, 1, 3)),
                dynamicTest("the dropout of Keras", () -> compareDropout(k)),
                dynamicTest("truncated", () -> compareTruncated(k, 1, 1)),
                dynamicTest("truncated, two threads", () -> compareTruncated(k, 2, 1)),
                dynamicTest("truncated, batches in parts", () -> compareTruncated(k, 1, 3))));
  }

  private static void compareBits(Kernels kernels, int threads, int parts) throws IOException {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 20).withProjection(2), 1).on(kernels);
    assertSameNetworks(
        training(network.on(Contract.DEFINITION)),
        training(network).threads(threads).accumulate(parts));
  }

  private static void compareDropout(Kernels kernels) throws IOException {
    Network network = ofKeras().on(kernels);
    assertSameNetworks(
        training(network.on(Contract.DEFINITION)).dropout(0.3),
        training(network).dropout(0.3).threads(2).memory(1));
  }

  private static Network ofKeras() {
    return Cfc.initialised(
        CfcConfiguration.of(3, 20).withProjection(2).withDialect(CfcDialect.CFC_TENSORFLOW), 1);
  }

  /** Windows of 5, 5 and 2 steps. */
  private static void compareTruncated(Kernels kernels, int threads, int parts) throws IOException {
    Network network = ofKeras().on(kernels);
    assertSameNetworks(
        training(network.on(Contract.DEFINITION)).dropout(0.3).truncate(5),
        training(network).dropout(0.3).truncate(5).threads(threads).accumulate(parts));
  }

  /** Fifty steps. */
  private static Training training(Network network) {
    return Training.of(network)
        .optimiser(Optimiser.adamW().withLearningRate(0.01))
        .clipping(Clipping.byNorm(0.5))
        .batch(40)
        .epochs(Contract.SMALL ? 2 : 25)
        .seed(7);
  }

  private static void assertSameNetworks(Training expected, Training found) throws IOException {
    int samples = 60;
    int steps = 12;
    SplittableRandom random = Contract.random("training");
    float[] x = new float[samples * steps * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    float[] y = new float[samples * steps * 2];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) random.nextDouble(-1, 1);
    }
    int[] lengths = new int[samples];
    for (int i = 0; i < samples; i++) {
      lengths[i] = random.nextInt(steps + 1);
    }
    Sequences data = Sequences.perStep(samples, steps, x, y).withLengths(lengths);
    Map<String, float[]> values = found.fit(data).network().stateDict().values();
    expected
        .fit(data)
        .network()
        .stateDict()
        .values()
        .forEach((name, array) -> assertSame(name, array, values.get(name)));
  }
}
