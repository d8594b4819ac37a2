package io.github.elegans.networks.cfc;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.Safetensors.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The state dict of a CfC network, to be spoiled in one respect and written in any type. */
final class StateDictBuilder {
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private DataType dataType = DataType.F32;
  private String prefix = "rnn_cell.";

  private StateDictBuilder() {}

  /** Parameters by a formula; multiples of 1/64, so that every type can hold them. */
  static StateDictBuilder of(CfcConfiguration c) {
    StateDictBuilder builder = new StateDictBuilder();
    builder.metadata.put("mode", c.mode().fieldName());
    builder.metadata.put("activation", c.activation().fieldName());
    int inputs = c.firstInputs();
    for (int i = 0; i < c.backboneLayers(); i++) {
      builder.linear("backbone." + 2 * i, c.backboneUnits(), inputs);
      inputs = c.backboneUnits();
    }
    boolean pure = c.mode() == CfcMode.PURE;
    for (String head : pure ? List.of("ff1") : List.of("ff1", "ff2", "time_a", "time_b")) {
      builder.linear(head, c.hiddenSize(), inputs);
    }
    if (pure) {
      builder.fill("w_tau", 1, c.hiddenSize());
      builder.fill("A", 1, c.hiddenSize());
    }
    if (c.projectionSize() > 0) {
      builder.linear("fc", c.projectionSize(), c.hiddenSize());
    }
    return builder;
  }

  private void linear(String name, int outputs, int inputs) {
    fill(name + ".weight", outputs, inputs);
    fill(name + ".bias", outputs);
  }

  StateDictBuilder fill(String name, long... shape) {
    int n = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
    float[] data = new float[n];
    for (int i = 0; i < n; i++) {
      data[i] = (float) Math.rint(20 * Math.sin(1 + values.size() + 0.7 * i)) / 64;
    }
    return put(name, data, shape);
  }

  StateDictBuilder put(String name, float[] data, long... shape) {
    values.put(name, data);
    shapes.put(name, shape);
    return this;
  }

  StateDictBuilder shape(String name, long... shape) {
    shapes.put(name, shape);
    return this;
  }

  StateDictBuilder remove(String name) {
    values.remove(name);
    shapes.remove(name);
    return this;
  }

  StateDictBuilder rename(String name, String newName) {
    put(newName, values.get(name), shapes.get(name));
    return remove(name);
  }

  StateDictBuilder set(String name, int index, float value) {
    values.get(name)[index] = value;
    return this;
  }

  StateDictBuilder metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  StateDictBuilder withoutMetadata(String key) {
    metadata.remove(key);
    return this;
  }

  StateDictBuilder dataType(DataType newDataType) {
    dataType = newDataType;
    return this;
  }

  /** What comes before the names of the cell's parameters; the projection is outside the cell. */
  StateDictBuilder prefix(String newPrefix) {
    prefix = newPrefix;
    return this;
  }

  /**
   * The same parameters as TensorFlow and Keras have them: matrices [in, out], and names like
   * {@code path/ff1_weight:0} and {@code path/time_a/kernel:0}.
   *
   * @param separator between a layer and its kernel
   */
  StateDictBuilder keras(String path, String separator, String suffix) {
    for (String name : List.copyOf(values.keySet())) {
      long[] shape = shapes.get(name);
      float[] data = values.get(name);
      int dot = name.lastIndexOf('.');
      String layer = dot < 0 ? name : name.substring(0, dot);
      String tensor = dot < 0 ? "" : name.substring(dot + 1);
      if (layer.startsWith("ff")) {
        tensor = "_" + tensor;
      } else if (dot >= 0) {
        tensor = separator + (tensor.equals("weight") ? "kernel" : tensor);
      }
      if (layer.startsWith("backbone.")) {
        layer = "backbone" + Integer.parseInt(layer.substring(9)) / 2;
      }
      remove(name);
      if (name.endsWith(".weight")) {
        put(path + layer + tensor + suffix, transposed(data, (int) shape[1]), shape[1], shape[0]);
      } else {
        put(path + layer + tensor + suffix, data, shape);
      }
    }
    return prefix("");
  }

  private static float[] transposed(float[] matrix, int columns) {
    int rows = matrix.length / columns;
    float[] transposed = new float[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      transposed[i % columns * rows + i / columns] = matrix[i];
    }
    return transposed;
  }

  Map<String, float[]> values() {
    return new LinkedHashMap<>(values);
  }

  long elements() {
    return values.values().stream().mapToLong(v -> v.length).sum();
  }

  Cfc model() {
    return Cfc.of(safetensors());
  }

  Safetensors safetensors() {
    return Safetensors.read("test.safetensors", toBytes());
  }

  byte[] toBytes() {
    List<String> entries = new ArrayList<>();
    entries.add(
        metadata.entrySet().stream()
            .map(e -> "\"%s\":\"%s\"".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(",", "\"__metadata__\":{", "}")));
    int size = dataType.bits() / 8;
    long at = 0;
    for (Map.Entry<String, float[]> entry : values.entrySet()) {
      String name = entry.getKey();
      long end = at + (long) size * entry.getValue().length;
      entries.add(
          "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  name.startsWith("fc.") || name.startsWith("lstm.") || name.contains("rnn_cell.")
                      ? name
                      : prefix + name,
                  dataType,
                  Arrays.toString(shapes.get(name)),
                  at,
                  end));
      at = end;
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(8 + header.length + (int) at).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(header.length).put(header);
    for (float[] data : values.values()) {
      for (float value : data) {
        switch (dataType) {
          case F64 -> content.putDouble(value);
          case F16 -> content.putShort(Float.floatToFloat16(value));
          case BF16 -> content.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
          case I32 -> content.putInt((int) value);
          default -> content.putFloat(value);
        }
      }
    }
    return content.array();
  }
}
