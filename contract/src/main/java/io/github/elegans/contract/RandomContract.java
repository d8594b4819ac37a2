package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.networks.files.Safetensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** A backend's random numbers have the bits of the definition, and those are the published ones. */
public abstract class RandomContract {
  private static final int[] SIZES = {0, 1, 3, 7, 8, 15, 16, 17, 33, 64, 65, 255, 256, 257, 1000};
  private static final int[] ROWS = {0, 1, 2, 7};

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> wordsAreThoseOfTheDefinition() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("threefry", () -> words(k.random()))));
  }

  private static void words(RandomKernels kernels) {
    SplittableRandom random = Contract.random("threefry");
    for (int n : SIZES) {
      int[] arguments = random.ints(8).toArray();
      // Now and then the counter overflows.
      arguments[4] = random.nextBoolean() ? -random.nextInt(n + 1) : arguments[4];
      int[] expected = words(Contract.DEFINITION.random(), arguments, n, 0);
      assertThat(words(kernels, arguments, n, 4)).as("%d counters", n).isEqualTo(expected);
    }
  }

  private static int[] words(RandomKernels kernels, int[] a, int n, int misalignment) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory words = GuardedMemory.floats(arena, 4L * n, misalignment);
      kernels.threefry(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], words.segment(), n);
      words.assertGuards("words");
      return words.segment().toArray(JAVA_INT_UNALIGNED);
    }
  }

  /** Known answers of the authors' Random123: counter, key and words. */
  @TestFactory
  Stream<DynamicNode> wordsAreThoseOfTheAuthors() {
    int[][] answers = {
      {0, 0, 0, 0, 0, 0, 0, 0, 0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8},
      {-1, -1, -1, -1, -1, -1, -1, -1, 0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732},
      {
        0x243f6a88,
        0x85a308d3,
        0x13198a2e,
        0x03707344,
        0xa4093822,
        0x299f31d0,
        0x082efa98,
        0xec4e6c89,
        0x59cd1dbb,
        0xb8879579,
        0x86b5d00c,
        0xac8b6d84
      }
    };
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(answers)
                .map(
                    a ->
                        dynamicTest(
                            Integer.toHexString(a[0]),
                            () -> {
                              int[] arguments = {a[4], a[5], a[6], a[7], a[0], a[1], a[2], a[3]};
                              assertThat(words(k.random(), arguments, 1, 0))
                                  .containsExactly(a[8], a[9], a[10], a[11]);
                            })));
  }

  @TestFactory
  Stream<DynamicNode> dropoutHasTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("dropout", () -> dropout(k.random()))));
  }

  private static void dropout(RandomKernels kernels) {
    SplittableRandom random = Contract.random("dropout");
    float[] any = SampleValues.floats();
    for (int units : SIZES) {
      for (int rows : ROWS) {
        for (double probability :
            new double[] {0, 1e-12, 0.1, 0.5, 1 - 0x1p-32, random.nextDouble()}) {
          int stride = PanelLayout.roundUp(units) + random.nextInt(3);
          int extent = rows == 0 ? 0 : (rows - 1) * stride + PanelLayout.roundUp(units);
          float[] x = new float[extent];
          for (int row = 0; row < rows; row++) {
            for (int unit = 0; unit < units; unit++) {
              x[row * stride + unit] =
                  random.nextInt(4) == 0
                      ? any[random.nextInt(any.length)]
                      : (float) random.nextDouble(-2, 2);
            }
          }
          long seed = random.nextLong();
          int update = random.nextInt();
          int layer = random.nextInt(5);
          int[] steps = random.ints(rows).toArray();
          int[] samples = random.ints(rows).toArray();
          float[] expected =
              dropout(
                  Contract.DEFINITION.random(),
                  seed,
                  update,
                  layer,
                  probability,
                  x,
                  stride,
                  units,
                  steps,
                  samples);
          float[] found =
              dropout(kernels, seed, update, layer, probability, x, stride, units, steps, samples);
          assertSame(
              "dropout of %s, %d rows of %d".formatted(probability, rows, units), expected, found);
        }
      }
    }
  }

  private static float[] dropout(
      RandomKernels kernels,
      long seed,
      int update,
      int layer,
      double probability,
      float[] x,
      int stride,
      int units,
      int[] steps,
      int[] samples) {
    try (Arena arena = Arena.ofConfined()) {
      GuardedMemory memory = GuardedMemory.of(arena, x, 4);
      kernels.dropout(
          seed,
          update,
          layer,
          probability,
          memory.segment(),
          stride,
          units,
          steps.length,
          ints(arena, steps),
          ints(arena, samples));
      memory.assertGuards("dropout");
      return memory.toFloats();
    }
  }

  private static MemorySegment ints(Arena arena, int[] values) {
    return arena.allocateFrom(JAVA_INT_UNALIGNED, values);
  }

  /** Decisions of a program that was written after the text of the definition, in Python. */
  @TestFactory
  Stream<DynamicNode> decisionsAreThoseOfTheGolden() {
    Safetensors file = Golden.file("gradients/random");
    long seed = Long.decode(Objects.requireNonNull(file.metadata().get("seed")));
    int update = Integer.parseInt(Objects.requireNonNull(file.metadata().get("step")));
    double probability =
        Double.parseDouble(Objects.requireNonNull(file.metadata().get("probability")));
    float[] keep = file.tensor("keep").toFloats();
    int[] shape = file.tensor("keep").shape().stream().mapToInt(Long::intValue).toArray();
    return Contract.each(
        kernels(),
        k ->
            Stream.of(
                dynamicTest(
                    "dropout", () -> golden(k.random(), seed, update, probability, keep, shape))));
  }

  private static void golden(
      RandomKernels kernels, long seed, int update, double probability, float[] keep, int[] shape) {
    int units = shape[3];
    int stride = PanelLayout.roundUp(units);
    int rows = shape[0] * shape[1];
    int[] samples = new int[rows];
    int[] steps = new int[rows];
    float[] ones = new float[rows * stride];
    for (int row = 0; row < rows; row++) {
      samples[row] = row / shape[1];
      steps[row] = row % shape[1];
      Arrays.fill(ones, row * stride, row * stride + units, 1);
    }
    float factor = (float) (1 / (1 - probability));
    for (int layer = 0; layer < shape[2]; layer++) {
      float[] found =
          dropout(kernels, seed, update, layer, probability, ones, stride, units, steps, samples);
      for (int row = 0; row < rows; row++) {
        for (int unit = 0; unit < stride; unit++) {
          boolean kept = unit < units && keep[(row * shape[2] + layer) * units + unit] != 0;
          assertThat(found[row * stride + unit])
              .as("layer %d, row %d, unit %d", layer, row, unit)
              .isEqualTo(kept ? factor : 0);
        }
      }
    }
  }
}
