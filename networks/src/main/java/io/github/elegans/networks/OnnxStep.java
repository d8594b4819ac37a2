package io.github.elegans.networks;

import io.github.elegans.networks.files.OnnxGraph;
import io.github.elegans.networks.files.OnnxGraph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * What stands between two steps of a cell in an ONNX graph.
 *
 * @param out what the step before put out; {@link Value#NONE} before the first
 * @param state [N, S]
 * @param memory [N, M], or {@link Value#NONE} of cells without one
 */
public record OnnxStep(Value out, Value state, Value memory) {

  /** Checks that nothing is null. */
  public OnnxStep {
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(memory, "memory");
  }

  /** The same with another output. */
  OnnxStep withOutput(Value other) {
    return new OnnxStep(other, state, memory);
  }

  OnnxStep withoutMemory() {
    return new OnnxStep(out, state, Value.NONE);
  }

  /** All steps of a cell over x [N, T, I] and timespans [N, T], beginning with this. */
  OnnxStep scan(Cell cell, OnnxGraph graph, Value x, Value timespans) {
    OnnxGraph body = graph.body("step");
    boolean remembers = cell.memorySize() > 0;
    Value hx = body.input("step_hx", "N", cell.stateSize());
    Value cx = remembers ? body.input("step_cx", "N", cell.memorySize()) : Value.NONE;
    Value input = body.input("step_x", "N", cell.inputSize());
    Value elapsed = body.input("step_timespans", "N", 1);
    OnnxStep step = cell.onnx(body, input, elapsed, new OnnxStep(Value.NONE, hx, cx));
    body.output("step_next_hx", step.state, "N", cell.stateSize());
    if (remembers) {
      body.output("step_next_cx", step.memory, "N", cell.memorySize());
    }
    body.output("step_out", step.out, "N", cell.outputSize());

    List<Value> arguments = new ArrayList<>(List.of(state));
    if (remembers) {
      arguments.add(memory);
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

  /** The cells' parts of rows in which they stand one behind the other. */
  static List<Value> parts(OnnxGraph graph, Value all, List<Cell> cells, ToIntFunction<Cell> size) {
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
  static Value whole(OnnxGraph graph, List<Value> parts) {
    Value[] present = parts.stream().filter(part -> !part.equals(Value.NONE)).toArray(Value[]::new);
    return switch (present.length) {
      case 0 -> Value.NONE;
      case 1 -> present[0];
      default -> graph.concatenated(present);
    };
  }
}
