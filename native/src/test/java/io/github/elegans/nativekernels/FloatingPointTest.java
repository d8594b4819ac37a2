package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.wiring.WiringPlan;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.NeuralOde;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A native library that a thread has called leaves another floating-point environment in it. */
@Timeout(120)
class FloatingPointTest {

  /** What processors can be told, by numbers of ours; a thread starts with the first. */
  enum Mode {
    DEFAULT(""),
    UPWARD("rounds upward"),
    DOWNWARD("rounds downward"),
    TOWARD_ZERO("rounds toward zero"),
    FLUSHING("treats subnormal numbers as zero"),
    /** On x86-64 results alone, or arguments alone. */
    FLUSHING_RESULTS("treats subnormal numbers as zero"),
    FLUSHING_ARGUMENTS("treats subnormal numbers as zero");

    private final String said;

    Mode(String said) {
      this.said = said;
    }
  }

  private static final String C =
      """
      #if defined(__x86_64__)
      #include <xmmintrin.h>
      void elegans_test_mode(int mode) {
        static const unsigned bits[] = {0, 0x4000, 0x2000, 0x6000, 0x8040, 0x8000, 0x0040};
        _mm_setcsr((_mm_getcsr() & ~0xe040u) | bits[mode]);
      }
      #elif defined(__aarch64__)
      void elegans_test_mode(int mode) {
        static const unsigned long bits[] = {0, 1ul << 22, 2ul << 22, 3ul << 22, 1ul << 24, 1ul << 24, 1ul << 24};
        unsigned long fpcr;
        __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
        fpcr = (fpcr & ~(7ul << 22)) | bits[mode];
        __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
      }
      #else
      #error "another processor"
      #endif
      """;

  @TempDir private static Path folder;

  private static @Nullable MethodHandle set;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("mode.c"), C);
    Path library = folder.resolve(System.mapLibraryName("mode"));
    boolean compiled = false;
    try {
      compiled =
          new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                  .inheritIO()
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      assumeTrue(false, "there is no C compiler: " + e.getMessage());
    }
    assertThat(compiled).isTrue();
    set =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.libraryLookup(library, Arena.global())
                    .findOrThrow("elegans_test_mode"),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
  }

  private static void set(Mode mode) {
    try {
      Objects.requireNonNull(set).invokeExact(mode.ordinal());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static float[] random(int n) {
    Random random = new Random(1);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Computations by name, of whatever was made in the default environment. */
  private static Map<String, Callable<int[]>> computations(Kernels kernels) {
    Map<String, Callable<int[]>> all = new LinkedHashMap<>();
    Cfc cfc = Cfc.initialised(CfcConfiguration.of(4, 33), 1).on(kernels);
    Ltc ltc = Ltc.initialised(new WiringPlan.AutoNcp(12, 4, 0.5, 1).build(4), 1).on(kernels);
    for (int threads : new int[] {1, 2}) {
      Session ofCfc = cfc.session(64).parallelism(threads);
      Session ofLtc = ltc.session(64).parallelism(threads);
      all.put("a step, CfC, %d threads".formatted(threads), () -> step(ofCfc, 33));
      all.put("a step, LTC, %d threads".formatted(threads), () -> step(ofLtc, 4));
      Solver solver =
          Solver.of(OdeSystem.named("lorenz")).kernels(kernels).threads(threads).build();
      all.put("a solve, %d threads".formatted(threads), () -> solve(solver));
    }
    NeuralOde neural =
        NeuralOde.builder(2)
            .layer(random(8), random(4), Activation.TANH)
            .layer(random(8), random(2), Activation.LINEAR)
            .kernels(kernels)
            .build();
    all.put("a neural ODE", () -> bits(neural.solve(random(20), 0, 1).states()));
    MemorySegment x = Arena.ofAuto().allocate(64, 64);
    MemorySegment y = Arena.ofAuto().allocate(64, 64);
    all.put(
        "a function",
        () -> {
          kernels.math().apply(Activation.TANH, Accuracy.ACCURATE, x, y, 16);
          return bits(y.toArray(ValueLayout.JAVA_FLOAT));
        });
    all.put(
        "a session is made",
        () -> {
          try (Session session = cfc.session(64)) {
            return step(session, 33);
          }
        });
    all.put(
        "a solver is made",
        () -> solve(Solver.of(OdeSystem.named("lorenz")).kernels(kernels).build()));
    all.put(
        "weights are packed",
        () -> new int[] {DenseWeights.pack(2, 2, random(4), random(2)).outputs()});
    all.put(
        "a network is made",
        () -> step(Cfc.initialised(CfcConfiguration.of(4, 33), 1).on(kernels).session(64), 33));
    return all;
  }

  private static int[] step(Session session, int outputs) {
    float[] out = new float[64 * outputs];
    session.reset();
    for (int i = 0; i < 20; i++) {
      session.step(random(64 * 4), 0.7f, out);
    }
    return bits(out);
  }

  private static int[] solve(Solver solver) {
    double[] states = solver.solve(Ensemble.of(64).end(1)).states(5);
    return new int[] {Arrays.hashCode(states)};
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }

  private static void inThread(Runnable work) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .name("spoiled")
            .uncaughtExceptionHandler((t, e) -> thrown.set(e))
            .start(work);
    thread.join();
    assertThat(thrown.get()).isNull();
  }

  /** Refused, or right to the last bit: never wrong in silence. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DEFAULT")
  void whatIsLeftInAThreadIsRefusedAndSaid(Mode mode) throws Exception {
    List<String> unnoticed = new ArrayList<>();
    for (Kernels kernels : Backends.available()) {
      Map<String, Callable<int[]>> computations = computations(kernels);
      Map<String, int[]> expected = new LinkedHashMap<>();
      for (Map.Entry<String, Callable<int[]>> e : computations.entrySet()) {
        expected.put(e.getKey(), e.getValue().call());
      }
      inThread(
          () ->
              computations.forEach(
                  (name, computation) -> {
                    set(mode);
                    Throwable thrown = catchThrowable(computation::call);
                    set(Mode.DEFAULT);
                    if (thrown == null) {
                      unnoticed.add(kernels.backend() + ": " + name);
                    } else {
                      assertThat(thrown)
                          .as(name)
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("spoiled")
                          .hasMessageContaining(mode.said)
                          .hasMessageContaining("fesetenv(FE_DFL_ENV)");
                    }
                  }));
      for (Map.Entry<String, Callable<int[]>> e : computations.entrySet()) {
        assertThat(e.getValue().call()).as(e.getKey()).isEqualTo(expected.get(e.getKey()));
      }
    }
    assertThat(unnoticed).isEmpty();
  }

  /** Threads that a spoiled one starts are as they should be: the JVM sets them up. */
  @Test
  void helpersOfASpoiledThreadAreNotSpoiled() throws Exception {
    Cfc cfc = Cfc.initialised(CfcConfiguration.of(4, 33), 1);
    int[] expected = step(cfc.session(64), 33);
    try (Session session = cfc.session(64)) {
      inThread(
          () -> {
            set(Mode.UPWARD);
            session.parallelism(2);
            set(Mode.DEFAULT);
          });
      assertThat(step(session, 33)).isEqualTo(expected);
    }
  }
}
