package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the vector backend is chosen, and what it says when it is not; each in a JVM of its own. */
class VectorProviderTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";

  private static ChildJvm.Result probe(String... flags) {
    return ChildJvm.run(List.of(flags), BackendsProbe.class);
  }

  private static void assertChosen(ChildJvm.Result result, String backend) {
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("chosen = " + backend)
        .contains("tanh = " + (float) StrictMath.tanh(0.5));
  }

  @Test
  void lacksNoFamily() {
    assertThat(new VectorProvider().open(InstructionSet.V4).lacking()).isEmpty();
  }

  @Test
  void isChosenWhereItCanRun() {
    ChildJvm.Result result = probe(MODULE, ACCESS);

    assertChosen(result, "vector, ");
    assertThat(result.output())
        .contains("-bit species")
        .doesNotContainPattern("vector\\.reason = \\S");
  }

  @Test
  void namesTheFlagWhenTheModuleIsMissing() {
    ChildJvm.Result result = probe(ACCESS);

    assertChosen(result, "scalar");
    assertThat(result.output())
        .containsPattern(
            "vector\\.reason = .*start java with --add-modules=jdk\\.incubator\\.vector");
  }

  @Test
  void isStrictWhenTheModuleIsMissing() {
    ChildJvm.Result result = probe(ACCESS, "-Delegans.backend=vector");

    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output())
        .contains("BackendUnavailableException: backend 'vector' cannot run here: ")
        .contains("--add-modules=jdk.incubator.vector");
  }

  @Test
  void namesTheFlagWhenNativeAccessIsDenied() {
    ChildJvm.Result result = probe(MODULE, "--illegal-native-access=deny");

    assertChosen(result, "scalar");
    assertThat(result.output())
        .containsPattern("vector\\.reason = .*native access.*--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void isNotHinderedByDenialWhenAccessIsGranted() {
    assertChosen(probe(MODULE, ACCESS, "--illegal-native-access=deny"), "vector, ");
  }

  @Test
  void refusesACpuWithoutFusedMultiplyAdd() {
    ChildJvm.Result result = probe(MODULE, ACCESS, "-XX:-UseFMA");

    assertChosen(result, "scalar");
    assertThat(result.output()).containsPattern("vector\\.reason = .*fused multiply-add.*UseFMA");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=3"})
  void isPassedOverWithoutTheOptimisingCompilerUnlessNamed(String flag) {
    ChildJvm.Result automatic = probe(MODULE, ACCESS, flag);
    assertChosen(automatic, "scalar");
    assertThat(automatic.output()).containsPattern("vector\\.reason = .*C2");

    assertChosen(probe(MODULE, ACCESS, flag, "-Delegans.backend=vector"), "vector, ");
  }

  @ParameterizedTest
  @CsvSource({"128, 128-bit species", "256, 256-bit species", "v3, 256-bit species"})
  void theCapChoosesTheSpecies(String cap, String tier) {
    assertChosen(probe(MODULE, ACCESS, "-Delegans.isa=" + cap), "vector, " + tier);
  }

  @Test
  void anUnknownCapIsRefused() {
    ChildJvm.Result result = probe(MODULE, ACCESS, "-Delegans.isa=bogus");

    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output())
        .contains("IllegalArgumentException: unknown instruction set 'bogus'");
  }

  @Test
  void saysNothingOnStandardErrorButTheJvmsOwnWarning() {
    ChildJvm.Result result = probe(MODULE, ACCESS, "--illegal-native-access=deny");

    assertThat(result.output().lines().filter(line -> line.startsWith("WARNING")))
        .allMatch(line -> line.contains("incubator modules"));
  }
}
