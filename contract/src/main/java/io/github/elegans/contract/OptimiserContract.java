package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.kernels.optimiser.UpdateRule;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Optimiser;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The steps of a backend's optimisers have the bits of the definition, and those are right. */
public abstract class OptimiserContract {
  /** Width, rows, and floats between rows. */
  private static final int[][] SHAPES = {
    {0, 3, 5},
    {16, 0, 0},
    {16, 1, 0},
    {16, 5, 0},
    {16, 7, 1},
    {32, 3, 16},
    {48, 2, 33},
    {64, 17, 0},
    {1040, 2, 7},
    {4096, 1, 0}
  };

  private static final int[] SIZES = {0, 1, 15, 16, 17, 33, 64, 65, 1000, 4099};
  private static final int[] MISALIGNMENTS = {0, 4, 60};
  private static final int CHAINS = 16;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> stepsHaveTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(UpdateRule.values())
                .map(rule -> dynamicTest(Contract.name(rule), () -> bits(k.optimisers(), rule))));
  }

  private static void bits(OptimiserKernels optimisers, UpdateRule rule) {
    SplittableRandom random = Contract.random("optimisers", rule);
    for (int[] shape : SHAPES) {
      for (int misalignment : MISALIGNMENTS) {
        step(optimisers, step(random, rule, true), shape, misalignment, random, false);
        step(optimisers, step(random, rule, false), shape, misalignment, random, true);
      }
    }
  }

  /** Any constants. */
  private static OptimiserStep step(SplittableRandom random, UpdateRule rule, boolean clip) {
    return new OptimiserStep(
        rule,
        share(random),
        clip ? share(random) : Float.POSITIVE_INFINITY,
        share(random),
        share(random),
        share(random),
        share(random),
        share(random),
        share(random),
        share(random),
        share(random),
        share(random),
        1e-3f * share(random),
        1e-3f * share(random));
  }

  private static float share(SplittableRandom random) {
    return (float) random.nextDouble(0, 1.5);
  }

  private static void step(
      OptimiserKernels optimisers,
      OptimiserStep step,
      int[] shape,
      int misalignment,
      SplittableRandom random,
      boolean special) {
    int width = shape[0];
    int rows = shape[1];
    int stride = width + shape[2];
    int extent = rows == 0 ? 0 : (rows - 1) * stride + width;
    List<float[]> before = new ArrayList<>();
    for (int i = 0; i < 2 + step.rule().states(); i++) {
      before.add(values(random, extent, special));
    }
    String what = "%s, %d rows of %d, %d apart".formatted(step, rows, width, stride);
    try (Arena arena = Arena.ofConfined()) {
      List<GuardedMemory> expected = new ArrayList<>();
      List<GuardedMemory> found = new ArrayList<>();
      for (float[] values : before) {
        expected.add(GuardedMemory.of(arena, values, 0));
        found.add(GuardedMemory.of(arena, values, misalignment));
      }
      step(Contract.DEFINITION.optimisers(), step, expected, stride, width, rows);
      step(optimisers, step, found, stride, width, rows);
      for (int i = 0; i < expected.size(); i++) {
        String array = what + ", array " + i;
        assertSame(array, expected.get(i).toFloats(), found.get(i).toFloats());
        found.get(i).assertGuards(array);
      }
      assertSame(what + ", gradients", before.get(1), found.get(1).toFloats());
      float[] p = found.get(0).toFloats();
      for (int at = 0; at < extent; at++) {
        if (at % stride >= width) {
          assertSame(what, new float[] {before.get(0)[at]}, new float[] {p[at]});
        } else {
          assertThat(p[at] == 0 || !(Math.abs(p[at]) < 0x1p-100f))
              .as("%s is flushed", p[at])
              .isTrue();
        }
      }
    }
  }

  /** Those that a network has, or any; squares are not negative in either case now and then. */
  private static float[] values(SplittableRandom random, int n, boolean special) {
    float[] any = SampleValues.floats();
    float[] values = SampleValues.random(random, n);
    for (int i = 0; i < n; i++) {
      if (!special) {
        values[i] = (float) (random.nextDouble(-0.25, 1) * Math.scalb(1.0, -random.nextInt(120)));
      } else if (random.nextBoolean()) {
        values[i] = any[random.nextInt(any.length)];
      }
    }
    return values;
  }

  private static void step(
      OptimiserKernels optimisers,
      OptimiserStep step,
      List<GuardedMemory> arrays,
      int stride,
      int width,
      int rows) {
    optimisers.step(
        step,
        arrays.get(0).segment(),
        arrays.get(1).segment(),
        segment(arrays, 2),
        segment(arrays, 3),
        segment(arrays, 4),
        stride,
        width,
        rows);
  }

  private static @Nullable MemorySegment segment(List<GuardedMemory> arrays, int i) {
    return i < arrays.size() ? arrays.get(i).segment() : null;
  }

  @TestFactory
  Stream<DynamicNode> sumsHaveTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                dynamicTest("sums", () -> add(k.optimisers())),
                dynamicTest("sums of squares", () -> sumsOfSquares(k.optimisers()))));
  }

  private static void add(OptimiserKernels optimisers) {
    SplittableRandom random = Contract.random("add");
    for (int size : SIZES) {
      for (int misalignment : MISALIGNMENTS) {
        float[] x = SampleValues.random(random, size);
        float[] y = SampleValues.random(random, size);
        float[] expected = new float[size];
        for (int i = 0; i < size; i++) {
          expected[i] = y[i] + x[i];
        }
        try (Arena arena = Arena.ofConfined()) {
          GuardedMemory from = GuardedMemory.of(arena, x, misalignment);
          GuardedMemory to = GuardedMemory.of(arena, y, 4);
          optimisers.add(from.segment(), to.segment(), size);
          assertSame("sums of " + size, expected, to.toFloats());
          assertSame("x", x, from.toFloats());
          to.assertGuards("sums of " + size);
        }
      }
    }
  }

  private static void sumsOfSquares(OptimiserKernels optimisers) {
    SplittableRandom random = Contract.random("sums of squares");
    for (int rows : new int[] {0, 1, 2, 7, 255, 256, 257, 1000}) {
      for (int gap : new int[] {0, 1, 16}) {
        int stride = CHAINS + gap;
        float[] x = SampleValues.random(random, rows * stride);
        double[] sums = new double[CHAINS];
        for (int c = 0; c < CHAINS; c++) {
          sums[c] = random.nextDouble();
        }
        double[] expected = sums.clone();
        for (int row = 0; row < rows; row++) {
          for (int c = 0; c < CHAINS; c++) {
            double value = x[row * stride + c];
            expected[c] = Math.fma(value, value, expected[c]);
          }
        }
        try (Arena arena = Arena.ofConfined()) {
          GuardedMemory from = GuardedMemory.of(arena, x, 4);
          GuardedMemory to = GuardedMemory.of(arena, sums, 8);
          optimisers.sumsOfSquares(from.segment(), stride, rows, to.segment());
          assertSame("squares of %d rows".formatted(rows), expected, to.toDoubles());
          to.assertGuards("sums");
        }
      }
    }
  }

  /** What PyTorch's optimisers make of the same gradients in double precision, and Keras'. */
  @TestFactory
  Stream<DynamicNode> areThoseOfPyTorch() {
    Map<String, Optimiser> configurations = new LinkedHashMap<>();
    configurations.put("sgd", Optimiser.sgd(0.1));
    configurations.put("sgd_momentum", Optimiser.sgd(0.1).withMomentum(0.9));
    configurations.put(
        "sgd_dampening",
        Optimiser.sgd(0.1).withMomentum(0.9).withDampening(0.1).withWeightDecay(0.01));
    configurations.put("sgd_nesterov", Optimiser.sgd(0.1).withNesterov(0.9));
    configurations.put("adam", Optimiser.adam());
    configurations.put("adam_l2", Optimiser.adam().withLearningRate(0.01).withWeightDecay(0.1));
    configurations.put("adam_amsgrad", Optimiser.adam().withLearningRate(0.01).withAmsgrad(true));
    configurations.put("adamw", Optimiser.adamW());
    configurations.put("rmsprop", Optimiser.rmsProp());
    configurations.put("rmsprop_momentum", Optimiser.rmsProp().withMomentum(0.9));
    configurations.put("rmsprop_centered", Optimiser.rmsProp().withCentered(true));
    configurations.put("rmsprop_keras", Optimiser.kerasRmsProp());
    configurations.put("lion", Optimiser.lion().withLearningRate(0.001).withWeightDecay(0.1));
    Safetensors golden = Golden.file("gradients/optimiser-steps");
    return Contract.each(
        kernels(),
        k ->
            configurations.entrySet().stream()
                .map(
                    e ->
                        dynamicTest(
                            e.getKey(),
                            () ->
                                golden(
                                    k,
                                    e.getValue(),
                                    golden.tensor("p0").toFloats(),
                                    golden.tensor("g").toFloats(),
                                    golden.tensor("p." + e.getKey()).toDoubles()))));
  }

  private static void golden(
      Kernels kernels, Optimiser optimiser, float[] p0, float[] g, double[] expected) {
    int n = p0.length;
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory p = GuardedMemory.of(arena, p0, 0);
      List<MemorySegment> states = new ArrayList<>();
      for (int i = 0; i < optimiser.stateCount(); i++) {
        states.add(arena.allocate(4L * n, 64));
      }
      for (int step = 0; step < g.length / n; step++) {
        MemorySegment gradients =
            GuardedMemory.of(arena, Arrays.copyOfRange(g, step * n, step * n + n), 0).segment();
        optimiser.step(
            kernels,
            step,
            optimiser.learningRate(),
            1,
            Float.POSITIVE_INFINITY,
            optimiser.weightDecay(),
            p.segment(),
            gradients,
            states,
            n,
            n,
            1);
        for (int i = 0; i < n; i++) {
          double right = expected[step * n + i];
          assertThat((double) p.get(i))
              .as("step %d, parameter %d of %s", step, i, optimiser)
              .isCloseTo(right, within(1e-6 * Math.max(1, Math.abs(right))));
        }
      }
    }
  }

  /** The rules of which no golden tells, one parameter after another in double. */
  @TestFactory
  Stream<DynamicNode> areThoseOfTheTextbook() {
    Safetensors golden = Golden.file("gradients/optimiser-steps");
    float[] p0 = golden.tensor("p0").toFloats();
    float[] g = golden.tensor("g").toFloats();
    int n = p0.length;
    double[] adam = new double[g.length];
    double[] centered = new double[g.length];
    for (int i = 0; i < n; i++) {
      double p = p0[i];
      double q = p0[i];
      double m = 0;
      double v = 0;
      double square = 0;
      double mean = 0;
      double buffer = 0;
      for (int step = 0; step < g.length / n; step++) {
        double gradient = g[step * n + i];
        m = 0.9 * m + 0.1 * gradient;
        v = 0.999 * v + 0.001 * gradient * gradient;
        double rate =
            0.01 * Math.sqrt(1 - Math.pow(0.999, step + 1)) / (1 - Math.pow(0.9, step + 1));
        p -= rate * m / (Math.sqrt(v) + 1e-7);
        adam[step * n + i] = p;
        square = 0.9 * square + 0.1 * gradient * gradient;
        mean = 0.9 * mean + 0.1 * gradient;
        buffer = 0.5 * buffer + gradient / (Math.sqrt(square - mean * mean) + 1e-4);
        q -= 0.002 * buffer;
        centered[step * n + i] = q;
      }
    }
    Optimiser kerasAdam = Optimiser.kerasAdam().withLearningRate(0.01);
    Optimiser rmsProp =
        Optimiser.rmsProp()
            .withLearningRate(0.002)
            .withAlpha(0.9)
            .withEpsilon(1e-4)
            .withMomentum(0.5)
            .withCentered(true);
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                dynamicTest("Adam of Keras", () -> golden(k, kerasAdam, p0, g, adam)),
                dynamicTest(
                    "centered RMSprop with momentum", () -> golden(k, rmsProp, p0, g, centered))));
  }

  @TestFactory
  Stream<DynamicNode> gradientsAreScaledAndThenClamped() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("by hand", () -> clipping(k.optimisers()))));
  }

  private static void clipping(OptimiserKernels optimisers) {
    float[] g = {
      1, 4, -4, 0.5f, Float.NEGATIVE_INFINITY, Float.NaN, -0f, 8, 1, 1, 1, 1, 1, 1, 1, 1
    };
    DoubleUnaryOperator expected =
        x -> Double.isNaN(x) ? x : 10 - 0.5 * Math.clamp(x * 0.5, -1.5, 1.5);
    try (Arena arena = Arena.ofConfined()) {
      float[] tens = new float[g.length];
      Arrays.fill(tens, 10);
      GuardedMemory p = GuardedMemory.of(arena, tens, 0);
      optimisers.step(
          OptimiserStep.sgd(0.5).withGradients(0.5f, 1.5f),
          p.segment(),
          GuardedMemory.of(arena, g, 0).segment(),
          null,
          null,
          null,
          16,
          16,
          1);
      for (int i = 0; i < g.length; i++) {
        assertThat(Double.valueOf(p.get(i)))
            .isEqualTo(Double.valueOf(expected.applyAsDouble(g[i])));
      }
      // What a penalty adds to gradients before their norm is taken.
      GuardedMemory sum = GuardedMemory.of(arena, tens, 0);
      optimisers.step(
          OptimiserStep.addition(0.25),
          sum.segment(),
          GuardedMemory.of(arena, tens, 0).segment(),
          null,
          null,
          null,
          16,
          16,
          1);
      assertThat(sum.toFloats()).containsOnly(12.5f);
    }
  }
}
