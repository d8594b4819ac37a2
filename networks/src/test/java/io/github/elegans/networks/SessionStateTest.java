package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State and memory of listed rows. */
class SessionStateTest {
  private static final int B = 7;
  private static final int I = 3;

  /** Networks with and without memory. */
  static Stream<Network> networks() {
    return Stream.of(
        Data.cfc(I, 20, 6),
        new PairNetwork(I),
        Stack.of(new PairNetwork(I), Data.cfc(I, 5, 2), new PairNetwork(2)));
  }

  private static Session begun(Network network) {
    Session session = network.session(B);
    session.state(Data.random(1, B * network.stateSize()));
    session.memory(Data.random(2, B * network.memorySize()));
    return session;
  }

  /** All that a row holds, from what is read of all rows. */
  private static float[] row(Session session, int row) {
    Network network = session.network();
    float[] h = Data.items(session.state(), network.stateSize(), row);
    float[] c = Data.items(session.memory(), network.memorySize(), row);
    float[] both = Arrays.copyOf(h, h.length + c.length);
    System.arraycopy(c, 0, both, h.length, c.length);
    return both;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void rowsAreReadInTheOrderOfTheList(Network network) {
    int width = network.stateSize() + network.memorySize();
    int[] rows = {5, 0, 5};
    float[] found = new float[3 * width];
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * found.length);
    try (Session session = begun(network)) {
      session.readRows(rows, found);
      session.readRows(rows, Floats.of(bytes.asFloatBuffer()));
      for (int i = 0; i < rows.length; i++) {
        assertThat(Data.items(found, width, i)).isEqualTo(row(session, rows[i]));
      }
    }
    float[] buffered = new float[found.length];
    bytes.asFloatBuffer().get(buffered);
    assertThat(buffered).isEqualTo(found);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void writtenRowsGoOnElsewhereWithTheSameBits(Network network) {
    int width = network.stateSize() + network.memorySize();
    float[] kept = new float[2 * width];
    float[] x = Data.random(3, 2 * I);
    float[] expected = new float[2 * network.outputSize()];
    float[] found = new float[2 * network.outputSize()];
    try (Session one = begun(network);
        Session other = network.session(B).parallelism(2)) {
      one.readRows(new int[] {6, 2}, kept);
      other.writeRows(new int[] {0, 4}, Floats.of(kept));
      assertThat(row(other, 1)).containsOnly(0);
      one.step(new int[] {6, 2}, x, 0.5f, expected);
      other.step(new int[] {0, 4}, x, 0.5f, found);
      assertThat(found).isEqualTo(expected);
      assertThat(row(other, 4)).isEqualTo(row(one, 2));
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void rowsAreCopiedAsTheyWereBefore(Network network) {
    try (Session session = begun(network);
        Session other = network.session(2)) {
      float[][] before = new float[B][];
      Arrays.setAll(before, row -> row(session, row));
      // Moved on by one, and forked.
      session.copyRows(new int[] {0, 1, 2, 2}, session, new int[] {1, 2, 3, 0});
      assertThat(row(session, 1)).isEqualTo(before[0]);
      assertThat(row(session, 2)).isEqualTo(before[1]);
      assertThat(row(session, 3)).isEqualTo(before[2]);
      assertThat(row(session, 0)).isEqualTo(before[2]);
      assertThat(row(session, 4)).isEqualTo(before[4]);
      session.copyRows(new int[] {6, 6}, other, new int[] {0, 1});
      assertThat(row(other, 0)).isEqualTo(before[6]);
      assertThat(row(other, 1)).isEqualTo(before[6]);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void listedRowsAreReset(Network network) {
    try (Session session = begun(network)) {
      float[][] before = new float[B][];
      Arrays.setAll(before, row -> row(session, row));
      session.reset(new int[] {4, 0});
      for (int row = 0; row < B; row++) {
        if (row == 0 || row == 4) {
          assertThat(row(session, row)).containsOnly(0);
        } else {
          assertThat(row(session, row)).isEqualTo(before[row]);
        }
      }
    }
  }

  private static Arguments refused(
      Class<? extends Exception> type, String message, Consumer<Session> call) {
    return Arguments.of(type, message, call);
  }

  static Stream<Arguments> refusals() {
    Class<IllegalArgumentException> illegal = IllegalArgumentException.class;
    Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
    Class<NullPointerException> missing = NullPointerException.class;
    int[] none = null;
    int[] zero = {0};
    float[] no = null;
    float[] row = new float[2 * I];
    return Stream.of(
        refused(
            outside,
            "rows must lie between 0 and 6, but rows[1] is 7",
            s -> s.readRows(new int[] {0, 7}, new float[4 * I])),
        refused(
            illegal,
            "to [n, S + M] must have 6 elements, but has 3",
            s -> s.readRows(zero, new float[I])),
        refused(
            illegal,
            "from [n, S + M] must have 6 elements, but has 3",
            s -> s.writeRows(zero, new float[I])),
        refused(
            illegal,
            "rows must be distinct, but 0 is listed again at rows[1]",
            s -> s.writeRows(new int[] {0, 0}, new float[4 * I])),
        refused(
            illegal,
            "toRows must be distinct, but 3 is listed again at toRows[1]",
            s -> s.copyRows(new int[] {0, 1}, s, new int[] {3, 3})),
        refused(
            outside,
            "toRows must lie between 0 and 1, but toRows[0] is 2",
            s -> s.copyRows(zero, s.network().session(2), new int[] {2})),
        refused(
            illegal,
            "toRows [n] must have 1 elements, but has 0",
            s -> s.copyRows(zero, s, new int[0])),
        refused(
            illegal,
            "the other session's memory [M] must have 3 elements, but has 0",
            s -> s.copyRows(zero, Data.cfc(I, I, 0).session(1), zero)),
        refused(outside, "rows[1] is -1", s -> s.reset(new int[] {1, -1})),
        refused(missing, "rows", s -> s.reset(none)),
        refused(missing, "rows", s -> s.readRows(none, row)),
        refused(missing, "to", s -> s.readRows(zero, no)),
        refused(missing, "to", s -> s.readRows(zero, (Floats) null)),
        refused(missing, "from", s -> s.writeRows(zero, no)),
        refused(missing, "to", s -> s.copyRows(zero, null, zero)),
        refused(missing, "toRows", s -> s.copyRows(zero, s, none)),
        refused(missing, "hx", s -> s.state(no)),
        refused(missing, "c", s -> s.memory(no)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesAndChangesNothing(
      Class<? extends Exception> type, String message, Consumer<Session> call) {
    try (Session session = begun(new PairNetwork(I))) {
      float[] state = session.state();
      float[] memory = session.memory();
      assertThatThrownBy(() -> call.accept(session))
          .isInstanceOf(type)
          .hasMessageContaining(message);
      assertThat(session.state()).isEqualTo(state);
      assertThat(session.memory()).isEqualTo(memory);
    }
  }

  private static final int T = 4;

  static Stream<Arguments> missingArguments() {
    float[] x = new float[B * I];
    float[] xs = new float[B * T * I];
    float[] out = new float[B * I];
    float[] outs = new float[B * T * I];
    float[] no = null;
    Floats nothing = null;
    Timespans never = null;
    Mask unmasked = null;
    int[] none = null;
    int[] all = {0, 1, 2, 3, 4, 5, 6};
    return Stream.of(
        Arguments.of("x", (Consumer<Session>) s -> s.step(no, out)),
        Arguments.of("out", (Consumer<Session>) s -> s.step(x, no)),
        Arguments.of("x", (Consumer<Session>) s -> s.step(nothing, 1, Floats.of(out))),
        Arguments.of("out", (Consumer<Session>) s -> s.step(Floats.of(x), 1, nothing)),
        Arguments.of("timespans", (Consumer<Session>) s -> s.step(x, never, out)),
        Arguments.of("rows", (Consumer<Session>) s -> s.step(none, x, out)),
        Arguments.of("timespans", (Consumer<Session>) s -> s.step(all, x, never, out)),
        Arguments.of("x", (Consumer<Session>) s -> s.step(all, no, 1, out)),
        Arguments.of("x", (Consumer<Session>) s -> s.run(no, T, outs)),
        Arguments.of("out", (Consumer<Session>) s -> s.run(xs, T, no)),
        Arguments.of("timespans", (Consumer<Session>) s -> s.run(xs, T, never, outs)),
        Arguments.of("mask", (Consumer<Session>) s -> s.run(xs, T, Timespans.ONE, unmasked, outs)),
        Arguments.of(
            "mask", (Consumer<Session>) s -> s.runToLast(xs, T, Timespans.ONE, unmasked, out)),
        Arguments.of("layout", (Consumer<Session>) s -> s.layout(null)),
        Arguments.of("array", (Consumer<Session>) s -> Floats.of(no)),
        Arguments.of("segment", (Consumer<Session>) s -> Floats.of((MemorySegment) null)),
        Arguments.of("buffer", (Consumer<Session>) s -> Floats.of((FloatBuffer) null)),
        Arguments.of("timespans", (Consumer<Session>) s -> Timespans.perStep(no)),
        Arguments.of("timespans", (Consumer<Session>) s -> Timespans.perRow(nothing)),
        Arguments.of("mask", (Consumer<Session>) s -> Mask.of(null)),
        Arguments.of("lengths", (Consumer<Session>) s -> Mask.lengths(null)));
  }

  @ParameterizedTest
  @MethodSource("missingArguments")
  void aMissingArgumentIsNamed(String name, Consumer<Session> call) {
    try (Session session = begun(new PairNetwork(I))) {
      float[] state = session.state();
      assertThatThrownBy(() -> call.accept(session))
          .isInstanceOf(NullPointerException.class)
          .hasMessage(name);
      assertThat(session.state()).isEqualTo(state);
    }
  }

  @Test
  void overloadsWithoutTimespansTakeOne() {
    Network network = Data.cfc(I, 4, 0);
    int[] rows = {2, 0};
    float[] x = Data.random(5, B * T * I);
    float[] step = Arrays.copyOf(x, B * I);
    float[] few = Arrays.copyOf(x, 2 * I);
    float[][] found = {
      new float[B * 4], new float[2 * 4], new float[2 * 4], new float[B * T * 4], new float[B * 4]
    };
    float[][] expected = Arrays.stream(found).map(float[]::clone).toArray(float[][]::new);
    try (Session one = network.session(B);
        Session other = network.session(B)) {
      one.step(step, 1, expected[0]);
      one.step(rows, few, Timespans.perRow(new float[] {1, 1}), expected[1]);
      one.step(rows, few, Timespans.perRow(new float[] {0.5f, 0.5f}), expected[2]);
      one.run(x, T, Timespans.perStep(new float[] {1, 1, 1, 1}), expected[3]);
      one.runToLast(x, T, Timespans.of(1), expected[4]);
      other.step(step, found[0]);
      other.step(rows, few, found[1]);
      other.step(rows, few, 0.5f, found[2]);
      other.run(x, T, found[3]);
      other.runToLast(x, T, found[4]);
    }
    assertThat(found).isDeepEqualTo(expected);
  }
}
