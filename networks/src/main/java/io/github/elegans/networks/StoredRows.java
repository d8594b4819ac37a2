package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a session holds of its rows, and what can be done with it: rows are read, written, copied
 * and set to zero.
 *
 * @param <S> the kind of session
 */
abstract class StoredRows<S> {
  final Operation<S> read = new Read();
  final Operation<S> write = new Write();
  final Operation<S> copy = new Copy();
  final Operation<S> clear = new Clear();
  final Operation<S> clearListed = new ClearListed();
  final Operation<S> reset = new Reset();

  private final Operation<S> receive = new Receive();
  private final int batch;

  /** Floats of a row. */
  private final long width;

  private final String shape;

  /** The last list that named a row, by its number. */
  private final int[] listedBy;

  private int lists;

  /** One row on its way. */
  final MemorySegment oneRow;

  /** All of them, for copies within the session; made when first needed. */
  private @Nullable MemorySegment allRows;

  /**
   * Of a new session.
   *
   * @param shape of listed rows, for messages
   */
  StoredRows(int batch, long width, String shape) {
    this.batch = batch;
    this.width = width;
    this.shape = shape;
    listedBy = new int[batch];
    oneRow = Floats.allocate(width);
  }

  /** Copies a row to native memory. */
  abstract void store(int row, MemorySegment to, long at);

  /** Sets a row from native memory. */
  abstract void load(int row, MemorySegment from, long at);

  /** Sets a row to zero. */
  abstract void clear(int row);

  /** Sets all rows to zero, though a call may have failed midway. */
  abstract void clearAll();

  /** The rows of a session of the same kind. */
  abstract StoredRows<S> of(S session);

  /** The way into a session of the same kind. */
  abstract Call<S, ?> into(S session);

  /** Throws unless rows of this session can become rows of another. */
  abstract void checkFits(S session);

  /** Throws unless they are numbers of rows. */
  private void checkNumbers(String name, int[] rows) {
    Objects.requireNonNull(rows, name);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= batch) {
        throw new IndexOutOfBoundsException(
            "%s must lie between 0 and %d, but %1$s[%d] is %d"
                .formatted(name, batch - 1, i, rows[i]));
      }
    }
  }

  /** Throws unless they are distinct numbers of rows. */
  void checkListed(String name, int[] rows) {
    checkNumbers(name, rows);
    if (++lists == 0) {
      Arrays.fill(listedBy, 0);
      lists = 1;
    }
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      if (listedBy[row] == lists) {
        throw new IllegalArgumentException(
            "%s must be distinct, but %d is listed again at %1$s[%d]".formatted(name, row, i));
      }
      listedBy[row] = lists;
    }
  }

  private void checkCopy(int[] rows, S to, int[] toRows) {
    checkNumbers("rows", rows);
    of(to).checkListed("toRows", toRows);
    Require.length("toRows [n]", rows.length, toRows.length);
    checkFits(to);
  }

  /** Whether rows are copied to rows of the same session. */
  @SuppressWarnings("ReferenceEquality") // Sessions are no values.
  private boolean isWithin(Call<S, ?> call) {
    return call.other == call.session;
  }

  private final class Read extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      int[] rows = call.rows;
      checkNumbers("rows", rows);
      call.memory.requireWritable("to", shape, rows.length * width, call.out);
      for (int i = 0; i < rows.length; i++) {
        store(rows[i], oneRow, 0);
        call.memory.write(oneRow, 0, call.out, i * width, width);
      }
    }
  }

  private final class Write extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      checkListed("rows", call.rows);
      call.memory.requireReadable("from", shape, call.rows.length * width, call.in);
    }

    @Override
    <M> void change(Call<S, M> call) {
      for (int i = 0; i < call.rows.length; i++) {
        call.memory.read(call.in, i * width, oneRow, 0, width);
        load(call.rows[i], oneRow, 0);
      }
    }
  }

  /** To {@link Call#other}, which may be the session itself. */
  private final class Copy extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      int[] rows = call.rows;
      if (!isWithin(call)) {
        into(call.other).copy(of(call.other).receive, rows, call.session, call.toRows);
        return;
      }
      checkCopy(rows, call.session, call.toRows);
      if (allRows == null) {
        allRows = Floats.allocate(batch * width);
      }
      for (int i = 0; i < rows.length; i++) {
        store(rows[i], allRows, i * width);
      }
    }

    @Override
    <M> void change(Call<S, M> call) {
      if (isWithin(call)) {
        MemorySegment states = Objects.requireNonNull(allRows);
        for (int i = 0; i < call.toRows.length; i++) {
          load(call.toRows[i], states, i * width);
        }
      }
    }
  }

  /** From {@link Call#other}, which this thread has taken. */
  private final class Receive extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      of(call.other).checkCopy(call.rows, call.session, call.toRows);
    }

    @Override
    <M> void change(Call<S, M> call) {
      StoredRows<S> from = of(call.other);
      for (int i = 0; i < call.rows.length; i++) {
        from.store(call.rows[i], oneRow, 0);
        load(call.toRows[i], oneRow, 0);
      }
    }
  }

  private final class Clear extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      Objects.checkIndex(call.number, batch);
    }

    @Override
    <M> void change(Call<S, M> call) {
      clear(call.number);
    }
  }

  private final class ClearListed extends Operation<S> {
    @Override
    <M> void prepare(Call<S, M> call) {
      checkNumbers("rows", call.rows);
    }

    @Override
    <M> void change(Call<S, M> call) {
      for (int row : call.rows) {
        clear(row);
      }
    }
  }

  private final class Reset extends Operation<S> {
    Reset() {
      super(true);
    }

    @Override
    <M> void change(Call<S, M> call) {
      clearAll();
      call.mended();
    }
  }
}
