package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Options of sessions, and batches of different shapes one after the other. */
class GradientSessionTest {
  private static final Network NETWORK =
      Cfc.initialised(CfcConfiguration.of(3, 5).withBackbone(4, 1), 1);

  private static float[] floats(int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static Map<String, float[]> gradients(
      GradientSession session, int batch, int steps, Mask mask) {
    session.clearGradients();
    session.forward(
        batch,
        steps,
        floats(batch * steps * 3),
        Timespans.ONE,
        mask,
        null,
        new float[batch * steps * 5]);
    session.backward(floats(batch * steps * 5));
    return session.gradients();
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found).containsOnlyKeys(expected.keySet());
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void gradientsOfInputsMayBeLeftOut() {
    try (GradientSession whole = GradientSession.of(NETWORK);
        GradientSession part = GradientSession.builder(NETWORK).withoutInputGradients().build()) {
      assertSame(gradients(part, 18, 4, Mask.ALL), gradients(whole, 18, 4, Mask.ALL));
      assertThat(part.stateGradients()).isEqualTo(whole.stateGradients());
      assertThat(whole.inputGradients()).hasSize(18 * 4 * 3);
      assertThatThrownBy(part::inputGradients)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("withoutInputGradients()");
      assertThatThrownBy(part::timespanGradients).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aClosedSessionSaysSo() {
    GradientSession session = GradientSession.builder(NETWORK).threads(2).build();
    gradients(session, 18, 4, Mask.ALL);
    session.close();
    session.close();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> session.forward(1, 1, new float[3], new float[5]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the gradient session is closed");
    }
    assertThatThrownBy(session::gradients).hasMessage("the gradient session is closed");
  }

  /** Helpers that end under a caller would leave it waiting for ever. */
  @Test
  void anotherThreadEndsNoSessionInUse() throws Exception {
    GradientSession session = GradientSession.builder(NETWORK).threads(2).build();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread user =
        new Thread(
            () -> {
              while (failure.get() == null) {
                try {
                  gradients(session, 32, 4, Mask.ALL);
                } catch (ConcurrentModificationException e) {
                  // The other one was asking whether it may close.
                  Thread.onSpinWait();
                } catch (IllegalStateException e) {
                  failure.set(e);
                }
              }
            });
    user.setDaemon(true);
    user.start();
    boolean closed = false;
    while (!closed) {
      try {
        session.close();
        closed = true;
      } catch (ConcurrentModificationException e) {
        Thread.onSpinWait();
      }
    }
    user.join(60_000);
    assertThat(failure.get()).hasMessage("the gradient session is closed");
  }

  @Test
  void aBatchLeavesNothingToTheNext() {
    boolean[] present = new boolean[3 * 7];
    present[1] = true;
    present[9] = true;
    Mask mask = Mask.of(present);
    // Little memory: everything is computed again on the way back, from inputs that were kept.
    for (long memory : new long[] {1, 64 << 20}) {
      try (GradientSession used = GradientSession.builder(NETWORK).memory(memory).build();
          GradientSession fresh = GradientSession.of(NETWORK)) {
        gradients(used, 18, 4, Mask.ALL);
        gradients(used, 3, 7, Mask.ALL);
        assertSame(gradients(used, 3, 7, mask), gradients(fresh, 3, 7, mask));
        assertThat(used.inputGradients()).isEqualTo(fresh.inputGradients());
        assertThat(used.timespanGradients()).isEqualTo(fresh.timespanGradients());
      }
    }
  }

  @Test
  void inputsMayChangeBetweenTheWays() {
    float[] x = floats(2 * 4 * 3);
    try (GradientSession session = GradientSession.builder(NETWORK).memory(1).build()) {
      session.forward(2, 4, x, new float[2 * 4 * 5]);
      x[0] = 100;
      session.backward(floats(2 * 4 * 5));
      Map<String, float[]> found = session.gradients();
      assertSame(found, gradients(session, 2, 4, Mask.ALL));
    }
  }

  /** Such a sample has no last output, whatever stands behind the recurrent layer. */
  @Test
  void aSampleWithoutStepsAddsNothing() {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 5).withProjection(2), 1);
    Mask mask = Mask.lengths(new int[] {4, 0, 2});
    float[] x = floats(3 * 4 * 3);
    float[] expected = new float[3 * 2];
    try (Session session = network.session(3)) {
      session.runToLast(x, 4, Timespans.ONE, mask, expected);
    }
    float[] found = new float[3 * 2];
    float[] upstream = floats(3 * 2);
    try (GradientSession session = GradientSession.builder(network).lastOutputOnly().build()) {
      session.forward(3, 4, x, Timespans.ONE, mask, null, found);
      session.backward(upstream);
      assertThat(found).isEqualTo(expected).containsSubsequence(0, 0);
      Map<String, float[]> gradients = session.gradients();
      // The output of a linear layer has the gradient of its bias.
      assertThat(gradients.get("fc.bias"))
          .containsExactly(upstream[0] + upstream[4], upstream[1] + upstream[5]);
    }
  }

  /** What one step of one sample loses is lost there and after it, in windows as in one piece. */
  @Test
  void dropoutIsOfASampleAndItsStep() {
    int batch = 18;
    int steps = 20;
    float[] x = floats(batch * steps * 3);
    float[] expected = new float[batch * steps * 5];
    GradientSession.of(NETWORK).forward(batch, steps, x, expected);
    Map<String, float[]> gradients = null;
    for (long memory : new long[] {64 << 20, 1}) {
      try (GradientSession session =
          GradientSession.builder(NETWORK)
              .memory(memory)
              .dropout((sample, step, layer, unit) -> sample == 17 && step == 11 ? 0 : 1)
              .build()) {
        float[] out = new float[expected.length];
        session.forward(batch, steps, x, out);
        int changed = (17 * steps + 11) * 5;
        assertThat(Arrays.mismatch(expected, out)).isEqualTo(changed);
        session.backward(floats(out.length));
        assertSame(session.gradients(), gradients == null ? session.gradients() : gradients);
        gradients = session.gradients();
      }
    }
  }

  /** A unit whose factor is 2 is one whose weights to the next layer are twice as large. */
  @Test
  void dropoutScalesWhatALayerPutsOut() {
    Map<String, float[]> doubled = new LinkedHashMap<>();
    for (Map.Entry<String, float[]> parameter : NETWORK.stateDict().values().entrySet()) {
      float[] values = parameter.getValue().clone();
      if (parameter.getKey().matches("(ff1|ff2|time_a|time_b)\\.weight")) {
        for (int head = 0; head < 5; head++) {
          values[head * 4 + 3] *= 2;
        }
      }
      doubled.put(parameter.getKey(), values);
    }
    try (GradientSession scaled = GradientSession.of(NETWORK);
        GradientSession session =
            GradientSession.builder(NETWORK)
                .dropout((sample, step, layer, unit) -> layer == 0 && unit == 3 ? 2 : 1)
                .build()) {
      scaled.setParameters(doubled);
      Map<String, float[]> expected = gradients(scaled, 3, 7, Mask.ALL);
      Map<String, float[]> found = gradients(session, 3, 7, Mask.ALL);
      assertThat(session.states()).isEqualTo(scaled.states());
      assertThat(session.inputGradients()).isEqualTo(scaled.inputGradients());
      assertThat(found.get("backbone.0.weight")).isEqualTo(expected.get("backbone.0.weight"));
      for (int head = 0; head < 5; head++) {
        assertThat(found.get("ff1.weight")[head * 4 + 3])
            .isEqualTo(2 * expected.get("ff1.weight")[head * 4 + 3]);
      }
    }
  }
}
