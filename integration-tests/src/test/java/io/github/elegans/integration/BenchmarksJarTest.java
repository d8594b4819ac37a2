package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar for people who use JMH's own command line. */
class BenchmarksJarTest {
  private static final Path JAR = Path.of("../bench/target/benchmarks.jar");

  private static ChildJvm.Result run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("-Djmh.ignoreLock=true", "-jar", JAR.toString()));
    all.addAll(List.of(arguments));
    ChildJvm.Result result = ChildJvm.run(all);
    assertThat(result.status()).as(result.output()).isZero();
    return result;
  }

  @Test
  void listsTheBenchmarks() {
    assertThat(run("-l").output())
        .contains("CfcStepBenchmark.step", "MathBenchmark.float32", "OdeBenchmark.solve");
  }

  /** Without a flag for the JVM: forks get theirs by annotation. Values have no commas. */
  @Test
  void measuresEveryBackendWithParametersFromTheCommandLine(@TempDir Path folder)
      throws IOException {
    Path json = folder.resolve("results.json");
    run(
        "CfcStepBenchmark",
        "-p",
        "shape=16-64-32",
        "-p",
        "batch=1",
        "-p",
        "backend=scalar,vector,native",
        "-f",
        "1",
        "-wi",
        "0",
        "-i",
        "1",
        "-r",
        "10ms",
        "-rf",
        "json",
        "-rff",
        json.toString());
    assertThat(Files.readString(json))
        .contains(
            "\"backend\" : \"scalar\"", "\"backend\" : \"vector\"", "\"backend\" : \"native\"")
        .contains("\"shape\" : \"16-64-32\"");
  }
}
