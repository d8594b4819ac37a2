package io.github.elegans.kernels.math;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;

/**
 * Elementwise functions over arrays, by definition: {@link ScalarFloats} and {@link ScalarDoubles}.
 */
public final class ScalarMath implements MathKernels {
  ScalarMath() {}

  @Override
  public void apply(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
    for (long i = 0; i < n; i++) {
      FloatSegments.set(y, i, apply(function, accuracy, FloatSegments.get(x, i)));
    }
  }

  @Override
  public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
    for (long i = 0; i < n; i++) {
      long at = i * Double.BYTES;
      y.set(JAVA_DOUBLE_UNALIGNED, at, apply(function, x.get(JAVA_DOUBLE_UNALIGNED, at)));
    }
  }

  /** function(x) in float32. */
  public static float apply(Activation function, Accuracy accuracy, float x) {
    return switch (accuracy) {
      case FAST ->
          switch (function) {
            case LINEAR -> x;
            case EXP -> ScalarFloats.expAccurate(x);
            case TANH -> ScalarFloats.tanhFast(x);
            case LECUN_TANH -> ScalarFloats.lecunTanhFast(x);
            case SIGMOID -> ScalarFloats.sigmoidFast(x);
            case RELU -> ScalarFloats.relu(x);
            case SILU -> ScalarFloats.siluFast(x);
            case GELU -> ScalarFloats.geluFast(x);
            case GELU_TANH -> ScalarFloats.geluTanhFast(x);
            case SOFTPLUS -> ScalarFloats.softplusFast(x);
          };
      case ACCURATE ->
          switch (function) {
            case LINEAR -> x;
            case EXP -> ScalarFloats.expAccurate(x);
            case TANH -> ScalarFloats.tanhAccurate(x);
            case LECUN_TANH -> ScalarFloats.lecunTanhAccurate(x);
            case SIGMOID -> ScalarFloats.sigmoidAccurate(x);
            case RELU -> ScalarFloats.relu(x);
            case SILU -> ScalarFloats.siluAccurate(x);
            case GELU -> ScalarFloats.geluAccurate(x);
            case GELU_TANH -> ScalarFloats.geluTanhAccurate(x);
            case SOFTPLUS -> ScalarFloats.softplusAccurate(x);
          };
      case EXACT ->
          switch (function) {
            case LINEAR -> x;
            case EXP -> (float) ScalarDoubles.expForFloat(x);
            case TANH -> (float) ScalarDoubles.tanhForFloat(x);
            case LECUN_TANH -> (float) ScalarDoubles.lecunTanhForFloat(x);
            case SIGMOID -> (float) ScalarDoubles.sigmoidForFloat(x);
            case RELU -> ScalarFloats.relu(x);
            case SILU -> (float) ScalarDoubles.siluForFloat(x);
            case GELU -> (float) ScalarDoubles.geluForFloat(x);
            case GELU_TANH -> (float) ScalarDoubles.geluTanhForFloat(x);
            case SOFTPLUS -> (float) ScalarDoubles.softplusForFloat(x);
          };
    };
  }

  /** function(x) in float64. */
  public static double apply(Activation function, double x) {
    return switch (function) {
      case LINEAR -> x;
      case EXP -> ScalarDoubles.exp(x);
      case TANH -> ScalarDoubles.tanh(x);
      case LECUN_TANH -> ScalarDoubles.lecunTanh(x);
      case SIGMOID -> ScalarDoubles.sigmoid(x);
      case RELU -> ScalarDoubles.relu(x);
      case SILU -> ScalarDoubles.silu(x);
      case GELU -> ScalarDoubles.gelu(x);
      case GELU_TANH -> ScalarDoubles.geluTanh(x);
      case SOFTPLUS -> ScalarDoubles.softplus(x);
    };
  }
}
