package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.kernels.loss.ScalarLosses;
import io.github.elegans.networks.files.Safetensors;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A backend's losses have the bits of the definition, and those are right. */
public abstract class LossContract {
  private static final int[] WIDTHS = {1, 2, 3, 6, 15, 16, 17, 33, 64, 65, 341, 1023, 1024, 1025};
  private static final int[] ROWS = {0, 1, 2, 5, 70};

  /** No more elements than that in a case. */
  private static final int MOST = 5000;

  private static final float SCALE = 0.37f;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> haveTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(Loss.values())
                .map(loss -> dynamicTest(Contract.name(loss), () -> bits(k.losses(), loss))));
  }

  private static double parameter(Loss loss, SplittableRandom random) {
    return switch (loss) {
      case MEAN_SQUARED_ERROR, MEAN_ABSOLUTE_ERROR -> Double.NaN;
      case HUBER, BINARY_CROSS_ENTROPY -> random.nextDouble(0.1, 3);
      case CROSS_ENTROPY -> random.nextBoolean() ? 0 : random.nextDouble();
    };
  }

  private static void bits(LossKernels losses, Loss loss) {
    SplittableRandom random = Contract.random("losses", loss);
    for (int width : WIDTHS) {
      for (int rows : ROWS) {
        if ((long) width * rows > MOST) {
          continue;
        }
        for (int i = 0; i < 8; i++) {
          bits(losses, loss, width, rows, (i & 1) != 0, (i & 2) != 0, (i & 4) != 0, random);
        }
      }
    }
    bits(losses, loss, 3000, 3, true, true, false, random);
  }

  private static void bits(
      LossKernels losses,
      Loss loss,
      int width,
      int rows,
      boolean weighted,
      boolean inPlace,
      boolean special,
      SplittableRandom random) {
    boolean classes = loss == Loss.CROSS_ENTROPY;
    int outStride = width + random.nextInt(3);
    int targetWidth = classes ? 1 : width;
    int targetStride = targetWidth + random.nextInt(3);
    int extent = rows == 0 ? 0 : (rows - 1) * outStride + width;
    int targetExtent = rows == 0 ? 0 : (rows - 1) * targetStride + targetWidth;
    float[] out = values(random, extent, special);
    float[] targets = values(random, targetExtent, special);
    if (classes) {
      for (int i = 0; i < targetExtent; i++) {
        targets[i] = random.nextInt(-1, width);
      }
    }
    float[] weights = weighted ? values(random, classes ? width : targetExtent, false) : null;
    double parameter = parameter(loss, random);
    String what =
        "%s of %s, %d rows of %d, weighted %s, in place %s"
            .formatted(Contract.name(loss), parameter, rows, width, weighted, inPlace);
    Result expected =
        run(
            Contract.DEFINITION.losses(),
            loss,
            parameter,
            out,
            outStride,
            targets,
            targetStride,
            weights,
            width,
            rows,
            SCALE,
            false,
            0);
    Result found =
        run(
            losses,
            loss,
            parameter,
            out,
            outStride,
            targets,
            targetStride,
            weights,
            width,
            rows,
            SCALE,
            inPlace,
            4 * random.nextInt(16));
    assertSame(what + ", losses", expected.losses, found.losses);
    for (int row = 0; row < rows; row++) {
      assertSame(
          what + ", gradients of row " + row,
          Arrays.copyOfRange(expected.gradient, row * outStride, row * outStride + width),
          Arrays.copyOfRange(found.gradient, row * outStride, row * outStride + width));
    }
  }

  private static float[] values(SplittableRandom random, int n, boolean special) {
    float[] any = SampleValues.floats();
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          special && random.nextInt(8) == 0
              ? any[random.nextInt(any.length)]
              : random.nextInt(4) == 0 ? random.nextInt(-2, 3) : (float) random.nextDouble(-9, 9);
    }
    return values;
  }

  private record Result(float[] gradient, double[] losses) {
    double sum() {
      return Arrays.stream(losses).sum();
    }
  }

  private static Result run(
      LossKernels kernels,
      Loss loss,
      double parameter,
      float[] out,
      int outStride,
      float[] targets,
      int targetStride,
      float @Nullable [] weights,
      int width,
      int rows,
      float scale,
      boolean inPlace,
      int misalignment) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory o = GuardedMemory.of(arena, out, misalignment);
      GuardedMemory y = GuardedMemory.of(arena, targets, 4);
      GuardedMemory w = weights == null ? null : GuardedMemory.of(arena, weights, 8);
      GuardedMemory g = inPlace ? o : GuardedMemory.floats(arena, out.length, misalignment);
      GuardedMemory sums = GuardedMemory.doubles(arena, rows, 8);
      kernels.loss(
          loss,
          parameter,
          o.segment(),
          outStride,
          y.segment(),
          targetStride,
          w == null ? null : w.segment(),
          width,
          rows,
          scale,
          g.segment(),
          sums.segment());
      assertSame("targets", targets, y.toFloats());
      if (weights != null && w != null) {
        assertSame("weights", weights, w.toFloats());
      }
      float[] gradient = g.toFloats();
      for (int row = 0; row + 1 < rows; row++) {
        int gap = row * outStride + width;
        if (inPlace) {
          assertSame(
              "between rows",
              Arrays.copyOfRange(out, gap, gap + outStride - width),
              Arrays.copyOfRange(gradient, gap, gap + outStride - width));
        } else {
          assertSame("out", out, o.toFloats());
          g.assertUntouched("between rows", gap, outStride - width);
        }
      }
      g.assertGuards("gradient");
      sums.assertGuards("losses");
      return new Result(gradient, sums.toDoubles());
    }
  }

  /** A golden: what the kernels are called with, and what their sums are divided by. */
  private record Reference(
      Loss loss,
      double parameter,
      String targets,
      Function<Safetensors, float @Nullable []> weights,
      double divisor) {}

  /** PyTorch's losses and gradients in double precision. */
  @TestFactory
  Stream<DynamicNode> areThoseOfPyTorch() {
    Safetensors file = Golden.file("gradients/losses");
    float[] mask = file.tensor("mask").toFloats();
    float[] classes = file.tensor("classes").toFloats();
    float[] classWeights = file.tensor("class_weights").toFloats();
    double kept = sum(mask);
    float[] weightsPresent = new float[classes.length];
    for (int i = 0; i < classes.length; i++) {
      weightsPresent[i] = classWeights[(int) classes[i]];
    }
    double present = sum(weightsPresent);
    int rows = classes.length;
    int elements = rows * classWeights.length;
    float[] stepMask = new float[elements];
    float[] maskedClasses = classes.clone();
    for (int i = 0; i < elements; i++) {
      stepMask[i] = mask[i / classWeights.length];
    }
    for (int i = 0; i < rows; i++) {
      maskedClasses[i] = mask[i] == 0 ? LossKernels.NO_CLASS : classes[i];
    }
    float positive = file.tensor("positive_weight").toFloats()[0];
    Loss mse = Loss.MEAN_SQUARED_ERROR;
    Loss bce = Loss.BINARY_CROSS_ENTROPY;
    Loss ce = Loss.CROSS_ENTROPY;
    Function<Safetensors, float @Nullable []> none = f -> null;
    Function<Safetensors, float @Nullable []> perClass = f -> classWeights;
    Function<Safetensors, float @Nullable []> perStep = f -> stepMask;
    double masked = kept * classWeights.length;
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                golden(k, "mse", new Reference(mse, 0, "target", none, elements), file, null),
                golden(
                    k,
                    "mae",
                    new Reference(Loss.MEAN_ABSOLUTE_ERROR, 0, "target", none, elements),
                    file,
                    null),
                golden(
                    k,
                    "huber1",
                    new Reference(Loss.HUBER, 1, "target", none, elements),
                    file,
                    null),
                golden(k, "bce", new Reference(bce, 1, "labels", none, elements), file, null),
                golden(
                    k,
                    "bce_positive_weight",
                    new Reference(bce, positive, "labels", none, elements),
                    file,
                    null),
                golden(k, "cross_entropy", new Reference(ce, 0, "classes", none, rows), file, null),
                golden(
                    k,
                    "cross_entropy_class_weights",
                    new Reference(ce, 0, "classes", perClass, present),
                    file,
                    null),
                golden(
                    k,
                    "cross_entropy_smoothing01",
                    new Reference(ce, 0.1, "classes", none, rows),
                    file,
                    null),
                golden(k, "mse_mask", new Reference(mse, 0, "target", perStep, masked), file, null),
                golden(
                    k,
                    "cross_entropy_mask",
                    new Reference(ce, 0, "classes", none, kept),
                    file,
                    maskedClasses)));
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static DynamicNode golden(
      Kernels kernels,
      String name,
      Reference golden,
      Safetensors file,
      float @Nullable [] otherTargets) {
    return dynamicTest(
        name,
        () -> {
          float[] targets =
              otherTargets == null ? file.tensor(golden.targets).toFloats() : otherTargets;
          float[] out = file.tensor("out").toFloats();
          int rows = file.tensor("classes").toFloats().length;
          int width = out.length / rows;
          Result found =
              run(
                  kernels.losses(),
                  golden.loss,
                  golden.parameter,
                  out,
                  width,
                  targets,
                  golden.loss == Loss.CROSS_ENTROPY ? 1 : width,
                  golden.weights.apply(file),
                  width,
                  rows,
                  (float) (1 / golden.divisor),
                  false,
                  0);
          double loss = file.tensor("loss." + name).toDoubles()[0];
          assertThat(found.sum() / golden.divisor).isCloseTo(loss, within(3e-7 * Math.abs(loss)));
          double[] gradient = file.tensor("grad." + name).toDoubles();
          double most = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
          for (int i = 0; i < gradient.length; i++) {
            assertThat((double) found.gradient[i])
                .as("gradient %d", i)
                .isCloseTo(gradient[i], within(3e-7 * most));
          }
        });
  }

  /** By hand: neither overflows, and a logit of -∞ is a class that cannot be. */
  @TestFactory
  Stream<DynamicNode> areRightFarOut() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("by hand", () -> farOut(k.losses()))));
  }

  private static void farOut(LossKernels losses) {
    float[] logits = {1000, -1000, Float.NEGATIVE_INFINITY, -1000, 1000, Float.NEGATIVE_INFINITY};
    Result entropy =
        run(
            losses,
            Loss.CROSS_ENTROPY,
            0,
            logits,
            3,
            new float[] {0, 0},
            1,
            null,
            3,
            2,
            1,
            false,
            0);
    assertThat(entropy.losses).containsExactly(0, 2000);
    assertThat(entropy.gradient).containsExactly(0, 0, 0, -1, 1, 0);
    Result binary =
        run(
            losses,
            Loss.BINARY_CROSS_ENTROPY,
            2,
            new float[] {1000, -1000, -1000, 1000},
            1,
            new float[] {1, 1, 0, 0},
            1,
            null,
            1,
            4,
            1,
            false,
            0);
    assertThat(binary.losses).containsExactly(0, 2000, 0, 1000);
    assertThat(binary.gradient[1]).isEqualTo(-2);
    assertThat(binary.gradient[3]).isEqualTo(1);
    assertThat(Math.abs(binary.gradient[0])).isLessThan(1e-37f);
    assertThat(Math.abs(binary.gradient[2])).isLessThan(1e-37f);
  }

  @Test
  void theLogarithmIsRight() {
    SplittableRandom random = Contract.random("logarithm");
    assertThat(ScalarLosses.logarithm(1)).isZero();
    assertThat(ScalarLosses.logarithm(Double.NaN)).isNaN();
    assertThat(ScalarLosses.logarithm(Double.POSITIVE_INFINITY))
        .isEqualTo(Double.POSITIVE_INFINITY);
    for (int i = 0; i < 100_000; i++) {
      double x =
          switch (i % 3) {
            case 0 -> 1 + Math.scalb(random.nextDouble(), -random.nextInt(50));
            case 1 -> random.nextDouble(1, 5000);
            default -> Math.scalb(1 + random.nextDouble(), random.nextInt(-1000, 1000));
          };
      double right = StrictMath.log(x);
      double found = ScalarLosses.logarithm(x);
      if (!(Math.abs(found - right) <= 3 * Math.ulp(right))) {
        Contract.failAt("logarithm", x, Contract.text(right), Contract.text(found));
      }
    }
  }
}
