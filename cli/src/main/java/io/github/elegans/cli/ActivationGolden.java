package io.github.elegans.cli;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.networks.files.Safetensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A golden file of activation functions {@code y.NAME} and their derivatives {@code d.NAME}. */
record ActivationGolden(Safetensors file) implements TensorGolden {
  static final String FORMAT = "elegans-activations-1";

  /** Of values and derivatives that are rounded a few times, and of those above 1 relative. */
  private static final double TOLERANCE = 3e-7;

  private static final String INPUT = "x";

  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Map<String, double[]> results = new LinkedHashMap<>();
    float[] values = file.tensor(INPUT).toFloats();
    int n = values.length;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocateFrom(JAVA_FLOAT, values);
      for (String name : file.tensors().keySet()) {
        if (name.equals(INPUT)) {
          continue;
        }
        Activation function = function(name);
        MemorySegment y = arena.allocate(JAVA_FLOAT, n);
        kernels.math().apply(function, Accuracy.ACCURATE, x, y, n);
        MemorySegment result = y;
        if (name.startsWith("d.")) {
          result = arena.allocate(JAVA_FLOAT, n);
          boolean fromOutput = ActivationGradientKernels.FROM_OUTPUT.contains(function);
          kernels.activationGradients().gradient(function, fromOutput ? y : x, result, n);
        }
        results.put(name, TensorGolden.doubles(result.toArray(JAVA_FLOAT)));
      }
    }
    return results;
  }

  private Activation function(String tensor) {
    return Arrays.stream(Activation.values())
        .filter(f -> tensor.equals("y." + f.fieldName()) || tensor.equals("d." + f.fieldName()))
        .findAny()
        .orElseThrow(() -> TensorGolden.unknown(file, tensor));
  }

  @Override
  public double share(String name, double[] found) {
    // Beyond the largest float, infinity is right.
    double[] expected = TensorGolden.doubles(file.tensor(name).toFloats());
    return TensorGolden.share(
        file, name, expected, found, y -> TOLERANCE * Math.max(1, Math.abs(y)));
  }
}
