package io.github.elegans.bench.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters as Linux has them, in a directory of ours. */
class EnergyTest {
  @TempDir private Path powercap;

  private Path counter(String domain, String name, long microjoules) throws IOException {
    Path directory = Files.createDirectory(powercap.resolve(domain));
    Files.writeString(directory.resolve("name"), name + "\n");
    Files.writeString(directory.resolve("max_energy_range_uj"), "1000000\n");
    return Files.writeString(directory.resolve("energy_uj"), microjoules + "\n");
  }

  private static void set(Path counter, long microjoules) {
    try {
      Files.writeString(counter, microjoules + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void packagesAreSummedOnceAndOtherDomainsAreNot() throws IOException {
    Path first = counter("intel-rapl:0", "package-0", 500_000);
    Path part = counter("intel-rapl:0:0", "core", 1);
    Path second = counter("intel-rapl:1", "package-1", 900_000);
    Path system = counter("intel-rapl:2", "psys", 1);
    counter("intel-rapl-mmio:0", "package-0", 500_000);
    Files.createDirectory(powercap.resolve("intel-rapl"));
    Reading joules =
        Energy.below(powercap)
            .during(
                () -> {
                  set(first, 750_000);
                  set(part, 100_000);
                  set(system, 900_000);
                  // It began anew at its greatest value.
                  set(second, 100_000);
                });
    assertThat(joules.known()).isTrue();
    assertThat(joules.value()).isEqualTo(0.45);
  }

  @Test
  void withoutCountersTheReasonIsSaidAndTheWorkDone() {
    boolean[] done = new boolean[2];
    assertThat(Energy.below(powercap.resolve("none")).during(() -> done[0] = true).unavailable())
        .startsWith("there is no ");
    assertThat(Energy.below(powercap).during(() -> done[1] = true).unavailable())
        .startsWith("the machine has no counters");
    assertThat(done).containsOnly(true);
  }
}
