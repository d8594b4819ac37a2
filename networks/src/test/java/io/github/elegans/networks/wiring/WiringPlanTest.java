package io.github.elegans.networks.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import io.github.elegans.networks.wiring.WiringPlan.Ncp;
import io.github.elegans.networks.wiring.WiringPlan.RandomlyConnected;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WiringPlanTest {

  /** What ncps 1.0.1 builds: counts, and SHA-256 of the matrices as int8. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ["auto", 28, 4]                         | 20 |  84 | 33 | 140 | 70 | e1c35fbd8f950e15 | 5ecb605e0ba7705b
          ["auto", 16, 1]                         |  2 |  39 | 25 |  11 |  6 | 4cb7e898ecdbb025 | 03be8864db29a25a
          ["auto", 64, 8, 0.75]                   | 16 | 226 |102 | 131 | 69 | e149b9e2d91cb527 | d474496086b0d2b7
          ["auto", 16, 4, 0.5, 1]                 |  8 |  29 |    |  32 |    | f177f54f09c37c91 | b0b695f186b157c8
          ["ncp", 10, 10, 8, 6, 6, 4, 6]          |  8 | 112 | 63 |  48 | 28 | 694919924746f71b | 47024bbe218a03d0
          ["ncp", 12, 6, 1, 4, 4, 6, 6]           | 32 |  59 |    | 128 |    | 6ae7f5baae1a3f8c | 480b66456799b09c
          ["full", 8, 2]                          |  3 |  64 | 50 |  24 | 18 | aae948d6f803c5c8 | 5790ba3449583bb0
          ["full", 8, 8, 1111, false]             |  3 |  56 |    |  24 |    | fe5d94d3d9a2983c | 3d178572fd2403b6
          ["random", 16, 2, 0.5]                  |  4 | 128 | 84 |  32 | 24 | 2876bf50849e17b8 | 92976932f8dc181e
          ["random", 32, 4, 0.75, 7]              |  8 | 256 |    |  64 |    | 136a2256abf0138c | 15d418d8157905f7
          """)
  void buildsWhatNcpsBuilds(
      String plan,
      int inputs,
      int synapses,
      Integer excitatory,
      int sensory,
      Integer sensoryExcitatory,
      String hash,
      String sensoryHash) {
    Wiring wiring = WiringPlan.parse(plan).build(inputs);
    assertThat(wiring.synapseCount()).isEqualTo(synapses);
    assertThat(wiring.sensorySynapseCount()).isEqualTo(sensory);
    if (excitatory != null) {
      assertThat(wiring.excitatoryCount()).isEqualTo(excitatory);
      assertThat(wiring.sensoryExcitatoryCount()).isEqualTo(sensoryExcitatory);
    }
    assertThat(hash(wiring.adjacency())).startsWith(hash);
    assertThat(hash(wiring.sensoryAdjacency())).startsWith(sensoryHash);
  }

  private static String hash(float[] matrix) {
    byte[] bytes = new byte[matrix.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) matrix[i];
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void buildingAgainChangesNothing() {
    for (WiringPlan plan :
        List.of(
            new AutoNcp(28, 4),
            new FullyConnected(8, 2),
            new RandomlyConnected(16, 2, 0.5),
            new Ncp(10, 10, 8, 6, 6, 4, 6))) {
      Wiring first = plan.build(8);
      assertThat(plan.build(8)).isEqualTo(first).hasSameHashCodeAs(first);
      assertThat(plan.build(9)).isNotEqualTo(first);
      assertThat(WiringPlan.parse(plan.toJson())).isEqualTo(plan);
      assertThat(first.units()).isEqualTo(plan.units());
      assertThat(first.outputSize()).isEqualTo(plan.outputSize());
    }
  }

  @Test
  void anNcpHasThreeLayers() {
    Wiring wiring = new AutoNcp(28, 4).build(20);
    assertThat(wiring.layers()).extracting(List::size).containsExactly(15, 9, 4);
    assertThat(wiring.neuronType(0)).isEqualTo("motor");
    assertThat(wiring.neuronType(4)).isEqualTo("command");
    assertThat(wiring.neuronType(13)).isEqualTo("inter");
    // Inputs reach inter neurons only.
    for (int input = 0; input < 20; input++) {
      for (int target = 0; target < 13; target++) {
        assertThat(wiring.sensoryPolarity(input, target)).isZero();
      }
    }
    assertThat(new FullyConnected(5, 2).build(3).layers()).containsExactly(List.of(0, 1, 2, 3, 4));
  }

  @Test
  void refusesWhatNcpsRefusesAndSaysWhy() {
    assertRefused("[\"auto\", 6, 4]", "units", "7", "6");
    assertRefused("[\"auto\", 28, 4, 0.05]", "sparsity_level", "0.05");
    assertRefused("[\"auto\", 28, 4, 1.5]", "sparsity_level", "1.5");
    assertRefused("[\"ncp\", 4, 3, 1, 5, 2, 2, 2]", "sensory_fanout", "5");
    assertRefused("[\"ncp\", 4, 3, 1, 2, 4, 2, 2]", "inter_fanout", "4");
    assertRefused("[\"ncp\", 4, 3, 1, 2, 2, 2, 4]", "motor_fanin", "4");
    assertRefused("[\"random\", 4, 2, 1.0]", "sparsity_level", "1.0");
    assertRefused("[\"random\", 4, 2, -0.1]", "sparsity_level", "-0.1");
    assertRefused("[\"full\", 4, 5]", "output_dim", "5");
    assertRefused("[\"full\"]", "arguments", "0");
    assertRefused("[\"star\", 4]", "full, random, ncp or auto", "star");
    assertRefused("[\"auto\", four, 4]", "argument 1", "four");
    assertRefused("auto", "[\"auto\", 28, 4]");
    assertThatThrownBy(() -> new AutoNcp(28, 4).build(0)).hasMessageContaining("inputs");
    assertThatThrownBy(() -> new AutoNcp(28, 4, 0.5, -1).build(2)).hasMessageContaining("seed");
  }

  private static void assertRefused(String plan, String... parts) {
    assertThatThrownBy(() -> WiringPlan.parse(plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void checksSynapses() {
    Wiring.Builder wiring = Wiring.builder(2, 3, 1);
    assertThatThrownBy(() -> wiring.synapse(3, 0, 1)).hasMessageContaining("3 neurons");
    assertThatThrownBy(() -> wiring.synapse(0, -1, 1)).hasMessageContaining("is -1");
    assertThatThrownBy(() -> wiring.sensorySynapse(2, 0, 1)).hasMessageContaining("2 inputs");
    assertThatThrownBy(() -> wiring.synapse(0, 0, 2)).hasMessageContaining("polarity");
    assertThatThrownBy(() -> wiring.layers(List.of(List.of(0, 1)))).hasMessageContaining("[0, 1]");
    assertThat(wiring.synapse(0, 1, -1).synapse(0, 1, 1).build().polarity(0, 1)).isEqualTo(1);
  }
}
