package io.github.elegans.spark;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** The results of a partition's rows, which are worked on so many at a time. */
abstract class Batches implements Iterator<Row> {
  private final Iterator<Row> rows;
  private @Nullable Row ahead;
  private long taken;
  private List<Row> results = List.of();
  private int next;

  Batches(Iterator<Row> rows) {
    this.rows = rows;
  }

  /** Takes rows, at least one, and gives a result for each. */
  abstract List<Row> run();

  /** The row that would be taken, or null if there is none. */
  final @Nullable Row ahead() {
    if (ahead == null && rows.hasNext()) {
      ahead = rows.next();
    }
    return ahead;
  }

  /** Takes the row ahead. */
  final void take() {
    ahead = null;
    taken++;
  }

  /** How many rows were taken. */
  final long taken() {
    return taken;
  }

  /** A row with values behind its own. */
  static Row append(Row row, List<?> values) {
    Object[] all = new Object[row.size() + values.size()];
    for (int i = 0; i < row.size(); i++) {
      all[i] = row.get(i);
    }
    for (int i = 0; i < values.size(); i++) {
      all[row.size() + i] = values.get(i);
    }
    return RowFactory.create(all);
  }

  @Override
  public final boolean hasNext() {
    return next < results.size() || ahead() != null;
  }

  @Override
  public final Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (next == results.size()) {
      results = run();
      next = 0;
    }
    return results.get(next++);
  }
}
