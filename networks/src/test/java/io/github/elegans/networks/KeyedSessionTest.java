package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams by key against a session for each of them. */
class KeyedSessionTest {
  private static final int I = 3;
  private static final double UNIT = 1000;
  private static final float FIRST = 0.25f;

  /** What records there are, with the keys in an order of their own. */
  private record Records(List<String> keys, double[] timestamps, float[] x) {
    static Records random(int n, int keys, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] timestamps = new double[n];
      double now = 1.7e12;
      for (int i = 0; i < n; i++) {
        now += random.nextInt(3) * random.nextInt(200);
        timestamps[i] = now;
      }
      List<String> names =
          IntStream.range(0, n).mapToObj(i -> "key " + random.nextInt(keys)).toList();
      return new Records(names, timestamps, Data.random(seed, n * I));
    }

    int size() {
      return keys.size();
    }

    float[] step(KeyedSession<String> session, int from, int to) {
      float[] out = new float[(to - from) * session.network().outputSize()];
      session.step(
          keys.subList(from, to),
          Arrays.copyOfRange(timestamps, from, to),
          Arrays.copyOfRange(x, from * I, to * I),
          out);
      return out;
    }
  }

  /**
   * The outputs by plain sessions: one for every key, forgotten when another key needs its place;
   * LinkedHashMap keeps the order of use.
   */
  private static float[] expected(Network network, Records records, int capacity) {
    record Single(Session session, double last) {}

    int outputs = network.outputSize();
    Map<String, Single> streams = new LinkedHashMap<>(16, 0.75f, true);
    float[] all = new float[records.size() * outputs];
    for (int i = 0; i < records.size(); i++) {
      String key = records.keys.get(i);
      double timestamp = records.timestamps[i];
      Single stream = streams.get(key);
      float timespan = FIRST;
      if (stream == null) {
        if (streams.size() == capacity) {
          streams.remove(streams.keySet().iterator().next());
        }
        stream = new Single(network.session(1), timestamp);
      } else {
        timespan = (float) ((timestamp - stream.last) / UNIT);
      }
      float[] out = new float[outputs];
      stream.session.step(Data.items(records.x, I, i), timespan, out);
      System.arraycopy(out, 0, all, i * outputs, outputs);
      streams.put(key, new Single(stream.session, timestamp));
    }
    return all;
  }

  private static KeyedSession.Builder builder(Network network, int capacity) {
    return KeyedSession.builder(network, capacity).timeUnit(UNIT).firstTimespan(FIRST);
  }

  static Stream<Arguments> cells() {
    return Stream.of(
            Data.cfc(I, 20, 6), new PairNetwork(I), Stack.of(new PairNetwork(I), Data.cfc(I, 5, 2)))
        .flatMap(network -> Stream.of(1, 2).map(threads -> Arguments.of(network, threads)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void givesTheBitsOfASessionOfTheKeyAlone(Network network, int threads) {
    Records records = Records.random(1000, 100, 1);
    float[] expected = expected(network, records, 100);
    for (int size : threads == 1 ? new int[] {1, 7, 256, 1000} : new int[] {100, 1000}) {
      try (KeyedSession<String> session = builder(network, 100).parallelism(threads).build()) {
        assertThat(cut(records, session, size)).as("micro-batches of %d", size).isEqualTo(expected);
        assertThat(session.size()).isEqualTo(100);
      }
    }
  }

  private static float[] cut(Records records, KeyedSession<String> session, int size) {
    int outputs = session.network().outputSize();
    float[] all = new float[records.size() * outputs];
    for (int from = 0; from < records.size(); from += size) {
      int to = Math.min(from + size, records.size());
      float[] out = records.step(session, from, to);
      System.arraycopy(out, 0, all, from * outputs, out.length);
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void evictsAsRecordsOneByOneWould(Network network, int threads) {
    Records records = Records.random(600, 12, 2);
    for (int capacity : threads == 1 ? new int[] {1, 5, 11} : new int[] {11}) {
      float[] expected = expected(network, records, capacity);
      for (int size : threads == 1 ? new int[] {1, 4, 600} : new int[] {600}) {
        try (KeyedSession<String> session =
            builder(network, capacity).evictLeastRecentlyUsed().parallelism(threads).build()) {
          assertThat(cut(records, session, size))
              .as("%d keys, micro-batches of %d", capacity, size)
              .isEqualTo(expected);
          assertThat(session.size()).isEqualTo(capacity);
        }
      }
    }
  }

  @Test
  void singleRecordsAreMicroBatchesOfOne() {
    Network network = Data.cfc(I, 8, 2);
    Records records = Records.random(200, 10, 3);
    float[] expected = expected(network, records, 10);
    try (KeyedSession<String> session = builder(network, 10).build()) {
      for (int i = 0; i < records.size(); i++) {
        float[] out = new float[2];
        session.step(records.keys.get(i), records.timestamps[i], Data.items(records.x, I, i), out);
        assertThat(out).isEqualTo(Data.items(expected, 2, i));
      }
    }
  }

  @Test
  void keysStandInTheOrderOfTheirLastUse() {
    try (KeyedSession<String> session =
        builder(Data.cfc(I, 4, 0), 3).evictLeastRecentlyUsed().build()) {
      float[] out = new float[4 * 4];
      session.step(List.of("a", "b", "c", "a"), new double[4], new float[4 * I], out);
      assertThat(session.keys()).containsExactly("b", "c", "a");
      session.restore("b", session.snapshot("c"));
      assertThat(session.keys()).containsExactly("c", "a", "b");
      step(session, "d", 0);
      assertThat(session.keys()).containsExactly("a", "b", "d");
      assertThat(session.contains("c")).isFalse();
      assertThat(session.remove("b")).isTrue();
      assertThat(session.remove("b")).isFalse();
      assertThat(session.keys()).containsExactly("a", "d");
      session.restore("e", session.snapshot("a"));
      session.restore("f", session.snapshot("a"));
      assertThat(session.keys()).containsExactly("d", "e", "f");
      session.reset();
      assertThat(session.keys()).isEmpty();
      step(session, "a", -1);
      assertThat(session.size()).isEqualTo(1);
    }
  }

  private static float[] step(KeyedSession<String> session, String key, double timestamp) {
    float[] out = new float[session.network().outputSize()];
    session.step(key, timestamp, new float[] {1, 2, 3}, out);
    return out;
  }

  @Test
  void aRemovedKeyBeginsAnew() {
    try (KeyedSession<String> session = builder(Data.cfc(I, 4, 0), 1).build()) {
      float[] first = step(session, "a", 5000);
      assertThat(step(session, "a", 6000)).isNotEqualTo(first);
      session.remove("a");
      assertThat(step(session, "a", 1000)).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void aSnapshotGoesOnElsewhere(Network network, int threads) {
    Records records = Records.random(400, 7, 4);
    float[] expected = expected(network, records, 7);
    Map<String, byte[]> kept = new HashMap<>();
    int outputs = network.outputSize();
    try (KeyedSession<String> before = builder(network, 7).parallelism(threads).build();
        KeyedSession<String> after = builder(network.on(Backends.get()), 7).build()) {
      records.step(before, 0, 200);
      before.keys().forEach(key -> kept.put(key, before.snapshot(key)));
      kept.forEach(after::restore);
      assertThat(records.step(after, 200, 400))
          .isEqualTo(Arrays.copyOfRange(expected, 200 * outputs, 400 * outputs));
      // The session that the snapshots are of goes on, too, and a snapshot brings back what was.
      kept.forEach(before::restore);
      assertThat(records.step(before, 200, 400))
          .isEqualTo(Arrays.copyOfRange(expected, 200 * outputs, 400 * outputs));
    }
  }

  @Test
  void stepsStreamsThatAreKeptElsewhere() {
    Network network = Data.cfc(I, 20, 6);
    Records records = Records.random(200, 7, 7);
    float[] expected = expected(network, records, 7);
    Map<String, byte[]> kept = new HashMap<>();
    float[] out = new float[6];
    try (KeyedSession<String> session = builder(network, 1).build()) {
      for (int i = 0; i < records.size(); i++) {
        String key = records.keys.get(i);
        float[] x = Data.items(records.x, I, i);
        byte[] before = kept.get(key);
        kept.put(key, session.step(key, before, records.timestamps[i], x, out));
        assertThat(out).isEqualTo(Arrays.copyOfRange(expected, i * 6, (i + 1) * 6));
        assertThatThrownBy(() -> session.step(key, kept.get(key), 0, x, out))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("timestamp of key " + key);
        assertThat(session.size()).isZero();
      }
    }
  }

  @Test
  void snapshotsOfOtherNetworksAreRefused() {
    Network network = Data.cfc(I, 20, 6);
    byte[] own;
    try (KeyedSession<String> session = builder(network, 1).build()) {
      step(session, "a", 1);
      own = session.snapshot("a");
    }
    for (Network other :
        List.of(
            Data.cfc(I, 20, 5),
            Stack.of(network, Data.cfc(6, 5, 0)),
            network.with(Accuracy.FAST),
            network.with(WeightStorage.BFLOAT16))) {
      try (KeyedSession<String> session = builder(other, 1).build()) {
        assertThatThrownBy(() -> session.restore("b", own))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("key b: the snapshot must be one of this network, " + other);
        assertThat(session.size()).isZero();
      }
    }
    // What is the same network on another backend, or made again, takes it.
    for (Network same : List.of(network.on(Backends.named("scalar")), Data.cfc(I, 20, 6))) {
      try (KeyedSession<String> session = builder(same, 1).build()) {
        session.restore("b", own);
        assertThat(session.snapshot("b")).isEqualTo(own);
      }
    }
  }

  @Test
  void aNetworkThatDoesNotTellItsParametersIsKnownByWhatItComputes() {
    byte[] own;
    try (KeyedSession<String> session = builder(new PairNetwork(I), 1).build()) {
      step(session, "a", 1);
      own = session.snapshot("a");
      session.restore("a", own);
    }
    Network other = new HookedNetwork(Data.cfc(I, I, 0), () -> {});
    try (KeyedSession<String> session = builder(other, 1).build()) {
      assertThatThrownBy(() -> session.restore("a", own))
          .hasMessageContaining("must be one of this network");
    }
  }

  private static Arguments refused(
      Class<? extends Exception> type, String message, Consumer<KeyedSession<String>> call) {
    return Arguments.of(type, message, call);
  }

  /** Of a session of three keys, whose a and b had their last records at 10 and 20. */
  static Stream<Arguments> refusals() {
    Class<IllegalArgumentException> illegal = IllegalArgumentException.class;
    Class<NullPointerException> missing = NullPointerException.class;
    float[] x = new float[2 * I];
    float[] out = new float[2 * 4];
    List<@Nullable String> withNull = Arrays.asList("a", null);
    return Stream.of(
        refused(
            illegal,
            "the session must hold at most 3 keys, but key e of record 3 would be one more",
            s ->
                s.step(
                    List.of("c", "a", "c", "e", "f"),
                    new double[] {30, 30, 30, 30, 30},
                    new float[5 * I],
                    new float[5 * 4])),
        refused(
            illegal,
            "record 1: the timestamp of key a must be at least its last one, 10.0, but is 9.5",
            s -> s.step(List.of("b", "a"), new double[] {20, 9.5}, x, out)),
        refused(
            illegal,
            "record 1: the timestamp of key c must be at least its last one, 3.0, but is 2.0",
            s -> s.step(List.of("c", "c"), new double[] {3, 2}, x, out)),
        refused(
            illegal,
            "record 0: the timestamp of key a must be finite, but is NaN",
            s -> s.step("a", Double.NaN, new float[I], new float[4])),
        refused(
            illegal,
            "record 1: the timestamp of key c must be finite, but is Infinity",
            s -> s.step(List.of("b", "c"), new double[] {20, 1 / 0.0}, x, out)),
        refused(
            illegal,
            "record 0: the timespan of key a must be a finite float, but is from 10.0 to 1.0E300",
            s -> s.step("a", 1e300, new float[I], new float[4])),
        refused(
            illegal,
            "x [n, I] must have 6 elements, but has 5",
            s -> s.step(List.of("a", "b"), new double[] {20, 20}, new float[5], out)),
        refused(
            illegal,
            "out [n, O] must have 4 elements, but has 8",
            s -> s.step("a", 20, new float[I], out)),
        refused(
            illegal,
            "timestamps [n] must have 2 elements, but has 1",
            s -> s.step(List.of("a", "b"), new double[1], x, out)),
        refused(
            missing,
            "record 1: the key must not be null",
            s -> s.step(withNull, new double[] {20, 20}, x, out)),
        refused(
            illegal, "there must be a key c, but none of the 2 keys is it", s -> s.snapshot("c")),
        refused(
            illegal,
            "key c: the 5 bytes must be a snapshot of a keyed session, but do not begin as one",
            s -> s.restore("c", new byte[5])),
        refused(
            illegal,
            "key c: the 60 bytes must be a snapshot of a keyed session, but do not begin as one",
            s -> s.restore("c", new byte[60])),
        refused(
            illegal,
            "key c: the snapshot must have 64 elements, but has 63",
            s -> s.restore("c", Arrays.copyOf(s.snapshot("a"), 63))));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesAndChangesNothing(
      Class<? extends Exception> type, String message, Consumer<KeyedSession<String>> call) {
    try (KeyedSession<String> session = builder(Data.cfc(I, 4, 0), 3).build()) {
      step(session, "a", 10);
      step(session, "b", 20);
      byte[] a = session.snapshot("a");
      byte[] b = session.snapshot("b");
      assertThatThrownBy(() -> call.accept(session)).isInstanceOf(type).hasMessage(message);
      assertThat(session.keys()).containsExactly("a", "b");
      assertThat(session.snapshot("a")).isEqualTo(a);
      assertThat(session.snapshot("b")).isEqualTo(b);
      // What was refused does not stand in the way of what comes next.
      float[] first = step(session, "c", -5);
      try (KeyedSession<String> other = builder(session.network(), 1).build()) {
        assertThat(first).isEqualTo(step(other, "c", 7));
      }
    }
  }

  @Test
  void aFullSessionRefusesToRestoreAnotherKey() {
    try (KeyedSession<String> session = builder(Data.cfc(I, 4, 0), 1).build()) {
      step(session, "a", 10);
      byte[] a = session.snapshot("a");
      assertThatThrownBy(() -> session.restore("b", a))
          .hasMessage("the session must hold at most 1 keys, but key b would be one more");
      session.restore("a", a);
      assertThat(session.keys()).containsExactly("a");
    }
  }

  @Test
  void refusesOptionsThatMeanNothing() {
    Network network = Data.cfc(I, 4, 0);
    assertThatThrownBy(() -> KeyedSession.builder(network, 0))
        .hasMessage("capacity must lie between 1 and 268435456, but is 0");
    for (double unit : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> builder(network, 1).timeUnit(unit))
          .hasMessage("timeUnit must be finite and above 0, but is " + unit);
    }
    assertThatThrownBy(() -> builder(network, 1).firstTimespan(-1))
        .hasMessage("timespans must be finite and not negative, but one is -1.0");
  }

  @Test
  void aCallThatIsStruckMidwayBreaksTheSessionUntilItIsReset() {
    AtomicReference<@Nullable Runnable> hook = new AtomicReference<>();
    Network network =
        new HookedNetwork(
            Data.cfc(I, 4, 0),
            () -> {
              Runnable now = hook.get();
              if (now != null) {
                now.run();
              }
            });
    try (KeyedSession<String> session = builder(network, 2).build()) {
      float[] first = step(session, "a", 10);
      hook.set(
          () -> {
            throw new OutOfMemoryError("as a test");
          });
      assertThatThrownBy(() -> step(session, "b", 10)).isInstanceOf(OutOfMemoryError.class);
      hook.set(null);
      assertThatThrownBy(() -> step(session, "a", 10))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the keyed session is broken");
      assertThatThrownBy(session::keys).hasMessageContaining("the keyed session is broken");
      session.reset();
      assertThat(session.keys()).isEmpty();
      assertThat(step(session, "b", 10)).isEqualTo(first);
    }
  }

  @Test
  void oneThreadIsInsideAtATime() {
    AtomicReference<@Nullable Runnable> hook = new AtomicReference<>();
    Network network =
        new HookedNetwork(
            Data.cfc(I, 4, 0),
            () -> {
              Runnable now = hook.getAndSet(null);
              if (now != null) {
                now.run();
              }
            });
    List<@Nullable Throwable> thrown = new ArrayList<>();
    try (KeyedSession<String> session = builder(network, 2).build()) {
      hook.set(
          () -> {
            Thread other =
                Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, e) -> thrown.add(e))
                    .start(() -> step(session, "b", 10));
            try {
              other.join();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      step(session, "a", 10);
      assertThat(thrown).hasSize(1);
      assertThat(thrown.getFirst()).isInstanceOf(ConcurrentModificationException.class);
      assertThat(session.keys()).containsExactly("a");
    }
  }

  @Test
  void closesItsThreadsAndWorksOn() {
    Network network = Data.cfc(I, 8, 2);
    Records records = Records.random(100, 10, 6);
    float[] expected = expected(network, records, 10);
    KeyedSession<String> session = builder(network, 10).parallelism(2).build();
    float[] first = records.step(session, 0, 50);
    session.close();
    assertThat(first).isEqualTo(Arrays.copyOf(expected, 100));
    assertThat(records.step(session, 50, 100)).isEqualTo(Arrays.copyOfRange(expected, 100, 200));
  }
}
