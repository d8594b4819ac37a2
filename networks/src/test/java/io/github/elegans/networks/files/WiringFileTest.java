package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WiringFileTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"auto\", 28, 4]",
        "[\"full\", 8, 2]",
        "[\"random\", 16, 2, 0.5]",
        "[\"full\", 1, 1, 3, false]"
      })
  void readsWhatItWrote(String plan) throws IOException {
    Wiring wiring = WiringPlan.parse(plan).build(5);
    Path file = directory.resolve("wiring.json");
    WiringFile.write(file, wiring);
    assertThat(WiringFile.read(file)).isEqualTo(wiring);
    assertThat(Files.readString(file)).contains("elegans-wiring-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          elegans-wiring-1         | elegans-wiring-2         | format
          "inputs": 2              | "inputs": 0              | inputs
          "inputs": 2              | "inputs": -2             | non-negative
          "inputs": 2              | "entries": 2             | 'entries'
          "units": 3               | "units": 4               | layers
          "outputs": 1             | "outputs": 9             | output_dim
          [[0, 1, 2]]              | [[0, 1, 1]]              | each of 3 neurons once
          "excitatory": [[0, 1]]   | "excitatory": [[0, 3]]   | 3 neurons
          "excitatory": [[0, 1]]   | "excitatory": [[0]]      | pairs
          "excitatory": [[0, 1]]   | "excitatory": 7          | an array
          [[1, 2]]                 | [[2, 2]]                 | 2 inputs
          "units": 3,              | ``                       | [units]
          }                        | ``                       | the end
          }                        | }}                       | nothing but white space
          """)
  void saysWhatIsWrong(String part, String replacement, String expected) {
    String json =
        """
        {"format": "elegans-wiring-1", "inputs": 2, "units": 3, "outputs": 1,
         "layers": [[0, 1, 2]], "sensory_excitatory": [[1, 2]], "sensory_inhibitory": [],
         "excitatory": [[0, 1]], "inhibitory": [[2, 2]]}
        """;
    assertThat(WiringFile.read("good", json.getBytes(StandardCharsets.UTF_8)).synapseCount())
        .isEqualTo(2);
    assertThat(json).contains(part);
    byte[] bad =
        json.replace(part, replacement == null ? "" : replacement).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> WiringFile.read("bad.json", bad))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("bad.json")
        .hasMessageContaining(expected);
  }

  @Test
  void aMissingFileIsNotFound() {
    assertThatThrownBy(() -> WiringFile.read(directory.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }
}
