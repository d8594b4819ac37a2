package io.github.elegans.cli.co2;

import io.github.elegans.cli.files.Csv;
import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

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
      return of(Csv.read(BUNDLED, Objects.requireNonNull(stream, BUNDLED).readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a CSV file of two columns: dates, as 19580329, ascending, and readings, empty where one
   * is missing.
   *
   * @throws FileFormatException if it is not such a file
   * @throws IOException if it cannot be read
   */
  public static Readings read(Path file) throws IOException {
    return of(Csv.read(file));
  }

  private static Readings of(Csv table) {
    String source = table.source();
    if (table.columns() != 2) {
      throw new FileFormatException(
          source, "columns", "dates and readings", table.columns() + " columns");
    }
    double[] cells = table.toDoubles();
    var dates = new ArrayList<LocalDate>();
    var values = DoubleStream.builder();
    var missing = new ArrayList<LocalDate>();
    LocalDate previous = LocalDate.MIN;
    for (int row = 0; row < table.rows(); row++) {
      String where = "row " + (row + 1);
      LocalDate date = date(source, where, cells[2 * row]);
      double value = cells[2 * row + 1];
      if (!date.isAfter(previous)) {
        throw new FileFormatException(source, where, "a date after " + previous, "" + date);
      }
      if (Double.isInfinite(value)) {
        throw new FileFormatException(source, where, "a finite reading or none", "" + value);
      }
      previous = date;
      if (Double.isNaN(value)) {
        missing.add(date);
      } else {
        dates.add(date);
        values.add(value);
      }
    }
    if (dates.size() < 3) {
      throw new FileFormatException(source, "file", "at least 3 readings", "" + dates.size());
    }
    return new Readings(source, List.copyOf(dates), values.build().toArray(), List.copyOf(missing));
  }

  private static LocalDate date(String source, String where, double digits) {
    try {
      if (digits == (int) digits) {
        int number = (int) digits;
        return LocalDate.of(number / 10_000, number / 100 % 100, number % 100);
      }
    } catch (DateTimeException e) {
      // As a number that is not whole.
    }
    throw new FileFormatException(source, where, "a date as 19580329", "" + digits);
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
