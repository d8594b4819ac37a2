package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.networks.Network;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * HotSpot's first compiler, C1, gives up methods that are too long for it. One that it compiled
 * without profiling before, as it does while C2 has much to do, is then never handed to C2: a
 * kernel stays a hundred times slower as long as the JVM lives, in some JVMs. So none may be that
 * long.
 */
class FirstCompilerTest {
  private static final List<String> FLAGS =
      List.of(
          "--add-modules=jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "-XX:TieredStopAtLevel=3",
          "-XX:Tier3InvocationThreshold=4",
          "-XX:Tier3MinInvocationThreshold=2",
          "-XX:Tier3CompileThreshold=4",
          "-XX:Tier3BackEdgeThreshold=2000",
          "-XX:+PrintCompilation");

  private static final int CALLS = 20;

  @Test
  void everyMethodIsShortEnough() {
    ChildJvm.Result result = ChildJvm.run(FLAGS, EveryKernel.class);
    assertThat(result.status()).as(result.output()).isZero();
    List<String> ours =
        result.output().lines().filter(line -> line.contains("io.github.elegans.")).toList();
    for (String method :
        List.of("VectorDoubles::geluExact", "VectorFloats::tanhAccurate", "ScalarCell::step")) {
      assertThat(ours).as("compiled").anyMatch(line -> line.contains(method + " ("));
    }
    assertThat(ours)
        .as("given up")
        .noneMatch(line -> line.contains("COMPILE SKIPPED: out of virtual registers"));
  }

  /** Runs all kernels of the backends in Java. */
  static final class EveryKernel {
    private EveryKernel() {}

    public static void main(String[] arguments) {
      for (String backend : List.of("scalar", "vector")) {
        Kernels kernels = Backends.named(backend);
        functions(kernels.math());
        for (Network network : EveryNetwork.all().values()) {
          Network copy = network.on(kernels);
          for (int i = 0; i < CALLS; i++) {
            EveryNetwork.run(copy, 1);
          }
        }
      }
    }

    private static void functions(MathKernels math) {
      int n = 4096;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment x = arena.allocate((long) Double.BYTES * n, 64);
        MemorySegment y = arena.allocate((long) Double.BYTES * n, 64);
        for (Activation function : Activation.values()) {
          for (int i = 0; i < CALLS; i++) {
            for (Accuracy accuracy : Accuracy.values()) {
              math.apply(function, accuracy, x, y, n);
            }
            math.applyDouble(function, x, y, n);
          }
        }
      }
    }
  }
}
