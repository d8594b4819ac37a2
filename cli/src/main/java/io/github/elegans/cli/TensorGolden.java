package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * A golden file of training, or of a piece of it: what the reference computed, tensor by tensor,
 * and how far a backend's results may be from it.
 */
sealed interface TensorGolden
    permits ActivationGolden,
        GradientGolden,
        LossGolden,
        OptimiserGolden,
        RandomGolden,
        ScheduleGolden,
        TrainingGolden {
  /** The formats of such files. */
  List<String> FORMATS =
      List.of(
          ActivationGolden.FORMAT,
          GradientGolden.FORMAT,
          LossGolden.FORMAT,
          OptimiserGolden.FORMAT,
          RandomGolden.FORMAT,
          ScheduleGolden.FORMAT,
          TrainingGolden.FORMAT);

  /**
   * A file of one of the {@link #FORMATS}.
   *
   * @throws FileFormatException if it is of another, or not as its format says
   */
  static TensorGolden of(Safetensors file) {
    String format = file.metadata().getOrDefault("format", "none");
    return switch (format) {
      case ActivationGolden.FORMAT -> new ActivationGolden(file);
      case GradientGolden.FORMAT -> new GradientGolden(file);
      case LossGolden.FORMAT -> new LossGolden(file);
      case OptimiserGolden.FORMAT -> new OptimiserGolden(file);
      case RandomGolden.FORMAT -> new RandomGolden(file);
      case ScheduleGolden.FORMAT -> new ScheduleGolden(file);
      case TrainingGolden.FORMAT -> new TrainingGolden(file);
      default ->
          throw new FileFormatException(
              file.source(),
              "metadata format",
              "%s or one of %s".formatted(Golden.FORMAT, String.join(", ", FORMATS)),
              format);
    };
  }

  /**
   * What a backend computes, by names of tensors; at least one.
   *
   * @throws FileFormatException if the file holds a tensor of which its format does not tell
   */
  Map<String, double[]> run(Kernels kernels) throws IOException;

  /** How far results are from the reference: the largest errors as a share of what is allowed. */
  default Map<String, Double> shares(Map<String, double[]> results) {
    Map<String, Double> shares = new LinkedHashMap<>();
    results.forEach((name, found) -> shares.put(name, share(name, found)));
    return shares;
  }

  /** The same of one result. */
  double share(String name, double[] found);

  /** Results in single precision; nothing is rounded. */
  static Map<String, double[]> doubles(Map<String, float[]> results) {
    Map<String, double[]> doubles = new LinkedHashMap<>();
    results.forEach((name, values) -> doubles.put(name, doubles(values)));
    return doubles;
  }

  /** The same numbers. */
  static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /**
   * The largest error of a tensor as a share of what is allowed; infinity if NaN is involved.
   *
   * @param allowed of a value, not negative
   * @throws FileFormatException if the tensor has another number of elements than was found
   */
  static double share(
      Safetensors file,
      String tensor,
      double[] expected,
      double[] found,
      DoubleUnaryOperator allowed) {
    if (expected.length != found.length) {
      throw new FileFormatException(
          file.source(),
          "tensor \"" + tensor + "\"",
          found.length + " elements",
          "" + expected.length);
    }
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      // Infinities may be right, and some values must be exact.
      if (found[i] != expected[i]) {
        double share = Math.abs(found[i] - expected[i]) / allowed.applyAsDouble(expected[i]);
        worst = Math.max(worst, Double.isNaN(share) ? Double.POSITIVE_INFINITY : share);
      }
    }
    return worst;
  }

  /** What a format does not tell of. */
  static FileFormatException unknown(Safetensors file, String tensor) {
    return new FileFormatException(
        file.source(), "tensors", "those of the format", "also \"" + tensor + "\"");
  }
}
