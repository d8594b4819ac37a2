package io.github.elegans.networks.onnx;

import io.github.elegans.files.AtomicFile;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.onnx.OnnxGraph.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A network as an <a href="https://onnx.ai">ONNX</a> model (IR version 8, operator set 17), for any
 * runtime that knows the format: CfC with or without a wiring, LTC, LSTM and GRU, with mixed memory
 * and projections, dense layers around them, and stacks of them. Weights are float32, whatever
 * their storage was.
 *
 * <p>Tensors are float32 and row-major, for N independent rows, which may be another number in
 * every call:
 *
 * <table>
 * <caption>Inputs and outputs</caption>
 * <tr><th>name</th><th>of a step</th><th>of a sequence</th><th></th></tr>
 * <tr><td>{@code x}</td><td>[N, I]</td><td>[N, T, I]</td><td>inputs</td></tr>
 * <tr><td>{@code timespans}</td><td>[N, 1]</td><td>[N, T]</td>
 *   <td>elapsed times; not there if the network has no use for them</td></tr>
 * <tr><td>{@code hx}</td><td colspan="2">[N, S]</td><td>state before; zeros at first</td></tr>
 * <tr><td>{@code cx}</td><td colspan="2">[N, M]</td>
 *   <td>memory before; not there if the network has none</td></tr>
 * <tr><td>{@code out}</td><td>[N, O]</td><td>[N, T, O]</td><td>outputs</td></tr>
 * <tr><td>{@code next_hx}</td><td colspan="2">[N, S]</td><td>state after</td></tr>
 * <tr><td>{@code next_cx}</td><td colspan="2">[N, M]</td><td>memory after</td></tr>
 * </table>
 *
 * <p>The graph computes the same function, but rounds as its runtime does, and lets states below
 * 2⁻¹⁰⁰ be.
 */
public final class OnnxModel {
  private final OnnxGraph graph;
  private final String description;

  private OnnxModel(OnnxGraph graph, String description) {
    this.graph = graph;
    this.description = description;
  }

  /**
   * One step of a network.
   *
   * @throws IllegalArgumentException if the network cannot be written so
   */
  public static OnnxModel ofStep(Network network) {
    return of(network, "step", OnnxCells::step, new Object[] {"N"}, new Object[] {"N", 1});
  }

  /**
   * A network over whole sequences.
   *
   * @throws IllegalArgumentException if the network cannot be written so
   */
  public static OnnxModel ofSequence(Network network) {
    Object[] steps = {"N", "T"};
    return of(network, "sequence", OnnxCells::sequence, steps, steps);
  }

  /** An elementwise function: x [N] gives out [N]. */
  public static OnnxModel of(Activation function) {
    OnnxGraph graph = new OnnxGraph(function.fieldName());
    Value x = graph.input("x", "N");
    graph.output("out", graph.activation(function, x), "N");
    return new OnnxModel(graph, "");
  }

  /**
   * Builds the graph.
   *
   * @param rows sizes of inputs and outputs before their last
   */
  private static OnnxModel of(
      Network network, String name, OnnxCells.Form form, Object[] rows, Object[] timespans) {
    Cell cell = network.cell();
    OnnxGraph graph = new OnnxGraph(name);
    boolean remembers = cell.memorySize() > 0;
    Value x = graph.input("x", followedBy(rows, cell.inputSize()));
    Value elapsed = graph.input("timespans", timespans);
    Value hx = graph.input("hx", "N", cell.stateSize());
    Value cx = remembers ? graph.input("cx", "N", cell.memorySize()) : Value.NONE;
    OnnxStep after;
    try {
      after = form.of(graph, cell, x, elapsed, new OnnxStep(Value.NONE, hx, cx));
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "expected CfC, LTC, LSTM or GRU, which can be written as ONNX, but found " + network, e);
    }
    graph.output("out", after.out(), followedBy(rows, cell.outputSize()));
    graph.output("next_hx", after.state(), "N", cell.stateSize());
    if (remembers) {
      graph.output("next_cx", after.memory(), "N", cell.memorySize());
    }
    return new OnnxModel(graph, network.toString());
  }

  private static Object[] followedBy(Object[] sizes, int last) {
    Object[] all = Arrays.copyOf(sizes, sizes.length + 1);
    all[sizes.length] = last;
    return all;
  }

  /** The content of the file. */
  public byte[] toBytes() {
    return graph.toBytes(description);
  }

  /**
   * Writes the file, as a whole or not at all.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, ByteBuffer.wrap(toBytes()));
  }
}
