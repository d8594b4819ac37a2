package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.ScalarActivationGradients;
import io.github.elegans.kernels.math.ScalarMath;
import io.github.elegans.networks.files.Safetensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The derivatives of a backend have the bits of the definition, and those are right. */
public abstract class ActivationGradientContract {
  private static final int[] SIZES = {0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 127, 2047, 2049, 5000};
  private static final int[] MISALIGNMENTS = {0, 4, 60};
  private static final int SWEEP = Contract.SMALL ? 500 : 300_000;

  /** Of a derivative that is rounded a few times; softplus jumps by 2e-9 where PyTorch cuts it. */
  private static final double TOLERANCE = 3e-7;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> haveTheBitsOfTheDefinition() {
    return perFunction(ActivationGradientContract::bits);
  }

  /** PyTorch's derivatives in double precision. */
  @TestFactory
  Stream<DynamicNode> areThoseOfPyTorch() {
    return perFunction(ActivationGradientContract::golden);
  }

  @TestFactory
  Stream<DynamicNode> refuseWhatDoesNotFit() {
    return perFunction(ActivationGradientContract::refusals);
  }

  @FunctionalInterface
  private interface Check {
    void check(ActivationGradientKernels gradients, Activation function);
  }

  private Stream<DynamicNode> perFunction(Check check) {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(Activation.values())
                .map(
                    f ->
                        dynamicTest(
                            Contract.name(f), () -> check.check(k.activationGradients(), f))));
  }

  private static void bits(ActivationGradientKernels gradients, Activation function) {
    SplittableRandom random = Contract.random("gradients", function);
    float[] special = SampleValues.floats();
    apply(gradients, function, special, 0, 0);
    for (int size : SIZES) {
      float[] z = SampleValues.random(random, size);
      for (int misalignment : MISALIGNMENTS) {
        apply(gradients, function, z, misalignment, 4);
        apply(gradients, function, z, 4, misalignment);
      }
    }
    int stride = (int) ((1L << 32) / SWEEP) | 1;
    float[] sweep = new float[SWEEP];
    for (int i = 0; i < SWEEP; i++) {
      sweep[i] = Float.intBitsToFloat(i * stride);
    }
    apply(gradients, function, sweep, 0, 0);
  }

  private static void apply(
      ActivationGradientKernels gradients,
      Activation function,
      float[] z,
      int zMisalignment,
      int dMisalignment) {
    String what = "gradient of %s at %d values".formatted(Contract.name(function), z.length);
    float[] expected = new float[z.length];
    for (int i = 0; i < z.length; i++) {
      expected[i] = ScalarActivationGradients.gradient(function, z[i]);
    }
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory from = GuardedMemory.of(arena, z, zMisalignment);
      GuardedMemory to = GuardedMemory.floats(arena, z.length, dMisalignment);
      gradients.gradient(function, from.segment(), to.segment(), z.length);
      assertSame(what, expected, to.toFloats());
      assertSame(what + ": z", z, from.toFloats());
      to.assertGuards(what);
      from.assertGuards(what);
      // Each with another gradient of the output: special values, then random ones.
      float[] dy = SampleValues.random(Contract.random("dy", function, z.length), z.length);
      float[] special = SampleValues.floats();
      for (int i = 0; i < Math.min(z.length, special.length); i++) {
        dy[i] = special[special.length - 1 - i];
      }
      for (int i = 0; i < z.length; i++) {
        expected[i] = PanelLayout.flush(dy[i] * expected[i]);
      }
      GuardedMemory inPlace = GuardedMemory.of(arena, dy, dMisalignment);
      gradients.backward(function, from.segment(), inPlace.segment(), z.length);
      assertSame(what + ", backward", expected, inPlace.toFloats());
      assertSame(what + ", backward: z", z, from.toFloats());
      inPlace.assertGuards(what + ", backward");
      from.assertGuards(what + ", backward");
    }
  }

  private static void golden(ActivationGradientKernels gradients, Activation function) {
    Safetensors file = Golden.file("gradients/activations");
    float[] x = file.tensor("x").toFloats();
    double[] derivatives = file.tensor("d." + function.fieldName()).toDoubles();
    float[] z = x.clone();
    if (ActivationGradientKernels.FROM_OUTPUT.contains(function)) {
      for (int i = 0; i < x.length; i++) {
        z[i] = ScalarMath.apply(function, Accuracy.ACCURATE, x[i]);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory from = GuardedMemory.of(arena, z, 0);
      GuardedMemory to = GuardedMemory.floats(arena, z.length, 0);
      gradients.gradient(function, from.segment(), to.segment(), z.length);
      float[] found = to.toFloats();
      for (int i = 0; i < x.length; i++) {
        // Beyond the largest float, infinity is right.
        double expected = (float) derivatives[i];
        if (expected == found[i]) {
          continue;
        }
        assertThat((double) found[i])
            .as("%s'(%s)", function.fieldName(), x[i])
            .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
      }
    }
  }

  private static void refusals(ActivationGradientKernels gradients, Activation function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment z = arena.allocate(64);
      MemorySegment d = arena.allocate(64);
      assertThatThrownBy(() -> gradients.gradient(function, z, d, 17))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("z must hold 17 elements, but has 16");
      assertThatThrownBy(() -> gradients.gradient(function, z, d.asSlice(0, 32), 16))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("d must hold 16 elements, but has 8");
      assertThatThrownBy(() -> gradients.gradient(function, z, d.asReadOnly(), 16))
          .hasMessage("d must be writable, but is read-only");
      assertThatThrownBy(() -> gradients.gradient(function, z, z, 16))
          .hasMessage("z and d must not overlap");
      assertThatThrownBy(() -> gradients.gradient(function, z, d, -1))
          .hasMessage("n must be at least 0, but is -1");
      assertThat(d.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
      MemorySegment dy = arena.allocate(64).fill((byte) 1);
      float one = dy.get(ValueLayout.JAVA_FLOAT, 0);
      assertThatThrownBy(() -> gradients.backward(function, z, dy, 17))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("z must hold 17 elements, but has 16");
      assertThatThrownBy(() -> gradients.backward(function, z, dy.asSlice(0, 32), 16))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("dy must hold 16 elements, but has 8");
      assertThatThrownBy(() -> gradients.backward(function, z, dy.asReadOnly(), 16))
          .hasMessage("dy must be writable, but is read-only");
      assertThatThrownBy(() -> gradients.backward(function, dy, dy, 16))
          .hasMessage("z and dy must not overlap");
      assertThatThrownBy(() -> gradients.backward(function, z, dy, -1))
          .hasMessage("n must be at least 0, but is -1");
      assertThat(dy.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(one);
    }
  }
}
