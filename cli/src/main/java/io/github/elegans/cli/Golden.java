package io.github.elegans.cli;

import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.Models;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A golden file: weights and inputs, and what the reference implementation computed from them in
 * double precision.
 */
final class Golden {
  static final String FORMAT = "elegans-golden-1";
  private static final String PARAMETER = "param.";

  private final Network model;
  private final int batch;
  private final int steps;
  private final float[] x;
  private final float[] timespans;
  private final float[] initialState;
  private final double[] out;
  private final double[] finalState;
  private final float[] initialMemory;
  private final double[] finalMemory;

  /**
   * What a model computed.
   *
   * @param out outputs of all steps, [B, T, O]
   * @param state the final state, [B, S]
   * @param memory the final memory, [B, M], or empty
   */
  record Result(float[] out, float[] state, float[] memory) {
    /** The number of elements whose bits are not those of another result. */
    int differences(Result other) {
      return Bits.differences(out, other.out)
          + Bits.differences(state, other.state)
          + Bits.differences(memory, other.memory);
    }

    /** The number of elements. */
    int size() {
      return out.length + state.length + memory.length;
    }
  }

  /**
   * How far results are from the reference.
   *
   * @param absolute the largest absolute error
   * @param relative the largest error relative to the reference
   * @param share the largest share of the tolerance that an error takes up
   */
  record Deviation(double absolute, double relative, double share) {}

  private Golden(Safetensors file) {
    String source = file.source();
    model = model(file);
    List<Long> shape = file.tensor("x").shape();
    Cell cell = model.cell();
    int inputSize = cell.inputSize();
    if (shape.size() != 3 || shape.get(0) < 1 || shape.get(1) < 1 || shape.get(2) != inputSize) {
      throw new FileFormatException(
          source, "tensor \"x\"", "shape [B, T, " + inputSize + "]", "shape " + shape);
    }
    long rows = shape.get(0);
    long length = shape.get(1);
    long stateSize = cell.stateSize();
    long memorySize = cell.memorySize();
    x = tensor(file, "x", shape).toFloats();
    timespans = tensor(file, "ts", List.of(rows, length)).toFloats();
    initialState = tensor(file, "h0", List.of(rows, stateSize)).toFloats();
    long outputSize = cell.outputSize();
    out = tensor(file, "out", List.of(rows, length, outputSize)).toDoubles();
    finalState = tensor(file, "hT", List.of(rows, stateSize)).toDoubles();
    boolean mixed = memorySize > 0;
    List<Long> memoryShape = List.of(rows, memorySize);
    initialMemory = mixed ? tensor(file, "c0", memoryShape).toFloats() : new float[0];
    finalMemory = mixed ? tensor(file, "cT", memoryShape).toDoubles() : new double[0];
    // Arrays of x's elements exist, so both fit an int.
    batch = Math.toIntExact(rows);
    steps = Math.toIntExact(length);
  }

  /**
   * A golden file of this kind.
   *
   * @throws FileFormatException if it is not such a file
   */
  static Golden of(Safetensors file) {
    return new Golden(file);
  }

  /** The network of a golden file of any kind, on the default backend. */
  static Network model(Safetensors file) {
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    if (!metadata.getOrDefault("solver", "semi_implicit").equals("semi_implicit")) {
      // Only the LTC repository's dialect has others.
      metadata.put("dialect", "ltc_tensorflow");
    }
    Map<String, Safetensors.Tensor> parameters = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(PARAMETER)) {
                parameters.put(name.substring(PARAMETER.length()), tensor);
              }
            });
    return Models.of(file.source(), metadata, parameters);
  }

  /**
   * A tensor.
   *
   * @throws FileFormatException if there is none, or it has another shape
   */
  static Safetensors.Tensor tensor(Safetensors file, String name, List<Long> shape) {
    Safetensors.Tensor tensor = file.tensor(name);
    if (!tensor.shape().equals(shape)) {
      throw new FileFormatException(
          file.source(), "tensor \"" + name + "\"", "shape " + shape, "shape " + tensor.shape());
    }
    return tensor;
  }

  /** The model, on the default backend. */
  Network model() {
    return model;
  }

  /** T. */
  int steps() {
    return steps;
  }

  /** Runs the whole sequence in one call. */
  Result run(Network on) {
    try (Session session = on.session(batch)) {
      begin(session);
      var outputs = new float[out.length];
      session.run(x, steps, Timespans.perRowAndStep(timespans), outputs);
      return result(outputs, session);
    }
  }

  /** Runs the sequence in one call a step. */
  Result runStepByStep(Network on) {
    int inputSize = on.inputSize();
    int outputSize = on.outputSize();
    var input = new float[batch * inputSize];
    var elapsed = new float[batch];
    var output = new float[batch * outputSize];
    var outputs = new float[out.length];
    try (Session session = on.session(batch)) {
      begin(session);
      for (int step = 0; step < steps; step++) {
        for (int row = 0; row < batch; row++) {
          int item = row * steps + step;
          System.arraycopy(x, item * inputSize, input, row * inputSize, inputSize);
          elapsed[row] = timespans[item];
        }
        session.step(input, Timespans.perRow(elapsed), output);
        for (int row = 0; row < batch; row++) {
          int item = row * steps + step;
          System.arraycopy(output, row * outputSize, outputs, item * outputSize, outputSize);
        }
      }
      return result(outputs, session);
    }
  }

  private void begin(Session session) {
    session.state(initialState);
    if (finalMemory.length > 0) {
      session.memory(initialMemory);
    }
  }

  private Result result(float[] outputs, Session session) {
    float[] memory = finalMemory.length > 0 ? session.memory() : new float[0];
    return new Result(outputs, session.state(), memory);
  }

  /** How far outputs are from the reference; the tolerance is relative to max(1, |reference|). */
  Deviation outDeviation(Result result, double tolerance) {
    return deviation(result.out, out, tolerance);
  }

  /** How far the final state is from the reference. */
  Deviation stateDeviation(Result result, double tolerance) {
    return deviation(result.state, finalState, tolerance);
  }

  /** How far the final memory is from the reference; no error, if there is none. */
  Deviation memoryDeviation(Result result, double tolerance) {
    return deviation(result.memory, finalMemory, tolerance);
  }

  private static Deviation deviation(float[] found, double[] expected, double tolerance) {
    double absolute = 0;
    double relative = 0;
    double share = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(found[i] - expected[i]);
      double size = Math.abs(expected[i]);
      // A NaN on either side is an error beyond all tolerance.
      error = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
      absolute = Math.max(absolute, error);
      relative = Math.max(relative, error == 0 ? 0 : error / size);
      share = Math.max(share, error == 0 ? 0 : error / (tolerance * Math.max(1, size)));
    }
    return new Deviation(absolute, relative, share);
  }
}
