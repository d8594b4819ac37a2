package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WiringCommandTest {
  @TempDir private Path directory;

  @Test
  void buildsDrawsAndExports() throws IOException {
    Path json = directory.resolve("w.json");
    Path svg = directory.resolve("w.svg");
    Path png = directory.resolve("w.png");
    CommandLineRun built =
        CommandLineRun.of(
                "wiring", "auto", 28, 4, "--inputs", 20, "--output", json, "--picture", svg)
            .succeeds();
    assertThat(built.out())
        .contains("20 inputs, 28 neurons, 4 of them motor neurons")
        .contains("[15, 9, 4]")
        .contains("140: 70 excitatory, 70 inhibitory")
        .contains("84: 33 excitatory, 51 inhibitory");
    CommandLineRun read = CommandLineRun.of("wiring", json, "--picture", png).succeeds();
    assertThat(read.out()).contains("84: 33 excitatory, 51 inhibitory");
    String drawing = Files.readString(svg);
    assertThat(drawing.split("<circle")).hasSize(1 + 20 + 28);
    // A line for every synapse, and two in the legend.
    assertThat(drawing.split("<path")).hasSize(1 + 84 + 140 + 2);
    assertThat(ImageIO.read(png.toFile()).getWidth()).isGreaterThan(500);
  }

  @Test
  void drawsOneLayerAsACircle() throws IOException {
    Path svg = directory.resolve("w.svg");
    CommandLineRun.of("wiring", "random", 16, 2, 0.5, "--inputs", 4, "--picture", svg).succeeds();
    assertThat(Files.readString(svg).split("<path")).hasSize(1 + 128 + 32 + 2);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    CommandLineRun.of("wiring", "auto", 28, 4).fails(2, "--inputs");
    CommandLineRun.of("wiring", "star", 28, "--inputs", 2).fails(2, "star");
    CommandLineRun.of("wiring", "auto", 6, 4, "--inputs", 2).fails(2, "units");
    CommandLineRun.of("wiring", "auto", 28, 4, "--inputs", 2, "--picture", "a.gif")
        .fails(2, "a.gif");
    Path broken = directory.resolve("broken.json");
    Files.writeString(broken, "{");
    CommandLineRun.of("wiring", broken).fails(1, "broken.json");
    CommandLineRun.of("wiring", directory.resolve("none.json")).fails(1, "none.json");
  }
}
