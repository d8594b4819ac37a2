package io.github.elegans.networks.onnx;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.networks.CellDescription;
import io.github.elegans.networks.onnx.OnnxGraph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A recurrent layer for which ONNX has an operator: <a
 * href="https://onnx.ai/onnx/operators/onnx__LSTM.html">LSTM</a> or <a
 * href="https://onnx.ai/onnx/operators/onnx__GRU.html">GRU</a>.
 */
final class OnnxGates {
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
  private interface Weight {
    /** Its value. */
    float of(int gate, int unit, int input);
  }

  /** The bias of a gate's unit. */
  private interface Bias {
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

  static OnnxGates lstm(LstmWeights weights) {
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

  static OnnxGates gru(CellDescription.Gru gru) {
    DenseWeights input = gru.input();
    int inputs = input.inputs();
    int units = input.outputs();
    OnnxGates gates =
        new OnnxGates(
            "GRU",
            Map.of("hidden_size", units, "linear_before_reset", 1),
            inputs,
            units,
            // The operator's order is update, reset, candidate.
            new int[] {1, 0, 2},
            (gate, unit, i) ->
                gate < 2
                    ? gru.gates().weight(gate * units + unit, i)
                    : i < inputs ? input.weight(unit, i) : gru.recurrent().weight(unit, i - inputs),
            (gate, unit) -> gate < 2 ? gru.gates().bias(gate * units + unit) : input.bias(unit));
    // What the product of the candidate with the state begins with.
    for (int unit = 0; unit < units; unit++) {
      gates.bias[5 * units + unit] = gru.recurrent().bias(unit);
    }
    return gates;
  }

  /** One step of x [N, I]. */
  OnnxStep step(OnnxGraph graph, Value x, OnnxStep before) {
    OnnxStep after = operate(graph, graph.unsqueezed(x, 0), before);
    return after.withOutput(after.state());
  }

  /** All steps of x [N, T, I], which give outputs [N, T, H]. */
  OnnxStep sequence(OnnxGraph graph, Value x, OnnxStep before) {
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
