package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskedCfcTest {
  private static final int B = 2;
  private static final int T = 3;
  private static final int F = 3;
  private static final int H = 4;
  private static final int O = 2;

  /**
   * The network of G14 of the project's notes on the CfC authors' code: parameters 0.3 sin(1 + 0.7
   * k + 0.37 i), k the number of the tensor and i that of the element.
   */
  private static MaskedCfc network(int inputs) {
    return network(inputs, false);
  }

  /** With mixed memory the LSTM's tensors have the numbers 20 to 22. */
  private static MaskedCfc network(int inputs, boolean mixed) {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    linear(parameters, "backbone.0", 5, inputs + H);
    linear(parameters, "backbone.2", 5, 5);
    for (String head : List.of("ff1", "ff2", "time_a", "time_b")) {
      linear(parameters, head, H, 5);
    }
    linear(parameters, "fc", O, H);
    if (mixed) {
      parameters.put("lstm.input_map.weight", formula(20, 4 * H * inputs));
      parameters.put("lstm.input_map.bias", formula(21, 4 * H));
      parameters.put("lstm.recurrent_map.weight", formula(22, 4 * H * H));
    }
    CfcConfiguration c =
        new CfcConfiguration(inputs, H, CfcMode.DEFAULT, Activation.LECUN_TANH, 5, 2, O)
            .withMixedMemory(mixed);
    return new MaskedCfc(Cfc.of(c, parameters), F);
  }

  private static void linear(
      Map<String, float[]> parameters, String name, int outputs, int inputs) {
    parameters.put(name + ".weight", formula(parameters.size(), outputs * inputs));
    parameters.put(name + ".bias", formula(parameters.size(), outputs));
  }

  private static float[] formula(int k, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (0.3 * Math.sin(1 + 0.7 * k + 0.37 * i));
    }
    return values;
  }

  private static float[] x() {
    float[] x = new float[B * T * F];
    for (int i = 0; i < x.length; i++) {
      int row = i / F / T;
      int step = i / F % T;
      x[i] = (float) Math.sin(0.5 + 0.9 * row + 0.31 * step + 1.7 * (i % F));
    }
    return x;
  }

  private static float[] timespans() {
    float[] timespans = new float[B * T];
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = 0.25f + 0.5f * ((i / T + i % T) % 3);
    }
    return timespans;
  }

  private static Timespans times() {
    return Timespans.perRowAndStep(timespans());
  }

  /** (b + t + c) mod 2, but nothing at the last step of the second row. */
  private static boolean[] mask() {
    boolean[] mask = new boolean[B * T * F];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (i / F / T + i / F % T + i % F) % 2 == 1 && i < 5 * F;
    }
    return mask;
  }

  static Stream<Arguments> goldens() {
    return Stream.of(
        Arguments.of(
            2 * F,
            false,
            new double[] {-0.2073978916, -0.1824776079, -0.2080948591, -0.1834968116}),
        Arguments.of(
            3 * F,
            false,
            new double[] {-0.2042561122, -0.1782398546, -0.2043259170, -0.1783316842}),
        Arguments.of(2 * F, true, new double[] {-0.2069859723, -0.1818887134}),
        Arguments.of(3 * F, true, new double[] {-0.2040237923, -0.1779539622}));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void givesWhatTheAuthorsCodeGives(int inputs, boolean mixed, double[] expected) {
    float[] out = new float[B * O];
    try (MaskedCfcSession session = network(inputs, mixed).session(B)) {
      session.runToLast(x(), T, times(), mask(), out);
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) out[i]).isCloseTo(expected[i], within(5e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2 * F, 3 * F})
  void theLastOutputIsTheLatchedOne(int inputs) {
    float[] all = new float[B * T * O];
    float[] last = new float[B * O];
    try (MaskedCfcSession session = network(inputs).session(B)) {
      session.run(x(), T, times(), mask(), all);
      session.reset();
      session.runToLast(x(), T, times(), mask(), last);
    }
    assertThat(Arrays.copyOf(last, O)).isEqualTo(Arrays.copyOfRange(all, 2 * O, 3 * O));
    assertThat(Arrays.copyOfRange(last, O, 2 * O)).isEqualTo(Arrays.copyOfRange(all, 4 * O, 5 * O));
    // The state went on although nothing was observed.
    assertThat(Arrays.copyOfRange(all, 5 * O, 6 * O))
        .isNotEqualTo(Arrays.copyOfRange(all, 4 * O, 5 * O));
  }

  @ParameterizedTest
  @ValueSource(ints = {2 * F, 3 * F})
  void unobservedValuesHaveNoInfluence(int inputs) {
    float[] spoiled = x();
    for (int i = 0; i < spoiled.length; i++) {
      spoiled[i] = mask()[i] ? spoiled[i] : Float.NaN;
    }
    float[] expected = new float[B * T * O];
    float[] found = new float[B * T * O];
    try (MaskedCfcSession session = network(inputs).session(B)) {
      session.run(x(), T, times(), mask(), expected);
      session.reset();
      session.run(spoiled, T, times(), mask(), found);
    }
    assertThat(found).isEqualTo(expected).doesNotContain(Float.NaN);
  }

  @ParameterizedTest
  @ValueSource(ints = {2 * F, 3 * F})
  void callsAndLayoutsDoNotMatter(int inputs) {
    float[] expected = new float[B * O];
    float[] found = new float[B * O];
    float[] x = swapped(x());
    boolean[] mask = new boolean[B * T * F];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = mask()[(i / F % B * T + i / F / B) * F + i % F];
    }
    float[] timespans = swapped(timespans());
    try (MaskedCfcSession whole = network(inputs).session(B);
        MaskedCfcSession pieces =
            network(inputs).session(B).layout(SequenceLayout.TIME_FIRST).parallelism(2)) {
      whole.runToLast(x(), T, times(), mask(), expected);
      for (int step = 0; step < T; step++) {
        pieces.runToLast(
            Arrays.copyOfRange(x, step * B * F, (step + 1) * B * F),
            1,
            Timespans.perRow(Arrays.copyOfRange(timespans, step * B, (step + 1) * B)),
            Arrays.copyOfRange(mask, step * B * F, (step + 1) * B * F),
            found);
      }
      assertThat(pieces.state()).isEqualTo(whole.state());
    }
    assertThat(found).isEqualTo(expected);
  }

  /** [B, T, …] as [T, B, …]. */
  private static float[] swapped(float[] values) {
    int n = values.length / (B * T);
    float[] swapped = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      swapped[i] = values[(i / n % B * T + i / n / B) * n + i % n];
    }
    return swapped;
  }

  @Test
  void oneMaskForAllFeaturesIsOneMoreInput() {
    MaskedCfc network = network(F + 1);
    boolean[] mask = {true, false, true, false, true, false};
    float[] inputs = new float[B * T * (F + 1)];
    for (int item = 0; item < B * T; item++) {
      System.arraycopy(x(), item * F, inputs, item * (F + 1), F);
      inputs[item * (F + 1) + F] = mask[item] ? 1 : 0;
    }
    float[] expected = new float[B * T * O];
    float[] found = new float[B * T * O];
    float[] last = new float[B * O];
    try (Session plain = network.network().session(B);
        MaskedCfcSession session = network.session(B)) {
      plain.run(inputs, T, times(), expected);
      session.run(x(), T, times(), mask, found);
      session.reset();
      session.runToLast(x(), T, times(), mask, last);
    }
    assertThat(network.maskSize()).isEqualTo(1);
    assertThat(found).isEqualTo(expected);
    assertThat(last)
        .containsExactly(
            expected[2 * O], expected[2 * O + 1], expected[4 * O], expected[4 * O + 1]);
  }

  private static Arguments refused(String message, Consumer<MaskedCfcSession> call) {
    return Arguments.of(message, call);
  }

  static Stream<Arguments> refusals() {
    float[] out = new float[B * T * O];
    return Stream.of(
        refused(
            "x [B, T, F] must have 18 elements, but has 2",
            s -> s.run(new float[2], T, times(), mask(), out)),
        refused(
            "mask [B, T, W] must have 18 elements, but has 6",
            s -> s.run(x(), T, times(), new boolean[6], out)),
        refused(
            "timespans per step [T] must have 3 elements, but has 2",
            s -> s.run(x(), T, Timespans.perStep(new float[2]), mask(), out)),
        refused(
            "timespans must be finite and not negative, but one is NaN",
            s -> s.run(x(), T, Timespans.perStep(new float[] {1, 1, Float.NaN}), mask(), out)),
        refused(
            "out [B, T, O] must have 12 elements, but has 4",
            s -> s.run(x(), T, times(), mask(), new float[B * O])),
        refused(
            "out [B, O] must have 4 elements, but has 12",
            s -> s.runToLast(x(), T, times(), mask(), out)),
        refused(
            "steps must be at least 1, but is 0",
            s -> s.run(new float[0], 0, times(), new boolean[0], out)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesAndChangesNothing(String message, Consumer<MaskedCfcSession> call) {
    float[] expected = new float[B * O];
    float[] found = new float[B * O];
    try (MaskedCfcSession session = network(3 * F).session(B)) {
      session.runToLast(x(), T, times(), mask(), new float[B * O]);
      session.runToLast(x(), T, times(), mask(), expected);
      session.reset();
      session.runToLast(x(), T, times(), mask(), new float[B * O]);
      assertThatThrownBy(() -> call.accept(session))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      session.runToLast(x(), T, times(), mask(), found);
    }
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"6, false", "9, false", "9, true"})
  void rowsAreReadWrittenCopiedAndReset(int inputs, boolean mixed) {
    MaskedCfc network = network(inputs, mixed);
    float[] whole = new float[B * O];
    float[] found = new float[B * O];
    float[] fresh = new float[B * O];
    int[] both = {0, 1};
    int[] swapped = {1, 0};
    float[] rows = new float[B * network.rowSize()];
    Floats segment = Floats.of(ByteBuffer.allocateDirect(4 * rows.length).asFloatBuffer());
    try (MaskedCfcSession one = network.session(B);
        MaskedCfcSession other = network.session(B)) {
      one.runToLast(x(), T, times(), mask(), fresh);
      one.readRows(both, rows);
      one.readRows(both, segment);
      one.runToLast(x(), T, times(), mask(), whole);

      other.writeRows(both, rows);
      other.runToLast(x(), T, times(), mask(), found);
      assertThat(found).isEqualTo(whole);

      other.writeRows(both, segment);
      other.runToLast(x(), T, times(), mask(), found);
      assertThat(found).isEqualTo(whole);

      // There and back, within a session and between two.
      other.writeRows(both, rows);
      other.copyRows(both, other, swapped);
      one.reset();
      other.copyRows(swapped, one, both);
      one.runToLast(x(), T, times(), mask(), found);
      assertThat(found).isEqualTo(whole);

      one.writeRows(both, rows);
      one.reset(new int[] {1});
      one.runToLast(x(), T, times(), mask(), found);
      assertThat(Arrays.copyOf(found, O)).isEqualTo(Arrays.copyOf(whole, O));
      assertThat(Arrays.copyOfRange(found, O, 2 * O))
          .isEqualTo(Arrays.copyOfRange(fresh, O, 2 * O));
      one.reset(0);
      one.reset(1);
      one.runToLast(x(), T, times(), mask(), found);
      assertThat(found).isEqualTo(fresh);
    }
  }

  @Test
  void refusesRowsThatAreNone() {
    MaskedCfc network = network(2 * F);
    float[] one = new float[network.rowSize()];
    try (MaskedCfcSession session = network.session(B);
        MaskedCfcSession other = network(3 * F).session(B)) {
      session.runToLast(x(), T, times(), mask(), new float[B * O]);
      float[] before = new float[B * network.rowSize()];
      session.readRows(new int[] {0, 1}, before);
      assertThatThrownBy(() -> session.readRows(new int[] {2}, one))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("rows must lie between 0 and 1, but rows[0] is 2");
      assertThatThrownBy(() -> session.writeRows(new int[] {0, 0}, new float[2 * one.length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rows must be distinct, but 0 is listed again at rows[1]");
      assertThatThrownBy(() -> session.writeRows(new int[] {0}, new float[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("from [n, R] must have %d elements, but has 1".formatted(one.length));
      assertThatThrownBy(() -> session.reset(new int[] {0, -1}))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> session.copyRows(new int[] {0}, other, new int[] {0, 1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("toRows [n] must have 1 elements, but has 2");
      float[] after = new float[before.length];
      session.readRows(new int[] {0, 1}, after);
      assertThat(after).isEqualTo(before);
    }
  }

  @Test
  void timespansAreOneUnlessGiven() {
    float[] expected = new float[B * T * O];
    float[] found = new float[B * T * O];
    float[] expectedLast = new float[B * O];
    float[] foundLast = new float[B * O];
    try (MaskedCfcSession session = network(3 * F).session(B)) {
      session.run(x(), T, Timespans.of(1), mask(), expected);
      session.runToLast(x(), T, Timespans.of(1), mask(), expectedLast);
      session.reset();
      session.run(x(), T, mask(), found);
      session.runToLast(Floats.of(x()), T, mask(), Floats.of(foundLast));
    }
    assertThat(found).isEqualTo(expected);
    assertThat(foundLast).isEqualTo(expectedLast);
  }

  @Test
  void takesWeightsInAnotherStorage() {
    float[] exact = new float[B * O];
    float[] rounded = new float[B * O];
    network(3 * F).session(B).runToLast(x(), T, times(), mask(), exact);
    network(3 * F)
        .with(WeightStorage.BFLOAT16)
        .session(B)
        .runToLast(x(), T, times(), mask(), rounded);
    assertThat(rounded).isNotEqualTo(exact);
    for (int i = 0; i < exact.length; i++) {
      assertThat(rounded[i]).isCloseTo(exact[i], within(0.02f));
    }
  }

  @Test
  void refusesANetworkOfAnotherInput() {
    Cfc five = Cfc.initialised(CfcConfiguration.of(5, H), 1);
    assertThatThrownBy(() -> new MaskedCfc(five, F))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the network must have 2 F = 6, 3 F = 9 or F + 1 = 4 inputs, but has 5");
  }

  @Test
  void refusesMoreFeaturesThanARowCanHold() {
    assertThatThrownBy(() -> new MaskedCfc(new PairNetwork(Integer.MAX_VALUE), 1 << 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the network must have 2 F = 2147483648, 3 F = 3221225472 or");
    int features = (1 << 30) - 1;
    assertThatThrownBy(() -> new MaskedCfc(new PairNetwork(2 * features), features))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "floats of a row, S + M + 2 F + O, must be at most 2147483647, but would be"
                + " 2147483646 + 2147483646");
    int most = Integer.MAX_VALUE / 4 - 1;
    assertThatThrownBy(() -> new MaskedCfc(new PairNetwork(most + 1), most))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("floats of a row, S + M + 2 F + O, must be at most 2147483647");
    MaskedCfc large = new MaskedCfc(new PairNetwork(3), 2);
    assertThat(large.maskSize()).isEqualTo(1);
    assertThat(large.rowSize()).isEqualTo(13);
  }
}
