package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Bidirectional.Merge;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks in both directions have the gradients of two sessions, one on reversed sequences. */
class BidirectionalGradientTest {
  private static final int B = 21;
  private static final int T = 19;
  private static final int I = 3;
  private static final int O = 2;

  private static final Network FORWARD =
      Stack.of(
          Cfc.initialised(CfcConfiguration.of(I, 6).withMixedMemory(true), 1),
          Sequential.behind(
              Cfc.initialised(CfcConfiguration.of(6, 7).withBackbone(5, 1), 2),
              Dense.initialised(7, O, Activation.TANH, 3)));
  private static final Network BACKWARD =
      Stack.of(
          Cfc.initialised(CfcConfiguration.of(I, I).withMixedMemory(true), 4),
          Ltc.initialised(new AutoNcp(9, O).build(I), 5));

  private static final int F_STATE = FORWARD.stateSize();
  private static final int F_MEMORY = FORWARD.memorySize();
  private static final int B_STATE = BACKWARD.stateSize();
  private static final int B_MEMORY = BACKWARD.memorySize();

  private final SplittableRandom random = new SplittableRandom(1);
  private final float[] x = floats(B * T * I);
  private final float[] timespans = positive(floats(B * T));
  private final boolean[] mask = new boolean[B * T];

  private float[] floats(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static float[] positive(float[] values) {
    float[] positive = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      positive[i] = Math.abs(values[i]);
    }
    return positive;
  }

  /** Items of sequences from the end of each. */
  private static float[] reversed(float[] items) {
    int width = items.length / (B * T);
    float[] turned = new float[items.length];
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < T; t++) {
        System.arraycopy(items, (b * T + t) * width, turned, (b * T + T - 1 - t) * width, width);
      }
    }
    return turned;
  }

  private static boolean[] reversed(boolean[] items) {
    boolean[] turned = new boolean[items.length];
    for (int i = 0; i < items.length; i++) {
      turned[i] = items[i / T * T + T - 1 - i % T];
    }
    return turned;
  }

  /** Columns of rows. */
  private static float[] columns(float[] rows, int width, int from, int n) {
    float[] some = new float[rows.length / width * n];
    for (int row = 0; row < rows.length / width; row++) {
      System.arraycopy(rows, row * width + from, some, row * n, n);
    }
    return some;
  }

  /** Rows of both, one behind the other. */
  private static float[] beside(float[] left, float[] right) {
    int n = left.length / B;
    int m = right.length / B;
    float[] both = new float[left.length + right.length];
    for (int b = 0; b < B; b++) {
      System.arraycopy(left, b * n, both, b * (n + m), n);
      System.arraycopy(right, b * m, both, b * (n + m) + n, m);
    }
    return both;
  }

  /** States of both networks, and then memories. */
  private static float[] statesOfBoth(float[] f, float[] b) {
    int all = F_STATE + F_MEMORY;
    int other = B_STATE + B_MEMORY;
    return beside(
        beside(columns(f, all, 0, F_STATE), columns(b, other, 0, B_STATE)),
        beside(columns(f, all, F_STATE, F_MEMORY), columns(b, other, B_STATE, B_MEMORY)));
  }

  private static float[] sum(float[] left, float[] right) {
    float[] sum = new float[left.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = left[i] + right[i];
    }
    return sum;
  }

  private static float[] product(float[] left, float[] right) {
    float[] product = new float[left.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = left[i] * right[i];
    }
    return product;
  }

  private static float[] half(float[] values) {
    float[] half = new float[values.length];
    for (int i = 0; i < half.length; i++) {
      half[i] = values[i] / 2;
    }
    return half;
  }

  /** 0 in items that do not count. */
  private static float[] cut(float[] items, boolean[] present) {
    int width = items.length / present.length;
    float[] some = items.clone();
    for (int i = 0; i < some.length; i++) {
      some[i] = present[i / width] ? some[i] : 0;
    }
    return some;
  }

  /**
   * Exact bits, of all gradients.
   *
   * @param memory 1 has windows
   */
  @ParameterizedTest
  @CsvSource({
    "CONCAT, false, 67108864",
    "CONCAT, true, 67108864",
    "CONCAT, false, 1",
    "SUM, false, 67108864",
    "SUM, true, 1",
    "MUL, false, 67108864",
    "MUL, true, 67108864",
    "MUL, false, 1",
    "AVE, false, 1",
    "AVE, true, 67108864"
  })
  void equalTwoSessions(Merge merge, boolean lastOnly, long memory) {
    for (int i = 0; i < mask.length; i++) {
      // One sample has no steps, and another its steps in the middle.
      mask[i] = i / T != 2 && random.nextInt(4) > 0 && (i / T != 3 || i % T / 4 == 2);
    }
    int items = lastOnly ? B : B * T;
    int width = merge == Merge.CONCAT ? 2 * O : O;
    float[] fStates = floats(B * (F_STATE + F_MEMORY));
    float[] bStates = floats(B * (B_STATE + B_MEMORY));
    float[] fLast = floats(fStates.length);
    float[] bLast = floats(bStates.length);
    float[] upstream = floats(items * width);
    boolean[] counts = mask;
    if (lastOnly) {
      counts = new boolean[B];
      for (int i = 0; i < mask.length; i++) {
        counts[i / T] |= mask[i];
      }
    }
    GradientSession.Builder[] builders = {
      GradientSession.builder(FORWARD),
      GradientSession.builder(BACKWARD),
      GradientSession.builder(new Bidirectional(FORWARD, BACKWARD, merge)).threads(2).memory(memory)
    };
    if (lastOnly) {
      for (GradientSession.Builder builder : builders) {
        builder.lastOutputOnly();
      }
    }
    try (GradientSession f = builders[0].build();
        GradientSession b = builders[1].build();
        GradientSession both = builders[2].build()) {
      float[] fOut = new float[items * O];
      float[] bOut = new float[items * O];
      f.forward(B, T, x, Timespans.perRowAndStep(timespans), Mask.of(mask), fStates, fOut);
      b.forward(
          B,
          T,
          reversed(x),
          Timespans.perRowAndStep(reversed(timespans)),
          Mask.of(reversed(mask)),
          bStates,
          bOut);
      fOut = cut(fOut, counts);
      bOut = cut(lastOnly ? bOut : reversed(bOut), counts);
      float[] expected =
          switch (merge) {
            case CONCAT -> interleaved(fOut, bOut);
            case SUM -> sum(fOut, bOut);
            case MUL -> product(fOut, bOut);
            case AVE -> half(sum(fOut, bOut));
          };
      float[] found = new float[items * width];
      both.forward(
          B,
          T,
          x,
          Timespans.perRowAndStep(timespans),
          Mask.of(mask),
          statesOfBoth(fStates, bStates),
          found);
      assertThat(found).isEqualTo(expected);
      assertThat(both.states()).isEqualTo(statesOfBoth(f.states(), b.states()));

      float[] toForward =
          switch (merge) {
            case CONCAT -> columns(upstream, 2 * O, 0, O);
            case SUM -> upstream;
            case MUL -> product(upstream, bOut);
            case AVE -> half(upstream);
          };
      float[] toBackward =
          switch (merge) {
            case CONCAT -> columns(upstream, 2 * O, O, O);
            case SUM -> upstream;
            case MUL -> product(upstream, fOut);
            case AVE -> half(upstream);
          };
      // Outputs at masked steps are 0 here, and held in sessions of one network.
      f.backward(cut(toForward, counts), fLast);
      toBackward = cut(toBackward, counts);
      b.backward(lastOnly ? toBackward : reversed(toBackward), bLast);
      both.backward(upstream, statesOfBoth(fLast, bLast));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      f.gradients().forEach((name, values) -> gradients.put("forward." + name, values));
      b.gradients().forEach((name, values) -> gradients.put("backward." + name, values));
      assertThat(both.gradients().keySet()).containsExactlyElementsOf(gradients.keySet());
      both.gradients()
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(gradients.get(name)));
      assertThat(both.inputGradients())
          .isEqualTo(sum(f.inputGradients(), reversed(b.inputGradients())));
      assertThat(both.timespanGradients())
          .isEqualTo(sum(f.timespanGradients(), reversed(b.timespanGradients())));
      assertThat(both.stateGradients())
          .isEqualTo(statesOfBoth(f.stateGradients(), b.stateGradients()));
    }
  }

  private static float[] interleaved(float[] left, float[] right) {
    float[] both = new float[2 * left.length];
    for (int i = 0; i < left.length; i++) {
      both[i / O * 2 * O + i % O] = left[i];
      both[i / O * 2 * O + O + i % O] = right[i];
    }
    return both;
  }

  /** As Keras copies the layer for the other direction. */
  @Test
  void oneNetworkForBothDirectionsIsTrainedAsTwo() {
    Bidirectional twins = new Bidirectional(FORWARD, FORWARD, Merge.SUM);
    try (GradientSession session = GradientSession.of(twins)) {
      assertThat(session.parameterNames())
          .containsExactlyInAnyOrderElementsOf(twins.stateDict().names());
      Map<String, float[]> parameters = session.parameters();
      parameters.keySet().removeIf(name -> name.startsWith("forward."));
      parameters.values().forEach(values -> values[0] += 1);
      session.setParameters(parameters);
      Bidirectional changed = session.bidirectional();
      assertThat(changed.merge()).isEqualTo(Merge.SUM);
      assertThat(changed.forward().stateDict().values()).hasSameSizeAs(FORWARD.stateDict().names());
      for (String name : FORWARD.stateDict().names()) {
        float[] before = FORWARD.stateDict().get(name).values();
        assertThat(changed.forward().stateDict().get(name).values()).as(name).isEqualTo(before);
        assertThat(changed.backward().stateDict().get(name).values()[0])
            .as(name)
            .isEqualTo(before[0] + 1);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Network other = FORWARD.with(Accuracy.FAST);
    assertThatThrownBy(() -> GradientSession.of(new Bidirectional(FORWARD, other, Merge.SUM)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the backward network must be on the backend and tier of the forward")
        .hasMessageContaining("fast");
    Bidirectional networks = new Bidirectional(FORWARD, BACKWARD, Merge.SUM);
    try (GradientSession one = GradientSession.of(FORWARD);
        GradientSession both = GradientSession.of(networks)) {
      assertThatThrownBy(one::bidirectional)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("network()");
      assertThatThrownBy(both::network)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("bidirectional()");
      float[] states = new float[B * (F_STATE + F_MEMORY)];
      assertThatThrownBy(
              () -> both.forward(B, T, x, Timespans.ONE, Mask.ALL, states, new float[B * T * O]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("state [B, S + M]");
    }
    assertThatThrownBy(() -> Training.of(networks).network())
        .isInstanceOf(IllegalStateException.class);
    assertThat(Training.of(networks).bidirectional()).isEqualTo(networks);
  }
}
