package io.github.elegans.bench.co2;

import io.github.elegans.files.FileFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A record of dated readings, some of which are missing.
 *
 * @param source what messages call its origin
 * @param dates when the readings were taken, ascending
 * @param values the readings
 * @param missing the dates of the record without a reading
 */
public record Readings(
    String source, List<LocalDate> dates, double[] values, List<LocalDate> missing) {
  private static final String BUNDLED = "mauna-loa-co2-weekly.csv";

  /** Weekly CO2 at Mauna Loa in ppm, 1958 to 2001 (CDIAC/Scripps, public domain). */
  public static Readings bundled() {
    try (InputStream stream = Readings.class.getResourceAsStream(BUNDLED)) {
      byte[] content = Objects.requireNonNull(stream, BUNDLED).readAllBytes();
      return parse(BUNDLED, new String(content, StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a CSV file of a heading and two columns: dates ({@code 19580329} or {@code 1958-03-29}),
   * ascending, and readings, empty where one is missing.
   *
   * @throws FileFormatException if it is not such a file
   * @throws IOException if it cannot be read
   */
  public static Readings read(Path file) throws IOException {
    String source = file.toString();
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FileFormatException(
          source, "path", "a file", Files.isDirectory(file) ? "a directory" : "a special file");
    }
    try {
      return parse(source, Files.readAllLines(file));
    } catch (CharacterCodingException e) {
      throw new FileFormatException(source, "file", "text in UTF-8", "other bytes");
    }
  }

  private static Readings parse(String source, List<String> lines) {
    var dates = new ArrayList<LocalDate>();
    var values = new ArrayList<Double>();
    var missing = new ArrayList<LocalDate>();
    LocalDate previous = LocalDate.MIN;
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty()) {
        continue;
      }
      String where = "line " + (i + 1);
      String[] cells = line.split(",", -1);
      if (cells.length != 2) {
        throw new FileFormatException(
            source, where, "a date and a reading", cells.length + " columns");
      }
      LocalDate date = date(source, where, cells[0].strip());
      if (!date.isAfter(previous)) {
        throw new FileFormatException(source, where, "a date after " + previous, cells[0]);
      }
      previous = date;
      String cell = cells[1].strip();
      if (cell.isEmpty()) {
        missing.add(date);
        continue;
      }
      dates.add(date);
      values.add(value(source, where, cell));
    }
    if (values.size() < 3) {
      throw new FileFormatException(source, "file", "at least 3 readings", "" + values.size());
    }
    return new Readings(
        source,
        List.copyOf(dates),
        values.stream().mapToDouble(Double::doubleValue).toArray(),
        List.copyOf(missing));
  }

  private static LocalDate date(String source, String where, String cell) {
    try {
      return cell.length() == 8
          ? LocalDate.parse(cell, DateTimeFormatter.BASIC_ISO_DATE)
          : LocalDate.parse(cell);
    } catch (DateTimeException e) {
      throw new FileFormatException(source, where, "a date as 19580329 or 1958-03-29", cell);
    }
  }

  private static double value(String source, String where, String cell) {
    try {
      double value = Double.parseDouble(cell);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // As a number that is not finite.
    }
    throw new FileFormatException(source, where, "a finite reading or none", cell);
  }

  /** The number of readings. */
  public int size() {
    return values.length;
  }

  /** Days from the first reading to another. */
  public long days(int reading) {
    return ChronoUnit.DAYS.between(dates.getFirst(), dates.get(reading));
  }
}
