package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs read has the same digits wherever it is written. */
class LocaleTest {
  private static final List<WiringPlan> PLANS =
      List.of(
          WiringPlan.parse("[\"full\", 10, 4, 1111, true]"),
          WiringPlan.parse("[\"random\", 10, 4, 0.5, 1111]"),
          WiringPlan.parse("[\"ncp\", 12, 8, 4, 6, 4, 6, 4, 1111]"),
          WiringPlan.parse("[\"auto\", 28, 4, 0.5, 1111]"));

  @Test
  void digitsAreThoseOfAsciiInEveryLocale(@TempDir Path folder) throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertThat("%d".formatted(1)).as("the locale has other digits").isNotEqualTo("1");
      for (WiringPlan plan : PLANS) {
        assertThat(WiringPlan.parse(plan.toJson())).isEqualTo(plan);
        Wiring wiring = plan.build(5);
        Path file = folder.resolve("wiring.json");
        WiringFile.write(file, wiring);
        assertThat(WiringFile.read(file)).usingRecursiveComparison().isEqualTo(wiring);
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
