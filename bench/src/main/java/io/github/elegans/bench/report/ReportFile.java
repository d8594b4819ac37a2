package io.github.elegans.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reports and parts of them as JSON. */
public final class ReportFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ReportFile() {}

  /** Writes a report, as a whole or not at all. */
  public static void write(BenchReport report, Path file) throws IOException {
    String json =
        MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    AtomicFile.write(file, UTF_8.encode(json + "\n"));
  }

  /**
   * Reads a report.
   *
   * @throws IllegalArgumentException if the file holds none, in one line
   * @throws IOException if it cannot be read
   */
  public static BenchReport read(Path file) throws IOException {
    String json = Files.readString(file);
    try {
      JsonNode format = MAPPER.readTree(json).path("format");
      if (format.isInt() && format.asInt() != BenchReport.FORMAT) {
        throw new IllegalArgumentException(
            "%s must have format %d, but has %d: another version of the library made it"
                .formatted(file, BenchReport.FORMAT, format.asInt()));
      }
      return MAPPER.readValue(json, BenchReport.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is no report of './elegans bench --report': %s%s"
              .formatted(
                  file,
                  e.getOriginalMessage().lines().findFirst().orElse(""),
                  e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr()),
          e);
    }
  }

  /** A part of a report in one line, for another process. */
  public static String line(Object part) {
    try {
      return MAPPER.writeValueAsString(part);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Reads what {@link #line} wrote. */
  public static <T> T parse(String line, Class<T> type) {
    try {
      return MAPPER.readValue(line, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
