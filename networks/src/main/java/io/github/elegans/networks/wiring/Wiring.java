package io.github.elegans.networks.wiring;

import io.github.elegans.checks.Require;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The synapses of a network: from inputs (sensory neurons) to neurons and among neurons, each
 * excitatory (+1) or inhibitory (-1). Immutable.
 *
 * <p>The first {@link #outputSize} neurons are the motor neurons.
 */
public final class Wiring {
  /** Inputs, and neurons, at most: their product is the length of an array. */
  static final int MOST = 1 << 15;

  private final int inputSize;
  private final int units;
  private final int outputSize;
  private final List<List<Integer>> layers;
  private final byte[] adjacency;
  private final byte[] sensoryAdjacency;

  private Wiring(
      int inputSize,
      int units,
      int outputSize,
      List<List<Integer>> layers,
      byte[] adjacency,
      byte[] sensoryAdjacency) {
    this.inputSize = inputSize;
    this.units = units;
    this.outputSize = outputSize;
    this.layers = layers;
    this.adjacency = adjacency;
    this.sensoryAdjacency = sensoryAdjacency;
  }

  /** I: inputs, that is, sensory neurons. */
  public int inputSize() {
    return inputSize;
  }

  /** N: neurons. */
  public int units() {
    return units;
  }

  /** m: motor neurons, whose states are the output. */
  public int outputSize() {
    return outputSize;
  }

  /** The neurons of each layer: of an NCP inter, command and motor neurons, otherwise all. */
  public List<List<Integer>> layers() {
    return layers;
  }

  /** +1 or -1 for a synapse from neuron to neuron, 0 if there is none. */
  public int polarity(int source, int target) {
    Objects.checkIndex(source, units);
    Objects.checkIndex(target, units);
    return adjacency[source * units + target];
  }

  /** +1 or -1 for a synapse from an input to a neuron, 0 if there is none. */
  public int sensoryPolarity(int input, int target) {
    Objects.checkIndex(input, inputSize);
    Objects.checkIndex(target, units);
    return sensoryAdjacency[input * units + target];
  }

  /** Synapses among neurons. */
  public int synapseCount() {
    return count(adjacency, 0);
  }

  /** Synapses from inputs. */
  public int sensorySynapseCount() {
    return count(sensoryAdjacency, 0);
  }

  /** Synapses among neurons that excite. */
  public int excitatoryCount() {
    return count(adjacency, 1);
  }

  /** Synapses from inputs that excite. */
  public int sensoryExcitatoryCount() {
    return count(sensoryAdjacency, 1);
  }

  /** Elements of a polarity, or with 0 of any. */
  private static int count(byte[] matrix, int polarity) {
    int count = 0;
    for (byte element : matrix) {
      count += element != 0 && (polarity == 0 || element == polarity) ? 1 : 0;
    }
    return count;
  }

  /** [N, N] row-major, row = source: ncps's {@code adjacency_matrix} and {@code erev}. */
  public float[] adjacency() {
    return floats(adjacency);
  }

  /** [I, N] row-major, row = source: ncps's {@code sensory_adjacency_matrix}. */
  public float[] sensoryAdjacency() {
    return floats(sensoryAdjacency);
  }

  private static float[] floats(byte[] matrix) {
    float[] values = new float[matrix.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix[i];
    }
    return values;
  }

  /** What a neuron is: {@code motor}, {@code command} or {@code inter}, as ncps calls it. */
  public String neuronType(int neuron) {
    Objects.checkIndex(neuron, units);
    if (layers.size() == 3 && layers.get(1).contains(neuron)) {
      return "command";
    }
    return neuron < outputSize ? "motor" : "inter";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Wiring that
        && inputSize == that.inputSize
        && units == that.units
        && outputSize == that.outputSize
        && layers.equals(that.layers)
        && Arrays.equals(adjacency, that.adjacency)
        && Arrays.equals(sensoryAdjacency, that.sensoryAdjacency);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(adjacency) + Arrays.hashCode(sensoryAdjacency);
  }

  @Override
  public String toString() {
    return "%d inputs, %d neurons, %d of them motor neurons, %d synapses, %d sensory synapses"
        .formatted(inputSize, units, outputSize, synapseCount(), sensorySynapseCount());
  }

  /** Begins a wiring without synapses, whose neurons are one layer. */
  public static Builder builder(int inputSize, int units, int outputSize) {
    return new Builder(inputSize, units, outputSize);
  }

  /** Puts a wiring together. */
  public static final class Builder {
    private final int inputSize;
    private final int units;
    private final int outputSize;
    private final byte[] adjacency;
    private final byte[] sensoryAdjacency;
    private List<List<Integer>> layers;

    private Builder(int inputSize, int units, int outputSize) {
      Require.between("inputs", 1, MOST, inputSize);
      Require.between("units", 1, MOST, units);
      Require.between("output_dim", 1, units, outputSize);
      this.inputSize = inputSize;
      this.units = units;
      this.outputSize = outputSize;
      adjacency = new byte[units * units];
      sensoryAdjacency = new byte[inputSize * units];
      layers = List.of(IntStream.range(0, units).boxed().toList());
    }

    /** Sets the layers: every neuron must be in one of them. */
    public Builder layers(List<List<Integer>> newLayers) {
      Require.noNull("layers", newLayers);
      newLayers.forEach(layer -> Require.noNull("a layer", layer));
      List<Integer> all = newLayers.stream().flatMap(List::stream).sorted().toList();
      if (!all.equals(IntStream.range(0, units).boxed().toList())) {
        throw new IllegalArgumentException(
            "layers must hold each of %d neurons once, but hold %s".formatted(units, all));
      }
      layers = newLayers.stream().map(List::copyOf).toList();
      return this;
    }

    /** Adds a synapse among neurons, or changes its polarity. */
    public Builder synapse(int source, int target, int polarity) {
      check("source of a synapse", source, units, "neurons");
      check("target of a synapse", target, units, "neurons");
      adjacency[source * units + target] = checked(polarity);
      return this;
    }

    /** Adds a synapse from an input, or changes its polarity. */
    public Builder sensorySynapse(int input, int target, int polarity) {
      check("source of a sensory synapse", input, inputSize, "inputs");
      check("target of a sensory synapse", target, units, "neurons");
      sensoryAdjacency[input * units + target] = checked(polarity);
      return this;
    }

    private static void check(String what, int index, int count, String things) {
      if (index < 0 || index >= count) {
        throw new IllegalArgumentException(
            "%s must be one of %d %s, from 0 on, but is %d".formatted(what, count, things, index));
      }
    }

    private static byte checked(int polarity) {
      if (polarity != 1 && polarity != -1) {
        throw new IllegalArgumentException("a polarity must be -1 or +1, but is " + polarity);
      }
      return (byte) polarity;
    }

    /** The wiring. */
    public Wiring build() {
      return new Wiring(
          inputSize, units, outputSize, layers, adjacency.clone(), sensoryAdjacency.clone());
    }
  }
}
