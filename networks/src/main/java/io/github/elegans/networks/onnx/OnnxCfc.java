package io.github.elegans.networks.onnx;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.networks.onnx.OnnxGraph.Scaled;
import io.github.elegans.networks.onnx.OnnxGraph.Value;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** The step of a CfC cell in an ONNX graph. */
record OnnxCfc(OnnxGraph graph, CfcWeights weights) {

  /** The state after a step. */
  Value step(Value x, Value timespans, Value before) {
    Scaled hidden = new Scaled(graph.concatenated(x, before), 1);
    for (DenseWeights layer : weights.backbone()) {
      hidden = graph.layer(layer, weights.activation(), hidden);
    }
    return weights.mode() == CfcMode.PURE
        ? decayed(timespans, head(IntUnaryOperator.identity(), hidden))
        : gated(timespans, hidden);
  }

  private Value head(IntUnaryOperator output, Scaled hidden) {
    return graph.linear(weights.heads(), weights.hiddenSize(), output, hidden);
  }

  private Value gated(Value timespans, Scaled hidden) {
    Value[] heads = new Value[4];
    Arrays.setAll(heads, head -> head(unit -> CfcWeights.headOutput(head, unit), hidden));
    Value a = graph.activation(weights.headActivation(), heads[0]);
    Value b = graph.activation(weights.headActivation(), heads[1]);
    Value time = graph.node("Add", graph.node("Mul", heads[2], timespans), heads[3]);
    Value to = weights.mode() == CfcMode.DEFAULT ? graph.node("Sub", b, a) : b;
    return graph.node("Add", a, graph.node("Mul", graph.node("Sigmoid", time), to));
  }

  private Value decayed(Value timespans, Value ff1) {
    int units = weights.hiddenSize();
    float[] decay = weights.decay().toArray(ValueLayout.JAVA_FLOAT);
    int from = PanelLayout.roundUp(units);
    Value wTau = graph.constant(Arrays.copyOf(decay, units), units);
    Value level = graph.constant(Arrays.copyOfRange(decay, from, from + units), units);
    Value rate = graph.node("Add", wTau, graph.node("Abs", ff1));
    Value left = graph.node("Exp", graph.node("Neg", graph.node("Mul", timespans, rate)));
    return graph.node("Sub", level, graph.node("Mul", graph.node("Mul", level, left), ff1));
  }
}
