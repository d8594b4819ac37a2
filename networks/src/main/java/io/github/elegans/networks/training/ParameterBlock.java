package io.github.elegans.networks.training;

import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** A value for every parameter of a model, in its {@link ParameterLayout}. */
final class ParameterBlock {
  private final ParameterLayout layout;
  private final MemorySegment memory;
  private final MemorySegment[] regions;

  /** Zeros. */
  ParameterBlock(ParameterLayout layout) {
    this.layout = layout;
    memory = Staging.allocate(Math.max(1, layout.floats()) * Float.BYTES);
    regions = new MemorySegment[layout.regions()];
    for (int region = 0; region < regions.length; region++) {
      long start = layout.start(region);
      regions[region] =
          memory.asSlice(start * Float.BYTES, (layout.end(region) - start) * Float.BYTES);
    }
  }

  MemorySegment memory() {
    return memory;
  }

  MemorySegment region(int region) {
    return regions[region];
  }

  void clear() {
    memory.fill((byte) 0);
  }

  /** The values of a tensor, row-major; where it has no parameter, what it was given. */
  float[] values(ParameterLayout.Tensor tensor) {
    return read(tensor, tensor.given().clone());
  }

  /** As {@link #values}, with zeros where the tensor has no parameter: of gradients and moments. */
  float[] valuesOrZeros(ParameterLayout.Tensor tensor) {
    return read(tensor, new float[tensor.offsets().length]);
  }

  private float[] read(ParameterLayout.Tensor tensor, float[] values) {
    int[] offsets = tensor.offsets();
    for (int i = 0; i < values.length; i++) {
      if (offsets[i] >= 0) {
        values[i] = FloatSegments.get(memory, offsets[i]);
      }
    }
    return values;
  }

  /** Sets a tensor's parameters. */
  void set(ParameterLayout.Tensor tensor, float[] values) {
    int[] offsets = tensor.offsets();
    for (int i = 0; i < values.length; i++) {
      if (offsets[i] >= 0) {
        FloatSegments.set(memory, offsets[i], values[i]);
      }
    }
  }

  /** All tensors by their names. */
  Map<String, float[]> stateDict() {
    Map<String, float[]> stateDict = new LinkedHashMap<>();
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      stateDict.put(tensor.name(), values(tensor));
    }
    return stateDict;
  }
}
