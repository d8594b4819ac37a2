package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.nativekernels.NativeProvider;
import io.github.elegans.networks.Network;
import io.github.elegans.ode.Solver;
import io.github.elegans.vector.VectorProvider;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modules on the module path, each in a JVM of its own. */
class ModulePathTest {
  private static final String ACCESS =
      "--enable-native-access=io.github.elegans.vector,io.github.elegans.nativekernels";

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
        .containsPattern(
            "native\\.reason = .*--enable-native-access=io\\.github\\.elegans\\.nativekernels");
  }

  /** A user's module needs our modules and nothing else, to be compiled and to run. */
  @Test
  void aModuleOfAUserIsCompiledAgainstTheArtifactsAlone(@TempDir Path folder) throws IOException {
    Path descriptor =
        Files.writeString(
            folder.resolve("module-info.java"),
            "module demo { requires io.github.elegans.networks; requires io.github.elegans.ode; }");
    Path main =
        Files.writeString(
            Files.createDirectory(folder.resolve("demo")).resolve("Main.java"),
            """
            package demo;

            import io.github.elegans.networks.cfc.Cfc;
            import io.github.elegans.networks.cfc.CfcConfiguration;
            import io.github.elegans.kernels.math.Accuracy;
            import io.github.elegans.backends.Backends;
            import io.github.elegans.kernels.cfc.CfcWeights;
            import io.github.elegans.kernels.cfc.CfcWorkspace;
            import io.github.elegans.backends.Kernels;
            import io.github.elegans.kernels.Series;
            import io.github.elegans.ode.Ensemble;
            import io.github.elegans.ode.OdeSystem;
            import io.github.elegans.ode.Solver;
            import java.lang.foreign.Arena;
            import java.lang.foreign.MemorySegment;

            public class Main {
              public static void main(String[] arguments) {
                Kernels kernels = Kernels.of("mine", "nothing of its own").build();
                CfcWeights weights = Cfc.initialised(CfcConfiguration.of(2, 8), 1).weights();
                MemorySegment x = Arena.ofAuto().allocate(64, 64);
                // The last argument is annotated: it may be null.
                kernels
                    .cfc()
                    .cell(weights, Accuracy.ACCURATE)
                    .run(
                        CfcWorkspace.of(weights, 1),
                        0,
                        1,
                        1,
                        new Series(x, 2, 2),
                        new Series(x, 0, 0),
                        null);
                System.out.println(
                    "status = "
                        + Solver.of(OdeSystem.named("lorenz"))
                            .build()
                            .solve(Ensemble.of(1).end(1))
                            .status(0));
                System.out.println("chosen = " + Backends.get().backend());
              }
            }
            """);
    String libraries =
        Stream.of(Kernels.class, Network.class, Solver.class)
            .map(ModulePathTest::location)
            .collect(Collectors.joining(File.pathSeparator));
    String classes = Files.createDirectory(folder.resolve("classes")).toString();
    StringWriter messages = new StringWriter();
    PrintWriter writer = new PrintWriter(messages);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                writer,
                writer,
                "-Xlint:all",
                "-Werror",
                "-cp",
                classes,
                "-d",
                classes,
                "-p",
                libraries,
                descriptor.toString(),
                main.toString());

    assertThat(status).as(messages.toString()).isZero();
    for (List<Class<?>> backends :
        List.<List<Class<?>>>of(
            List.of(), List.of(VectorProvider.class), List.of(NativeProvider.class))) {
      String path =
          Stream.concat(
                  Stream.of(classes, libraries), backends.stream().map(ModulePathTest::location))
              .collect(Collectors.joining(File.pathSeparator));
      ChildJvm.Result result = ChildJvm.run(List.of("-p", path, "-m", "demo/demo.Main"));
      assertThat(result.status()).as(result.output()).isZero();
      assertThat(result.output()).contains("status = DONE", "chosen = ");
    }
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
