package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportFileTest {
  @TempDir private Path directory;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = directory.resolve("report.json");
    ReportFile.write(Samples.report(), file);
    assertThat(ReportFile.read(file)).isEqualTo(Samples.report());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"format\":\"new\"}",
        "{\"format\":%d}",
        "{\"format\":%d,\"surprise\":2}",
      })
  void whatIsNoReportIsRefusedInOneLine(String text) throws IOException {
    Path file = directory.resolve("report.json");
    Files.writeString(file, text.formatted(BenchReport.FORMAT));
    assertThatThrownBy(() -> ReportFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + " is no report")
        .message()
        .hasLineCount(1);
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    Path file = directory.resolve("report.json");
    ReportFile.write(Samples.report(), file);
    String other = "\"format\" : 7, \"surprise\" : 1";
    Files.writeString(
        file, Files.readString(file).replace("\"format\" : " + BenchReport.FORMAT, other));
    assertThatThrownBy(() -> ReportFile.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "%s must have format %d, but has 7".formatted(file, BenchReport.FORMAT));
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> ReportFile.read(directory.resolve("none.json")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
