package io.github.elegans.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendsTest {
  @TempDir private Path directory;

  // ---- in this JVM
  // ------------------------------------------------------------------------------------------------

  @Test
  void theScalarBackendIsAlwaysThere() {
    Kernels scalar = Backends.named("scalar");

    assertThat(scalar.backend()).isEqualTo("scalar");
    assertThat(scalar.tier()).isEqualTo("scalar Java");
    assertThat(scalar.caveat()).isEmpty();
    assertThat(scalar).hasToString("scalar (scalar Java)");
    assertThat(Backends.available()).contains(scalar);
  }

  @Test
  void aBackendIsAlwaysTheSameObject() {
    assertThat(Backends.named("scalar")).isSameAs(Backends.named("scalar"));
    assertThat(Backends.get()).isSameAs(Backends.named(Backends.AUTO));
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> Backends.named("fortran"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("unknown backend 'fortran'", "auto", "scalar");
  }

  // ---- in JVMs of their own
  // ---------------------------------------------------------------------------------------

  /** Runs the probe with other people's providers. */
  private ChildJvm.Result probe(List<Class<?>> providers, String... flags) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.add("-cp");
    arguments.add(declare(providers) + File.pathSeparator + ChildJvm.classPath());
    arguments.add(BackendsProbe.class.getName());
    return ChildJvm.run(arguments);
  }

  private Path declare(List<Class<?>> providers) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(KernelProvider.class.getName()),
        Stream.concat(Stream.of("some.other.Missing"), providers.stream().map(Class::getName))
            .collect(Collectors.joining("\n")));
    return directory;
  }

  @Test
  void automaticChoiceTakesTheFirstWithoutReserveAndSaysWhyTheOthersAreNot() throws IOException {
    ChildJvm.Result result =
        probe(
            List.of(
                FakeProviders.Good.class,
                FakeProviders.Unlinked.class,
                FakeProviders.Slow.class,
                FakeProviders.Unavailable.class,
                FakeProviders.Broken.class));

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .contains(
            "chosen = good, v4",
            "slow.reason = it is slow on purpose",
            "unavailable.reason = turn the switch on",
            "unlinked.reason = NoClassDefFoundError: some/Missing",
            "Broken.reason = NullPointerException",
            "Provider some.other.Missing not found");
    // The report has a line for each, the preferred first.
    List<String> report =
        Arrays.stream(result.output().split("\n", -1))
            .filter(
                line -> line.matches("(slow|unavailable|unlinked|good|scalar|Broken|\\?) +\\S.*"))
            .filter(line -> !line.contains(" = "))
            .map(line -> line.replaceAll(" +", " "))
            .toList();
    assertThat(report)
        .startsWith(
            "slow available v4; it is slow on purpose",
            "unavailable - turn the switch on",
            "unlinked - NoClassDefFoundError: some/Missing",
            "good chosen v4",
            "scalar available scalar Java")
        .hasSize(7);
  }

  @ParameterizedTest
  @CsvSource({
    "scalar, 'chosen = scalar, scalar Java'",
    "good, 'chosen = good, v4'",
    "slow, 'chosen = slow, v4'",
    "auto, 'chosen = good, v4'"
  })
  void thePropertyNamesTheBackend(String name, String expected) throws IOException {
    ChildJvm.Result result =
        probe(
            List.of(
                FakeProviders.Good.class,
                FakeProviders.Slow.class,
                FakeProviders.Unavailable.class),
            "-Delegans.backend=" + name);

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "unavailable, 'BackendUnavailableException: backend ''unavailable'' cannot run here: turn the"
        + " switch on'",
    "unlinked, 'BackendUnavailableException: backend ''unlinked'' cannot run here:"
        + " NoClassDefFoundError'",
    "Good, 'IllegalArgumentException: unknown backend ''Good'': expected auto, '",
    "'', 'IllegalArgumentException: unknown backend '''': expected auto, '"
  })
  void aNamedBackendIsStrict(String name, String expected) throws IOException {
    ChildJvm.Result result =
        probe(
            List.of(
                FakeProviders.Good.class,
                FakeProviders.Unlinked.class,
                FakeProviders.Unavailable.class),
            "-Delegans.backend=" + name);

    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output()).contains("thrown = " + expected);
  }

  @ParameterizedTest
  @CsvSource({"128, 128", "v3, v3", "256, v3", "v4, v4", "512, v4"})
  void thePropertyCapsTheInstructionSet(String value, String tier) throws IOException {
    ChildJvm.Result result = probe(List.of(FakeProviders.Good.class), "-Delegans.isa=" + value);

    assertThat(result.output()).contains("chosen = good, " + tier);
  }

  @ParameterizedTest
  @CsvSource({"bogus", "V4", "''", "1024"})
  void anUnknownInstructionSetIsRefused(String value) throws IOException {
    ChildJvm.Result result = probe(List.of(FakeProviders.Good.class), "-Delegans.isa=" + value);

    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output())
        .contains(
            "IllegalArgumentException: unknown instruction set '"
                + value
                + "': expected one of 128, v3 (or 256), v4 (or 512)");
  }

  @Test
  void withoutProvidersTheScalarBackendIsChosen() throws IOException {
    ChildJvm.Result result = probe(List.of());

    assertThat(result.output())
        .contains("scalar   chosen     scalar Java", "tanh = " + (float) Math.tanh(0.5));
  }

  @Test
  void instructionSetsAreOrdered() {
    assertThat(Stream.of(InstructionSet.values()).map(InstructionSet::bits))
        .containsExactly(128, 256, 512);
    assertThat(InstructionSet.V4.atMost(InstructionSet.V3)).isEqualTo(InstructionSet.V3);
    assertThat(InstructionSet.BITS_128.atMost(InstructionSet.V3))
        .isEqualTo(InstructionSet.BITS_128);
    for (InstructionSet tier : InstructionSet.values()) {
      assertThat(InstructionSet.of(tier.label())).isEqualTo(tier);
      assertThat(InstructionSet.of(Integer.toString(tier.bits()))).isEqualTo(tier);
    }
  }
}
