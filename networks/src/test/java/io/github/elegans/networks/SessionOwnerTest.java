package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One thread at a time, and what a call that was struck midway leaves behind. */
@Timeout(60)
class SessionOwnerTest {
  private static final int B = 5;
  private static final int T = 7;
  private static final int I = 4;
  private static final int O = 6;

  /** What never changes may be asked for at any time; sessions within have owners of their own. */
  private static final Set<String> CONSTANT = Set.of("network", "batch", "forward", "backward");

  /** What mends a broken session, or lets go of it. */
  private static final Set<String> MENDING = Set.of("reset", "close", "parallelism");

  private final AtomicReference<@Nullable Runnable> hook = new AtomicReference<>();
  private final Network network =
      new HookedNetwork(
          Data.cfc(I, 8, O),
          () -> {
            Runnable now = hook.get();
            if (now != null) {
              now.run();
            }
          });

  /** A session of any kind, and what it runs. */
  interface Kind {
    AutoCloseable session(Network network, int threads);

    float[] run(AutoCloseable session);
  }

  enum Kinds implements Kind {
    PLAIN {
      @Override
      public AutoCloseable session(Network network, int threads) {
        return network.session(B).parallelism(threads);
      }

      @Override
      public float[] run(AutoCloseable session) {
        float[] out = new float[B * T * O];
        ((Session) session)
            .run(Data.random(1, B * T * I), T, Timespans.ONE, Mask.of(Data.mask(2, B * T)), out);
        return out;
      }
    },
    BIDIRECTIONAL {
      @Override
      public AutoCloseable session(Network network, int threads) {
        return new Bidirectional(network, network, Bidirectional.Merge.SUM)
            .session(B)
            .parallelism(threads);
      }

      @Override
      public float[] run(AutoCloseable session) {
        float[] out = new float[B * T * O];
        ((BidirectionalSession) session)
            .run(Data.random(1, B * T * I), T, Timespans.ONE, Mask.of(Data.mask(2, B * T)), out);
        return out;
      }
    },
    MASKED {
      @Override
      public AutoCloseable session(Network network, int threads) {
        return new MaskedCfc(network, I / 2).session(B).parallelism(threads);
      }

      @Override
      public float[] run(AutoCloseable session) {
        float[] out = new float[B * T * O];
        ((MaskedCfcSession) session)
            .run(Data.random(1, B * T * 2), T, Data.mask(2, B * T * 2), out);
        return out;
      }
    }
  }

  static Stream<Kinds> kinds() {
    return Arrays.stream(Kinds.values());
  }

  /** Calls every public method but what never changes, with anything. */
  private static List<Method> calls(AutoCloseable session) {
    return Arrays.stream(session.getClass().getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isBridge())
        .filter(method -> !CONSTANT.contains(method.getName()))
        .sorted(Comparator.comparing(Method::toString))
        .toList();
  }

  private static Object anything(Class<?> type) {
    if (type == float[].class) {
      return new float[0];
    } else if (type == boolean[].class) {
      return new boolean[0];
    } else if (type == int[].class) {
      return new int[0];
    } else if (type == float.class) {
      return 1f;
    } else if (type == int.class) {
      return 1;
    } else if (type == boolean.class) {
      return true;
    } else if (type == Floats.class) {
      return Floats.of(new float[0]);
    } else if (type == Timespans.class) {
      return Timespans.ONE;
    } else if (type == Mask.class) {
      return Mask.ALL;
    } else if (type == Session.class) {
      return Data.cfc(I, 8, O).session(1);
    } else if (type == MaskedCfcSession.class) {
      return new MaskedCfc(Data.cfc(I, 8, O), I / 2).session(1);
    } else if (type == SequenceLayout.class) {
      return SequenceLayout.BATCH_FIRST;
    }
    throw new AssertionError("a call with a " + type + ": say one");
  }

  private static Throwable thrownBy(Method call, AutoCloseable session) {
    Object[] arguments =
        Arrays.stream(call.getParameterTypes()).map(SessionOwnerTest::anything).toArray();
    Throwable thrown = catchThrowable(() -> call.invoke(session, arguments));
    assertThat(thrown).as(call.toString()).isInstanceOf(InvocationTargetException.class);
    return ((InvocationTargetException) thrown).getTargetException();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whileAThreadIsInsideEveryCallOfAnotherIsRefusedByName(Kinds kind) throws Exception {
    float[] expected = kind.run(kind.session(network, 1));
    for (int threads : new int[] {1, 3}) {
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch refused = new CountDownLatch(1);
      hook.set(
          () -> {
            inside.countDown();
            try {
              refused.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      AutoCloseable session = kind.session(network, threads);
      List<float[]> results = new ArrayList<>();
      Thread first =
          Thread.ofPlatform().name("the first").start(() -> results.add(kind.run(session)));
      inside.await();
      Thread.currentThread().setName("the second");
      for (Method call : calls(session)) {
        assertThat(thrownBy(call, session))
            .as(call.toString())
            .isInstanceOf(ConcurrentModificationException.class)
            .hasMessageContaining("the first")
            .hasMessageContaining("the second");
      }
      refused.countDown();
      first.join();
      hook.set(null);
      assertThat(results).as(threads + " threads").containsExactly(expected);
      session.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aCallFromWithinACallIsRefused(Kinds kind) throws Exception {
    float[] expected = kind.run(kind.session(network, 1));
    try (AutoCloseable session = kind.session(network, 1)) {
      List<Throwable> thrown = new ArrayList<>();
      hook.set(
          () -> {
            hook.set(null);
            for (Method call : calls(session)) {
              thrown.add(thrownBy(call, session));
            }
          });
      assertThat(kind.run(session)).isEqualTo(expected);
      assertThat(thrown)
          .hasSize(calls(session).size())
          .allSatisfy(
              e ->
                  assertThat(e)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("from within"));
    }
  }

  private void failAtRun(int number, Error error) {
    AtomicInteger runs = new AtomicInteger();
    hook.set(
        () -> {
          if (runs.incrementAndGet() == number) {
            throw error;
          }
        });
  }

  /** Wherever it fails, on whichever thread. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aSessionStruckMidwaySaysSoUntilItIsReset(Kinds kind) throws Exception {
    float[] expected = kind.run(kind.session(network, 1));
    for (int threads : new int[] {1, 2, 5}) {
      for (int number = 1; number <= 12; number++) {
        try (AutoCloseable session = kind.session(network, threads)) {
          Error error = new OutOfMemoryError("on purpose");
          failAtRun(number, error);
          Throwable thrown = catchThrowable(() -> kind.run(session));
          hook.set(null);
          if (thrown == null) {
            continue;
          }
          assertThat(thrown).isSameAs(error);
          for (Method call : calls(session)) {
            if (!MENDING.contains(call.getName()) || call.toString().contains("reset(int")) {
              assertThat(thrownBy(call, session))
                  .as(call.toString())
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("broken")
                  .hasMessageContaining("on purpose")
                  .hasCause(error);
            }
          }
          session.getClass().getMethod("reset").invoke(session);
          assertThat(kind.run(session)).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aBrokenSessionCanBeClosed(Kinds kind) {
    AutoCloseable session = kind.session(network, 3);
    failAtRun(2, new StackOverflowError("on purpose"));
    assertThatThrownBy(() -> kind.run(session)).hasMessage("on purpose");
    assertThatCode(session::close).doesNotThrowAnyException();
  }

  /** What a mask and lists of rows need is there before anything changes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aWantOfMemoryForTheFirstMaskChangesNothing(int threads) {
    AtomicReference<@Nullable Error> want = new AtomicReference<>();
    Network poor =
        new HookedNetwork(
            Data.cfc(I, 8, O),
            () -> {
              Error error = want.get();
              if (error != null) {
                throw error;
              }
            },
            () -> {});
    float[] x = Data.random(1, B * T * I);
    Mask mask = Mask.of(Data.mask(2, B * T));
    try (Session session = poor.session(B).parallelism(threads)) {
      session.runToLast(x, T, new float[B * O]);
      float[] before = session.state();
      want.set(new OutOfMemoryError("on purpose"));
      assertThatThrownBy(() -> session.runToLast(x, T, Timespans.ONE, mask, new float[B * O]))
          .hasMessage("on purpose");
      assertThatThrownBy(() -> session.step(new int[] {1}, new float[I], new float[O]))
          .hasMessage("on purpose");
      assertThat(session.state()).isEqualTo(before);
      want.set(null);
      float[] found = new float[B * O];
      float[] expected = new float[B * O];
      session.runToLast(x, T, Timespans.ONE, mask, found);
      Session rich = Data.cfc(I, 8, O).session(B);
      rich.state(before);
      rich.runToLast(x, T, Timespans.ONE, mask, expected);
      assertThat(found).isEqualTo(expected);
    }
  }

  @Test
  void aRefusedArgumentBreaksNothing() {
    try (Session session = network.session(B)) {
      float[] out = new float[B * O];
      assertThatThrownBy(() -> session.step(new float[1], 1, out))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> session.reset(B)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> session.step(new float[B * I], -1, out))
          .isInstanceOf(IllegalArgumentException.class);
      session.step(new float[B * I], 1, out);
    }
  }

  /** Every helper thread is started, works and ends while the other thread is running. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, B})
  void closingDuringARunNeverHangsIt(int threads) throws Exception {
    Network plain = Data.cfc(I, 8, O);
    float[] expected = Kinds.PLAIN.run(plain.session(B));
    for (int round = 0; round < 30; round++) {
      Session session = plain.session(B).parallelism(threads);
      AtomicReference<@Nullable Object> result = new AtomicReference<>();
      Thread running =
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int i = 0; i < 20; i++) {
                    session.reset();
                    result.set(Kinds.PLAIN.run(session));
                  }
                } catch (ConcurrentModificationException e) {
                  result.set(e);
                }
              });
      while (running.isAlive()) {
        try {
          session.close();
          session.parallelism(threads);
        } catch (ConcurrentModificationException e) {
          Thread.onSpinWait();
        }
      }
      session.close();
      Object found = result.get();
      if (!(found instanceof ConcurrentModificationException)) {
        assertThat(found).isEqualTo(expected);
      }
    }
  }
}
