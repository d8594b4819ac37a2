package io.github.elegans.bench.report;

import java.util.ArrayList;
import java.util.List;

/** A table of text whose columns are aligned. */
public final class TextTable {
  private static final String GAP = "  ";

  private final int left;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param left how many columns, from the first, are aligned at their left; the others at their
   *     right
   */
  public TextTable(int left, String... header) {
    this.left = left;
    rows.add(List.of(header));
  }

  /** Adds a row. */
  public void add(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "a row must have %d cells, but has %d".formatted(rows.get(0).size(), cells.size()));
    }
    rows.add(List.copyOf(cells));
  }

  /** The lines, without line ends. */
  public List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        String padding = " ".repeat(widths[i] - cell.length());
        line.append(i == 0 ? "" : GAP).append(i < left ? cell + padding : padding + cell);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
