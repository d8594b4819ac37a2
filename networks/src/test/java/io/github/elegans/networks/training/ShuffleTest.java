package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ShuffleTest {
  private static final RandomKernels RANDOM = Backends.named("scalar").random();
  private static final String GOLDEN = "/io/github/elegans/networks/training/random.safetensors";

  /** Made by a program that was written after the text of the definition, in Python. */
  @Test
  void permutationsAreThoseOfTheGolden() throws IOException {
    try (InputStream in = Objects.requireNonNull(ShuffleTest.class.getResourceAsStream(GOLDEN))) {
      Safetensors golden = Safetensors.read(GOLDEN, in.readAllBytes());
      long seed = Long.decode(Objects.requireNonNull(golden.metadata().get("seed")));
      float[] expected = golden.tensor("permutation").toFloats();
      int n = golden.tensor("permutation").shape().get(1).intValue();
      for (int epoch = 0; epoch < expected.length / n; epoch++) {
        int[] found = Shuffle.permutation(RANDOM, seed, epoch, n);
        for (int i = 0; i < n; i++) {
          assertThat((float) found[i])
              .as("epoch %d, place %d", epoch, i)
              .isEqualTo(expected[epoch * n + i]);
        }
      }
    }
  }

  @Test
  void fewSamplesHaveAnOrder() {
    assertThat(Shuffle.permutation(RANDOM, 1, 0, 0)).isEmpty();
    assertThat(Shuffle.permutation(RANDOM, 1, 0, 1)).containsExactly(0);
    assertThat(Shuffle.permutation(RANDOM, 1, 0, 100))
        .isNotEqualTo(Shuffle.permutation(RANDOM, 1, 1, 100));
    assertThatThrownBy(() -> Shuffle.permutation(RANDOM, 1, 0, -1))
        .hasMessage("n must be at least 0, but is -1");
  }
}
