package io.github.elegans.networks.onnx;

import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Field;
import io.github.elegans.kernels.ltc.SynapseTable;
import io.github.elegans.networks.onnx.OnnxGraph.Value;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;

/**
 * The step of an LTC cell in an ONNX graph, its unfolds one after the other.
 *
 * <p>Synapses stand in K slots a target, as many as the most connected one has: tensors [N, K, N']
 * of N rows and N' targets, in which slots without a synapse have conductance 0. Sums go over the
 * slots.
 */
final class OnnxLtc {
  private static final float SUBSTEP = 0.1f;

  private final OnnxGraph graph;
  private final LtcWeights weights;
  private final int units;
  private final Value capacitance;

  /** The two sums over a target's synapses and its leak, each [N, N']. */
  private record Sums(Value conductance, Value current) {}

  OnnxLtc(OnnxGraph graph, LtcWeights weights) {
    this.graph = graph;
    this.weights = weights;
    units = weights.units();
    capacitance = neurons(Field.CAPACITANCE);
  }

  private Value neurons(Field field) {
    float[] values = weights.neurons(field).toArray(ValueLayout.JAVA_FLOAT);
    return graph.constant(Arrays.copyOf(values, units), units);
  }

  /** The state after a step. */
  Value step(Value x, Value timespans, Value before) {
    Sums leak = new Sums(neurons(Field.LEAK), neurons(Field.CURRENT));
    Sums input = new Synapses(weights.sensory(), weights.inputSize()).addedTo(leak, x);
    Synapses recurrent = new Synapses(weights.recurrent(), units);
    Value rate = rate(timespans);
    Value c = weights.elapsedTime() ? multiply(capacitance, rate) : capacitance;
    Sums constant = new Sums(add(c, input.conductance), input.current);
    Value v = before;
    for (int unfold = 0; unfold < weights.unfolds(); unfold++) {
      v =
          switch (weights.solver()) {
            case SEMI_IMPLICIT -> {
              Sums begin = new Sums(constant.conductance, add(multiply(c, v), constant.current));
              Sums all = recurrent.addedTo(begin, v);
              yield graph.node("Div", all.current, all.conductance);
            }
            case EXPLICIT -> stage(SUBSTEP, slope(recurrent, input, v), v);
            case RUNGE_KUTTA -> {
              Value k1 = slope(recurrent, input, v);
              Value k2 = slope(recurrent, input, stage(SUBSTEP / 2, k1, v));
              Value k3 = slope(recurrent, input, stage(SUBSTEP / 2, k2, v));
              Value k4 = slope(recurrent, input, stage(SUBSTEP, k3, v));
              Value middle = graph.scaled(2, add(k2, k3));
              yield stage(SUBSTEP / 6, add(add(k1, middle), k4), v);
            }
          };
    }
    if (!weights.elapsedTime()) {
      return v;
    }
    // A timespan of 0 leaves the state as it is.
    Value most = graph.constant(new float[] {LtcWeights.MOST_RATE});
    return graph.node("Where", graph.node("Greater", rate, most), before, v);
  }

  /** Substeps per unit of time. */
  private Value rate(Value timespans) {
    if (!weights.elapsedTime()) {
      return Value.NONE;
    }
    float offset = weights.timespanOffset();
    Value elapsed = offset == 0 ? timespans : add(timespans, graph.constant(new float[] {offset}));
    return graph.node("Div", graph.constant(new float[] {weights.unfolds()}), elapsed);
  }

  /** v' = (current - v conductance) / C. */
  private Value slope(Synapses recurrent, Sums input, Value v) {
    Sums all = recurrent.addedTo(input, v);
    Value flow = graph.node("Sub", all.current, multiply(v, all.conductance));
    return graph.node("Div", flow, capacitance);
  }

  private Value stage(float h, Value slope, Value v) {
    return add(v, graph.scaled(h, slope));
  }

  private Value add(Value a, Value b) {
    return graph.node("Add", a, b);
  }

  private Value multiply(Value a, Value b) {
    return graph.node("Mul", a, b);
  }

  /** The synapses from inputs, or from neurons. */
  private final class Synapses {
    private final int slots;

    /** Whether each slot has the same source for all targets, and that is every source once. */
    private final boolean complete;

    private final Value sources;
    private final Value steepness;
    private final Value shift;
    private final Value conductance;
    private final Value current;

    Synapses(SynapseTable table, int sourceCount) {
      int most = 0;
      for (int target = 0; target < units; target++) {
        most = Math.max(most, table.firstSynapse(target + 1) - table.firstSynapse(target));
      }
      slots = most;
      complete = table.uniform() && most == sourceCount;
      long[] from = new long[slots * units];
      float[][] fields = new float[LtcWeights.FIELDS][slots * units];
      for (int target = 0; target < units; target++) {
        int first = table.firstSynapse(target);
        for (int i = first; i < table.firstSynapse(target + 1); i++) {
          int at = (i - first) * units + target;
          from[at] = table.source(i);
          for (int field = 0; field < fields.length; field++) {
            fields[field][at] = table.field(i, field);
          }
        }
      }
      sources = complete || slots == 0 ? Value.NONE : graph.integers(from, slots, units);
      // The table has the argument of 1 / (1 + eʸ).
      steepness = slots(fields[0], -1);
      shift = slots(fields[1], -1);
      conductance = slots(fields[2], 1);
      current = slots(fields[3], 1);
    }

    private Value slots(float[] values, float sign) {
      for (int i = 0; i < values.length; i++) {
        values[i] *= sign;
      }
      return slots == 0 ? Value.NONE : graph.constant(values, slots, units);
    }

    Sums addedTo(Sums begin, Value v) {
      if (slots == 0) {
        return begin;
      }
      Value from =
          complete ? graph.unsqueezed(v, 2) : graph.node("Gather", Map.of("axis", 1), v, sources);
      Value open = graph.node("Sigmoid", add(multiply(from, steepness), shift));
      return new Sums(
          add(sum(multiply(open, conductance)), begin.conductance),
          add(sum(multiply(open, current)), begin.current));
    }

    private Value sum(Value overSlots) {
      return graph.node("ReduceSum", Map.of("keepdims", 0), overSlots, graph.integers(1));
    }
  }
}
