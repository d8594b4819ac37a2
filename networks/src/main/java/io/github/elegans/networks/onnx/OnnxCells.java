package io.github.elegans.networks.onnx;

import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.onnx.OnnxGraph.Value;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Cells of every kind in an ONNX graph. */
final class OnnxCells {
  private OnnxCells() {}

  /** How a cell is added to a graph: {@link #step} or {@link #sequence}. */
  interface Form {
    OnnxStep of(OnnxGraph graph, Cell cell, Value x, Value timespans, OnnxStep before);
  }

  /**
   * Adds a step of N rows.
   *
   * @param x [N, I]
   * @param timespans [N, 1]
   * @param before what the step begins with
   * @throws UnsupportedOperationException if the cell cannot be written so
   */
  static OnnxStep step(OnnxGraph graph, Cell cell, Value x, Value timespans, OnnxStep before) {
    return switch (cell.description()) {
      case CellDescription.Cfc cfc -> {
        Value state = new OnnxCfc(graph, cfc.weights()).step(x, timespans, before.state());
        yield new OnnxStep(state, state, Value.NONE);
      }
      case CellDescription.Ltc ltc -> {
        LtcWeights weights = ltc.weights();
        Value state = new OnnxLtc(graph, weights).step(x, timespans, before.state());
        yield new OnnxStep(mapped(graph, weights, state), state, Value.NONE);
      }
      case CellDescription.Lstm lstm -> {
        Value inputs = lstm.timespanIsInput() ? graph.concatenated(x, timespans) : x;
        yield OnnxGates.lstm(lstm.weights()).step(graph, inputs, before);
      }
      case CellDescription.Gru gru -> OnnxGates.gru(gru).step(graph, x, before);
      case CellDescription.Mixed mixed -> {
        OnnxStep remembered = OnnxGates.lstm(mixed.lstm()).step(graph, x, before);
        Cell inner = mixed.cell();
        OnnxStep after =
            mixed.replacesState()
                ? step(graph, inner, x, timespans, remembered.withoutMemory())
                : step(graph, inner, remembered.out(), timespans, before.withoutMemory());
        yield new OnnxStep(after.out(), after.state(), remembered.memory());
      }
      case CellDescription.Projected projected -> {
        OnnxStep after = step(graph, projected.cell(), x, timespans, before);
        Value sums = graph.linear(projected.projection(), after.out());
        yield after.withOutput(graph.activation(projected.activation(), sums));
      }
      case CellDescription.Encoded(List<Dense> layers, Cell inner) -> {
        Value input = x;
        for (Dense layer : layers) {
          input = graph.activation(layer.activation(), graph.linear(layer.weights(), input));
        }
        yield step(graph, inner, input, timespans, before);
      }
      case CellDescription.Stacked(List<Cell> cells) ->
          chain(graph, cells, OnnxCells::step, x, timespans, before);
      case CellDescription.Other() ->
          throw new UnsupportedOperationException("there is no ONNX graph of this cell");
    };
  }

  /**
   * Adds all steps of N sequences: a Scan over {@link #step}, unless ONNX knows better.
   *
   * @param x [N, T, I]
   * @param timespans [N, T]
   * @param before what the first step begins with
   * @return the outputs [N, T, O], and the state after the last step
   * @throws UnsupportedOperationException if the cell cannot be written so
   */
  static OnnxStep sequence(OnnxGraph graph, Cell cell, Value x, Value timespans, OnnxStep before) {
    return switch (cell.description()) {
      case CellDescription.Lstm lstm when !lstm.timespanIsInput() ->
          OnnxGates.lstm(lstm.weights()).sequence(graph, x, before);
      case CellDescription.Gru gru -> OnnxGates.gru(gru).sequence(graph, x, before);
      case CellDescription.Stacked(List<Cell> cells) ->
          chain(graph, cells, OnnxCells::sequence, x, timespans, before);
      default -> scan(graph, cell, x, timespans, before);
    };
  }

  /** The outputs of an LTC: the mapped states of the motor neurons. */
  private static Value mapped(OnnxGraph graph, LtcWeights weights, Value state) {
    int n = weights.outputSize();
    float[] map = weights.outputMap().toArray(ValueLayout.JAVA_FLOAT);
    Value motor =
        n == weights.units() ? state : graph.split(state, n, weights.units() - n).getFirst();
    Value scaled = graph.node("Mul", motor, graph.constant(Arrays.copyOf(map, n), n));
    Value shift = graph.constant(Arrays.copyOfRange(map, n, 2 * n), n);
    return graph.node("Add", scaled, shift);
  }

  private static OnnxStep scan(
      OnnxGraph graph, Cell cell, Value x, Value timespans, OnnxStep before) {
    OnnxGraph body = graph.body("step");
    boolean remembers = cell.memorySize() > 0;
    Value hx = body.input("step_hx", "N", cell.stateSize());
    Value cx = remembers ? body.input("step_cx", "N", cell.memorySize()) : Value.NONE;
    Value input = body.input("step_x", "N", cell.inputSize());
    Value elapsed = body.input("step_timespans", "N", 1);
    OnnxStep step = step(body, cell, input, elapsed, new OnnxStep(Value.NONE, hx, cx));
    body.output("step_next_hx", step.state(), "N", cell.stateSize());
    if (remembers) {
      body.output("step_next_cx", step.memory(), "N", cell.memorySize());
    }
    body.output("step_out", step.out(), "N", cell.outputSize());

    List<Value> arguments = new ArrayList<>(List.of(before.state()));
    if (remembers) {
      arguments.add(before.memory());
    }
    int states = arguments.size();
    arguments.add(x);
    if (body.uses(elapsed)) {
      arguments.add(graph.unsqueezed(timespans, 2));
    }
    int[] timeAxes = new int[arguments.size() - states];
    Arrays.fill(timeAxes, 1);
    List<Value> results =
        graph.nodes(
            "Scan",
            states + 1,
            Map.of(
                "body",
                body,
                "num_scan_inputs",
                timeAxes.length,
                "scan_input_axes",
                timeAxes,
                "scan_output_axes",
                new int[] {1}),
            arguments.toArray(Value[]::new));
    return new OnnxStep(
        results.getLast(), results.getFirst(), remembers ? results.get(1) : Value.NONE);
  }

  /** Cells one after the other, each with its part of the state. */
  private static OnnxStep chain(
      OnnxGraph graph, List<Cell> cells, Form form, Value x, Value timespans, OnnxStep before) {
    List<Value> states = parts(graph, before.state(), cells, Cell::stateSize);
    List<Value> memories = parts(graph, before.memory(), cells, Cell::memorySize);
    Value out = x;
    for (int i = 0; i < cells.size(); i++) {
      OnnxStep own = new OnnxStep(Value.NONE, states.get(i), memories.get(i));
      OnnxStep after = form.of(graph, cells.get(i), out, timespans, own);
      out = after.out();
      states.set(i, after.state());
      memories.set(i, after.memory());
    }
    return new OnnxStep(out, whole(graph, states), whole(graph, memories));
  }

  /** The cells' parts of rows in which they stand one behind the other. */
  private static List<Value> parts(
      OnnxGraph graph, Value all, List<Cell> cells, ToIntFunction<Cell> size) {
    int[] sizes = cells.stream().mapToInt(size).filter(n -> n > 0).toArray();
    List<Value> present = sizes.length > 1 ? graph.split(all, sizes) : List.of(all);
    List<Value> parts = new ArrayList<>();
    int i = 0;
    for (Cell cell : cells) {
      parts.add(size.applyAsInt(cell) > 0 ? present.get(i++) : Value.NONE);
    }
    return parts;
  }

  /** The way back. */
  private static Value whole(OnnxGraph graph, List<Value> parts) {
    Value[] present = parts.stream().filter(part -> !part.equals(Value.NONE)).toArray(Value[]::new);
    return switch (present.length) {
      case 0 -> Value.NONE;
      case 1 -> present[0];
      default -> graph.concatenated(present);
    };
  }
}
