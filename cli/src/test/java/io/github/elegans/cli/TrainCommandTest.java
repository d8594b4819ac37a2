package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
  private static final Object[] SMALL = {"--units", 4, "--backbone-units", 5, "--batch", 16};

  @TempDir private Path directory;

  private Path table;

  /** A wave and its double, at uneven times, in two sequences. */
  @BeforeEach
  void writeTable() throws IOException {
    StringBuilder lines = new StringBuilder("run,time,wave,double\n");
    for (int run = 1; run <= 2; run++) {
      double time = run;
      for (int i = 0; i < 60; i++) {
        time += 0.1 + i % 3 * 0.05;
        double wave = Math.sin(time * run);
        lines.append("%d,%s,%s,%s%n".formatted(run, time, wave, 100 + 2 * wave));
      }
    }
    table = Files.writeString(directory.resolve("table.csv"), lines);
  }

  private static CommandLineRun train(Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = "train";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return CommandLineRun.of(all);
  }

  private static Object[] with(Object[] some, Object... more) {
    Object[] all = Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  private CommandLineRun trainTable(Object... more) {
    List<Object> all = new ArrayList<>(List.of("--data", table, "--time", "time"));
    all.addAll(List.of("--sequence", "run"));
    all.addAll(Arrays.asList(more));
    if (!all.contains("--cell")) {
      all.addAll(List.of("--backbone-units", 5));
    }
    // An option may be given once.
    Map.of("--units", 4, "--targets", "double", "--steps", 8, "--epochs", 3)
        .forEach(
            (name, value) -> {
              if (!all.contains(name)) {
                all.addAll(List.of(name, value));
              }
            });
    return train(all.toArray());
  }

  private static String fingerprint(CommandLineRun run) {
    Matcher matcher = Pattern.compile("fingerprint ([0-9a-f]{8})").matcher(run.out());
    assertThat(matcher.find()).as(run.out()).isTrue();
    return matcher.group(1);
  }

  @Test
  void forecastsTheRecordAsWellAsTheBundledNetwork() throws IOException {
    Path model = directory.resolve("co2.safetensors");
    CommandLineRun run = train("--task", "co2", "--output", model).succeeds();
    Matcher matcher =
        Pattern.compile("Test +RMSE (0\\.\\d+) ppm; persistence, the last reading, 0\\.5114 ppm")
            .matcher(run.out());
    assertThat(matcher.find()).as(run.out()).isTrue();
    assertThat(Double.parseDouble(matcher.group(1))).isLessThanOrEqualTo(0.372);
    // The file is one for the command that forecasts.
    assertThat(
            CommandLineRun.of(
                    "compare",
                    "--model",
                    model,
                    "--seconds",
                    0,
                    "--output",
                    directory.resolve("charts"))
                .succeeds()
                .out())
        .contains(" %.3f ".formatted(Double.parseDouble(matcher.group(1))));
  }

  @Test
  void hasTheSameBitsOnEveryBackendAndNumberOfThreads() {
    String expected = null;
    for (Kernels kernels : Backends.available()) {
      for (int threads = 1; threads <= 2; threads++) {
        String found =
            fingerprint(
                train(
                        with(
                            SMALL,
                            "--task",
                            "co2",
                            "--epochs",
                            2,
                            "--backend",
                            kernels.backend(),
                            "--threads",
                            threads))
                    .succeeds());
        assertThat(found).isEqualTo(expected == null ? found : expected);
        expected = found;
      }
    }
    assertThat(
            fingerprint(train(with(SMALL, "--task", "co2", "--epochs", 2, "--seed", 2)).succeeds()))
        .isNotEqualTo(expected);
  }

  @Test
  void trainsOnATable() throws IOException {
    Path model = directory.resolve("model.safetensors");
    Path history = directory.resolve("history.csv");
    Path plot = directory.resolve("plot.png");
    CommandLineRun run =
        trainTable("--epochs", 40, "--output", model, "--history", history, "--plot", plot)
            .succeeds();
    Matcher matcher =
        Pattern.compile("double: RMSE ([0-9.]+); the mean of the training data ([0-9.]+)")
            .matcher(run.out());
    assertThat(matcher.find()).as(run.out()).isTrue();
    assertThat(Double.parseDouble(matcher.group(1)))
        .isLessThan(0.5 * Double.parseDouble(matcher.group(2)));
    assertThat(Files.readAllLines(history))
        .hasSize(41)
        .first()
        .asString()
        .startsWith("epoch,loss,")
        .contains("validation_rmse");
    assertThat(ImageIO.read(plot.toFile()).getHeight()).isGreaterThan(400);
    Network network = Models.load(model);
    assertThat(network.inputSize()).isEqualTo(1);
    assertThat(network.outputSize()).isEqualTo(1);
    assertThat(TrainCommand.fingerprint(network)).isEqualTo(fingerprint(run));
    assertThat(Safetensors.read(model).metadata())
        .containsEntry("input_columns", "wave")
        .containsEntry("target_columns", "double")
        .containsEntry("seed", "1")
        .containsEntry("trained_epochs", "40")
        .containsKeys("input_means", "input_deviations", "target_means", "timespan_unit");
  }

  @Test
  void takesATableAsTask() {
    assertThat(
            train(with(SMALL, "--task", table, "--targets", 3, "--ahead", 1, "--epochs", 1))
                .succeeds()
                .out())
        .contains("wave from run, time, wave, double 1 rows before");
    trainTable("--split-by", "sequence", "--split", "0.5,0.5,0").succeeds();
    trainTable("--cell", "ltc").succeeds();
    trainTable("--cell", "wired_cfc", "--units", 8).succeeds();
    trainTable("--cell", "wired_ltc", "--units", 8).succeeds();
    trainTable("--optimiser", "lion", "--clip", 1, "--clip-by", "value", "--loss", "huber")
        .succeeds();
  }

  @Test
  void truncates() throws IOException {
    Path log = directory.resolve("log.csv");
    CommandLineRun truncated = trainTable("--truncate", 3, "--decay", 0.5, "--history", log);
    assertThat(truncated.succeeds().out()).contains("truncated after 3 steps");
    assertThat(fingerprint(truncated)).isNotEqualTo(fingerprint(trainTable("--decay", 0.5)));
    // An epoch is one batch of 8 rows each, and so 3 steps of the schedule.
    List<String> lines = Files.readAllLines(log);
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(Double.parseDouble(lines.get(1 + epoch).split(",")[2]))
          .isCloseTo(0.01 * Math.pow(0.5, (3 * epoch + 2) / 3.0), within(1e-12));
    }
    assertThat(fingerprint(trainTable("--truncate", 8))).isEqualTo(fingerprint(trainTable()));
    train("--task", "xor", "--samples", 100, "--truncate", 8)
        .fails(1, "truncation after 8 steps", "a target for every step");
  }

  @Test
  void learnsClasses() throws IOException {
    StringBuilder lines = new StringBuilder("x,sign\n");
    for (int i = 0; i < 200; i++) {
      double x = Math.sin(i * 0.7);
      lines.append(x).append(',').append(x > 0 ? 1 : 0).append('\n');
    }
    Files.writeString(table, lines);
    for (String loss : new String[] {"cross_entropy", "binary_cross_entropy"}) {
      CommandLineRun run =
          train(
                  with(
                      SMALL,
                      "--data",
                      table,
                      "--targets",
                      "sign",
                      "--loss",
                      loss,
                      "--steps",
                      8,
                      "--epochs",
                      40))
              .succeeds();
      Matcher matcher = Pattern.compile("Test +([0-9.]+) % right").matcher(run.out());
      assertThat(matcher.find()).as(run.out()).isTrue();
      assertThat(Double.parseDouble(matcher.group(1))).isGreaterThan(85);
    }
  }

  @Test
  void fillsWhatIsMissing() throws IOException {
    String text = Files.readString(table);
    String gap = text.replaceFirst("(?m)^(1,1\\.[23]\\d*,)[-0-9.E]+,", "$1,");
    assertThat(gap).isNotEqualTo(text);
    Files.writeString(table, gap);
    trainTable().fails(1, "table.csv", "row ", "column 3 (wave)", "--missing");
    for (String way : new String[] {"0", "zero", "mean"}) {
      trainTable("--missing", way).succeeds();
    }
    // A row without a target does not count.
    String noTarget = text.replaceFirst("(?m)(\\d),[-0-9.E]+$", "$1,");
    Files.writeString(table, noTarget);
    trainTable().fails(1, "column 4 (double)", "--missing");
    trainTable("--missing", "previous").succeeds();
  }

  @Test
  void namesWhatIsWrongInATable() throws IOException {
    trainTable("--targets", "tripel").fails(1, "target column", "'tripel'", "double");
    trainTable("--targets", "5").fails(1, "target column", "'5'");
    String text = Files.readString(table);
    Files.writeString(table, text.replaceFirst("\n1,[^,]*", "\n1,99"));
    trainTable().fails(1, "row 2, column 2 (time)", "not before 99");
    Files.writeString(table, text + "1,9,9,9\n");
    trainTable().fails(1, "row 121, column 1 (run)", "without other rows");
    Files.writeString(table, text.substring(text.indexOf('\n') + 1));
    trainTable().fails(1, "header");
    Files.writeString(table, text.replaceFirst("\n1,([^,]*),[^,]*,", "\n1,$1,inf,"));
    trainTable().fails(1, "column 3 (wave)", "a finite number");
    // Its square would be infinite, and all normalised values 0 or none.
    Files.writeString(table, text.replaceFirst("\n1,([^,]*),[^,]*,", "\n1,$1,1e300,"));
    trainTable().fails(1, "column 3 (wave)", "within the range of float", "1.0E300");
    Files.writeString(table, text.replaceFirst("wave", "time"));
    trainTable().fails(1, "time column", "several of that name");
    Files.writeString(table, text);
    trainTable("--targets", "double,4").fails(1, "target columns", "each once");
    trainTable("--targets", "time").fails(1, "target column", "times and sequences");
    trainTable("--loss", "binary_cross_entropy").fails(1, "row 1, column 4", "from 0 to 1");
    trainTable("--loss", "cross_entropy").fails(1, "row 1, column 4", "class, from 0 to 65535");
    trainTable("--split", "0.001,0.5,0.499").fails(1, "training data", "a share of 0.001");
    trainTable("--steps", Integer.MAX_VALUE).fails(1, "rows of windows must have at most");
    trainTable("--stride", Integer.MAX_VALUE).succeeds();
  }

  /** The mean of 198 times 95.744 is another number. */
  @Test
  void aConstantColumnHasADeviationOfOne() throws IOException {
    StringBuilder lines = new StringBuilder("constant,wave\n");
    for (int i = 0; i < 198; i++) {
      lines.append("95.744,").append(Math.sin(i * 0.7)).append('\n');
    }
    Files.writeString(table, lines);
    Path model = directory.resolve("model.safetensors");
    train(
            with(
                SMALL,
                "--data",
                table,
                "--targets",
                "wave",
                "--split",
                "1,0,0",
                "--epochs",
                1,
                "--output",
                model))
        .succeeds();
    assertThat(Safetensors.read(model).metadata().get("input_deviations")).isEqualTo("1.0");
  }

  /** Where most batches have none. */
  @Test
  void learnsFromFewTargets() throws IOException {
    StringBuilder lines = new StringBuilder("x,sign\n");
    for (int i = 0; i < 400; i++) {
      double x = Math.sin(i * 0.7);
      lines.append(x).append(',').append(i % 9 == 5 ? x > 0 ? "1" : "0" : "").append('\n');
    }
    Files.writeString(table, lines);
    for (String loss : new String[] {"mse", "binary_cross_entropy", "cross_entropy"}) {
      train(
              with(
                  new Object[] {"--units", 4, "--batch", 1, "--steps", 4, "--epochs", 2},
                  "--data",
                  table,
                  "--targets",
                  "sign",
                  "--missing",
                  "mean",
                  "--loss",
                  loss))
          .succeeds();
    }
  }

  @Test
  void namesWhereTrainingDiverges() {
    trainTable("--optimiser", "sgd", "--learning-rate", 1e30)
        .fails(1, "must be finite", "epoch ", "batch ");
  }

  @ParameterizedTest
  @CsvSource({
    "--units,0",
    "--backbone-units,0",
    "--backbone-layers,-1",
    "--epochs,-1",
    "--batch,0",
    "--truncate,-1",
    "--patience,-1",
    "--threads,0",
    "--samples,0",
    "--learning-rate,-0.1",
    "--decay,NaN",
    "--weight-decay,Infinity",
    "--clip,-1.0",
    "--dropout,1.0"
  })
  void namesTheOptionThatIsOutOfRange(String option, String value) {
    train("--task", "xor", option, value).fails(2, option + " must be", "but is " + value);
  }

  @Test
  void refusesWrongOptions() throws IOException {
    train("--task", "mnist").fails(2, "co2, xor, walker, cheetah", "'mnist'");
    train().fails(2, "--task", "--data");
    train("--task", "co2", "--data", table).fails(2, "--task", "--data");
    train("--task", "walker").fails(2, "--data-dir");
    train("--task", "co2", "--data-dir", directory).fails(2, "--data-dir");
    train("--task", "cheetah", "--data-dir", directory).fails(1, "npy files");
    train("--task", "co2", "--resume").fails(2, "--checkpoint");
    train("--task", "co2", "--threads", 0).fails(2, "--threads");
    train("--task", "co2", "--output", directory).fails(2, "--output", "directory");
    train("--task", "co2", "--output", directory.resolve("a/b")).fails(2, "--output");
    train("--task", "co2", "--plot", directory.resolve("a.gif")).fails(2, "--plot", ".png");
    train("--data", table).fails(2, "--targets");
    train("--task", "co2", "--samples", 5).fails(2, "--samples", "xor");
    train("--task", "co2", "--steps", 5).fails(2, "--steps", "CSV files");
    train("--task", "co2", "--patience", -1).fails(2, "--patience");
    train("--task", "co2", "--cell", "ltc", "--mode", "pure").fails(2, "--mode", "cfc");
    train("--task", "co2", "--cell", "wired_cfc", "--backbone-units", 3)
        .fails(2, "--backbone-units");
    trainTable("--clip-by", "value").fails(2, "--clip-by", "--clip");
    trainTable("--split", "0.5,0.6,0.1").fails(2, "--split");
    trainTable("--steps", 0).fails(2, "--steps");
    trainTable("--missing", "guess").fails(2, "guess");
    train("--data", directory.resolve("none.csv"), "--targets", "a").fails(1, "no such file");
    Path old = Files.writeString(directory.resolve("old"), "");
    train("--task", "co2", "--checkpoint", old).fails(2, "--resume");
    train("--task", "co2", "--checkpoint", old, "--resume").fails(1, "old");
  }

  @Test
  void writesNoFileOverAnother() throws IOException {
    String text = Files.readString(table);
    Path same = directory.resolve("same");
    trainTable("--history", table).fails(2, "--data and --history", "different");
    trainTable("--output", same, "--checkpoint", directory.resolve(".").resolve("same"))
        .fails(2, "--checkpoint and --output", "different");
    assertThat(table).hasContent(text);
    assertThat(same).doesNotExist();
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device));
    trainTable("--output", device).fails(2, "--output", "regular file");
  }

  @Test
  void resumesOnlyTheSameTraining() {
    Path checkpoint = directory.resolve("checkpoint");
    trainTable("--checkpoint", checkpoint).succeeds();
    trainTable("--checkpoint", checkpoint, "--resume", "--seed", 2)
        .fails(1, "metadata configuration");
    assertThat(
            fingerprint(
                trainTable("--checkpoint", checkpoint, "--resume", "--epochs", 5).succeeds()))
        .isEqualTo(fingerprint(trainTable("--epochs", 5).succeeds()));
  }

  @Test
  void comparesTrainingOnAllBackends() {
    CommandLineRun run =
        CommandLineRun.of(
                "compare",
                "train",
                "--units",
                4,
                "--backbone-units",
                4,
                "--batch",
                3,
                "--length",
                5,
                "--steps",
                3)
            .succeeds();
    for (Kernels kernels : Backends.available()) {
      assertThat(run.out())
          .containsPattern(
              kernels.backend() + " .* [0-9a-f]{8}(  \\(the compiler was still at work\\))?\\R");
    }
    if (Backends.available().size() > 1) {
      assertThat(run.out()).contains("bits        of all parameters agree");
    }
    CommandLineRun.of("compare", "train", "--steps", 0).fails(2, "--steps");
  }
}
