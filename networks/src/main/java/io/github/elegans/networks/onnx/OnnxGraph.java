package io.github.elegans.networks.onnx;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.protobuf.Protobuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/**
 * A graph of <a href="https://onnx.ai/onnx/operators/">ONNX operators</a> on float32 tensors under
 * construction: its nodes are added in the order of their execution, and then it is written as a
 * model file (IR version {@value #IR_VERSION}, operator set {@value #OPERATOR_SET}).
 */
final class OnnxGraph {
  static final int IR_VERSION = 8;
  static final int OPERATOR_SET = 17;

  private static final float LECUN_SCALE = 1.7159f;
  private static final float LECUN_SLOPE = 0.666f;

  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  /** Of AttributeProto: the kind of an attribute, and the field that holds it. */
  private enum Kind {
    INTEGER(2, 3),
    GRAPH(5, 6),
    INTEGERS(7, 8);

    private final int type;
    private final int field;

    Kind(int type, int field) {
      this.type = type;
      this.field = field;
    }
  }

  /** Protocol buffers end here, and ONNX keeps the weights inside. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1 << 20);

  /**
   * A tensor of a graph.
   *
   * @param name unique in the graph and its bodies
   */
  record Value(String name) {
    /** What an operator has where an optional input is left out. */
    static final Value NONE = new Value("");
  }

  private record Named(Value value, Protobuf message) {}

  private record Node(
      String operator, List<Value> inputs, List<Value> outputs, Map<String, ?> attributes) {}

  private final String name;
  private final AtomicInteger names;
  private final List<Named> inputs = new ArrayList<>();
  private final List<Protobuf> outputs = new ArrayList<>();
  private final List<Protobuf> constants = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<Value> used = new HashSet<>();
  private final Map<Value, String> outputNames = new HashMap<>();
  private long bytes;

  private OnnxGraph(String name, AtomicInteger names) {
    this.name = name;
    this.names = names;
  }

  /** An empty graph. */
  OnnxGraph(String name) {
    this(name, new AtomicInteger());
  }

  /** An empty graph for an attribute of a node of this one, such as the body of a Scan. */
  OnnxGraph body(String bodyName) {
    return new OnnxGraph(bodyName, names);
  }

  /**
   * An input; if no node uses it, the graph will not have it.
   *
   * @param shape sizes, as integers, or names of sizes that are open
   */
  Value input(String inputName, Object... shape) {
    Value value = new Value(inputName);
    inputs.add(new Named(value, tensorInfo(inputName, shape)));
    return value;
  }

  /**
   * Makes a tensor an output.
   *
   * @param shape as of {@link #input}
   */
  void output(String outputName, Value value, Object... shape) {
    boolean takesName =
        nodes.stream().anyMatch(node -> node.outputs.contains(value))
            && outputNames.putIfAbsent(value, outputName) == null;
    if (!takesName) {
      outputNames.put(node("Identity", value), outputName);
    }
    outputs.add(tensorInfo(outputName, shape));
  }

  private static Protobuf tensorInfo(String name, Object[] shape) {
    Protobuf dimensions = new Protobuf();
    for (Object size : shape) {
      Protobuf dimension = new Protobuf();
      if (size instanceof Integer known) {
        dimension.number(1, known);
      } else {
        dimension.text(2, size.toString());
      }
      dimensions.message(1, dimension);
    }
    Protobuf tensor = new Protobuf().number(1, FLOAT).message(2, dimensions);
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  /** A float32 tensor that never changes, row-major. */
  Value constant(float[] values, long... shape) {
    byte[] data = allocate(values.length, Float.BYTES);
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return constant(FLOAT, shape, data);
  }

  /** A list of int64, as operators take axes and sizes. */
  Value integers(long... values) {
    return integers(values, values.length);
  }

  /** An int64 tensor that never changes, row-major. */
  Value integers(long[] values, long... shape) {
    byte[] data = allocate(values.length, Long.BYTES);
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    return constant(INT64, shape, data);
  }

  private byte[] allocate(int elements, int size) {
    bytes += (long) elements * size;
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "an ONNX file can hold %d bytes of weights, but these are more".formatted(MOST_BYTES));
    }
    return new byte[elements * size];
  }

  private Value constant(int type, long[] shape, byte[] data) {
    Value value = fresh("c");
    Protobuf tensor = new Protobuf();
    for (long size : shape) {
      tensor.number(1, size);
    }
    constants.add(tensor.number(2, type).text(8, value.name).bytes(9, data));
    return value;
  }

  private Value fresh(String prefix) {
    return new Value(prefix + names.getAndIncrement());
  }

  /** Whether a node uses a tensor. */
  boolean uses(Value value) {
    return used.contains(value);
  }

  /** A node with one output and no attributes. */
  Value node(String operator, Value... arguments) {
    return node(operator, Map.of(), arguments);
  }

  /** A node with one output. */
  Value node(String operator, Map<String, ?> attributes, Value... arguments) {
    return nodes(operator, 1, attributes, arguments).getFirst();
  }

  /**
   * A node.
   *
   * @param results how many outputs
   * @param attributes by name: each an Integer, an {@code int[]} or a graph
   */
  List<Value> nodes(String operator, int results, Map<String, ?> attributes, Value... arguments) {
    List<Value> made = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      made.add(fresh("v"));
    }
    nodes.add(new Node(operator, List.of(arguments), List.copyOf(made), attributes));
    used.addAll(Arrays.asList(arguments));
    return made;
  }

  /** Tensors beside each other along their last axis. */
  Value concatenated(Value... parts) {
    return node("Concat", Map.of("axis", -1), parts);
  }

  /** The parts of a tensor along its last axis. */
  List<Value> split(Value value, int... sizes) {
    long[] parts = Arrays.stream(sizes).asLongStream().toArray();
    return nodes("Split", sizes.length, Map.of("axis", -1), value, integers(parts));
  }

  /** A tensor with one more axis, of size 1. */
  Value unsqueezed(Value value, int axis) {
    return node("Unsqueeze", value, integers(axis));
  }

  /** A tensor without an axis of size 1. */
  Value squeezed(Value value, int axis) {
    return node("Squeeze", value, integers(axis));
  }

  /** A tensor times a number. */
  Value scaled(float factor, Value value) {
    return node("Mul", value, constant(new float[] {factor}));
  }

  /**
   * A multiple of a tensor, whose factor goes into the weights of the layer that reads it.
   *
   * @param factor what the tensor is to be multiplied with
   */
  record Scaled(Value value, float factor) {}

  /**
   * A fully connected layer on [N, K] and an elementwise function, whose factors go into weights if
   * it has some.
   */
  Scaled layer(DenseWeights layer, Activation function, Scaled x) {
    IntUnaryOperator all = IntUnaryOperator.identity();
    return function == Activation.LECUN_TANH
        ? new Scaled(node("Tanh", linear(layer, layer.outputs(), all, x, LECUN_SLOPE)), LECUN_SCALE)
        : new Scaled(activation(function, linear(layer, layer.outputs(), all, x)), 1);
  }

  /** A fully connected layer on [N, K]. */
  Value linear(DenseWeights layer, Value x) {
    return linear(layer, layer.outputs(), IntUnaryOperator.identity(), new Scaled(x, 1));
  }

  /**
   * Some outputs of a fully connected layer on [N, K].
   *
   * @param outputs how many
   * @param output which of the layer's outputs is the graph's i-th
   */
  Value linear(DenseWeights layer, int outputs, IntUnaryOperator output, Scaled x) {
    return linear(layer, outputs, output, x, 1);
  }

  private Value linear(
      DenseWeights layer, int outputs, IntUnaryOperator output, Scaled x, float slope) {
    int inputCount = layer.inputs();
    float[] weight = new float[Require.elements("weights", outputs, inputCount)];
    float[] bias = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      int n = output.applyAsInt(i);
      bias[i] = slope * layer.bias(n);
      for (int k = 0; k < inputCount; k++) {
        weight[k * outputs + i] = slope * x.factor * layer.weight(n, k);
      }
    }
    return node("Gemm", x.value, constant(weight, inputCount, outputs), constant(bias, outputs));
  }

  /** An elementwise function. */
  Value activation(Activation function, Value x) {
    return switch (function) {
      case LINEAR -> x;
      case EXP -> node("Exp", x);
      case TANH -> node("Tanh", x);
      case LECUN_TANH -> scaled(LECUN_SCALE, node("Tanh", scaled(LECUN_SLOPE, x)));
      case SIGMOID -> node("Sigmoid", x);
      case RELU -> node("Relu", x);
      case SILU -> node("Mul", x, node("Sigmoid", x));
      case GELU -> {
        Value erf = node("Erf", scaled((float) Math.sqrt(0.5), x));
        yield node("Mul", scaled(0.5f, x), node("Add", erf, constant(new float[] {1})));
      }
      case GELU_TANH -> {
        Value cube = node("Mul", node("Mul", x, x), x);
        Value inner = node("Add", x, scaled(0.044715f, cube));
        Value gate = node("Sigmoid", scaled((float) (2 * Math.sqrt(2 / Math.PI)), inner));
        yield node("Mul", x, gate);
      }
      case SOFTPLUS -> node("Softplus", x);
    };
  }

  /**
   * The model file's content.
   *
   * @param description what tools show of it
   */
  byte[] toBytes(String description) {
    return new Protobuf()
        .number(1, IR_VERSION)
        .text(2, "elegans")
        .text(6, description)
        .message(7, message())
        .message(8, new Protobuf().text(1, "").number(2, OPERATOR_SET))
        .toBytes();
  }

  private Protobuf message() {
    Protobuf graph = new Protobuf();
    for (Node node : nodes) {
      Protobuf message = new Protobuf();
      node.inputs.forEach(value -> message.text(1, nameOf(value)));
      node.outputs.forEach(value -> message.text(2, nameOf(value)));
      message.text(3, nameOf(node.outputs.getFirst())).text(4, node.operator);
      node.attributes.keySet().stream()
          .sorted()
          .forEach(key -> message.message(5, attribute(key, node.attributes.get(key))));
      graph.message(1, message);
    }
    graph.text(2, name);
    constants.forEach(constant -> graph.message(5, constant));
    for (Named input : inputs) {
      if (uses(input.value)) {
        graph.message(11, input.message);
      }
    }
    outputs.forEach(output -> graph.message(12, output));
    return graph;
  }

  private String nameOf(Value value) {
    return outputNames.getOrDefault(value, value.name);
  }

  private static Protobuf attribute(String key, Object value) {
    Protobuf attribute = new Protobuf().text(1, key);
    Kind kind =
        switch (value) {
          case Integer number -> {
            attribute.number(Kind.INTEGER.field, number);
            yield Kind.INTEGER;
          }
          case int[] numbers -> {
            for (int number : numbers) {
              attribute.number(Kind.INTEGERS.field, number);
            }
            yield Kind.INTEGERS;
          }
          case OnnxGraph body -> {
            attribute.message(Kind.GRAPH.field, body.message());
            yield Kind.GRAPH;
          }
          default -> throw new IllegalArgumentException("attribute " + key + ": " + value);
        };
    return attribute.number(20, kind.type);
  }
}
