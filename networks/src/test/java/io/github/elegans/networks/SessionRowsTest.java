package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of listed rows. */
class SessionRowsTest {
  private static final int B = 131;
  private static final int I = 3;

  /** Networks with every kind of cell, and threads. */
  static Stream<Arguments> cells() {
    return Stream.of(
            Data.cfc(I, 20, 0),
            Data.cfc(I, 20, 6),
            new PairNetwork(I),
            Stack.of(Data.cfc(I, 20, 6), Data.cfc(6, 5, 0)),
            Stack.of(new PairNetwork(I), Data.cfc(I, 5, 2)))
        .flatMap(network -> Stream.of(1, 2, 3).map(threads -> Arguments.of(network, threads)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void givesTheBitsOfTheRowsAlone(Network network, int threads) {
    int outputs = network.outputSize();
    Random random = new Random(1);
    List<Integer> all = new ArrayList<>(IntStream.range(0, B).boxed().toList());
    Session[] alone = new Session[B];
    Arrays.setAll(alone, row -> network.session(1));
    try (Session session = network.session(B).parallelism(threads)) {
      for (int n : new int[] {B, 1, 0, 48, 49, 97, 7}) {
        Collections.shuffle(all, random);
        int[] rows = all.stream().limit(n).mapToInt(row -> row).toArray();
        float[] x = Data.random(n, n * I);
        float[] timespans = Data.timespans(n, n);
        float[] expected = new float[n * outputs];
        for (int i = 0; i < n; i++) {
          float[] out = new float[outputs];
          alone[rows[i]].step(Data.items(x, I, i), timespans[i], out);
          System.arraycopy(out, 0, expected, i * outputs, outputs);
        }
        float[] found = new float[n * outputs];
        session.step(rows, x, Timespans.perRow(timespans), found);
        assertThat(found).as("%d rows", n).isEqualTo(expected);
      }
      float[] state = session.state();
      float[] memory = session.memory();
      for (int row = 0; row < B; row++) {
        assertThat(Data.items(state, state.length / B, row)).isEqualTo(alone[row].state());
        assertThat(Data.items(memory, memory.length / B, row)).isEqualTo(alone[row].memory());
      }
    }
  }

  @Test
  void takesSegmentsAndStepsInPlace() {
    Network network = new PairNetwork(I);
    int[] rows = {4, 0, 2};
    float[] x = Data.random(1, 3 * I);
    float[] timespans = {0, 1, 0.5f};
    float[] expected = new float[3 * I];
    float[] found = x.clone();
    try (Session one = network.session(5);
        Session other = network.session(5)) {
      one.step(rows, x, Timespans.perRow(timespans), expected);
      Floats inPlace = Floats.of(MemorySegment.ofArray(found));
      Floats times = Floats.of(MemorySegment.ofArray(timespans));
      other.step(rows, inPlace, Timespans.perRow(times), inPlace);
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void aStreamJoinsByReset() {
    Network network = Data.cfc(I, 4, 0);
    float[] x = Data.random(1, I);
    float[] first = new float[4];
    float[] again = new float[4];
    try (Session session = network.session(3)) {
      session.step(new int[] {1}, x, first);
      session.step(new int[] {1}, x, again);
      assertThat(again).isNotEqualTo(first);
      session.reset(1);
      session.step(new int[] {1}, x, again);
    }
    assertThat(again).isEqualTo(first);
  }

  private static Arguments refused(
      Class<? extends Exception> type, String message, Consumer<Session> call) {
    return Arguments.of(type, message, call);
  }

  static Stream<Arguments> refusals() {
    Timespans one = Timespans.perRow(new float[] {1});
    Timespans two = Timespans.perRow(new float[] {1, 1});
    Class<IllegalArgumentException> illegal = IllegalArgumentException.class;
    return Stream.of(
        refused(
            illegal,
            "rows must be distinct, but 2 is listed again at rows[1]",
            s -> s.step(new int[] {2, 2}, new float[6], two, new float[6])),
        refused(
            IndexOutOfBoundsException.class,
            "rows must lie between 0 and 2, but rows[1] is 3",
            s -> s.step(new int[] {2, 3}, new float[6], two, new float[6])),
        refused(
            IndexOutOfBoundsException.class,
            "rows must lie between 0 and 2, but rows[0] is -1",
            s -> s.step(new int[] {-1}, new float[3], one, new float[3])),
        refused(
            illegal,
            "x [n, I] must have 6 elements, but has 3",
            s -> s.step(new int[] {0, 1}, new float[3], two, new float[6])),
        refused(
            illegal,
            "timespans per row [B] must have 2 elements, but has 1",
            s -> s.step(new int[] {0, 1}, new float[6], one, new float[6])),
        refused(
            illegal,
            "out [n, O] must have 6 elements, but has 9",
            s -> s.step(new int[] {0, 1}, new float[6], two, new float[9])),
        refused(
            illegal,
            "timespans must be finite and not negative, but one is -1.0",
            s ->
                s.step(
                    new int[] {0, 1},
                    new float[6],
                    Timespans.perRow(new float[] {1, -1}),
                    new float[6])),
        refused(
            illegal,
            "out must be writable",
            s ->
                s.step(
                    new int[] {0},
                    Floats.of(new float[3]),
                    one,
                    Floats.of(MemorySegment.ofArray(new float[3]).asReadOnly()))));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesAndChangesNothing(
      Class<? extends Exception> type, String message, Consumer<Session> call) {
    float[] h = Data.random(2, 3 * I);
    float[] c = Data.random(3, 3 * I);
    try (Session session = new PairNetwork(I).session(3)) {
      session.state(h);
      session.memory(c);
      assertThatThrownBy(() -> call.accept(session))
          .isInstanceOf(type)
          .hasMessageContaining(message);
      assertThat(session.state()).isEqualTo(h);
      assertThat(session.memory()).isEqualTo(c);
      // A list that was refused does not stand in the way of the next.
      session.step(new int[] {2, 0}, new float[6], new float[6]);
    }
  }

  @Test
  void stateAndMemoryAreSetApart() {
    float[] h = Data.random(2, 3 * I);
    float[] c = Data.random(3, 3 * I);
    try (Session session = new PairNetwork(I).session(3)) {
      session.state(h);
      assertThat(session.memory()).containsOnly(0);
      session.memory(c);
      assertThat(session.state()).isEqualTo(h);
      assertThat(session.memory()).isEqualTo(c);
      session.reset(1);
      Arrays.fill(h, I, 2 * I, 0);
      Arrays.fill(c, I, 2 * I, 0);
      assertThat(session.state()).isEqualTo(h);
      assertThat(session.memory()).isEqualTo(c);
      assertThatThrownBy(() -> session.memory(new float[2]))
          .hasMessage("c [B, M] must have 9 elements, but has 2");
    }
  }
}
