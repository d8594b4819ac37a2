package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.Bidirectional.Merge;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BidirectionalTest {
  private static final int B = 3;
  private static final int T = 6;
  private static final int I = 2;
  private static final int O = 5;
  private static final Network FORWARD = Data.cfc(I, O, 0);
  private static final Network BACKWARD = Data.cfc(I, 9, O);
  private static final float[] X = Data.random(1, B * T * I);
  private static final float[] TIMESPANS = Data.timespans(2, B * T);
  private static final Timespans PER_ITEM = Timespans.perRowAndStep(TIMESPANS);

  private static float[] merged(Merge merge, float[] f, float[] b) {
    float[] merged = new float[merge == Merge.CONCAT ? 2 * O : O];
    for (int i = 0; i < O; i++) {
      switch (merge) {
        case CONCAT -> {
          merged[i] = f[i];
          merged[O + i] = b[i];
        }
        case SUM -> merged[i] = f[i] + b[i];
        case MUL -> merged[i] = f[i] * b[i];
        case AVE -> merged[i] = (f[i] + b[i]) / 2;
      }
    }
    return merged;
  }

  /** Both networks by hand, sample by sample and step by step; masked steps give 0. */
  private static float[][] byHand(Merge merge, boolean[] mask) {
    int size = merge == Merge.CONCAT ? 2 * O : O;
    float[] out = new float[B * T * size];
    float[] last = new float[B * size];
    for (int row = 0; row < B; row++) {
      float[][] f = new float[T][O];
      float[][] b = new float[T][O];
      float[] lastF = steps(FORWARD, row, mask, false, f);
      float[] lastB = steps(BACKWARD, row, mask, true, b);
      for (int step = 0; step < T; step++) {
        System.arraycopy(merged(merge, f[step], b[step]), 0, out, (row * T + step) * size, size);
      }
      System.arraycopy(merged(merge, lastF, lastB), 0, last, row * size, size);
    }
    return new float[][] {out, last};
  }

  private static float[] steps(
      Network network, int row, boolean[] mask, boolean fromEnd, float[][] outputs) {
    float[] last = new float[O];
    try (Session session = network.session(1)) {
      for (int i = 0; i < T; i++) {
        int step = fromEnd ? T - 1 - i : i;
        int item = row * T + step;
        if (mask[item]) {
          session.step(Data.items(X, I, item), TIMESPANS[item], outputs[step]);
          last = outputs[step];
        }
      }
    }
    return last;
  }

  private static boolean[] all() {
    boolean[] all = new boolean[B * T];
    Arrays.fill(all, true);
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void equalsTwoRunsByHand(Merge merge) {
    Bidirectional network = new Bidirectional(FORWARD, BACKWARD, merge);
    float[] out = new float[B * T * network.outputSize()];
    float[] last = new float[B * network.outputSize()];
    try (BidirectionalSession session = network.session(B).parallelism(2)) {
      float[][] expected = byHand(merge, all());
      session.run(X, T, PER_ITEM, out);
      assertThat(out).isEqualTo(expected[0]);
      session.reset();
      session.runToLast(X, T, PER_ITEM, last);
      assertThat(last).isEqualTo(expected[1]);

      boolean[] mask = Data.mask(4, B * T);
      expected = byHand(merge, mask);
      session.reset();
      session.run(X, T, PER_ITEM, Mask.of(mask), out);
      assertThat(out).isEqualTo(expected[0]);
      session.reset();
      session.runToLast(X, T, PER_ITEM, Mask.of(mask), last);
      assertThat(last).isEqualTo(expected[1]);
    }
  }

  @Test
  void takesSequencesTimeFirst() {
    Bidirectional network = new Bidirectional(FORWARD, BACKWARD, Merge.CONCAT);
    boolean[] mask = Data.mask(4, B * T);
    float[] out = new float[B * T * 2 * O];
    try (BidirectionalSession session = network.session(B).layout(SequenceLayout.TIME_FIRST)) {
      session.run(
          Data.swapped(X, B, T),
          T,
          Timespans.perRowAndStep(Data.swapped(TIMESPANS, B, T)),
          Mask.of(Data.swapped(mask, B, T)),
          out);
      assertThat(Data.swapped(out, T, B)).isEqualTo(byHand(Merge.CONCAT, mask)[0]);
      assertThat(session.forward().state()).hasSize(B * O);
      assertThat(session.backward().state()).hasSize(B * 9);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Network wide = Data.cfc(I, 8, 0);
    assertThatThrownBy(() -> new Bidirectional(FORWARD, wide, Merge.SUM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("outputs of the backward network must have 5 elements, but has 8");
    assertThatThrownBy(() -> new Bidirectional(FORWARD, Data.cfc(3, O, 0), Merge.CONCAT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inputs of the backward network must have 2 elements, but has 3");
    assertThat(new Bidirectional(FORWARD, wide, Merge.CONCAT).outputSize()).isEqualTo(13);
    try (BidirectionalSession session = new Bidirectional(FORWARD, FORWARD, Merge.AVE).session(B)) {
      float[] out = new float[B * T * O];
      assertThatThrownBy(() -> session.run(new float[3], T, PER_ITEM, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("x [B, T, I] must have 36 elements, but has 3");
      assertThatThrownBy(() -> session.run(X, T, PER_ITEM, new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("out [B, T, O] must have 90 elements, but has 3");
      assertThat(session.forward().state()).containsOnly(0);
      assertThat(session.backward().state()).containsOnly(0);
    }
  }
}
