package io.github.elegans.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.bench.files.Npy;
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
        "system Decay\n"
            + "parameter rate = 1\n"
            + "state y = 1\n"
            + "state z = 2\n"
            + "y' = -rate*y\n"
            + "z' = -2*rate*z\n");
  }

  @Test
  void listsTheCatalogue() {
    assertThat(CommandLineRun.of("solve", "--list").succeeds().out().lines())
        .hasSize(30)
        .anyMatch(line -> line.startsWith("hodgkin-huxley "));
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
          .contains("backend     " + backend);
    }
    Npy states = Npy.read(npy);
    assertThat(states.shape()).containsExactly(3L, 2L);
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(4).first().isEqualTo("trajectory,status,t,y,z");
    for (int i = 0; i < 3; i++) {
      String[] cells = lines.get(i + 1).split(",");
      assertThat(cells).startsWith(Integer.toString(i), "done", "1.0").hasSize(5);
      double[] row = {Double.parseDouble(cells[3]), Double.parseDouble(cells[4])};
      assertThat(row)
          .containsExactly(new double[] {Math.exp(-i - 1), 2 * Math.exp(-2 * i - 2)}, within(1e-9));
      assertThat(Arrays.copyOfRange(states.toDoubles(), 2 * i, 2 * i + 2)).isEqualTo(row);
    }
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
          "--end 2 --sweep rate=0:1:12 --sweep y=0:1:7 --states y"
        }) {
      Files.deleteIfExists(picture);
      CommandLineRun.of(
              (Object[]) ("solve " + decay() + " " + options + " --plot " + picture).split(" "))
          .succeeds();
      assertThat(ImageIO.read(picture.toFile()).getWidth()).as(options).isGreaterThan(500);
    }
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
          lorenz --trajectories 0              | --trajectories must be at least 1
          lorenz --tolerance -1                | tolerance
          lorenz --tolerance 1e-6,1e-9,1e-9    | 1 or 3 absolute ones, one for each of [x, y, z], but 2 are given
          lorenz --step 0                      | step
          lorenz --threads 0                   | threads
          lorenz --states v                    | v
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
