package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.BorderFuzz;
import io.github.elegans.contract.ChildJvm;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls with wrong arguments, in a JVM of their own: if one kills it, the reason is here. */
class BorderFuzzTest {
  private static final long SEED =
      Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());

  private static final int CASES = Integer.getInteger("elegans.test.cases", 5000);

  static Stream<String> backends() {
    return Backends.available().stream().map(Kernels::backend);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void wrongArgumentsAreRefusedOrHarmless(String backend) {
    ChildJvm.Result result =
        ChildJvm.run(
            Duration.ofHours(3),
            List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                // Programs in C are other tests' business, and take a hundred times as long.
                "-Delegans.cc=none",
                "-Xmx512m",
                "-XX:+ErrorFileToStderr"),
            BorderFuzz.class,
            backend,
            Long.toString(SEED),
            Integer.toString(CASES));

    assertThat(result.status()).as("seed %d:%n%s", SEED, result.output()).isZero();
    // That something ran, was refused, and vanished.
    assertThat(result.output()).contains("RAN=", "REFUSED=", "VANISHED=");
    System.out.println(result.output().lines().filter(l -> l.contains(" cases, ")).toList());
  }
}
