package io.github.elegans.networks.onnx;

import io.github.elegans.networks.onnx.OnnxGraph.Value;

/**
 * What stands between two steps of a cell in an ONNX graph.
 *
 * @param out what the step before put out; {@link Value#NONE} before the first
 * @param state [N, S]
 * @param memory [N, M], or {@link Value#NONE} of cells without one
 */
record OnnxStep(Value out, Value state, Value memory) {

  /** The same with another output. */
  OnnxStep withOutput(Value other) {
    return new OnnxStep(other, state, memory);
  }

  OnnxStep withoutMemory() {
    return new OnnxStep(out, state, Value.NONE);
  }
}
