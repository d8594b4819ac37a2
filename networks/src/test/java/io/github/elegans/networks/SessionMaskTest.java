package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Masks of steps, lengths and sequences from their end: what Keras's RNN layer does. */
class SessionMaskTest {
  private static final int B = 57;
  private static final int T = 23;
  private static final int I = 3;

  /** Networks, threads and what there is a timespan for. */
  static Stream<Arguments> ways() {
    return Stream.of(
            Data.cfc(I, 20, 0), Data.cfc(I, 20, 6), Stack.of(new PairNetwork(I), Data.cfc(I, 5, 2)))
        .flatMap(
            network ->
                Stream.of(1, 2, 40)
                    .flatMap(
                        threads ->
                            Arrays.stream(Timespans.Shape.values())
                                .map(shape -> Arguments.of(network, threads, shape))));
  }

  private static Timespans timespans(Timespans.Shape shape, float[] values) {
    return switch (shape) {
      case ONE -> Timespans.of(values[0]);
      case PER_STEP -> Timespans.perStep(values);
      case PER_ROW -> Timespans.perRow(values);
      case PER_ROW_AND_STEP -> Timespans.perRowAndStep(values);
    };
  }

  /** Keras's RNN loop for every row, step by step. */
  private static final class Reference {
    final int outputs;
    final float[] out;
    final float[] last;
    final float[] state;

    Reference(
        Network network,
        float[] x,
        Timespans timespans,
        boolean[] mask,
        boolean backwards,
        boolean zero) {
      outputs = network.outputSize();
      int states = network.stateSize();
      out = new float[B * T * outputs];
      last = new float[B * outputs];
      state = new float[B * states];
      for (int row = 0; row < B; row++) {
        float[] previous = new float[outputs];
        try (Session session = network.session(1)) {
          for (int step = 0; step < T; step++) {
            int time = backwards ? T - 1 - step : step;
            int item = row * T + time;
            if (mask[item]) {
              Floats all = timespans.values();
              float timespan =
                  all.get(
                      switch (timespans.shape()) {
                        case ONE -> 0;
                        case PER_STEP -> time;
                        case PER_ROW -> row;
                        case PER_ROW_AND_STEP -> item;
                      });
              session.step(Data.items(x, I, item), timespan, previous);
            }
            if (mask[item] || !zero) {
              System.arraycopy(previous, 0, out, (row * T + step) * outputs, outputs);
            }
          }
          System.arraycopy(previous, 0, last, row * outputs, outputs);
          System.arraycopy(session.state(), 0, state, row * states, states);
        }
      }
    }
  }

  /** Inputs with NaN where there are none. */
  private static float[] masked(float[] x, boolean[] mask) {
    float[] masked = x.clone();
    for (int i = 0; i < x.length; i++) {
      masked[i] = mask[i / I] ? x[i] : Float.NaN;
    }
    return masked;
  }

  private static boolean[] mask() {
    boolean[] mask = Data.mask(3, B * T);
    Arrays.fill(mask, 0, T, false);
    Arrays.fill(mask, T, 2 * T, true);
    return mask;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void carriesStateAndOutput(Network network, int threads, Timespans.Shape shape) {
    float[] x = Data.random(1, B * T * I);
    float[] values = Data.timespans(2, (int) shape.length(B, T));
    Timespans timespans = timespans(shape, values);
    boolean[] mask = mask();
    float[] found = new float[B * T * network.outputSize()];
    float[] last = new float[B * network.outputSize()];
    try (Session session = network.session(B).parallelism(threads)) {
      for (boolean backwards : new boolean[] {false, true}) {
        for (boolean zero : new boolean[] {false, true}) {
          Reference expected = new Reference(network, x, timespans, mask, backwards, zero);
          session.goBackwards(backwards).zeroOutputForMask(zero).reset();
          session.run(masked(x, mask), T, timespans, Mask.of(mask), found);
          assertThat(found).isEqualTo(expected.out);
          assertThat(session.state()).isEqualTo(expected.state);
          session.reset();
          session.runToLast(masked(x, mask), T, timespans, Mask.of(mask), last);
          assertThat(last).isEqualTo(expected.last);
          assertThat(session.state()).isEqualTo(expected.state);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void theLayoutDoesNotMatter(Network network, int threads, Timespans.Shape shape) {
    float[] x = Data.random(1, B * T * I);
    float[] values = Data.timespans(2, (int) shape.length(B, T));
    Timespans timespans = timespans(shape, values);
    boolean[] mask = mask();
    Reference expected = new Reference(network, x, timespans, mask, true, false);
    float[] found = new float[expected.out.length];
    try (Session session =
        network
            .session(B)
            .parallelism(threads)
            .layout(SequenceLayout.TIME_FIRST)
            .goBackwards(true)) {
      session.run(
          Data.swapped(x, B, T),
          T,
          shape == Timespans.Shape.PER_ROW_AND_STEP
              ? Timespans.perRowAndStep(Data.swapped(values, B, T))
              : timespans,
          Mask.of(Data.swapped(mask, B, T)),
          found);
    }
    assertThat(Data.swapped(found, T, B)).isEqualTo(expected.out);
  }

  @Test
  void aSequenceFromItsEndIsTheReversedSequence() {
    Network network = Data.cfc(I, 20, 6);
    float[] x = Data.random(1, T * I);
    float[] timespans = Data.timespans(2, T);
    int[] reversed = new int[T];
    Arrays.setAll(reversed, step -> T - 1 - step);
    float[] expected = new float[T * 6];
    float[] found = new float[T * 6];
    try (Session session = network.session(1)) {
      Timespans other = Timespans.perStep(Data.items(timespans, 1, reversed));
      session.run(Data.items(x, I, reversed), T, other, expected);
      session.reset();
      session.goBackwards(true).run(x, T, Timespans.perStep(timespans), found);
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void longSequencesAreStagedInPieces() {
    // Staging memory holds fewer steps than these, so that outputs are carried from piece to piece.
    int steps = 40_000;
    Network network = new PairNetwork(1);
    boolean[] mask = new boolean[steps];
    mask[3] = true;
    mask[steps - 2] = true;
    float[] x = new float[steps];
    Arrays.fill(x, Float.NaN);
    x[3] = 2;
    x[steps - 2] = 8;
    float[] out = new float[steps];
    try (Session session = network.session(1)) {
      session.run(x, steps, Timespans.of(0), Mask.of(mask), out);
    }
    // h = 2, c = 2; then h = 9, c = 11.
    assertThat(Arrays.copyOf(out, 3)).containsOnly(0);
    assertThat(Arrays.copyOfRange(out, 3, steps - 2)).containsOnly(4);
    assertThat(Arrays.copyOfRange(out, steps - 2, steps)).containsOnly(20);
  }

  @Test
  void aMaskedTailLeavesTheStateUnchanged() {
    Network network = Data.cfc(I, 5, 0);
    int[] lengths = {4, 0, 7, 1};
    float[] x = Data.random(1, 4 * 7 * I);
    float[] out = new float[4 * 7 * 5];
    float[] last = new float[4 * 5];
    Timespans time = Timespans.of(0.5f);
    Mask mask = Mask.lengths(lengths);
    try (Session session = network.session(4)) {
      session.run(x, 7, time, mask, out);
      float[] state = session.state();
      session.reset();
      session.runToLast(x, 7, time, mask, last);
      assertThat(session.state()).isEqualTo(state);
      assertThat(last).isEqualTo(state);
      for (int row = 0; row < 4; row++) {
        float[] expected = new float[5];
        if (lengths[row] > 0) {
          try (Session alone = network.session(1)) {
            float[] prefix = Arrays.copyOfRange(x, row * 7 * I, (row * 7 + lengths[row]) * I);
            alone.runToLast(prefix, lengths[row], time, expected);
          }
        }
        assertThat(Data.items(state, 5, row)).isEqualTo(expected);
        assertThat(Data.items(out, 5, row * 7 + 6)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void lengthsAreAMaskInEitherLayout(SequenceLayout layout) {
    Network network = Data.cfc(I, 5, 0);
    int[] lengths = {2, 0, 3};
    boolean[] mask =
        layout == SequenceLayout.BATCH_FIRST
            ? new boolean[] {true, true, false, false, false, false, true, true, true}
            : new boolean[] {true, false, true, true, false, true, false, false, true};
    float[] x = Data.random(1, 3 * 3 * I);
    for (boolean backwards : new boolean[] {false, true}) {
      float[] expected = new float[3 * 3 * 5];
      float[] found = new float[3 * 3 * 5];
      try (Session session = network.session(3).layout(layout).goBackwards(backwards)) {
        session.run(x, 3, Timespans.ONE, Mask.of(mask), expected);
        session.reset();
        session.run(x, 3, Timespans.ONE, Mask.lengths(lengths), found);
      }
      assertThat(found).isEqualTo(expected);
    }
  }

  static Stream<Arguments> wrongLengths() {
    return Stream.of(
        Arguments.of(new int[] {3, 4}, "lengths must lie between 0 and 3, but is 4"),
        Arguments.of(new int[] {-1, 3}, "lengths must lie between 0 and 3, but is -1"),
        Arguments.of(new int[] {3}, "lengths [B] must have 2 elements, but has 1"));
  }

  @ParameterizedTest
  @MethodSource("wrongLengths")
  void refusesLengthsThatAreNone(int[] lengths, String message) {
    float[] out = new float[2 * 5];
    try (Session session = Data.cfc(I, 5, 0).session(2)) {
      session.state(Data.random(1, 10));
      assertThatThrownBy(
              () ->
                  session.runToLast(
                      new float[2 * 3 * I], 3, Timespans.ONE, Mask.lengths(lengths), out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThat(session.state()).isEqualTo(Data.random(1, 10));
    }
  }

  @Test
  void takesSegments() {
    Network network = Data.cfc(I, 5, 0);
    float[] x = Data.random(1, B * T * I);
    Timespans timespans = Timespans.of(1);
    Mask mask = Mask.of(mask());
    float[] expected = new float[B * T * 5];
    float[] found = new float[B * T * 5];
    float[] last = new float[B * 5];
    float[] foundLast = new float[B * 5];
    Floats segment = Floats.of(MemorySegment.ofArray(x));
    try (Session session = network.session(B)) {
      session.run(x, T, timespans, mask, expected);
      session.runToLast(x, T, timespans, mask, last);
      session.reset();
      session.run(segment, T, timespans, mask, Floats.of(MemorySegment.ofArray(found)));
      session.runToLast(segment, T, timespans, mask, Floats.of(MemorySegment.ofArray(foundLast)));
    }
    assertThat(found).isEqualTo(expected);
    assertThat(foundLast).isEqualTo(last);
  }

  @Test
  void refusesAMaskOfAnotherShape() {
    float[] out = new float[2 * 3 * 5];
    try (Session session = Data.cfc(I, 5, 0).session(2)) {
      session.state(Data.random(1, 10));
      assertThatThrownBy(
              () ->
                  session.run(
                      new float[2 * 3 * I], 3, Timespans.ONE, Mask.of(new boolean[2 * 3 * I]), out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("mask [B, T] must have 6 elements, but has 18");
      assertThat(session.state()).isEqualTo(Data.random(1, 10));
      assertThat(out).containsOnly(0);
    }
  }
}
