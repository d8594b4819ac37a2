package io.github.elegans.cli;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.LossFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A golden file of losses: {@code out} [B, T, O], targets, labels, classes, a mask and weights, and
 * {@code loss.NAME} [1] and {@code grad.NAME} [B, T, O] of some losses of them.
 */
final class LossGolden implements TensorGolden {
  static final String FORMAT = "elegans-losses-1";

  /** Of a loss, and of the largest element of its gradient. */
  private static final double TOLERANCE = 3e-7;

  private static final String LOSS = "loss.";
  private static final String GRADIENT = "grad.";

  private static final Set<String> INPUTS =
      Set.of("out", "target", "classes", "labels", "mask", "class_weights", "positive_weight");

  private final Safetensors file;
  private final int rows;
  private final int width;
  private final float[] out;
  private final float[] classes;
  private final float[] mask;
  private final float[] classWeights;

  LossGolden(Safetensors file) {
    this.file = file;
    List<Long> shape = file.tensor("out").shape();
    if (shape.size() != 3 || shape.contains(0L)) {
      throw new FileFormatException(
          file.source(), "tensor \"out\"", "shape [B, T, O]", "shape " + shape);
    }
    List<Long> shapeOfRows = shape.subList(0, 2);
    out = file.tensor("out").toFloats();
    classes = Golden.tensor(file, "classes", shapeOfRows).toFloats();
    mask = Golden.tensor(file, "mask", shapeOfRows).toFloats();
    classWeights = Golden.tensor(file, "class_weights", shape.subList(2, 3)).toFloats();
    rows = classes.length;
    width = classWeights.length;
    for (float number : classes) {
      if (!(number >= 0 && number < width && number == (int) number)) {
        throw new FileFormatException(
            file.source(),
            "tensor \"classes\"",
            "whole numbers from 0 to " + (width - 1),
            "" + number);
      }
    }
  }

  /**
   * A loss of the file.
   *
   * @param weights of elements or classes, or null
   * @param divisor what the sum over all rows is divided by
   */
  private record Reference(
      LossFunction function, float[] targets, float @Nullable [] weights, double divisor) {}

  private Reference reference(String name) {
    double elements = out.length;
    return switch (name) {
      case "mse" ->
          new Reference(LossFunction.meanSquaredError(), elements("target"), null, elements);
      case "mae" ->
          new Reference(LossFunction.meanAbsoluteError(), elements("target"), null, elements);
      case "huber1" -> new Reference(LossFunction.huber(1), elements("target"), null, elements);
      case "bce" ->
          new Reference(LossFunction.binaryCrossEntropy(), elements("labels"), null, elements);
      case "bce_positive_weight" -> {
        float weight = Golden.tensor(file, "positive_weight", List.of(1L)).toFloats()[0];
        yield new Reference(
            LossFunction.binaryCrossEntropy(weight), elements("labels"), null, elements);
      }
      case "mse_mask" -> {
        float[] weights = new float[out.length];
        for (int i = 0; i < weights.length; i++) {
          weights[i] = mask[i / width];
        }
        yield new Reference(
            LossFunction.meanSquaredError(), elements("target"), weights, sum(mask) * width);
      }
      case "cross_entropy" -> new Reference(LossFunction.crossEntropy(), classes, null, rows);
      case "cross_entropy_smoothing01" ->
          new Reference(LossFunction.crossEntropy(0.1, null), classes, null, rows);
      case "cross_entropy_class_weights" -> {
        double present = 0;
        for (float number : classes) {
          present += classWeights[(int) number];
        }
        yield new Reference(LossFunction.crossEntropy(), classes, classWeights, present);
      }
      case "cross_entropy_mask" -> {
        float[] kept = classes.clone();
        for (int row = 0; row < rows; row++) {
          if (mask[row] == 0) {
            kept[row] = LossKernels.NO_CLASS;
          }
        }
        yield new Reference(LossFunction.crossEntropy(), kept, null, sum(mask));
      }
      default -> throw TensorGolden.unknown(file, LOSS + name);
    };
  }

  /** A tensor of the shape of {@code out}. */
  private float[] elements(String tensor) {
    return Golden.tensor(file, tensor, file.tensor("out").shape()).toFloats();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Map<String, double[]> results = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      if (name.startsWith(LOSS)) {
        String loss = name.substring(LOSS.length());
        run(kernels.losses(), loss, reference(loss), results);
      }
    }
    for (String name : file.tensors().keySet()) {
      if (!INPUTS.contains(name) && !results.containsKey(name)) {
        throw TensorGolden.unknown(file, name);
      }
    }
    return results;
  }

  private void run(
      LossKernels kernels, String name, Reference reference, Map<String, double[]> results) {
    LossFunction function = reference.function;
    float[] weights = reference.weights;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gradient = arena.allocate(JAVA_FLOAT, out.length);
      MemorySegment losses = arena.allocate(JAVA_DOUBLE, rows);
      kernels.loss(
          function.loss(),
          function.parameter(),
          arena.allocateFrom(JAVA_FLOAT, out),
          width,
          arena.allocateFrom(JAVA_FLOAT, reference.targets),
          function.hasClasses() ? 1 : width,
          weights == null ? null : arena.allocateFrom(JAVA_FLOAT, weights),
          width,
          rows,
          (float) (1 / reference.divisor),
          gradient,
          losses);
      double sum = 0;
      for (double loss : losses.toArray(JAVA_DOUBLE)) {
        sum += loss;
      }
      results.put(LOSS + name, new double[] {sum / reference.divisor});
      results.put(GRADIENT + name, TensorGolden.doubles(gradient.toArray(JAVA_FLOAT)));
    }
  }

  @Override
  public double share(String name, double[] found) {
    double[] expected = file.tensor(name).toDoubles();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    return TensorGolden.share(file, name, expected, found, value -> TOLERANCE * largest);
  }
}
