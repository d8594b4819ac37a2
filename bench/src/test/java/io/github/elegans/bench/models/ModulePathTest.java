package io.github.elegans.bench.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.ffm.NativeProvider;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.KernelProvider;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.vector.VectorProvider;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The modules on the module path, each in a JVM of its own. */
class ModulePathTest {
  private static final String ACCESS =
      "--enable-native-access=io.github.elegans.vector,io.github.elegans.ffm";

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs the probe, which is on the class path, on modules; no flag names the incubator module. */
  private static ChildJvm.Result probe(List<Class<?>> modules, String... flags) {
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.add("-p");
    arguments.add(
        Stream.concat(Stream.of(Kernels.class), modules.stream())
            .map(ModulePathTest::location)
            .collect(Collectors.joining(File.pathSeparator)));
    arguments.add("--add-modules=io.github.elegans");
    arguments.add("-cp");
    arguments.add(location(BackendsProbe.class));
    arguments.add(BackendsProbe.class.getName());
    return ChildJvm.run(arguments);
  }

  private static void assertChosen(ChildJvm.Result result, String backend) {
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("chosen = " + backend).contains("tanh = 0.46211717");
  }

  @Test
  void theScalarBackendNeedsNothing() {
    assertChosen(probe(List.of(), "--illegal-native-access=deny"), "scalar, scalar Java");
  }

  @Test
  void theVectorBackendResolvesTheIncubatorModuleByItself() {
    ChildJvm.Result result =
        probe(List.of(VectorProvider.class), ACCESS, "--illegal-native-access=deny");

    assertChosen(result, "vector, ");
  }

  @Test
  void allBackendsAreFoundByServiceBinding() {
    assumeNativeIsBuilt();
    ChildJvm.Result result =
        probe(
            List.of(VectorProvider.class, NativeProvider.class),
            ACCESS,
            "--illegal-native-access=deny");

    assertChosen(result, "native, ");
    assertThat(result.output())
        .containsPattern("vector +available +\\d+-bit species")
        .containsPattern("scalar +available +scalar Java");
  }

  @Test
  void theReasonNamesTheModuleThatNeedsAccess() {
    ChildJvm.Result result = probe(List.of(VectorProvider.class), "--illegal-native-access=deny");

    assertChosen(result, "scalar");
    assertThat(result.output())
        .containsPattern(
            "vector\\.reason = .*--enable-native-access=io\\.github\\.elegans\\.vector");
  }

  @Test
  void theReasonNamesTheNativeModuleToo() {
    assumeNativeIsBuilt();
    ChildJvm.Result result = probe(List.of(NativeProvider.class), "--illegal-native-access=deny");

    assertChosen(result, "scalar");
    assertThat(result.output())
        .containsPattern("native\\.reason = .*--enable-native-access=io\\.github\\.elegans\\.ffm");
  }

  @Test
  void everyProviderIsDeclaredOnTheClassPathToo() {
    ChildJvm.Result result =
        ChildJvm.run(
            List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"),
            BackendsProbe.class);

    assertThat(result.output())
        .as(KernelProvider.class.getName())
        .containsPattern("(?m)^vector = ")
        .containsPattern("(?m)^native = ")
        .containsPattern("(?m)^scalar = ");
  }

  private static void assumeNativeIsBuilt() {
    Backends.Status status =
        Backends.statuses().stream()
            .filter(s -> s.name().equals("native"))
            .findFirst()
            .orElseThrow();
    assumeTrue(!status.reason().startsWith("built without the C library"), status.reason());
  }
}
