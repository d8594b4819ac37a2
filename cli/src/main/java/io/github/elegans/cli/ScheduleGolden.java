package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Schedule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A golden file of schedules: the learning rates of steps, where the optimiser's is 1, under the
 * schedules' names and arguments. No backend has a part in them.
 */
record ScheduleGolden(Safetensors file) implements TensorGolden {
  static final String FORMAT = "elegans-schedules-1";

  /** Both are double precision. */
  private static final double TOLERANCE = 1e-12;

  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Map<String, double[]> results = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              Schedule schedule = GoldenRecipe.schedule(file, "tensor", name);
              double[] rates = new double[tensor.toDoubles().length];
              for (int step = 0; step < rates.length; step++) {
                rates[step] = schedule.factor(step);
              }
              results.put(name, rates);
            });
    return results;
  }

  @Override
  public double share(String name, double[] found) {
    return TensorGolden.share(file, name, file.tensor(name).toDoubles(), found, rate -> TOLERANCE);
  }
}
