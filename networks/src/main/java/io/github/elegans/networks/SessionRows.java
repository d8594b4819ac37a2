package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import java.lang.foreign.MemorySegment;

/** State and memory of a session's rows. */
final class SessionRows extends StoredRows<Session> {
  final Operation<Session> readState;
  final Operation<Session> readMemory;
  final Operation<Session> writeState;
  final Operation<Session> writeMemory;

  private final Session session;
  private final int batch;
  private final int stateSize;
  private final int memorySize;

  SessionRows(Session session) {
    super(
        session.batch(),
        (long) session.network().stateSize() + session.network().memorySize(),
        "[n, S + M]");
    this.session = session;
    batch = session.batch();
    stateSize = session.network().stateSize();
    memorySize = session.network().memorySize();
    readState = new ReadPart(0, stateSize);
    readMemory = new ReadPart(stateSize, memorySize);
    writeState = new WritePart("hx", "[B, S]", 0, stateSize);
    writeMemory = new WritePart("c", "[B, M]", stateSize, memorySize);
  }

  @Override
  void store(int row, MemorySegment to, long at) {
    session.states.store(row, to, at);
  }

  @Override
  void load(int row, MemorySegment from, long at) {
    session.states.load(row, from, at);
  }

  @Override
  void clear(int row) {
    oneRow.fill((byte) 0);
    session.states.load(row, oneRow, 0);
  }

  @Override
  void clearAll() {
    for (int row = 0; row < batch; row++) {
      clear(row);
    }
  }

  @Override
  StoredRows<Session> of(Session other) {
    return other.stored;
  }

  @Override
  Call<Session, ?> into(Session other) {
    return other.calls(CallerMemory.ARRAYS);
  }

  @Override
  void checkFits(Session other) {
    Require.length("the other session's state [S]", stateSize, other.stored.stateSize);
    Require.length("the other session's memory [M]", memorySize, other.stored.memorySize);
  }

  /** Copies out some floats of every row. */
  private final class ReadPart extends Operation<Session> {
    private final int first;
    private final int n;

    ReadPart(int first, int n) {
      this.first = first;
      this.n = n;
    }

    @Override
    <M> void prepare(Call<Session, M> call) {
      for (int row = 0; row < batch; row++) {
        session.states.store(row, oneRow, 0);
        call.memory.write(oneRow, first, call.out, (long) row * n, n);
      }
    }
  }

  /** Sets some floats of every row. */
  private final class WritePart extends Operation<Session> {
    private final String name;
    private final String shape;
    private final int first;
    private final int n;

    WritePart(String name, String shape, int first, int n) {
      this.name = name;
      this.shape = shape;
      this.first = first;
      this.n = n;
    }

    @Override
    <M> void prepare(Call<Session, M> call) {
      call.memory.requireReadable(name, shape, (long) batch * n, call.in);
    }

    @Override
    <M> void change(Call<Session, M> call) {
      for (int row = 0; row < batch; row++) {
        session.states.store(row, oneRow, 0);
        call.memory.read(call.in, (long) row * n, oneRow, first, n);
        session.states.load(row, oneRow, 0);
      }
    }
  }
}
