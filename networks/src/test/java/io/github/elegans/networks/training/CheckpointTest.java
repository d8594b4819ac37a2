package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final Network NETWORK =
      Cfc.initialised(CfcConfiguration.of(2, 6).withProjection(1), 1).on(Backends.named("scalar"));
  private static final Sequences DATA = data(50);

  @TempDir private Path folder;

  private static Sequences data(int samples) {
    SplittableRandom random = new SplittableRandom(samples);
    float[] x = new float[samples * 7 * 2];
    float[] y = new float[samples * 7];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    for (int i = 0; i < y.length; i++) {
      y[i] = x[2 * i] * x[2 * i + 1];
    }
    return Sequences.perStep(samples, 7, x, y);
  }

  private static Training training() {
    return Training.of(NETWORK)
        .optimiser(Optimiser.adam().withLearningRate(0.01).withAmsgrad(true))
        .schedule(Schedule.exponential(0.99))
        .batch(16)
        .epochs(4)
        .seed(3)
        .restoreBest(true);
  }

  @Test
  void resumingGivesTheBitsOfTheRunThatWasNotInterrupted() throws IOException {
    History expected = training().fit(DATA, data(20));
    for (int batches = 1; batches < 16; batches++) {
      Path file = folder.resolve(batches + ".safetensors");
      Training interrupted = training().checkpoint(file);
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
      interrupted.fit(DATA, data(20));
      History resumed = training().checkpoint(file).resume(true).fit(DATA, data(20));
      assertThat(resumed.epochs()).hasSize(4);
      for (int i = 0; i < 4; i++) {
        assertThat(resumed.epochs().get(i).loss()).isEqualTo(expected.epochs().get(i).loss());
        assertThat(resumed.epochs().get(i).metrics()).isEqualTo(expected.epochs().get(i).metrics());
      }
      assertThat(resumed.bestEpoch()).isEqualTo(expected.bestEpoch());
      Map<String, float[]> values = resumed.network().stateDict().values();
      expected
          .network()
          .stateDict()
          .values()
          .forEach((name, array) -> assertThat(values.get(name)).as(name).isEqualTo(array));
    }
  }

  @Test
  void moreEpochsGoOnFromTheLast() throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    training().epochs(2).checkpoint(file).fit(DATA);
    History resumed = training().checkpoint(file).resume(true).fit(DATA);
    History expected = training().fit(DATA);
    assertThat(resumed.epochs().stream().map(History.Epoch::loss).toList())
        .isEqualTo(expected.epochs().stream().map(History.Epoch::loss).toList());
  }

  @Test
  void morePatienceGoesOnFromWhereLessHasEnded() throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    // Nothing after the first epoch is an improvement.
    History impatient = training().earlyStopping(1, 1e9).checkpoint(file).fit(DATA);
    assertThat(impatient.epochs()).hasSize(2);
    assertThat(training().earlyStopping(1, 1e9).checkpoint(file).resume(true).fit(DATA).epochs())
        .hasSize(2);
    History resumed = training().earlyStopping(2, 1e9).checkpoint(file).resume(true).fit(DATA);
    History expected = training().earlyStopping(2, 1e9).fit(DATA);
    assertThat(resumed.epochs().stream().map(History.Epoch::loss).toList())
        .hasSize(3)
        .isEqualTo(expected.epochs().stream().map(History.Epoch::loss).toList());
  }

  @Test
  void knowsTheWeightsOfClassesByTheirNumbers() throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    float[] classes = new float[50];
    classes[7] = 1;
    Sequences data = Sequences.lastOnly(50, 7, DATA.x(), classes);
    Network network =
        Cfc.initialised(CfcConfiguration.of(2, 6).withProjection(2), 1)
            .on(Backends.named("scalar"));
    for (int epochs = 1; epochs < 3; epochs++) {
      // Equal weights in another array, as in another virtual machine.
      History history =
          Training.of(network)
              .loss(LossFunction.crossEntropy(0, new float[] {1, 3}))
              .epochs(epochs)
              .checkpoint(file)
              .resume(true)
              .fit(data);
      assertThat(history.epochs()).hasSize(epochs);
    }
    assertThatThrownBy(
            () ->
                Training.of(network)
                    .loss(LossFunction.crossEntropy(0, new float[] {1, 4}))
                    .checkpoint(file)
                    .resume(true)
                    .fit(data))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("4.0]")
        .hasMessageContaining("3.0]");
  }

  @Test
  void refusesTheCheckpointOfAnotherTraining() throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    training().epochs(1).checkpoint(file).fit(DATA);
    assertThatThrownBy(() -> training().seed(4).checkpoint(file).resume(true).fit(DATA))
        .isInstanceOf(FileFormatException.class)
        .hasMessageEndingWith("metadata configuration: expected seed 4, found seed 3");
    assertThatThrownBy(() -> training().checkpoint(file).resume(true).fit(data(51)))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("metadata data");
    Network other =
        Cfc.initialised(CfcConfiguration.of(2, 7).withProjection(1), 1)
            .on(Backends.named("scalar"));
    assertThatThrownBy(() -> Training.of(other).batch(16).checkpoint(file).resume(true).fit(DATA))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("metadata network");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> training().checkpoint(file).resume(true).fit(DATA))
        .isInstanceOf(FileFormatException.class);
  }

  @Test
  void aFileThatCannotBeWrittenIsAnError() {
    Path file = folder.resolve("missing").resolve("checkpoint.safetensors");
    assertThatThrownBy(() -> training().checkpoint(file).fit(DATA))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing");
  }
}
