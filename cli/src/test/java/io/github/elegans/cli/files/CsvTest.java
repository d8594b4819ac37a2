package io.github.elegans.cli.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In the tables, {@code /} ends a line and {@code T} is a tab. */
class CsvTest {
  @TempDir private Path directory;

  private static Csv read(String table) {
    return Csv.read(
        "t.csv", table.replace("/", "\n").replace('T', '\t').getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,2,3/4,5,6",
        "1,2,3/4,5,6/",
        "1;2;3/4;5;6/",
        "1T2T3/4T5T6/",
        "1 2 3/4 5 6/",
        "  1   2  3  /4 T 5 T6 /",
        " 1 , 2 ,T3T/4, 5,6 /",
        "1 T 2 T 3/4T5T6",
        "1,2,3\r/4,5,6\r/",
        "1,2,3\r4,5,6\r",
        "//1,2,3// /4,5,6//",
        "# text, with a comma/1,2,3/ # 7;8/4,5,6 # text",
        "\uFEFF1,2,3/4,5,6",
        "\"1\",\"2\", \"3\" /4,5,6",
        "1e0,+2,3./40e-1,.5e+1,0006.000",
      })
  void readsRowsAndColumns(String table) {
    Csv csv = read(table);
    assertThat(csv.rows()).isEqualTo(2);
    assertThat(csv.columns()).isEqualTo(3);
    assertThat(csv.names()).isEmpty();
    assertThat(csv.toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(csv.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(csv).hasToString("t.csv [2, 3]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          date,co2/19580329,316.1        => date|co2
          `# made by hand//date,co2/1,2` => date|co2
          \uFEFFdate;co2/1;2             => date|co2
          dateTco2 ppm/1T2               => date|co2 ppm
          date co2/1 2                   => date|co2
          "date","co2"/"1","2"           => date|co2
          "date, local","co2 ""ppm""\"/1,2 => date, local|co2 "ppm"
          "a;b","c#d"/1,2                => a;b|c#d
          "a b" "c"/1 2                  => a b|c
          ,x/1,2                         => |x
          été,中/1,2                      => été|中
          """)
  void aFirstLineWithoutNumbersIsAHeader(String table, String names) {
    Csv csv = read(table);
    assertThat(csv.rows()).isEqualTo(1);
    assertThat(csv.columns()).isEqualTo(2);
    assertThat(csv.names()).containsExactly(names.split("\\|", -1));
  }

  @Test
  void readsNumbersThatAreNotFinite() {
    Csv csv = read("nan,NaN,-nan,inf,+Inf,-INF,Infinity,-infinity");
    double positive = Double.POSITIVE_INFINITY;
    assertThat(csv.toDoubles())
        .containsExactly(
            Double.NaN, Double.NaN, Double.NaN, positive, positive, -positive, positive, -positive);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,2,3/4,,6/,,",
        "1;2;3/4; ;6/ ; ;",
        "1T2T3/4TT6/TT ",
        "1,2,3/4,\"\",6/,\"\",",
        "a,,c/1,2,3/4,,6/,,",
      })
  void anEmptyCellIsAMissingNumber(String table) {
    double none = Double.NaN;
    assertThat(read(table).toDoubles()).containsExactly(1, 2, 3, 4, none, 6, none, none, none);
    assertThat(read(",/1,2").toDoubles()).containsExactly(none, none, 1, 2);
    assertThat(read("1,/,2").toDoubles()).containsExactly(1, none, none, 2);
    assertThat(read("1,/,2").names()).isEmpty();
  }

  @Test
  void readsNumbersExactly() {
    double[] values = {0.1, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, 1e22, 123456789.12345679};
    String table =
        Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(","));
    assertThat(read(table).toDoubles()).isEqualTo(values);
    assertThat(read("0.1,3.4028236e38,1e-46,1e300").toFloats())
        .containsExactly(0.1f, Float.POSITIVE_INFINITY, 0, Float.POSITIVE_INFINITY);
    assertThat(read("1e-400").toDoubles()).containsExactly(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      textBlock =
          """
          ``                 => table: expected at least one row of numbers, found none in 0 lines
          `/# nothing//`     => table: expected at least one row of numbers, found none in 3 lines
          a,b                => table: expected at least one row of numbers, found none in 1 lines
          1,2/3              => line 2: expected 2 cells as in line 1, found 1
          a,b/1,2/3,4,5      => line 3: expected 2 cells as in line 1, found 3
          `# x//a,b/1,2,3`   => line 4: expected 2 cells as in line 3, found 3
          1,2/3,4,           => line 2: expected 2 cells as in line 1, found 3
          1 2/3 4 5          => line 2: expected 2 cells as in line 1, found 3
          1T2/3 4            => line 2: expected 2 cells as in line 1, found 1
          1,x/3,4            => line 1, column 2: expected a number, found "x"
          a,b/1,x            => line 2, column 2 (b): expected a number, found "x"
          date,co2/1958-03-29,316.1 => line 2, column 1 (date): expected a number, found "1958-03-29"
          a,b/c,d            => line 2, column 1 (a): expected a number, found "c"
          1,x,/3,4,5         => line 1, column 2: expected a number, found "x"
          1;2/1,5;2          => line 2, column 1: expected a number, found "1,5"
          1,2/3,0x1p3        => line 2, column 2: expected a number, found "0x1p3"
          1,2/3,4f           => line 2, column 2: expected a number, found "4f"
          1,2/3,4d           => line 2, column 2: expected a number, found "4d"
          1,2/3,1_000        => line 2, column 2: expected a number, found "1_000"
          1,2/3,4 5          => line 2, column 2: expected a number, found "4 5"
          1,2/3,--4          => line 2, column 2: expected a number, found "--4"
          1,2/3,e5           => line 2, column 2: expected a number, found "e5"
          1,2/3,.            => line 2, column 2: expected a number, found "."
          1,2/3,NA           => line 2, column 2: expected a number, found "NA"
          1,2/3,nano         => line 2, column 2: expected a number, found "nano"
          1,2/3,٤            => line 2, column 2: expected a number, found "٤"
          1,2/3,1e309        => line 2, column 2: expected a number within the range of double, found 1e309
          1,2/3,-1e309       => line 2, column 2: expected a number within the range of double, found -1e309
          "a,b/1,2           => line 1, column 1: expected a quote at the end, found "a,b
          a,"b/1,2           => line 1, column 2: expected a quote at the end, found "b
          "a"x,b/1,2         => line 1, column 1: expected a separator behind the quote, found x,b
          """)
  void malformedTablesAreRefused(String table, String message) {
    assertThatThrownBy(() -> read(table))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage("t.csv: " + message);
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    byte[] latin1 = "a,b\n1,2\n3,4 # \u00e9t\u00e9".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Csv.read("t.csv", latin1))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage("t.csv: line 3: expected text in UTF-8, found byte 0xe9");
    byte[] utf16 = "1,2".getBytes(StandardCharsets.UTF_16);
    assertThatThrownBy(() -> Csv.read("t.csv", utf16))
        .hasMessage("t.csv: line 1: expected text in UTF-8, found byte 0xfe");
  }

  @Test
  void readsAFile() throws IOException {
    Path file = directory.resolve("co2.csv");
    Files.writeString(file, "date,co2\r\n19580329,316.1\r\n19580510,\r\n");
    Csv csv = Csv.read(file);
    assertThat(csv.source()).isEqualTo(file.toString());
    assertThat(csv.names()).containsExactly("date", "co2");
    assertThat(csv.rows()).isEqualTo(2);
    assertThat(csv.toDoubles()).containsExactly(19580329, 316.1, 19580510, Double.NaN);
    csv.toDoubles()[0] = 0;
    assertThat(csv.toDoubles()[0]).isEqualTo(19580329);
    assertThat(csv).hasToString(file + " [2, 2] [date, co2]");
  }

  @Test
  void missingFilesAndDirectoriesAreNamed() {
    Path missing = directory.resolve("missing.csv");
    assertThatThrownBy(() -> Csv.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.csv");
    assertThatThrownBy(() -> Csv.read(directory))
        .isExactlyInstanceOf(FileFormatException.class)
        .hasMessage(directory + ": path: expected a file, found a directory");
  }

  @Test
  void damagedTablesAreReadOrRefused() {
    long seed = Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());
    System.out.println("CsvTest: -Delegans.test.seed=" + seed);
    var random = new SplittableRandom(seed);
    String characters = "0123456789+-.eE,,;\t \n\n\r\"#nanif\u00e9\uFEFF\0";
    for (int i = 0; i < 50_000; i++) {
      String table =
          random
              .ints(random.nextInt(40), 0, characters.length())
              .mapToObj(index -> characters.substring(index, index + 1))
              .collect(Collectors.joining());
      byte[] content =
          (random.nextBoolean() ? "a,b\n1,2\n" : "").concat(table).getBytes(StandardCharsets.UTF_8);
      if (random.nextInt(8) == 0 && content.length > 0) {
        content[random.nextInt(content.length)] = (byte) random.nextInt(256);
      }
      try {
        Csv csv = Csv.read("fuzz", content);
        assertThat(csv.toFloats()).hasSize(csv.rows() * csv.columns());
      } catch (FileFormatException e) {
        assertThat(e.getMessage()).matches("fuzz: [^\\p{Cntrl}]+");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("case " + i + " of seed " + seed, e);
      }
    }
  }
}
