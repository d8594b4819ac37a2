package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A call at every depth of a stack that is about to overflow, on every backend, with helpers and
 * without: it has done all or nothing, or the session says that it is broken; no call hangs, and no
 * helper advances anything late. {@code -Delegans.test.seconds} says for how long each.
 */
class StackOverflowTest {
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("elegans.test.seconds", "1.5"));

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int INPUTS = 3;

  /** Calls on the way up from the bottom, of which only the last ones have no room. */
  private static final int LEVELS = 400;

  private static final Network NETWORK = Cfc.initialised(CfcConfiguration.of(INPUTS, 70), 1);

  private enum Call {
    STEP {
      @Override
      void on(Session session, float[] x, float[] out) {
        session.step(x, 1, out);
      }
    },
    ROWS {
      @Override
      void on(Session session, float[] x, float[] out) {
        int[] rows = new int[session.batch()];
        Arrays.setAll(rows, row -> row);
        session.step(rows, x, 1, out);
      }
    },
    MASKED {
      @Override
      void on(Session session, float[] x, float[] out) {
        boolean[] mask = new boolean[session.batch()];
        Arrays.fill(mask, true);
        session.runToLast(x, 1, Timespans.ONE, Mask.of(mask), out);
      }
    };

    /** One step of all rows. */
    abstract void on(Session session, float[] x, float[] out);
  }

  @TestFactory
  List<DynamicTest> aCallThatOverflowsTheStackIsUndoneOrSaid() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Kernels kernels : Backends.available()) {
      // By rows; by parts of the outputs, with barriers; alone.
      for (int[] shape : new int[][] {{9, 3}, {1, 2}, {4, 1}}) {
        tests.add(
            dynamicTest(
                "%s, %d rows, %d threads".formatted(kernels.backend(), shape[0], shape[1]),
                () -> new Sweep(kernels, shape[0], shape[1]).check()));
      }
    }
    return tests;
  }

  /** Descends again and again and calls at one depth after the other. */
  private static final class Sweep {
    private final Network network;
    private final float[] x;
    private final float[] out;
    private final float[] expected;
    private final SplittableRandom random = new SplittableRandom(1);

    private Session session;
    private final Session reference;
    private volatile long calls;
    private long overflows;
    private long broken;
    private int level;

    // Of one descent.
    private int target;
    private Call call = Call.STEP;
    private boolean returned;
    private @Nullable Throwable thrown;

    Sweep(Kernels kernels, int batch, int threads) {
      network = NETWORK.on(kernels);
      x = new float[batch * INPUTS];
      out = new float[batch * 70];
      expected = new float[batch * 70];
      session = network.session(batch).parallelism(threads);
      reference = network.session(batch);
    }

    void check() throws InterruptedException {
      // Classes are initialised where there is room.
      for (Call each : Call.values()) {
        each.on(session, x, out);
        each.on(reference, x, expected);
      }
      AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
      Thread thread =
          new Thread(
              null,
              () -> {
                try {
                  sweep(System.nanoTime() + (long) (SECONDS * 1e9));
                } catch (Throwable e) {
                  failure.set(e);
                }
              },
              "sweep",
              512 * 1024);
      thread.setDaemon(true);
      thread.start();
      long before = -1;
      while (!thread.join(PATIENCE)) {
        assertThat(calls)
            .as("calls; one hangs at %s", Arrays.toString(thread.getStackTrace()))
            .isNotEqualTo(before);
        before = calls;
      }
      if (failure.get() != null) {
        throw new AssertionError(failure.get());
      }
      session.close();
      System.out.printf(
          "StackOverflowTest: %d calls, %d overflows, %d broken sessions%n",
          calls, overflows, broken);
      assertThat(overflows).isPositive();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread writes it.
    private void sweep(long end) {
      while (System.nanoTime() < end) {
        for (target = 0; target < LEVELS && System.nanoTime() < end; target++) {
          for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
          }
          call = Call.values()[random.nextInt(Call.values().length)];
          returned = false;
          thrown = null;
          descend();
          verify();
          calls++;
        }
      }
    }

    @SuppressWarnings("InfiniteRecursion") // That is what it is for.
    private void descend() {
      try {
        descend();
      } catch (StackOverflowError e) {
        level = 0;
      }
      if (level++ == target) {
        try {
          call.on(session, x, out);
          returned = true;
        } catch (Throwable e) {
          thrown = e;
        }
      }
    }

    private void verify() {
      if (returned) {
        reference.step(x, 1, expected);
        assertThat(out).isEqualTo(expected);
      } else {
        assertThat(thrown).isInstanceOf(StackOverflowError.class);
        overflows++;
      }
      float[] state;
      try {
        state = session.state();
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("broken");
        assertThat(returned).isFalse();
        broken++;
        session.reset();
        reference.reset();
        return;
      }
      assertThat(state).isEqualTo(reference.state());
    }
  }
}
