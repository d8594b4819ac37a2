package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
  @TempDir private Path directory;

  @Test
  void forecastsTheBundledRecord() throws IOException {
    CommandLineRun run =
        CommandLineRun.of("compare", "--seconds", 0, "--output", directory.resolve("a/b"))
            .succeeds();

    assertThat(run.out()).containsPattern("persistence +the last reading +0\\.511\\R");
    for (Kernels kernels : Backends.available()) {
      assertThat(run.out()).containsPattern(kernels.backend() + " .* 0\\.372 +[0-9a-f]{8}\\R");
    }
    if (Backends.available().size() > 1) {
      assertThat(run.out()).contains("all 2223 outputs agree bit for bit on ");
    }
    assertThat(run.out()).doesNotContain("Timings");
    assertPicture(directory.resolve("a/b/co2-forecast.png"));
  }

  @Test
  void timesEveryBackendAndShape() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
                "compare",
                "--seconds",
                0.05,
                "--batch",
                "1,3",
                "--shape",
                "5,7,9,2",
                "--output",
                directory)
            .succeeds();

    for (Kernels kernels : Backends.available()) {
      for (int batch : new int[] {1, 3}) {
        assertThat(
                run.out()
                    .lines()
                    .filter(line -> line.matches(" +" + batch + " +" + kernels.backend() + " .*")))
            .hasSize(2);
      }
    }
    assertThat(run.out())
        .contains("5 inputs, 2 backbone layers of 7 units (lecun_tanh), 9 hidden units");
    assertPicture(directory.resolve("timings.png"));
  }

  @Test
  void runsOneBackendOnRequest() {
    CommandLineRun run =
        CommandLineRun.of("compare", "--backend", "scalar", "--seconds", 0, "--output", directory)
            .succeeds();

    assertThat(run.out()).contains("only scalar ran, there is nothing to compare");
  }

  @Test
  void forecastsAnotherRecord() throws IOException {
    Path model =
        ModelFiles.model(
            directory.resolve("m.safetensors"), content -> content.metadata.put("train_rows", "3"));
    Path data =
        write(
            "d.csv",
            "date,ppm",
            "20200101,1",
            "20200108,2.5",
            "20200115,",
            "20200122,3",
            "20200129,4",
            "20200205,3",
            "20200212,3");

    CommandLineRun run =
        CommandLineRun.of(
                "compare", "--model", model, "--data", data, "--seconds", 0, "--output", directory)
            .succeeds();

    assertThat(run.out())
        .contains("6 readings from 2020-01-01 to 2020-02-12, 1 missing")
        .contains("for the 1 from 2020-02-12 on");
    assertPicture(directory.resolve("co2-forecast.png"));
  }

  @Test
  void runsAnyNetworkOnColumns() throws IOException {
    Path model = ModelFiles.plainModel(directory.resolve("m.safetensors"));
    Path data = write("d.csv", "a,timespan,b,c", "1,0.5,2,3", "-1,2,0,1");

    CommandLineRun run =
        CommandLineRun.of("compare", "--model", model, "--data", data, "--seconds", 0).succeeds();

    assertThat(run.out()).contains("2 steps with their timespans").contains("fingerprint");
  }

  @Test
  void runsAnyNetworkOnNoise() throws IOException {
    Path model = ModelFiles.plainModel(directory.resolve("m.safetensors"));

    CommandLineRun run = CommandLineRun.of("compare", "--model", model, "--seconds", 0).succeeds();

    assertThat(run.out()).contains("noise: 7 rows of 50 steps");
  }

  @Test
  void refusesData() throws IOException {
    Path missing = directory.resolve("missing.csv");
    refuses(missing, "missing.csv: there is no such file");
    refuses(directory, directory.toString(), "a directory");
    refuses(write("e.csv"), "e.csv: ");
    refuses(write("f.csv", "date,x", "20200101,1"), "f.csv: file: expected at least 3 readings");
    refuses(write("w.csv", "date,x,y", "20200101,1,2"), "w.csv: columns", "found 3 columns");
    refuses(write("t.csv", "date,x", "yesterday,1"), "t.csv: line 2", "\"yesterday\"");
    refuses(write("d.csv", "date,x", "20201301,1"), "d.csv: row 1", "a date as 19580329");
    refuses(write("m.csv", "date,x", "20200101,1", "20191231,1"), "row 2", "after 2020-01-01");
    refuses(write("n.csv", "date,x", "20200101,inf"), "n.csv: row 1", "finite", "Infinity");
    refuses(
        write("s.csv", "date,x", "20200101,1", "20200102,1", "20200103,1"),
        "s.csv: readings: expected more than the 1782");
  }

  private static void refuses(Path data, String... parts) {
    CommandLineRun.of("compare", "--data", data, "--seconds", 0).fails(1, parts);
  }

  @Test
  void refusesModels() throws IOException {
    Path noTask =
        ModelFiles.model(
            directory.resolve("rows.safetensors"),
            content -> content.metadata.put("train_rows", "many"));
    CommandLineRun.of("compare", "--model", noTask)
        .fails(1, "rows.safetensors: metadata train_rows", "\"many\"");
    Path deviation =
        ModelFiles.model(
            directory.resolve("deviation.safetensors"),
            content -> content.metadata.put("change_std", "0"));
    CommandLineRun.of("compare", "--model", deviation)
        .fails(1, "deviation.safetensors: metadata change_std", "more than 0");
    CommandLineRun.of("compare", "--model", directory.resolve("none"))
        .fails(1, "none: there is no such file");
  }

  @Test
  void refusesAFileAsDirectory() throws IOException {
    Path file = write("file");

    CommandLineRun.of("compare", "--output", file)
        .fails(2, "--output", "directory", file.toString());
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(directory.resolve(name), Arrays.asList(lines));
  }

  private static void assertPicture(Path file) throws IOException {
    var image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isEqualTo(1400);
    assertThat(image.getHeight()).isGreaterThan(400);
    assertThat(Arrays.stream(image.getRGB(0, 0, 1400, 400, null, 0, 1400)).distinct().count())
        .as("colours")
        .isGreaterThan(10);
  }
}
