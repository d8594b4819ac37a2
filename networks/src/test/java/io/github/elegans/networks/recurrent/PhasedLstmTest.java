package io.github.elegans.networks.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The time gate of the phased LSTM. */
class PhasedLstmTest {
  @Test
  void theGateIsNeitherClosedBelowZeroNorOpenBeyondOne() {
    long seed = 20261124;
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      float tau = (float) Math.exp(random.nextGaussian() * 2);
      float since = (float) (random.nextGaussian() * Math.exp(random.nextDouble() * 20));
      float open = Cells.PhasedLstm.openness(since, tau, 0.1f);
      assertThat(open).as("%s in cycles of %s, seed %d", since, tau, seed).isBetween(0f, 1f);
    }
  }

  @Test
  void theGateOpensAndClosesOnceACycle() {
    assertThat(Cells.PhasedLstm.openness(0, 1, 0.5f)).isZero();
    assertThat(Cells.PhasedLstm.openness(3_000_001, 2, 0.5f))
        .isEqualTo(Cells.PhasedLstm.openness(1, 2, 0.5f));
    assertThat(Cells.PhasedLstm.openness(-0.75f, 1, 0.5f))
        .isEqualTo(Cells.PhasedLstm.openness(0.25f, 1, 0.5f));
  }
}
