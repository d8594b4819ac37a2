package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The work of the benchmarks, and which of them are run. */
class WorkloadTest {
  private static final Set<Family> ALL = EnumSet.allOf(Family.class);

  private static Workload of(BenchmarkCase what) {
    return Workload.of("io.github.elegans.bench.jmh." + what.benchmark(), what.parameters()::get);
  }

  private static BenchmarkCase network(String benchmark, int batch, int threads) {
    return new BenchmarkCase(benchmark)
        .with("shape", "16,128,64")
        .with("batch", batch)
        .with("threads", threads);
  }

  @Test
  void elementwise() {
    BenchmarkCase tanh =
        new BenchmarkCase(Workload.FLOAT32).with("function", "TANH").with("elements", 4096);
    assertThat(of(tanh.with("accuracy", "ACCURATE")))
        .isEqualTo(new Workload(37 * 4096, 16384, 32768, 4096, 1));
    assertThat(of(tanh.with("accuracy", "EXACT")))
        .isEqualTo(new Workload(0, 16384, 32768, 4096, 1));
    assertThat(of(new BenchmarkCase(Workload.FLOAT64).with("elements", 4096)))
        .isEqualTo(new Workload(0, 32768, 65536, 4096, 1));
    BenchmarkCase gradient = new BenchmarkCase(Workload.GRADIENT).with("elements", 4096);
    assertThat(of(gradient.with("function", "TANH")))
        .isEqualTo(new Workload(2 * 4096, 16384, 32768, 4096, 1));
    assertThat(of(gradient.with("function", "GELU")))
        .isEqualTo(new Workload(104 * 4096, 16384, 32768, 4096, 1));
  }

  @Test
  void dense() {
    Workload workload = of(new BenchmarkCase(Workload.DENSE).with("shape", "24x128x250"));
    long weights = 129 * 256 * 4;
    assertThat(workload).isEqualTo(new Workload(2.0 * 24 * 128 * 250, weights, weights, 24, 1));
    assertThat(workload.leastNanos(100, 1)).isCloseTo((double) weights, within(1e-9));
    assertThat(workload.leastNanos(1, 100)).isCloseTo(2.0 * 24 * 128 * 250, within(1e-9));
  }

  @Test
  void networks() {
    double flops = 2 * (80 * 128 + 4 * 128 * 64);
    long weights = (81 * 128 + 129 * 256) * 4;
    assertThat(of(network(Workload.STEP, 24, 1)))
        .isEqualTo(new Workload(24 * flops, weights, weights, 24, 1));
    assertThat(of(network(Workload.SEQUENCE, 3, 1).with("steps", 100)))
        .isEqualTo(new Workload(300 * flops, 100.0 * weights, weights, 300, 1));
  }

  @Test
  void otherNetworks() {
    BenchmarkCase ltc =
        new BenchmarkCase(Workload.NETWORK).with("network", "LTC_NCP").with("batch", 64);
    // 84 synapses in each of 6 unfolds and 140 sensory ones, three multiply-adds each.
    assertThat(of(ltc))
        .isEqualTo(
            new Workload(64 * 6.0 * (6 * 84 + 140), 16 * (6 * 84 + 140), 16 * (84 + 140), 64, 1));
    BenchmarkCase wired =
        new BenchmarkCase(Workload.NETWORK).with("network", "WIRED_CFC").with("batch", 1);
    double layers = 35 * 15 + 24 * 9 + 13 * 4;
    long weights = Math.round(16 * layers);
    assertThat(of(wired)).isEqualTo(new Workload(8 * layers, weights, weights, 1, 1));
    BenchmarkCase half =
        new BenchmarkCase(Workload.NETWORK_SEQUENCE)
            .with("network", "CFC_BFLOAT16")
            .with("batch", 3)
            .with("steps", 100);
    double multiplyAdds = 144 * 128 + 128 * 512;
    assertThat(of(half))
        .isEqualTo(
            new Workload(
                600 * multiplyAdds, 200 * multiplyAdds, Math.round(2 * multiplyAdds), 300, 1));
  }

  @Test
  void threadsShareRowsOrPanels() {
    Workload rows = of(network(Workload.STEP, 24, 2));
    Workload panels = of(network(Workload.STEP, 1, 2));
    assertThat(panels.workingSet()).isEqualTo(rows.workingSet() / 2);
    assertThat(rows.leastNanos(100, 1e9)).isCloseTo(rows.flops() / 200, within(1e-6));
  }

  @Test
  void differentialEquations() {
    BenchmarkCase lorenz =
        new BenchmarkCase(Workload.ODE).with("trajectories", 16).with("threads", 2);
    Workload doubles = of(lorenz.with("system", "LORENZ_FIXED"));
    // A thousand steps of six stages: 9 operations of the equations each; and for each state 21
    // multiply-adds that combine the stages. What is zero or one in a tableau saves some.
    double step = 6 * 9 + 3 * 21 * 2;
    assertThat(doubles.flops() / (16 * 1000 * 2)).isBetween(0.9 * step, 1.1 * step);
    assertThat(of(lorenz.with("system", "LORENZ_FLOAT")).flops()).isEqualTo(doubles.flops() / 2);
    // Three states and three parameters, on each thread half of the trajectories.
    assertThat(doubles.bytes()).isEqualTo(8 * 6 * 8);
    assertThat(doubles.leastNanos(100, 1e9)).isCloseTo(doubles.flops() / 200, within(1e-6));
  }

  @Test
  void training() {
    BenchmarkCase cfc =
        new BenchmarkCase(Workload.TRAINING)
            .with("network", "CFC")
            .with("batch", 40)
            .with("threads", 2)
            .with("steps", 32);
    // 128 x 128 of the backbone and 128 x 256 of the heads, of which the 64 x 128 of the inputs
    // are used twice and all others three times.
    double multiplyAdds = 3.0 * (128 * 128 + 128 * 256) - 64 * 128;
    Workload workload = of(cfc);
    assertThat(workload.flops()).isEqualTo(40 * 32 * 2 * multiplyAdds);
    assertThat(workload.items()).isEqualTo(32);
    assertThat(workload.leastNanos(100, 1e9)).isCloseTo(workload.flops() / 200, within(1e-6));
    // Three leaves, two of them in one thread; weights forward with biases and back without.
    double weights = 4 * (129 * 128 + 129 * 256 + 64 * 128 + 128 * 256);
    assertThat(workload.bytes()).isEqualTo(2 * 32 * weights);
    BenchmarkCase ltc = cfc.with("network", "LTC_NCP");
    assertThat(of(ltc).flops()).isEqualTo(40 * 32 * 16.0 * (6 * 84 + 140));
  }

  @Test
  void kernelsOfTraining() {
    Workload weights = of(new BenchmarkCase(Workload.WEIGHT_GRADIENT).with("shape", "16x128x256"));
    assertThat(weights.flops()).isEqualTo(2.0 * 16 * 128 * 256);
    assertThat(weights.bytes()).isEqualTo(4.0 * (16 * (128 + 256) + 129 * 256));
    Workload adam = of(new BenchmarkCase(Workload.TRAINING_KERNEL).with("kernel", "ADAM"));
    assertThat(adam).isEqualTo(new Workload(0, 800_000, 800_000, 50_000, 1));
  }

  @Test
  void emptyCallsHaveNoRoof() {
    assertThat(of(new BenchmarkCase(Workload.EMPTY_MATH)).leastNanos(100, 100)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1x2", "1x2x3x4", "0x1x1", "1x-2x3", "a", "1x2x9999999"})
  void wrongDenseShape(String text) {
    assertThatThrownBy(() -> DenseShape.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("24x128x256")
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,2", "1,2,3,4", "0,1,1", "1,-2,3", "16x128x64"})
  void wrongCfcShape(String text) {
    assertThatThrownBy(() -> CfcShape.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16,128,64")
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void settingsCoverWhatIsPromised() {
    Set<BenchmarkCase> quick = Selection.of(ALL).cases(Setting.QUICK);
    Set<BenchmarkCase> some = Selection.of(ALL).cases(Setting.SHORT);
    Set<BenchmarkCase> full = Selection.of(ALL).cases(Setting.FULL);
    // So that reports of two settings have something to compare.
    assertThat(some).containsAll(quick);
    assertThat(full).containsAll(some);
    for (String shape : List.of("16,64,32", "16,128,64", "16,128,128", "16,256,256")) {
      assertThat(some).anyMatch(c -> c.title().equals("cfc step " + shape + " batch 1"));
      assertThat(full).anyMatch(c -> c.title().equals("cfc step " + shape + " batch 24"));
    }
    for (Activation function : Activation.values()) {
      for (Accuracy accuracy : Accuracy.values()) {
        assertThat(full)
            .contains(
                new BenchmarkCase(Workload.FLOAT32)
                    .with("function", function)
                    .with("accuracy", accuracy)
                    .with("elements", 4096));
      }
    }
    // A report has other parts, too, and peers may take as long again.
    assertThat(minutes(quick, Setting.QUICK)).isLessThan(2);
    assertThat(minutes(some, Setting.SHORT)).isLessThan(30);
    assertThat(minutes(full, Setting.FULL)).isBetween(40.0, 90.0);
  }

  /** How long three backends should take at least. */
  private static double minutes(Set<BenchmarkCase> cases, Setting setting) {
    return 3 * cases.size() * setting.leastJvms() * setting.seconds() / 60;
  }

  @Test
  void whatIsChosenReplacesTheDefaults() {
    Selection selection =
        new Selection(
            EnumSet.of(Family.CFC),
            List.of(),
            List.of(new CfcShape(1, 2, 3)),
            List.of(5),
            List.of(7),
            List.of(Accuracy.FAST),
            List.of());
    assertThat(selection.cases(Setting.FULL).stream().map(BenchmarkCase::title))
        .containsExactly(
            "cfc step 1,2,3 batch 5 fast on 7 threads",
            "cfc sequence 1,2,3 batch 5 fast on 7 threads T=100");
  }

  @Test
  void unknownFamily() {
    assertThatThrownBy(() -> Family.of("maths"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown family 'maths': expected one of math, dense, cfc, network, ode, training, growth, call, all");
  }
}
