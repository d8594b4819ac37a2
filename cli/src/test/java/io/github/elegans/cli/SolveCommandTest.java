package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.cli.files.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SolveCommandTest {
  @TempDir private Path directory;

  private Path decay() throws IOException {
    return Files.writeString(
        directory.resolve("decay.ode"),
        """
        system Decay
        parameter rate = 1
        state y = 1
        state z = 2
        y' = -rate*y
        z' = -2*rate*z
        """);
  }

  @Test
  void listsTheCatalogue() {
    assertThat(CommandLineRun.of("solve", "--list").succeeds().out().lines())
        .hasSize(30)
        .anyMatch(line -> line.startsWith("hodgkin-huxley "));
  }

  /** A short pulse is met wherever it is, and options shorten and end steps. */
  @Test
  void pulsesAndStopsAreMet() throws IOException {
    Path pulse =
        Files.writeString(
            directory.resolve("pulse.ode"),
            "parameter start = 99\nstate x = 0\nx' = if(t >= start and t < start + 0.5, 3, 0)\n");
    Path csv = directory.resolve("end.csv");
    CommandLineRun.of("solve", pulse, "--sweep", "start=50:250:3", "--end", 400, "--output", csv)
        .succeeds();
    assertThat(Files.readAllLines(csv).stream().skip(1))
        .hasSize(3)
        .allSatisfy(
            line -> {
              double x = Double.parseDouble(line.substring(line.lastIndexOf(',') + 1));
              assertThat(x).isCloseTo(1.5, within(1e-12));
            });
    Pattern accepted = Pattern.compile("steps +(\\d+) accepted");
    for (String[] option :
        new String[][] {{"--maximum-step", "0.01"}, {"--stop-at", "0.3,0.1,0.2,7,-1"}}) {
      CommandLineRun run =
          CommandLineRun.of("solve", decay(), "--end", 1, option[0], option[1]).succeeds();
      Matcher matcher = accepted.matcher(run.out());
      assertThat(matcher.find()).isTrue();
      int steps = Integer.parseInt(matcher.group(1));
      Matcher without = accepted.matcher(CommandLineRun.of("solve", decay(), "--end", 1).out());
      assertThat(without.find()).isTrue();
      assertThat(steps)
          .isGreaterThan(option[0].startsWith("--m") ? 99 : Integer.parseInt(without.group(1)));
    }
    CommandLineRun.of("solve", decay(), "--stop-at", "NaN").fails(2, "finite");
    CommandLineRun.of("solve", decay(), "--maximum-step", "0").fails(2, "maximum step");
  }

  /** e⁻¹, e⁻², e⁻³ for three rates. */
  @ParameterizedTest
  @ValueSource(strings = {"native", "vector", "scalar"})
  void sweepsAParameterAndWritesWhereTrajectoriesEnd(String backend) throws IOException {
    Path npy = directory.resolve("end.npy");
    Path csv = directory.resolve("end.csv");
    for (Path file : List.of(npy, csv)) {
      CommandLineRun run =
          CommandLineRun.of(
                  "solve",
                  decay(),
                  "--sweep",
                  "rate=1:3:3",
                  "--end",
                  1,
                  "--tolerance",
                  "1e-10",
                  "--backend",
                  backend,
                  "--output",
                  file)
              .succeeds();
      assertThat(run.out())
          .contains("Decay, 0.0 to 1.0 by TSIT5")
          .contains("ended       3 done")
          .contains("ends        trajectories 0, 1, 2 of 3", "  1, rate = 2: t = 1.0, y = 0.135")
          .contains("backend     " + backend);
    }
    Npy states = Npy.read(npy);
    assertThat(states.shape()).containsExactly(3L, 2L);
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(4).first().isEqualTo("trajectory,status,rate,t,y,z");
    for (int i = 0; i < 3; i++) {
      String[] cells = lines.get(i + 1).split(",");
      assertThat(cells)
          .startsWith(Integer.toString(i), "done", Double.toString(i + 1), "1.0")
          .hasSize(6);
      double[] row = {Double.parseDouble(cells[4]), Double.parseDouble(cells[5])};
      assertThat(row)
          .containsExactly(new double[] {Math.exp(-i - 1), 2 * Math.exp(-2 * i - 2)}, within(1e-9));
      assertThat(Arrays.copyOfRange(states.toDoubles(), 2 * i, 2 * i + 2)).isEqualTo(row);
    }
  }

  /** y = e^(−rate t), its output 3 y, at every 0.4 and at the end, in both formats. */
  @Test
  void writesTimeSeriesWithOutputsAndWhatIsSwept() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("output.ode"),
            """
            parameter rate = 1
            parameter twice = 2*rate
            state y = 1
            output three = 3*y + twice [V]
            y' = -rate*y
            """);
    for (String name : List.of("series.csv", "series.npy")) {
      CommandLineRun.of(
              "solve",
              file,
              "--sweep",
              "rate=1:2:2",
              "--sweep",
              "y=1:2:2",
              "--end",
              1,
              "--tolerance",
              "1e-11",
              "--save-every",
              0.4,
              "--output",
              directory.resolve(name))
          .succeeds();
    }
    List<String> lines = Files.readAllLines(directory.resolve("series.csv"));
    Npy npy = Npy.read(directory.resolve("series.npy"));
    assertThat(npy.shape()).containsExactly(4L, 4L, 3L);
    assertThat(lines).hasSize(17).first().isEqualTo("trajectory,status,rate,y(0),t,y,three");
    double[] times = {0, 0.4, 0.8, 1};
    for (int row = 0; row < 16; row++) {
      double rate = 1 + row / 4 % 2;
      double first = 1 + row / 8;
      double y = first * Math.exp(-rate * times[row % 4]);
      String[] cells = lines.get(row + 1).split(",");
      assertThat(cells).startsWith(Integer.toString(row / 4), "done", "" + rate, "" + first);
      double[] numbers = {
        Double.parseDouble(cells[4]), Double.parseDouble(cells[5]), Double.parseDouble(cells[6])
      };
      assertThat(numbers)
          .containsExactly(new double[] {times[row % 4], y, 3 * y + 2 * rate}, within(1e-9));
      assertThat(Arrays.copyOfRange(npy.toDoubles(), 3 * row, 3 * row + 3)).isEqualTo(numbers);
    }
  }

  /** A line is written for what was reached, not for what a trajectory that failed never saw. */
  @Test
  void aSeriesEndsWhereItsTrajectoryDoes() throws IOException {
    Path file =
        Files.writeString(directory.resolve("blow.ode"), "system Blow\nstate x = 1\nx' = x^2\n");
    Path series = directory.resolve("series.csv");
    CommandLineRun run =
        CommandLineRun.of("solve", file, "--end", 2, "--save-every", 0.25, "--output", series);
    assertThat(run.status()).isEqualTo(1);
    assertThat(Files.readAllLines(series))
        .hasSizeBetween(5, 6)
        .noneMatch(line -> line.contains("NaN"));
  }

  /** What is tolerated of one state alone shows in the steps: the other decays unheeded. */
  @Test
  void tolerancesAreGivenForEachState() throws IOException {
    long[] steps = new long[2];
    for (int i = 0; i < 2; i++) {
      String tolerance = i == 0 ? "0,1e-10,1e-10" : "0,1e3,1e-10";
      String out =
          CommandLineRun.of("solve", decay(), "--set", "z=0", "--tolerance", tolerance, "--end", 5)
              .succeeds()
              .out();
      Matcher accepted = Pattern.compile("steps +(\\d+) accepted").matcher(out);
      assertThat(accepted.find()).isTrue();
      steps[i] = Long.parseLong(accepted.group(1));
    }
    assertThat(steps[0]).isGreaterThan(10 * steps[1]);
  }

  @Test
  void parametersFollowThoseThatAreSet() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("derived.ode"),
            "parameter a = 2\nparameter b = 2*a\nstate x = b\nx' = 0*a\n");
    assertThat(CommandLineRun.of("solve", file, "--set", "a=5").succeeds().out())
        .contains("x = 10.0");
    assertThat(CommandLineRun.of("solve", file, "--set", "a=5", "--set", "b=7").succeeds().out())
        .contains("x = 7.0");
  }

  @Test
  void drawsLinesPhasesAndMaps() throws IOException {
    Path picture = directory.resolve("picture.png");
    for (String options :
        new String[] {
          "--end 2",
          "--end 2 --phase --states z,y",
          "--end 2 --sweep rate=0:1:9",
          "--end 2 --sweep rate=0:1:12 --sweep y=0:1:7 --states y",
          "--end -2 --step 0.1 --method RK4",
          "--end 1e-9",
          "--start 1e9 --end 1000000010",
          "--end 2 --sweep rate=1:1:3 --sweep y=1:0:1",
          "--set y=NaN"
        }) {
      Files.deleteIfExists(picture);
      CommandLineRun.of(
          (Object[]) ("solve " + decay() + " " + options + " --plot " + picture).split(" "));
      assertThat(ImageIO.read(picture.toFile()).getWidth()).as(options).isGreaterThan(500);
    }
  }

  /** Outputs are drawn like states, and it is said which trajectories are. */
  @Test
  void drawsOutputsOfSomeOfManyTrajectories() {
    Path picture = directory.resolve("picture.png");
    String out =
        CommandLineRun.of(
                "solve",
                "hodgkin-huxley",
                "--end",
                1,
                "--sweep",
                "I=0:1:400",
                "--states",
                "i_Na,V",
                "--plot",
                picture)
            .succeeds()
            .out();
    assertThat(out)
        .contains("ends        trajectories 0, 199, 399 of 400", "  199, I = 0.4987: t = 1.0")
        .contains(
            "picture     "
                + picture
                + ": i_Na, V, trajectories 0, 57, 114, 171, 228, 285, 342, 399 of 400");
  }

  /** |y| reaches 4/3 μ for a ten-thousandth of a pixel: that must show all the same. */
  @Test
  void aCurveKeepsTheExtremesBetweenPixels() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("peaks.ode"),
            """
            parameter mu = 1000
            state x = 2
            state y = 0
            output peak = if(abs(y) > 1300, 1, 0)
            x' = y
            y' = mu*(1 - x^2)*y - x
            """);
    Path picture = directory.resolve("picture.png");
    CommandLineRun.of(
            "solve",
            file,
            "--end",
            2000,
            "--method",
            "RODAS5P",
            "--states",
            "peak",
            "--plot",
            picture)
        .succeeds();
    BufferedImage image = ImageIO.read(picture.toFile());
    // Rows with a pixel of the curve's colour: all from 0 to 1 if it is seen.
    int rows = 0;
    for (int y = 0; y < image.getHeight() - 80; y++) {
      for (int x = 100; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        int red = rgb >> 16 & 0xff;
        int blue = rgb & 0xff;
        if (blue - red > 60) {
          rows++;
          break;
        }
      }
    }
    assertThat(rows).isGreaterThan(240);
  }

  @Test
  void explainsTheStep() throws IOException {
    assertThat(
            CommandLineRun.of("solve", decay(), "--explain", "--method", "RODAS4").succeeds().out())
        .contains("Decay by RODAS4", "states 2, parameters 1", "registers: at most ", "backend ");
  }

  @Test
  void aTrajectoryThatFailsShowsInTheStatus() {
    CommandLineRun run = CommandLineRun.of("solve", "lorenz", "--set", "x=NaN", "--end", 1);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("ended       1 not finite");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                   | a system is missing
          lorentz                              | lorentz
          lorenz --method RK9                  | --method
          lorenz --method RK4                  | RK4 has no error estimate
          lorenz --set gamma=1                 | no parameter or state 'gamma'; it has sigma, rho, beta
          lorenz --sweep rho=0:28              | --sweep must be NAME=FROM:TO:N
          lorenz --sweep rho=0:28:0            | --sweep must be NAME=FROM:TO:N
          lorenz --sweep x=0:1:2 --sweep y=0:1:2 --sweep z=0:1:2 | at most two names
          lorenz --sweep x=0:1:2 --sweep x=0:1:3 | 'x' is given twice
          lorenz --sweep rho=0:1:2 --set rho=3 | 'rho' is given twice
          lorenz --trajectories 0              | --trajectories must be at least 1
          lorenz --tolerance -1                | tolerance
          lorenz --tolerance 1e-6,1e-9,1e-9    | 1 or 3 absolute ones, one for each of [x, y, z], but 2 are given
          lorenz --step 0                      | step
          lorenz --threads 0                   | threads
          lorenz --states v                    | no state or output 'v'; it has x, y, z
          lorenz --phase --states x            | --phase needs two states
          lorenz --save-every 0.1              | --output writes, but that is missing
          lorenz --save-every 0 --output a.csv | --save-every must be a positive time
          lorenz --save-every 1e-300 --output a.csv | for which there is no memory
          lorenz --sweep rho=0:28:3:4          | --sweep must be NAME=FROM:TO:N
          lorenz --plot picture.gif            | --plot must be a .png file
          lorenz --output end.txt              | --output must be a .csv or .npy file
          lorenz --output no/such/end.csv      | there is no such directory
          lorenz --backend gpu                 | unknown backend 'gpu'
          """)
  void refusesWrongUsage(ArgumentsAccessor row) {
    String arguments = ("solve " + row.getString(0)).strip();
    CommandLineRun.of((Object[]) arguments.split(" ")).fails(2, row.getString(1));
  }

  @Test
  void errorsOfATextPointAtTheirPlace() throws IOException {
    Path file =
        Files.writeString(directory.resolve("bad.ode"), "system Bad\nstate x = 1\nx' = x + + y\n");
    CommandLineRun.of("solve", file).fails(2, "bad.ode", "line 3, column 12: unknown name 'y'");
  }
}
