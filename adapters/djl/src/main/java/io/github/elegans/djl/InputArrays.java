package io.github.elegans.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of a list that a network reads: the input first, and the others by their names.
 *
 * @param input [B, T, I], or [T, I] of one sequence
 * @param timespans [B, T], or [T]
 * @param mask [B, T], or [T]
 * @param lengths [B], of a batch only
 * @param hx [B, S + M], or [S + M]
 */
record InputArrays(
    NDArray input,
    @Nullable NDArray timespans,
    @Nullable NDArray mask,
    @Nullable NDArray lengths,
    @Nullable NDArray hx) {
  static final String INPUT = "input";
  static final String TIMESPANS = "timespans";
  static final String MASK = "mask";
  static final String LENGTHS = "lengths";
  static final String HX = "hx";

  private static final Set<String> OTHERS = Set.of(TIMESPANS, MASK, LENGTHS, HX);

  /** Sorts the arrays of a list. */
  static InputArrays of(NDList list) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException("the list of arrays must begin with the input");
    }
    Map<String, NDArray> others = new HashMap<>();
    for (int i = 1; i < list.size(); i++) {
      String name = list.get(i).getName();
      if (name == null || !OTHERS.contains(name)) {
        throw new IllegalArgumentException(
            "array %d must be named %s, %s, %s or %s, but %s"
                .formatted(
                    i,
                    TIMESPANS,
                    MASK,
                    LENGTHS,
                    HX,
                    name == null ? "has no name" : "is named '" + name + "'"));
      }
      if (others.put(name, list.get(i)) != null) {
        throw new IllegalArgumentException("array %d is a second one named %s".formatted(i, name));
      }
    }
    return new InputArrays(
        list.getFirst(),
        others.get(TIMESPANS),
        others.get(MASK),
        others.get(LENGTHS),
        others.get(HX));
  }

  /** The numbers of an array, which must have that shape; -1 is any size. */
  static float[] floats(String name, NDArray array, long... shape) {
    require(name, array, DataType.FLOAT32, shape);
    return array.toFloatArray();
  }

  /** The flags of an array, which must have that shape. */
  static boolean[] booleans(String name, NDArray array, long... shape) {
    require(name, array, DataType.BOOLEAN, shape);
    return array.toBooleanArray();
  }

  /** The whole numbers of an array, which must have that shape. */
  static int[] integers(String name, NDArray array, long... shape) {
    require(name, array, DataType.INT32, shape);
    return array.toIntArray();
  }

  private static void require(String name, NDArray array, DataType type, long... shape) {
    // An array of DJL that only passes an object through has neither.
    DataType found = array.getDataType();
    Shape of = array.getShape();
    boolean fits = found == type && of != null && of.dimension() == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = shape[i] == -1 || shape[i] == of.get(i);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s must be %s of shape %s, but is %s of shape %s"
              .formatted(name, type, new Shape(shape), found, of));
    }
  }
}
