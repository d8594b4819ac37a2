package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.networks.files.OnnxGraph;
import io.github.elegans.networks.files.OnnxGraph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * A recurrent layer for which ONNX has an operator: <a
 * href="https://onnx.ai/onnx/operators/onnx__LSTM.html">LSTM</a> or <a
 * href="https://onnx.ai/onnx/operators/onnx__GRU.html">GRU</a>.
 */
public final class OnnxGates {
  private final String operator;
  private final Map<String, Integer> attributes;
  private final int inputs;
  private final int units;

  /** [1, gates units, inputs]. */
  private final float[] weight;

  /** [1, gates units, units]. */
  private final float[] recurrence;

  /** [1, 2 gates units]: of the inputs, then of the states. */
  private final float[] bias;

  /** The weight of a gate's unit for an element of [x | h]. */
  public interface Weight {
    /** Its value. */
    float of(int gate, int unit, int input);
  }

  /** The bias of a gate's unit. */
  public interface Bias {
    /** Its value. */
    float of(int gate, int unit);
  }

  private OnnxGates(
      String operator,
      Map<String, Integer> attributes,
      int inputs,
      int units,
      int[] gates,
      Weight weights,
      Bias biases) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(biases, "biases");
    this.operator = operator;
    this.attributes = attributes;
    this.inputs = inputs;
    this.units = units;
    weight = new float[Require.elements("gates [n H, I]", (long) gates.length * units, inputs)];
    recurrence = new float[Require.elements("gates [n H, H]", (long) gates.length * units, units)];
    bias = new float[2 * gates.length * units];
    for (int row = 0; row < gates.length * units; row++) {
      int gate = gates[row / units];
      int unit = row % units;
      bias[row] = biases.of(gate, unit);
      for (int i = 0; i < inputs; i++) {
        weight[row * inputs + i] = weights.of(gate, unit, i);
      }
      for (int i = 0; i < units; i++) {
        recurrence[row * units + i] = weights.of(gate, unit, inputs + i);
      }
    }
  }

  /** An LSTM. */
  public static OnnxGates lstm(LstmWeights weights) {
    return new OnnxGates(
        "LSTM",
        Map.of("hidden_size", weights.hiddenSize()),
        weights.inputSize(),
        weights.hiddenSize(),
        // The operator's order is input gate, output gate, forget gate, cell; ours i, ig, fg, og.
        new int[] {1, 3, 2, 0},
        (gate, unit, input) -> weights.gates().weight(LstmWeights.gateOutput(gate, unit), input),
        (gate, unit) -> weights.gates().bias(LstmWeights.gateOutput(gate, unit)));
  }

  /**
   * A GRU whose reset gate works on the product with the state; gates are update, reset and
   * candidate.
   *
   * @param recurrentBias what the product of the candidate with the state begins with
   */
  public static OnnxGates gru(
      int inputs, int units, Weight weights, Bias biases, IntToDoubleFunction recurrentBias) {
    Objects.requireNonNull(recurrentBias, "recurrentBias");
    OnnxGates gru =
        new OnnxGates(
            "GRU",
            Map.of("hidden_size", units, "linear_before_reset", 1),
            inputs,
            units,
            new int[] {0, 1, 2},
            weights,
            biases);
    for (int unit = 0; unit < units; unit++) {
      gru.bias[5 * units + unit] = (float) recurrentBias.applyAsDouble(unit);
    }
    return gru;
  }

  /** One step of x [N, I]. */
  public OnnxStep step(OnnxGraph graph, Value x, OnnxStep before) {
    OnnxStep after = operate(graph, graph.unsqueezed(x, 0), before);
    return after.withOutput(after.state());
  }

  /** All steps of x [N, T, I], which give outputs [N, T, H]. */
  public OnnxStep sequence(OnnxGraph graph, Value x, OnnxStep before) {
    Map<String, ?> swap = Map.of("perm", new int[] {1, 0, 2});
    OnnxStep after = operate(graph, graph.node("Transpose", swap, x), before);
    return after.withOutput(graph.node("Transpose", swap, graph.squeezed(after.out(), 1)));
  }

  /** All steps of x [T, N, I], which give outputs [T, 1, N, H]. */
  private OnnxStep operate(OnnxGraph graph, Value x, OnnxStep before) {
    int rows = bias.length / 2;
    List<Value> arguments =
        new ArrayList<>(
            List.of(
                x,
                graph.constant(weight, 1, rows, inputs),
                graph.constant(recurrence, 1, rows, units),
                graph.constant(bias, 1, bias.length),
                Value.NONE,
                graph.unsqueezed(before.state(), 0)));
    boolean remembers = operator.equals("LSTM");
    if (remembers) {
      arguments.add(graph.unsqueezed(before.memory(), 0));
    }
    List<Value> results =
        graph.nodes(operator, remembers ? 3 : 2, attributes, arguments.toArray(Value[]::new));
    return new OnnxStep(
        results.get(0),
        graph.squeezed(results.get(1), 0),
        remembers ? graph.squeezed(results.get(2), 0) : Value.NONE);
  }
}
