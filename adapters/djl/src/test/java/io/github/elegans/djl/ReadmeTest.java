package io.github.elegans.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ReadmeProgram;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.models.BundledModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md says. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @Test
  void theProgramForecasts(@TempDir Path folder) throws IOException {
    ReadmeProgram program = ReadmeProgram.in(README).getFirst();
    program.compile(folder);
    List<String> flags = new ArrayList<>(ReadmeProgram.FLAGS);
    flags.addAll(List.of("-DOPT_OUT_TRACKING=true", "-Duser.language=en"));
    assertThat(program.run(folder, flags)).contains(forecasts());
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
