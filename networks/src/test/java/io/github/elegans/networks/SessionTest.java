package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The semantics of a session; that its bits do not depend on the way is held by the model contract.
 */
class SessionTest {
  private static final int B = 3;
  private static final int T = 4;
  private static final int I = 2;
  private static final int H = 5;
  private static final int O = 6;
  private static final float UNTOUCHED = 77;

  private static final Cfc MODEL =
      Cfc.initialised(new CfcConfiguration(I, H, CfcMode.DEFAULT, Activation.TANH, 9, 1, O), 11);

  private static final Cfc PLAIN =
      Cfc.initialised(new CfcConfiguration(I, H, CfcMode.DEFAULT, Activation.TANH, 9, 1, 0), 11);

  private static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static float[] filled(int n, float value) {
    float[] values = new float[n];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void beginsWithAZeroState() {
    try (Session session = PLAIN.session(B)) {
      assertThat(session.state()).containsOnly(0).hasSize(B * H);
      assertThat(session.batch()).isEqualTo(B);
      assertThat(session.network()).isSameAs(PLAIN);
    }
  }

  @Test
  void withoutProjectionTheOutputIsTheState() {
    try (Session session = PLAIN.session(B)) {
      float[] out = new float[B * H];
      session.step(random(1, B * I), 0.5f, out);

      assertThat(session.state()).isEqualTo(out);
    }
  }

  @Test
  void theProjectionIsALinearLayerOnTheState() {
    float[] weight = random(12, O * H);
    float[] bias = random(13, O);
    Map<String, float[]> parameters = new HashMap<>(Map.of("fc.weight", weight, "fc.bias", bias));
    parameters.put("backbone.0.weight", random(14, 9 * (I + H)));
    parameters.put("backbone.0.bias", random(15, 9));
    for (String head : List.of("ff1", "ff2", "time_a", "time_b")) {
      parameters.put(head + ".weight", random(16, H * 9));
      parameters.put(head + ".bias", random(17, H));
    }
    try (Session session = Cfc.of(MODEL.configuration(), parameters).session(B)) {
      float[] out = new float[B * O];
      session.step(random(1, B * I), 0.5f, out);
      float[] state = session.state();
      for (int row = 0; row < B; row++) {
        for (int o = 0; o < O; o++) {
          float sum = bias[o];
          for (int h = 0; h < H; h++) {
            sum = Math.fma(state[row * H + h], weight[o * H + h], sum);
          }
          assertThat(out[row * O + o]).isEqualTo(sum);
        }
      }
    }
  }

  @Test
  void takesAndGivesTheStateAsCopies() {
    float[] hx = random(2, B * H);
    try (Session session = PLAIN.session(B)) {
      session.state(hx);
      assertThat(session.state()).isEqualTo(hx).isNotSameAs(hx);
      float[] copy = session.state();
      copy[0] = UNTOUCHED;
      assertThat(session.state()).isEqualTo(hx);
    }
  }

  @Test
  void resetsAllRowsOrOne() {
    float[] hx = random(2, B * H);
    try (Session session = PLAIN.session(B)) {
      session.state(hx);
      session.reset(1);
      float[] expected = hx.clone();
      Arrays.fill(expected, H, 2 * H, 0);
      assertThat(session.state()).isEqualTo(expected);
      session.reset();
      assertThat(session.state()).containsOnly(0);
    }
  }

  @Test
  void aResetRowBeginsAnewWhileTheOthersGoOn() {
    float[] first = random(3, B * T * I);
    float[] second = random(4, B * T * I);
    Timespans time = Timespans.of(0.3f);
    float[] going = new float[B * T * O];
    float[] fresh = new float[B * T * O];
    float[] reset = new float[B * T * O];
    try (Session session = MODEL.session(B)) {
      session.run(first, T, time, new float[B * T * O]);
      session.run(second, T, time, going);
      session.reset();
      session.run(second, T, time, fresh);
      session.reset();
      session.run(first, T, time, new float[B * T * O]);
      session.reset(2);
      session.run(second, T, time, reset);
    }
    assertThat(Arrays.copyOf(reset, 2 * T * O)).isEqualTo(Arrays.copyOf(going, 2 * T * O));
    assertThat(Arrays.copyOfRange(reset, 2 * T * O, 3 * T * O))
        .isEqualTo(Arrays.copyOfRange(fresh, 2 * T * O, 3 * T * O));
  }

  @Test
  void sessionsOfOneModelAreIndependent() {
    float[] x = random(5, I);
    float[] expected = new float[O];
    float[] found = new float[O];
    try (Session one = MODEL.session(1);
        Session other = MODEL.session(1)) {
      one.step(x, 1, expected);
      one.step(x, 1, new float[O]);
      other.step(x, 1, found);
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void aRowWithNanLeavesTheOthersAlone() {
    float[] x = random(6, B * T * I);
    float[] expected = new float[B * T * O];
    float[] found = new float[B * T * O];
    try (Session session = MODEL.session(B)) {
      session.run(x, T, expected);
      session.reset();
      x[T * I + 1] = Float.NaN;
      session.run(x, T, found);
    }
    Arrays.fill(expected, T * O, 2 * T * O, Float.NaN);
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void aBatchAsLargeAsTheSequenceIsLongTakesTimespansAsTheySay(Timespans.Shape shape) {
    int n = 4;
    float[] x = random(7, n * n * I);
    float[] values = {0.1f, 0.2f, 0.4f, 0.8f};
    float[] ofItems = new float[n * n];
    for (int row = 0; row < n; row++) {
      for (int step = 0; step < n; step++) {
        ofItems[row * n + step] =
            switch (shape) {
              case ONE -> values[0];
              case PER_STEP -> values[step];
              case PER_ROW -> values[row];
              case PER_ROW_AND_STEP -> values[(row + step) % n];
            };
      }
    }
    Timespans timespans =
        switch (shape) {
          case ONE -> Timespans.of(values[0]);
          case PER_STEP -> Timespans.perStep(values);
          case PER_ROW -> Timespans.perRow(values);
          case PER_ROW_AND_STEP -> Timespans.perRowAndStep(ofItems);
        };
    float[] expected = new float[n * n * O];
    float[] found = new float[n * n * O];
    float[] last = new float[n * O];
    for (int row = 0; row < n; row++) {
      try (Session alone = MODEL.session(1)) {
        for (int step = 0; step < n; step++) {
          int item = row * n + step;
          float[] out = new float[O];
          alone.step(Arrays.copyOfRange(x, item * I, (item + 1) * I), ofItems[item], out);
          System.arraycopy(out, 0, expected, item * O, O);
        }
      }
    }
    try (Session session = MODEL.session(n)) {
      session.run(x, n, timespans, found);
      session.reset();
      session.runToLast(x, n, timespans, last);
    }
    assertThat(found).isEqualTo(expected);
    for (int row = 0; row < n; row++) {
      int at = ((row + 1) * n - 1) * O;
      assertThat(Arrays.copyOfRange(last, row * O, (row + 1) * O))
          .isEqualTo(Arrays.copyOfRange(expected, at, at + O));
    }
  }

  @Test
  void aBatchAsLargeAsTheStateTakesDistinctTimespansOfSamples() {
    // The reference broadcasts [B, T] over the units here, silently and wrongly.
    float[] x = random(8, H * I);
    float[] timespans = {0, 0.5f, 1, 2, 8};
    float[] together = new float[H * H];
    try (Session session = PLAIN.session(H)) {
      session.state(random(9, H * H));
      session.step(x, Timespans.perRow(timespans), together);
    }
    for (int row = 0; row < H; row++) {
      float[] alone = new float[H];
      try (Session session = PLAIN.session(1)) {
        session.state(Arrays.copyOfRange(random(9, H * H), row * H, (row + 1) * H));
        session.step(Arrays.copyOfRange(x, row * I, (row + 1) * I), timespans[row], alone);
      }
      assertThat(Arrays.copyOfRange(together, row * H, (row + 1) * H)).isEqualTo(alone);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -0f, Float.MIN_VALUE, Float.MAX_VALUE})
  void takesEveryFiniteTimespan(float timespan) {
    float[] out = new float[B * O];
    try (Session session = MODEL.session(B)) {
      session.step(random(10, B * I), timespan, out);
    }
    for (float value : out) {
      assertThat(value).isFinite();
    }
  }

  /** A call that must be refused. */
  private static Arguments refused(
      String name, Class<? extends Exception> type, String message, Consumer<Call> call) {
    return Arguments.of(name, type, message, call);
  }

  /** Good arguments, to be spoiled. */
  static final class Call {
    final Session session = MODEL.session(B);
    final float[] x = random(20, B * T * I);
    final float[] oneX = random(21, B * I);
    final float[] timespans = filled(B * T, 0.5f);
    final float[] ofRows = filled(B, 0.5f);
    final float[] out = filled(B * T * O, UNTOUCHED);
    final float[] oneOut = filled(B * O, UNTOUCHED);
    final MemorySegment segment = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, out);
    final Floats nativeOut = Floats.of(segment);

    static Floats segment(float[] values) {
      return Floats.of(MemorySegment.ofArray(values));
    }

    Timespans items() {
      return Timespans.perRowAndStep(timespans);
    }

    /** Timespans of which one is bad. */
    float[] bad(float timespan) {
      float[] bad = timespans.clone();
      bad[B * T - 2] = timespan;
      return bad;
    }

    Timespans badItems(float timespan) {
      return Timespans.perRowAndStep(bad(timespan));
    }
  }

  static Stream<Arguments> badTimespans() {
    return Stream.of(
            -1f, -Float.MIN_VALUE, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)
        .flatMap(
            bad ->
                Stream.of(
                    refusedTimespan("step", bad, c -> c.session.step(c.oneX, bad, c.oneOut)),
                    refusedTimespan(
                        "step of segments",
                        bad,
                        c -> c.session.step(Call.segment(c.oneX), bad, Call.segment(c.oneOut))),
                    refusedTimespan(
                        "step with timespans of rows",
                        bad,
                        c ->
                            c.session.step(
                                c.oneX, Timespans.perRow(new float[] {0, bad, 0}), c.oneOut)),
                    refusedTimespan(
                        "run with one", bad, c -> c.session.run(c.x, T, Timespans.of(bad), c.out)),
                    refusedTimespan(
                        "run with one per step",
                        bad,
                        c ->
                            c.session.run(
                                c.x, T, Timespans.perStep(new float[] {0, 0, bad, 0}), c.out)),
                    refusedTimespan(
                        "run with all", bad, c -> c.session.run(c.x, T, c.badItems(bad), c.out)),
                    refusedTimespan(
                        "run of segments",
                        bad,
                        c ->
                            c.session.run(
                                Call.segment(c.x),
                                T,
                                Timespans.perRowAndStep(Call.segment(c.bad(bad))),
                                c.nativeOut)),
                    refusedTimespan(
                        "run with one per row",
                        bad,
                        c ->
                            c.session.run(
                                c.x, T, Timespans.perRow(new float[] {0, 0, bad}), c.out)),
                    refusedTimespan(
                        "run to last",
                        bad,
                        c -> c.session.runToLast(c.x, T, c.badItems(bad), c.oneOut))));
  }

  private static Arguments refusedTimespan(String name, float bad, Consumer<Call> call) {
    return refused(
        name + ", " + bad,
        IllegalArgumentException.class,
        "timespans must be finite and not negative, but one is " + bad,
        call);
  }

  static Stream<Arguments> wrongLengths() {
    return Stream.of(
        refused(
            "step: x too short",
            IllegalArgumentException.class,
            "x [B, I] must have 6 elements, but has 5",
            c -> c.session.step(new float[5], 1, c.oneOut)),
        refused(
            "step: x too long",
            IllegalArgumentException.class,
            "x [B, I] must have 6 elements, but has 24",
            c -> c.session.step(c.x, 1, c.oneOut)),
        refused(
            "step: out too short",
            IllegalArgumentException.class,
            "out [B, O] must have 18 elements, but has 17",
            c -> c.session.step(c.oneX, 1, new float[17])),
        refused(
            "step: out too long",
            IllegalArgumentException.class,
            "out [B, O] must have 18 elements, but has 72",
            c -> c.session.step(c.oneX, 1, c.out)),
        refused(
            "step: timespans of other rows",
            IllegalArgumentException.class,
            "timespans per row [B] must have 3 elements, but has 2",
            c -> c.session.step(c.oneX, Timespans.perRow(new float[2]), c.oneOut)),
        refused(
            "step: bytes that are no floats",
            IllegalArgumentException.class,
            "multiple of 4 bytes, but has 23",
            c -> c.session.step(Floats.of(c.segment.asSlice(0, 23)), 1, Call.segment(c.oneOut))),
        refused(
            "run: x too short",
            IllegalArgumentException.class,
            "x [B, T, I] must have 24 elements, but has 6",
            c -> c.session.run(c.oneX, T, c.items(), c.out)),
        refused(
            "run: out of one step only",
            IllegalArgumentException.class,
            "out [B, T, O] must have 72 elements, but has 18",
            c -> c.session.run(c.x, T, c.items(), c.oneOut)),
        refused(
            "run to last: out of all steps",
            IllegalArgumentException.class,
            "out [B, O] must have 18 elements, but has 72",
            c -> c.session.runToLast(c.x, T, c.items(), c.out)),
        refused(
            "run: timespans of rows as those of steps",
            IllegalArgumentException.class,
            "timespans per step [T] must have 4 elements, but has 3",
            c -> c.session.run(c.x, T, Timespans.perStep(c.ofRows), c.out)),
        refused(
            "run: timespans of rows as those of items",
            IllegalArgumentException.class,
            "timespans per row and step [B, T] must have 12 elements, but has 3",
            c -> c.session.run(c.x, T, Timespans.perRowAndStep(c.ofRows), c.out)),
        refused(
            "run: no timespans",
            IllegalArgumentException.class,
            "timespans per row [B] must have 3 elements, but has 0",
            c -> c.session.run(c.x, T, Timespans.perRow(new float[0]), c.out)),
        refused(
            "run: no steps",
            IllegalArgumentException.class,
            "steps must be at least 1, but is 0",
            c -> c.session.run(new float[0], 0, c.items(), new float[0])),
        refused(
            "run: negative steps",
            IllegalArgumentException.class,
            "steps must be at least 1, but is -4",
            c -> c.session.run(c.x, -T, c.items(), c.out)),
        refused(
            "run: steps beyond counting",
            IllegalArgumentException.class,
            "x [B, T, I] must have",
            c -> c.session.run(c.x, Integer.MAX_VALUE, c.items(), c.out)),
        refused(
            "state of another batch",
            IllegalArgumentException.class,
            "hx [B, S] must have 15 elements, but has 5",
            c -> c.session.state(new float[H])),
        refused("reset of no row", IndexOutOfBoundsException.class, "-1", c -> c.session.reset(-1)),
        refused(
            "reset behind the last row",
            IndexOutOfBoundsException.class,
            "3",
            c -> c.session.reset(B)),
        refused(
            "no threads",
            IllegalArgumentException.class,
            "parallelism must lie between 1 and 1024, but is 0",
            c -> c.session.parallelism(0)),
        refused(
            "too many threads",
            IllegalArgumentException.class,
            "parallelism must lie between 1 and 1024, but is 1025",
            c -> c.session.parallelism(1025)));
  }

  static Stream<Arguments> badMemory() {
    return Stream.of(
        refused(
            "step: read-only out",
            IllegalArgumentException.class,
            "out must be writable",
            c ->
                c.session.step(
                    Call.segment(c.oneX),
                    1,
                    Floats.of(c.segment.asSlice(0, 4 * B * O).asReadOnly()))),
        refused(
            "step: x of a closed arena",
            IllegalStateException.class,
            "x is memory of a closed arena",
            c -> c.session.step(closed(B * I), 1, Call.segment(c.oneOut))),
        refused(
            "step: out of a closed arena",
            IllegalStateException.class,
            "out is memory of a closed arena",
            c -> c.session.step(Call.segment(c.oneX), 1, closed(B * O))),
        refused(
            "run: timespans of a closed arena",
            IllegalStateException.class,
            "timespans is memory of a closed arena",
            c -> c.session.run(Call.segment(c.x), T, Timespans.perStep(closed(T)), c.nativeOut)),
        refused(
            "run: out is x",
            IllegalArgumentException.class,
            "out must not overlap x or timespans",
            c -> {
              try (Session square = Cfc.initialised(CfcConfiguration.of(H, H), 1).session(1)) {
                float[] both = filled(2 * H, 1);
                square.run(both, 2, both);
              }
            }),
        refused(
            "run: out overlaps timespans",
            IllegalArgumentException.class,
            "out must not overlap x or timespans",
            c ->
                c.session.run(
                    Call.segment(c.x),
                    T,
                    Timespans.perStep(Floats.of(c.segment.asSlice(40, 4 * T))),
                    c.nativeOut)),
        refused(
            "run: out overlaps x",
            IllegalArgumentException.class,
            "out must not overlap x or timespans",
            c ->
                c.session.run(
                    Floats.of(c.segment.asSlice(0, 4 * B * T * I)), T, c.items(), c.nativeOut)));
  }

  private static Floats closed(int n) {
    try (Arena arena = Arena.ofShared()) {
      return Floats.of(arena.allocate(4L * n, 4));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"badTimespans", "wrongLengths", "badMemory"})
  void refusesAndChangesNothing(
      String name, Class<? extends Exception> type, String message, Consumer<Call> call) {
    Call c = new Call();
    float[] hx = random(22, B * H);
    c.session.state(hx);

    assertThatThrownBy(() -> call.accept(c))
        .as(name)
        .isInstanceOf(type)
        .hasMessageContaining(message);

    assertThat(c.session.state()).as("state").isEqualTo(hx);
    assertThat(c.out).as("out").containsOnly(UNTOUCHED);
    assertThat(c.oneOut).as("out").containsOnly(UNTOUCHED);
    assertThat(c.segment.toArray(ValueLayout.JAVA_FLOAT)).as("out").containsOnly(UNTOUCHED);
    // And the session goes on as if nothing had happened.
    float[] after = new float[B * T * O];
    c.session.run(c.x, T, c.items(), after);
    float[] expected = new float[B * T * O];
    try (Session other = MODEL.session(B)) {
      other.state(hx);
      other.run(c.x, T, c.items(), expected);
    }
    assertThat(after).isEqualTo(expected);
    c.session.close();
  }

  @Test
  void refusesMemoryOfAnotherThread() throws InterruptedException {
    try (Arena arena = Arena.ofConfined();
        Session session = MODEL.session(B)) {
      MemorySegment foreign = arena.allocateFrom(ValueLayout.JAVA_FLOAT, new float[B * I]);
      Throwable[] thrown = new Throwable[1];
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      session.step(Floats.of(foreign), 1, Floats.of(new float[B * O]));
                    } catch (WrongThreadException e) {
                      thrown[0] = e;
                    }
                  });
      thread.join();
      assertThat(thrown[0])
          .isInstanceOf(WrongThreadException.class)
          .hasMessageContaining("x belongs to another thread");
      assertThat(session.state()).containsOnly(0);
    }
  }

  @Test
  void refusesAnEmptyBatch() {
    assertThatThrownBy(() -> MODEL.session(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch must be at least 1, but is 0");
  }

  @Test
  void aStepMayWriteOverItsInput() {
    Cfc square = Cfc.initialised(CfcConfiguration.of(H, H).withBackbone(4, 1), 1);
    float[] x = random(23, B * H);
    float[] expected = new float[B * H];
    try (Session session = square.session(B)) {
      session.step(x, 1, expected);
      session.reset();
      session.step(x, 1, x);
    }
    assertThat(x).isEqualTo(expected);
  }
}
