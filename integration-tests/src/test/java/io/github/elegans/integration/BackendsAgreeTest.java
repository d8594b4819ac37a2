package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.models.BundledModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The promise: one model, all backends, the same bits. */
class BackendsAgreeTest {
  private static final String NOT_BUILT = "built without the C library";

  private static Backends.Status status(String backend) {
    return Backends.statuses().stream()
        .filter(status -> status.name().equals(backend))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no provider of " + backend));
  }

  @Test
  void theScalarAndTheVectorBackendRunHere() {
    assertThat(status("scalar").kernels()).isNotNull();
    assertThat(status("vector").kernels()).as(status("vector").reason()).isNotNull();
  }

  @Test
  void theNativeBackendRunsHereAndIsPreferred() {
    String reason = status("native").reason();
    assumeTrue(!reason.startsWith(NOT_BUILT), reason);
    assumeTrue(
        InstructionSet.cap() != InstructionSet.BITS_128, "the cap excludes the native backend");

    assertThat(status("native").kernels()).as(reason).isNotNull();
    assertThat(Backends.named(Backends.AUTO)).isSameAs(status("native").kernels());
  }

  private static Cfc trained() {
    return Cfc.of(BundledModels.co2());
  }

  @ParameterizedTest
  @EnumSource(Accuracy.class)
  void onTheTrainedModel(Accuracy accuracy) {
    assertAgreement(trained().with(accuracy), 1, 500);
    assertAgreement(trained().with(accuracy), 100, 20);
  }

  static Stream<Arguments> networks() {
    SplittableRandom random = new SplittableRandom(20_261_123);
    List<Arguments> networks = new ArrayList<>();
    for (CfcMode mode : CfcMode.values()) {
      for (Activation activation : CfcConfiguration.ACTIVATIONS.stream().sorted().toList()) {
        networks.add(
            Arguments.of(
                new CfcConfiguration(
                    random.nextInt(1, 40),
                    random.nextInt(1, 140),
                    mode,
                    activation,
                    random.nextInt(1, 200),
                    random.nextInt(4),
                    random.nextInt(10)),
                Accuracy.values()[random.nextInt(3)],
                random.nextInt(1, 70)));
      }
    }
    return networks.stream();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void onRandomModels(CfcConfiguration configuration, Accuracy accuracy, int batch) {
    Cfc model = Cfc.initialised(configuration, batch).with(accuracy);

    assertAgreement(model, batch, 6);
    assertAgreement(model, 1, 6);
  }

  private static void assertAgreement(Cfc model, int batch, int steps) {
    List<Kernels> backends = Backends.available();
    int[] expected = run(model.on(Backends.named("scalar")), batch, steps);
    for (Kernels backend : backends) {
      int[] found = run(model.on(backend), batch, steps);
      assertThat(Arrays.mismatch(expected, found))
          .as("%s, %s, batch %d: first difference", backend, model.configuration(), batch)
          .isEqualTo(-1);
    }
  }

  /** The bits of all outputs and of the final state. */
  private static int[] run(Cfc model, int batch, int steps) {
    SplittableRandom random = new SplittableRandom(batch);
    CfcConfiguration shape = model.configuration();
    float[] x = new float[batch * steps * shape.inputSize()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-2, 2);
    }
    float[] timespans = new float[batch * steps];
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = (float) random.nextDouble(3);
    }
    float[] out = new float[batch * steps * shape.outputSize()];
    try (Session session = model.session(batch)) {
      session.run(x, steps, Timespans.perRowAndStep(timespans), out);
      float[] state = session.state();
      int[] bits = new int[out.length + state.length];
      for (int i = 0; i < out.length; i++) {
        bits[i] = Float.floatToIntBits(out[i]);
      }
      for (int i = 0; i < state.length; i++) {
        bits[out.length + i] = Float.floatToIntBits(state[i]);
      }
      return bits;
    }
  }
}
