package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.cfc.Cfc;
import io.github.elegans.cfc.CfcConfiguration;
import java.util.ArrayList;
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
    session.run(x, T, new float[] {0.7f}, out);
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
