package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class SessionThreadsTest {
  private static final Cfc MODEL =
      Cfc.initialised(CfcConfiguration.of(4, 20).withBackbone(70, 1), 3);

  private static final int T = 10;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private static float[] run(Session session) {
    int batch = session.batch();
    float[] x = new float[batch * T * 4];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    float[] out = new float[batch * T * 20];
    session.run(x, T, Timespans.of(0.7f), out);
    return out;
  }

  private static Set<Thread> helpers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("elegans-"))
        .collect(Collectors.toSet());
  }

  private static Set<Thread> helpersSince(Set<Thread> before) {
    Set<Thread> now = new HashSet<>(helpers());
    now.removeAll(before);
    return now;
  }

  private static void awaitEnd(Set<Thread> threads, Runnable meanwhile)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (threads.stream().anyMatch(Thread::isAlive) && System.nanoTime() < deadline) {
      meanwhile.run();
      Thread.sleep(10);
    }
    assertThat(threads).noneMatch(Thread::isAlive);
  }

  @Test
  void oneModelServesManyThreads() throws Exception {
    float[] expected;
    try (Session session = MODEL.session(5)) {
      expected = run(session);
    }
    Callable<float[]> task =
        () -> {
          float[] out = new float[0];
          for (int i = 0; i < 20; i++) {
            try (Session session = MODEL.session(5)) {
              out = run(session);
            }
          }
          return out;
        };
    List<Callable<float[]>> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tasks.add(task);
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<float[]> result : threads.invokeAll(tasks)) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  /** Where a caller's floats may lie. */
  enum CallerMemory {
    HEAP,
    CONFINED,
    SHARED;

    MemorySegment of(Arena confined, float[] values) {
      return switch (this) {
        case HEAP -> MemorySegment.ofArray(values);
        case CONFINED -> confined.allocateFrom(ValueLayout.JAVA_FLOAT, values);
        case SHARED -> Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
      };
    }
  }

  /** Helpers write what they computed themselves, except to memory that is the caller's alone. */
  @ParameterizedTest
  @EnumSource(CallerMemory.class)
  void outputsComeToMemoryOfEveryKind(CallerMemory kind) {
    int batch = 7;
    // Longer than what is staged at a time.
    int steps = 500;
    int[] rows = {6, 0, 3, 2, 5};
    float[] x = Data.random(1, batch * steps * 4);
    float[] timespans = Data.timespans(2, rows.length);
    for (SequenceLayout layout : SequenceLayout.values()) {
      for (int threads : new int[] {2, 3, 7}) {
        try (Arena confined = Arena.ofConfined();
            Session one = MODEL.session(batch).layout(layout);
            Session session = MODEL.session(batch).layout(layout).parallelism(threads)) {
          float[] expected = new float[batch * 20];
          MemorySegment out = kind.of(confined, new float[batch * 20]);
          one.step(Arrays.copyOf(x, batch * 4), 0.3f, expected);
          session.step(
              Floats.of(kind.of(confined, Arrays.copyOf(x, batch * 4))), 0.3f, Floats.of(out));
          assertThat(out.toArray(ValueLayout.JAVA_FLOAT)).as("step").isEqualTo(expected);

          expected = new float[rows.length * 20];
          out = kind.of(confined, new float[rows.length * 20]);
          one.step(rows, Arrays.copyOf(x, rows.length * 4), Timespans.perRow(timespans), expected);
          session.step(
              rows,
              Floats.of(kind.of(confined, Arrays.copyOf(x, rows.length * 4))),
              Timespans.perRow(Floats.of(kind.of(confined, timespans))),
              Floats.of(out));
          assertThat(out.toArray(ValueLayout.JAVA_FLOAT)).as("step of rows").isEqualTo(expected);

          expected = new float[batch * steps * 20];
          out = kind.of(confined, new float[batch * steps * 20]);
          one.run(x, steps, Timespans.of(0.7f), expected);
          session.run(Floats.of(kind.of(confined, x)), steps, Timespans.of(0.7f), Floats.of(out));
          assertThat(out.toArray(ValueLayout.JAVA_FLOAT)).as("run").isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aStepMayWriteOverItsInputOnAnyNumberOfThreads(int threads) {
    Cfc square = Cfc.initialised(CfcConfiguration.of(20, 20).withBackbone(70, 1), 3);
    float[] x = Data.random(3, 33 * 20);
    float[] expected = new float[33 * 20];
    try (Session one = square.session(33);
        Session session = square.session(33).parallelism(threads)) {
      for (int i = 0; i < 100; i++) {
        one.step(x, 0.7f, expected);
        session.step(x, 0.7f, x);
        assertThat(x).isEqualTo(expected);
      }
    }
  }

  @Test
  void aSessionMayGoFromThreadToThread() throws Exception {
    float[] expected;
    try (Session session = MODEL.session(2)) {
      run(session);
      expected = run(session);
    }
    try (Session session = MODEL.session(2);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      threads.submit(() -> run(session)).get();
      assertThat(threads.submit(() -> run(session)).get()).isEqualTo(expected);
    }
  }

  @Test
  void parallelismMayChangeAtAnyTime() {
    float[] expected;
    try (Session session = MODEL.session(3)) {
      run(session);
      run(session);
      run(session);
      expected = run(session);
    }
    try (Session session = MODEL.session(3)) {
      run(session.parallelism(4));
      run(session.parallelism(2));
      run(session);
      assertThat(run(session.parallelism(1))).isEqualTo(expected);
    }
  }

  @Test
  void closingEndsTheThreadsAndKeepsTheSession() throws Exception {
    Set<Thread> before = helpers();
    Session session = MODEL.session(8).parallelism(4);
    float[] first = run(session);
    Set<Thread> threads = helpersSince(before);
    assertThat(threads).hasSize(3).allMatch(Thread::isDaemon);

    session.close();
    session.close();

    awaitEnd(threads, () -> {});
    session.reset();
    assertThat(run(session)).isEqualTo(first);
  }

  @Test
  void theThreadsOfAForgottenSessionEnd() throws Exception {
    Set<Thread> before = helpers();
    forgetSession();
    Set<Thread> threads = helpersSince(before);
    assertThat(threads).hasSize(2);

    awaitEnd(threads, System::gc);
  }

  private static void forgetSession() {
    run(MODEL.session(6).parallelism(3));
  }

  @Test
  void theThreadsOfARunningSessionOutliveCollections() {
    Set<Thread> before = helpers();
    try (Session session = MODEL.session(6).parallelism(3)) {
      float[] first = run(session);
      for (int i = 0; i < 5; i++) {
        System.gc();
        session.reset();
        assertThat(run(session)).isEqualTo(first);
      }
      assertThat(helpersSince(before)).hasSize(2).allMatch(Thread::isAlive);
    }
  }
}
