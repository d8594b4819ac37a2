package io.github.elegans.cli;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Optimiser;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A golden file of optimisers: parameters {@code p0} [N], the gradients {@code g} [steps, N] of all
 * steps, and {@code p.NAME} [steps, N], the parameters behind each step, of the configurations that
 * the metadata name.
 */
final class OptimiserGolden implements TensorGolden {
  static final String FORMAT = "elegans-optimiser-1";

  /** Of parameters, which are rounded in every step; of those above 1 relative. */
  private static final double TOLERANCE = 1e-6;

  private static final String START = "p0";
  private static final String GRADIENTS = "g";
  private static final String RESULT = "p.";
  private static final String CONFIGURATIONS = "configurations";

  private final Safetensors file;
  private final float[] start;
  private final float[] gradients;
  private final int steps;

  OptimiserGolden(Safetensors file) {
    this.file = file;
    List<Long> shape = file.tensor(GRADIENTS).shape();
    if (shape.size() != 2 || shape.contains(0L) || shape.get(1) % PanelLayout.BLOCK != 0) {
      throw new FileFormatException(
          file.source(),
          "tensor \"" + GRADIENTS + "\"",
          "shape [steps, N] with a multiple of " + PanelLayout.BLOCK,
          "shape " + shape);
    }
    gradients = file.tensor(GRADIENTS).toFloats();
    start = Golden.tensor(file, START, List.of(shape.get(1))).toFloats();
    steps = gradients.length / start.length;
  }

  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Map<String, double[]> results = new LinkedHashMap<>();
    for (String name : file.tensors().keySet()) {
      if (name.startsWith(RESULT)) {
        Optimiser optimiser = configuration(name.substring(RESULT.length()));
        results.put(name, TensorGolden.doubles(run(kernels, optimiser)));
      } else if (!name.equals(START) && !name.equals(GRADIENTS)) {
        throw TensorGolden.unknown(file, name);
      }
    }
    return results;
  }

  private Optimiser configuration(String name) {
    String all = file.metadata().getOrDefault(CONFIGURATIONS, "");
    Matcher arguments =
        Pattern.compile("\"" + Pattern.quote(name) + "\"\\s*:\\s*(\\{[^{}]*})").matcher(all);
    if (!arguments.find()) {
      throw new FileFormatException(
          file.source(), "metadata " + CONFIGURATIONS, "one of the name \"" + name + "\"", all);
    }
    String text = arguments.group(1);
    Matcher kind = Pattern.compile("\"optimiser\"\\s*:\\s*\"(\\w+)\"").matcher(text);
    return GoldenRecipe.optimiser(
        file, "metadata " + CONFIGURATIONS, kind.find() ? kind.group(1) : text, text);
  }

  /** The parameters behind each step. */
  private float[] run(Kernels kernels, Optimiser optimiser) {
    int n = start.length;
    float[] found = new float[gradients.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment p = arena.allocateFrom(JAVA_FLOAT, start);
      MemorySegment g = arena.allocateFrom(JAVA_FLOAT, gradients);
      long bytes = p.byteSize();
      List<MemorySegment> states = new ArrayList<>();
      for (int i = 0; i < optimiser.stateCount(); i++) {
        states.add(arena.allocate(JAVA_FLOAT, n));
      }
      for (int step = 0; step < steps; step++) {
        optimiser.step(
            kernels,
            step,
            optimiser.learningRate(),
            1,
            Float.POSITIVE_INFINITY,
            optimiser.weightDecay(),
            p,
            g.asSlice(step * bytes, bytes),
            states,
            n,
            n,
            1);
        MemorySegment.copy(p, JAVA_FLOAT, 0, found, step * n, n);
      }
    }
    return found;
  }

  @Override
  public double share(String name, double[] found) {
    double[] expected = file.tensor(name).toDoubles();
    return TensorGolden.share(
        file, name, expected, found, p -> TOLERANCE * Math.max(1, Math.abs(p)));
  }
}
