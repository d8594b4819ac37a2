package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that is ended or killed goes on with the bits of one that was not. */
class KilledTrainingTest {
  private static final List<String> FLAGS =
      List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1");

  /** More than are done before the end comes. */
  private static final int MANY = 100_000;

  @TempDir private Path directory;

  private String[] arguments(int epochs, boolean keeps) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "train",
                "--task",
                "co2",
                "--units",
                "4",
                "--backbone-units",
                "4",
                "--decay",
                "1",
                "--no-best",
                "--epochs",
                Integer.toString(epochs)));
    if (keeps) {
      all.addAll(List.of("--checkpoint", checkpoint().toString(), "--resume"));
    }
    return all.toArray(String[]::new);
  }

  private Path checkpoint() {
    return directory.resolve("checkpoint.safetensors");
  }

  /** Ends a JVM after some epochs; returns what it wrote afterwards. */
  private List<String> end(int epochs, boolean kills) throws IOException, InterruptedException {
    Process process = ChildJvm.start(FLAGS, Main.class, arguments(MANY, true));
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = new ArrayList<>();
      int seen = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.startsWith("epoch") && ++seen == epochs) {
          // Unlike those of the process, the methods of its handle leave its output open.
          if (kills) {
            process.toHandle().destroyForcibly();
          } else {
            process.toHandle().destroy();
          }
        }
      }
      assertThat(process.waitFor()).as(lines::toString).isNotZero();
      return lines;
    }
  }

  private static String fingerprint(CommandLineRun run) {
    Matcher matcher = Pattern.compile("Trained .* fingerprint [0-9a-f]{8}").matcher(run.out());
    assertThat(matcher.find()).as(run.out()).isTrue();
    return matcher.group().replaceFirst(" in .* s,", "");
  }

  @Test
  void goesOnWithTheSameBits() throws IOException, InterruptedException {
    List<String> ended = end(5, false);
    assertThat(ended.getLast()).contains("Stopped; --resume goes on from", "checkpoint");
    assertThat(Files.exists(checkpoint())).isTrue();
    List<String> killed = end(5, true);
    int last =
        Integer.parseInt(
            killed.stream()
                .filter(line -> line.startsWith("epoch"))
                .toList()
                .getLast()
                .replaceFirst("epoch (\\d+)/.*", "$1"));
    assertThat(last).isGreaterThan(9).isLessThan(MANY);
    int all = last + 3;
    CommandLineRun resumed = CommandLineRun.of((Object[]) arguments(all, true)).succeeds();
    assertThat(resumed.out()).doesNotContain("epoch 1/");
    assertThat(fingerprint(resumed))
        .isEqualTo(fingerprint(CommandLineRun.of((Object[]) arguments(all, false)).succeeds()));
  }
}
