package io.github.elegans.cli.files;

import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * A table of numbers from a text file in UTF-8, at most 2 GB long.
 *
 * <ul>
 *   <li>Cells are separated by semicolons, else by commas, else by tabs, else by white space:
 *       whichever the first line has. A cell may stand between double quotes, a quote in it is
 *       doubled.
 *   <li>The first line is a header if it has text, and none of its cells is a number.
 *   <li>Numbers are decimal with a point, with or without exponent, and within the range of double;
 *       {@code nan} and {@code inf} are numbers, too. An empty cell is a missing number and read as
 *       NaN. All lines have the same number of cells.
 *   <li>Text from {@code #} on and empty lines are skipped. Lines end with LF, CRLF or CR; a byte
 *       order mark is skipped.
 * </ul>
 *
 * <p>Objects are immutable and may be shared by threads.
 */
public final class Csv {
  private static final int LONGEST_FILE = Integer.MAX_VALUE - 8;

  private final String source;
  private final List<String> names;
  private final int columns;
  private final double[] values;

  private Csv(String source, List<String> names, int columns, double[] values) {
    this.source = source;
    this.names = List.copyOf(names);
    this.columns = columns;
    this.values = values;
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is a directory, longer than 2 GB or not such a table
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it cannot be read
   */
  public static Csv read(Path path) throws IOException {
    String source = path.toString();
    if (Files.isDirectory(path)) {
      throw new FileFormatException(source, "path", "a file", "a directory");
    }
    long size = Files.size(path);
    if (size > LONGEST_FILE) {
      throw new FileFormatException(
          source, "file", "at most " + LONGEST_FILE + " bytes", size + " bytes");
    }
    return read(source, Files.readAllBytes(path));
  }

  /**
   * Reads the content of a file from memory.
   *
   * @param source what messages call it
   * @throws FileFormatException if it is not such a table
   */
  public static Csv read(String source, byte[] content) {
    return new Reader(source, content).read();
  }

  /** What the file was called when it was read. */
  public String source() {
    return source;
  }

  /** The names of the columns; empty without a header. */
  public List<String> names() {
    return names;
  }

  /** The number of rows, at least one. */
  public int rows() {
    return values.length / columns;
  }

  /** The number of columns, at least one. */
  public int columns() {
    return columns;
  }

  /** The numbers row by row. */
  public double[] toDoubles() {
    return values.clone();
  }

  /** The numbers row by row, rounded from double to float. */
  public float[] toFloats() {
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Override
  public String toString() {
    return "%s [%d, %d]%s".formatted(source, rows(), columns, names.isEmpty() ? "" : " " + names);
  }

  private static final class Reader {
    private final String source;
    private final byte[] content;
    private int at;

    /** The number of the line that was read last. */
    private int line;

    private char separator;
    private int firstLine;
    private int columns;
    private List<String> names = List.of();

    Reader(String source, byte[] content) {
      this.source = source;
      this.content = content;
    }

    Csv read() {
      boolean mark =
          content.length >= 3
              && content[0] == (byte) 0xef
              && content[1] == (byte) 0xbb
              && content[2] == (byte) 0xbf;
      at = mark ? 3 : 0;
      DoubleStream.Builder values = DoubleStream.builder();
      boolean empty = true;
      while (at < content.length) {
        String text = withoutComment(nextLine());
        // Tabs alone are empty cells where tabs separate.
        if (text.isBlank() && (separator != '\t' || text.indexOf('\t') < 0)) {
          continue;
        }
        if (columns == 0) {
          separator = separator(text);
        }
        List<String> cells = cells(text);
        if (columns == 0) {
          columns = cells.size();
          firstLine = line;
          if (cells.stream().noneMatch(Reader::isNumber)
              && !cells.stream().allMatch(String::isEmpty)) {
            names = cells;
            continue;
          }
        }
        if (cells.size() != columns) {
          throw error(
              "line " + line, columns + " cells as in line " + firstLine, "" + cells.size());
        }
        for (int i = 0; i < columns; i++) {
          values.add(number(cells.get(i), i));
        }
        empty = false;
      }
      if (empty) {
        throw error("table", "at least one row of numbers", "none in " + line + " lines");
      }
      return new Csv(source, names, columns, values.build().toArray());
    }

    private String nextLine() {
      line++;
      int start = at;
      while (at < content.length && content[at] != '\n' && content[at] != '\r') {
        at++;
      }
      ByteBuffer bytes = ByteBuffer.wrap(content, start, at - start);
      if (at < content.length
          && content[at++] == '\r'
          && at < content.length
          && content[at] == '\n') {
        at++;
      }
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw error(
            "line " + line, "text in UTF-8", "byte 0x%02x".formatted(content[bytes.position()]));
      }
    }

    private static String withoutComment(String text) {
      int end = indexOutsideQuotes(text, '#');
      return end < 0 ? text : text.substring(0, end);
    }

    private static int indexOutsideQuotes(String text, char wanted) {
      boolean quoted = false;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '"') {
          quoted = !quoted;
        } else if (c == wanted && !quoted) {
          return i;
        }
      }
      return -1;
    }

    private static char separator(String text) {
      for (char candidate : new char[] {';', ',', '\t'}) {
        if (indexOutsideQuotes(text.strip(), candidate) >= 0) {
          return candidate;
        }
      }
      return ' ';
    }

    private List<String> cells(String text) {
      var cells = new ArrayList<String>();
      int start = skipBlanks(text, 0);
      while (true) {
        int end = start;
        if (start < text.length() && text.charAt(start) == '"') {
          var cell = new StringBuilder();
          do {
            int quote = text.indexOf('"', end + 1);
            if (quote < 0) {
              throw error(where(cells.size()), "a quote at the end", text.substring(start));
            }
            // A quote follows its like within a cell only if it is doubled.
            cell.append(text, end == start ? end + 1 : end, quote);
            end = quote + 1;
          } while (end < text.length() && text.charAt(end) == '"');
          cells.add(cell.toString());
        } else {
          while (end < text.length() && !isSeparator(text.charAt(end))) {
            end++;
          }
          cells.add(text.substring(start, end).strip());
        }
        end = skipBlanks(text, end);
        if (end == text.length()) {
          return cells;
        }
        if (separator != ' ') {
          if (text.charAt(end) != separator) {
            throw error(
                where(cells.size() - 1), "a separator behind the quote", text.substring(end));
          }
          end = skipBlanks(text, end + 1);
        }
        start = end;
      }
    }

    private boolean isSeparator(char c) {
      return c == separator || (separator == ' ' && c == '\t');
    }

    private int skipBlanks(String text, int from) {
      int to = from;
      while (to < text.length()
          && (text.charAt(to) == ' ' || (text.charAt(to) == '\t' && separator != '\t'))) {
        to++;
      }
      return to;
    }

    private static boolean isNumber(String cell) {
      return isWord(cell) || !Double.isNaN(decimal(cell));
    }

    private double number(String cell, int column) {
      if (cell.isEmpty()) {
        return Double.NaN;
      }
      if (isWord(cell)) {
        double value =
            cell.toLowerCase(Locale.ROOT).endsWith("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
        return cell.startsWith("-") ? -value : value;
      }
      double value = decimal(cell);
      if (Double.isNaN(value)) {
        throw error(where(column), "a number", "\"" + cell + "\"");
      }
      if (Double.isInfinite(value)) {
        throw error(where(column), "a number within the range of double", cell);
      }
      return value;
    }

    private static boolean isWord(String cell) {
      int sign = cell.startsWith("+") || cell.startsWith("-") ? 1 : 0;
      return switch (cell.substring(sign).toLowerCase(Locale.ROOT)) {
        case "nan", "inf", "infinity" -> true;
        default -> false;
      };
    }

    /** The value of a decimal number, NaN if it is none. */
    private static double decimal(String cell) {
      // Java would also take hexadecimal numbers, suffixes of types, and control characters around.
      for (int i = 0; i < cell.length(); i++) {
        if ("0123456789+-.eE".indexOf(cell.charAt(i)) < 0) {
          return Double.NaN;
        }
      }
      try {
        return Double.parseDouble(cell);
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
    }

    private String where(int column) {
      String name = column < names.size() ? " (" + names.get(column) + ")" : "";
      return "line " + line + ", column " + (column + 1) + name;
    }

    private FileFormatException error(String thing, String expected, String found) {
      return new FileFormatException(source, thing, expected, found);
    }
  }
}
