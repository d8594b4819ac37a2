package io.github.elegans.cli;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Shuffle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A golden file of random numbers, all of which must be exact: which units dropout keeps, {@code
 * keep} [B, T, layers, units], the upper halves of the 32-bit words behind that, {@code words}, and
 * orders of samples, {@code permutation} [epochs, N].
 */
final class RandomGolden implements TensorGolden {
  static final String FORMAT = "elegans-random-1";

  private static final String KEEP = "keep";
  private static final String WORDS = "words";
  private static final String PERMUTATION = "permutation";

  /** What the words are for, within a seed. */
  private static final int DROPOUT = 1;

  /** Words of a counter. */
  private static final int COUNTER = 4;

  private static final double HALF = 0x1p16;

  private final Safetensors file;
  private final long seed;
  private final int update;
  private final double probability;
  private final int batch;
  private final int steps;
  private final int layers;
  private final int units;
  private final int epochs;
  private final int samples;

  RandomGolden(Safetensors file) {
    this.file = file;
    seed = number("seed").longValue();
    update = number("step").intValue();
    probability = number("probability").doubleValue();
    int[] shape = shape(KEEP, 4);
    batch = shape[0];
    steps = shape[1];
    layers = shape[2];
    units = shape[3];
    Golden.tensor(file, WORDS, file.tensor(KEEP).shape());
    int[] orders = shape(PERMUTATION, 2);
    epochs = orders[0];
    samples = orders[1];
    for (String name : file.tensors().keySet()) {
      if (!List.of(KEEP, WORDS, PERMUTATION).contains(name)) {
        throw TensorGolden.unknown(file, name);
      }
    }
  }

  private Number number(String key) {
    String text = file.metadata().getOrDefault(key, "none");
    try {
      return switch (key) {
        case "probability" -> Double.valueOf(text);
        case "step" -> Integer.decode(text);
        default -> Long.decode(text);
      };
    } catch (NumberFormatException e) {
      throw new FileFormatException(file.source(), "metadata " + key, "a number", text);
    }
  }

  private int[] shape(String tensor, int dimensions) {
    List<Long> shape = file.tensor(tensor).shape();
    if (shape.size() != dimensions || shape.contains(0L)) {
      throw new FileFormatException(
          file.source(),
          "tensor \"" + tensor + "\"",
          dimensions + " dimensions that are not 0",
          "shape " + shape);
    }
    return shape.stream().mapToInt(Math::toIntExact).toArray();
  }

  /** What dropout makes of ones, all bits of the words, and the orders. */
  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Map<String, double[]> results = new LinkedHashMap<>();
    results.put(KEEP, dropout(kernels.random()));
    results.put(WORDS, words(kernels.random()));
    double[] orders = new double[epochs * samples];
    for (int epoch = 0; epoch < epochs; epoch++) {
      int[] order = Shuffle.permutation(kernels.random(), seed, epoch, samples);
      for (int i = 0; i < samples; i++) {
        orders[epoch * samples + i] = order[i];
      }
    }
    results.put(PERMUTATION, orders);
    return results;
  }

  private double[] dropout(RandomKernels random) {
    double[] found = new double[batch * steps * layers * units];
    int rows = batch * steps;
    int stride = PanelLayout.roundUp(units);
    int[] stepOf = new int[rows];
    int[] sampleOf = new int[rows];
    for (int row = 0; row < rows; row++) {
      stepOf[row] = row % steps;
      sampleOf[row] = row / steps;
    }
    float[] ones = new float[rows * stride];
    Arrays.fill(ones, 1);
    try (Arena arena = Arena.ofConfined()) {
      for (int layer = 0; layer < layers; layer++) {
        MemorySegment x = arena.allocateFrom(JAVA_FLOAT, ones);
        random.dropout(
            seed,
            update,
            layer,
            probability,
            x,
            stride,
            units,
            rows,
            arena.allocateFrom(JAVA_INT, stepOf),
            arena.allocateFrom(JAVA_INT, sampleOf));
        for (int row = 0; row < rows; row++) {
          for (int unit = 0; unit < units; unit++) {
            found[(row * layers + layer) * units + unit] =
                x.getAtIndex(JAVA_FLOAT, (long) row * stride + unit);
          }
        }
      }
    }
    return found;
  }

  private double[] words(RandomKernels random) {
    double[] found = new double[batch * steps * layers * units];
    int counters = Math.ceilDiv(units, COUNTER);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment words = arena.allocate(JAVA_INT, (long) COUNTER * counters);
      for (int row = 0; row < batch * steps; row++) {
        for (int layer = 0; layer < layers; layer++) {
          random.threefry(
              (int) seed,
              (int) (seed >>> Integer.SIZE),
              DROPOUT,
              update,
              0,
              row % steps,
              row / steps,
              layer,
              words,
              counters);
          for (int unit = 0; unit < units; unit++) {
            found[(row * layers + layer) * units + unit] =
                Integer.toUnsignedLong(words.getAtIndex(JAVA_INT, unit));
          }
        }
      }
    }
    return found;
  }

  @Override
  public double share(String name, double[] found) {
    float factor = (float) (1 / (1 - probability));
    double[] expected = file.tensor(name).toDoubles();
    double[] compared = found.clone();
    for (int i = 0; i < found.length; i++) {
      switch (name) {
        case KEEP -> expected[i] *= factor;
        case WORDS -> compared[i] = Math.floor(found[i] / HALF);
        default -> {}
      }
    }
    return TensorGolden.share(file, name, expected, compared, value -> 0);
  }
}
