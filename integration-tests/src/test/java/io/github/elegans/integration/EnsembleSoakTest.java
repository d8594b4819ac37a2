package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.ChildJvm;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many trajectories in little memory. */
class EnsembleSoakTest {
  private static final Pattern LINE = Pattern.compile("heap = ([0-9.]+), resident = (-?[0-9.]+)");

  /** Megabytes by which the heap may differ between ensembles of the same kind. */
  private static final double HEAP_NOISE = 4;

  /** The same for the process, in which compilers may be at work. */
  private static final double RESIDENT_NOISE = 16;

  /** Those that have programs of their own: others interpret them as the scalar one does. */
  private static Stream<String> backends() {
    return Backends.available().stream()
        .map(Kernels::backend)
        .filter(List.of("native", "vector", "scalar")::contains);
  }

  /** The scalar interpreter takes a hundred times as long. */
  private static int part(String backend, int size) {
    return backend.equals("scalar") ? size / 100 : size;
  }

  private static List<MatchResult> solve(String backend, int size, int ensembles) {
    ChildJvm.Result result =
        ChildJvm.run(
            Duration.ofMinutes(20),
            List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                // Memory that grows shows only beside a heap that does not.
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch"),
            EnsembleSoak.class,
            backend,
            Integer.toString(part(backend, size)),
            Integer.toString(ensembles));
    assertThat(result.status()).as(result.output()).isZero();
    List<MatchResult> lines = LINE.matcher(result.output()).results().toList();
    assertThat(lines).hasSize(ensembles);
    return lines;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aMillionTrajectoriesFitIntoASmallHeap(String backend) {
    solve(backend, 1_000_000, 1);
  }

  @Tag("nightly")
  @ParameterizedTest
  @MethodSource("backends")
  void tenMillionTrajectoriesLeaveNothingBehind(String backend) {
    List<MatchResult> lines = solve(backend, 500_000, 20);
    lines.forEach(line -> System.out.println(backend + ": " + line.group()));
    MatchResult early = lines.get(5);
    MatchResult last = lines.get(19);
    assertThat(number(last, 1)).isLessThan(number(early, 1) + HEAP_NOISE);
    assertThat(number(last, 2)).isLessThan(number(early, 2) + RESIDENT_NOISE);
  }

  private static double number(MatchResult line, int group) {
    return Double.parseDouble(line.group(group));
  }
}
