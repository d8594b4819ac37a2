package io.github.elegans.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.kernels.KernelFamily;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendsTest {
  @TempDir private Path directory;

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

  /** Runs the probe with other people's providers. */
  private ChildJvm.Result probe(List<Class<?>> providers, String... flags) throws IOException {
    return java(providers, List.of(flags), BackendsProbe.class);
  }

  private ChildJvm.Result java(
      List<Class<?>> providers, List<String> flags, Class<?> main, String... words)
      throws IOException {
    List<String> arguments = new ArrayList<>(flags);
    arguments.add("-cp");
    arguments.add(declare(providers) + File.pathSeparator + ChildJvm.classPath());
    arguments.add(main.getName());
    arguments.addAll(List.of(words));
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
    String lacking =
        Kernels.FAMILIES.stream()
            .map(KernelFamily::name)
            .collect(Collectors.joining(", ", "; by the scalar backend: ", ""));
    assertThat(report)
        .startsWith(
            "slow available v4" + lacking + "; it is slow on purpose",
            "unavailable - turn the switch on",
            "unlinked - NoClassDefFoundError: some/Missing",
            "good chosen v4" + lacking,
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

  /** A file by which the scalar backend is faster than the good one. */
  private Path calibration() throws IOException {
    List<Calibration.Timing> timings =
        List.of(
            new Calibration.Timing("good", "v4", 2000, true),
            new Calibration.Timing("scalar", "scalar Java", 1000, true),
            new Calibration.Timing("blocked", "blocks of 8 in plain Java", 3000, true));
    Path file = directory.resolve("calibration");
    new Calibration("a step", timings, Surroundings.here()).write(file);
    return file;
  }

  private ChildJvm.Result calibrated(Path file, List<Class<?>> providers, String... flags)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("-Delegans.calibration=" + file);
    ChildJvm.Result result = probe(providers, all.toArray(String[]::new));
    assertThat(result.status()).as(result.output()).isZero();
    return result;
  }

  @Test
  void automaticChoiceFollowsACalibrationWhenAsked() throws IOException {
    Path file = calibration();

    assertThat(calibrated(file, List.of(FakeProviders.Good.class)).output())
        .contains(
            "chosen = scalar, ",
            "scalar   chosen     scalar Java",
            "calibration used: "
                + file
                + "; a step; scalar was the fastest; good 2.000 µs, scalar 1.000 µs, blocked 3.000"
                + " µs");
    assertThat(probe(List.of(FakeProviders.Good.class)).output())
        .contains("chosen = good, ")
        .doesNotContain("calibration");
  }

  @Test
  void aNamedBackendStaysNamed() throws IOException {
    assertThat(
            calibrated(calibration(), List.of(FakeProviders.Good.class), "-Delegans.backend=good")
                .output())
        .contains("chosen = good, ")
        .doesNotContain("calibration used");
  }

  @Test
  void aCalibrationForOthersIsIgnoredAndTheReportSaysWhy() throws IOException {
    Path file = calibration();

    assertThat(calibrated(file, List.of()).output())
        .contains(
            "chosen = scalar, ",
            "calibration ignored: " + file + ": is of other circumstances: backends: expected ");
    assertThat(calibrated(file, List.of(FakeProviders.Good.class), "-Delegans.isa=v3").output())
        .contains("chosen = good, v3", "calibration ignored: ", "good (v3)", "found good (v4)");

    Files.writeString(file, "nonsense");
    assertThat(calibrated(file, List.of(FakeProviders.Good.class)).output())
        .contains("chosen = good, ", "calibration ignored: " + file + ": line 1: expected ");

    Files.delete(file);
    assertThat(calibrated(file, List.of(FakeProviders.Good.class)).output())
        .contains("chosen = good, ", "calibration ignored: " + file + " cannot be read: ");
  }

  /**
   * What a call may take beyond its budget on a machine that is busy with other tests: far more
   * than it needs, but far less than the steps that nobody may wait for.
   */
  private static final Duration SLACK = Duration.ofSeconds(10);

  /** Calibrates in a JVM that has opened no backend yet; one backend's steps take minutes. */
  private ChildJvm.Result calibrating(String endless, List<Class<?>> providers) throws IOException {
    ChildJvm.Result result = java(providers, List.of(), CalibrationProbe.class, endless);
    assertThat(result.status()).as(result.output()).isZero();
    return result;
  }

  @Test
  void aCalibrationIsNotWaitedForBeyondItsBudget() throws IOException {
    ChildJvm.Result result = calibrating("good", List.of(FakeProviders.Good.class));

    Matcher elapsed = Pattern.compile("milliseconds = (\\d+)").matcher(result.output());
    assertThat(elapsed.find()).as(result.output()).isTrue();
    assertThat(Duration.ofMillis(Long.parseLong(elapsed.group(1))))
        .isLessThan(Backends.CALIBRATION_BUDGET.plus(SLACK));
    assertThat(result.output()).contains("reason = good is preferred, because ");
  }

  /** Whatever else happens: there is no time left, whereas all steps would be quick. */
  @Test
  void openingTheBackendsIsPartOfTheBudgetOfACalibration() throws IOException {
    ChildJvm.Result result = calibrating("none", List.of(FakeProviders.Late.class));

    assertThat(result.output())
        .contains(
            "workloads = 0",
            "reason = late is preferred, because there was not time enough to measure it; late not"
                + " measured, scalar not measured, blocked not measured");
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
