package io.github.elegans.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.models.BundledModels;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md says. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  /** As a user would: a file, the compiler, the flags that README.md names. */
  @Test
  void theProgramForecasts(@TempDir Path folder) throws IOException {
    MatchResult program =
        Pattern.compile("```java\n(.*?public class (\\w+) .*?)```", Pattern.DOTALL)
            .matcher(Files.readString(README).replaceFirst("(?s)^.*?```xml", ""))
            .results()
            .findFirst()
            .orElseThrow();
    String name = program.group(2);
    Path source = Files.writeString(folder.resolve(name + ".java"), program.group(1));
    StringWriter messages = new StringWriter();
    PrintWriter writer = new PrintWriter(messages);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                writer,
                writer,
                "-cp",
                ChildJvm.classPath(),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as(messages.toString()).isZero();

    ChildJvm.Result result =
        ChildJvm.run(
            List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-DOPT_OUT_TRACKING=true",
                "-Duser.language=en",
                "-cp",
                folder + File.pathSeparator + ChildJvm.classPath(),
                name));
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains(forecasts());
  }

  /** The same by a session. */
  private static String forecasts() {
    double[] ppm = {368.7, 368.8, 369.7, 370.3, 370.3, 370.8, 371.2, 371.3};
    double deviation = Double.parseDouble(BundledModels.co2().metadata().get("change_std"));
    StringBuilder lines = new StringBuilder();
    try (Session session = Cfc.of(BundledModels.co2()).session(1)) {
      float[] out = new float[1];
      for (int week = 1; week < ppm.length; week++) {
        LocalDate date = LocalDate.of(2001, 11, 3).plusWeeks(week);
        double season =
            2 * Math.PI * ChronoUnit.DAYS.between(LocalDate.of(1958, 3, 29), date) / 365.2425;
        float[] x = {
          (float) ((ppm[week] - ppm[week - 1]) / deviation),
          (float) StrictMath.sin(season),
          (float) StrictMath.cos(season)
        };
        session.step(x, out);
        lines.append(
            String.format(
                Locale.ENGLISH,
                "%s %.1f ppm, in a week %.1f%n",
                date,
                ppm[week],
                ppm[week] + out[0] * deviation));
      }
    }
    return lines.toString();
  }

  @Test
  void linesAreShortAndLinksLeadSomewhere() throws IOException {
    assertThat(Files.readAllLines(README)).allMatch(line -> line.length() <= 120);
    Pattern.compile("]\\(([^)#:]+)\\)")
        .matcher(Files.readString(README))
        .results()
        .forEach(link -> assertThat(Path.of(link.group(1))).exists());
  }
}
