package io.github.elegans.kernels.math;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;

/**
 * Derivatives of the elementwise functions in float32, by definition: straight lines of IEEE 754
 * operations. NaN gives NaN, but for linear (1) and relu (0). Arguments beyond some bound are as
 * the bound, whose derivative is 0 or 1 already; so infinite ones have their limits.
 *
 * <p>Absolute errors, where the argument is exact: at most 1.2e-7 · max(1, |f'|) for those from the
 * output, 3e-7 for the others.
 */
public final class ScalarActivationGradients implements ActivationGradientKernels {
  ScalarActivationGradients() {}

  /**
   * d/dx of 1.7159 tanh(0.666 x) where the output is 0, and how it falls with the output's square.
   */
  private static final float LECUN_SLOPE = (float) (1.7159 * 0.666);

  private static final float LECUN_FALL = (float) (0.666 / 1.7159);

  /** From here on PyTorch's softplus is its argument. */
  private static final float SOFTPLUS_LINEAR = 20;

  /** From here on σ(x) is 1 or 0, and x σ(-x) nothing beside it. */
  private static final float SILU_BOUND = 104;

  /** From here on the normal distribution is 1; exp(-x²/2) is a normal number up to it. */
  private static final float GELU_BOUND = 13;

  /** Below, Φ is ½ in float32, and the quotient of two tiny numbers is not needed. */
  private static final float GELU_CENTRE = 0x1p-24f;

  /** 1/√(2π). */
  private static final float NORMAL_DENSITY = 0.3989422804f;

  /** 2√(2/π), 0.044715 times that, and three times the latter. */
  private static final float GELU_TANH_1 = 1.595769122f;

  private static final float GELU_TANH_3 = 0.0713548163f;
  private static final float GELU_TANH_SLOPE_2 = 0.2140644489f;

  @Override
  public void gradient(Activation function, MemorySegment z, MemorySegment d, long n) {
    for (long i = 0; i < n; i++) {
      FloatSegments.set(d, i, gradient(function, FloatSegments.get(z, i)));
    }
  }

  @Override
  public void backward(Activation function, MemorySegment z, MemorySegment dy, long n) {
    for (long i = 0; i < n; i++) {
      float d = gradient(function, FloatSegments.get(z, i));
      FloatSegments.set(dy, i, PanelLayout.flush(FloatSegments.get(dy, i) * d));
    }
  }

  /**
   * f'(x).
   *
   * @param z f(x) for the functions {@link ActivationGradientKernels#FROM_OUTPUT}, otherwise x
   */
  public static float gradient(Activation function, float z) {
    return switch (function) {
      case LINEAR -> 1;
      case EXP -> z;
      case TANH -> Math.fma(-z, z, 1f);
      case LECUN_TANH -> Math.fma(-(LECUN_FALL * z), z, LECUN_SLOPE);
      case SIGMOID -> Math.fma(-z, z, z);
      case RELU -> z > 0 ? 1 : 0;
      case SILU -> silu(z);
      case GELU -> gelu(z);
      case GELU_TANH -> geluTanh(z);
      case SOFTPLUS -> z > SOFTPLUS_LINEAR ? 1 : ScalarFloats.sigmoidAccurate(z);
    };
  }

  private static float bounded(float x, float bound) {
    float z = x < -bound ? -bound : x;
    return z > bound ? bound : z;
  }

  /**
   * s + x s (1 - s) with s = σ(x); s (1 - s) from the smaller of both, σ(-|x|), which is accurate.
   */
  private static float silu(float z) {
    float x = bounded(z, SILU_BOUND);
    float t = ScalarFloats.sigmoidAccurate(-Math.abs(x));
    float s = x < 0 ? t : 1 - t;
    return Math.fma(x, t * (1 - t), s);
  }

  /** Φ(x) + x φ(x), with Φ(x) as gelu(x) / x. */
  private static float gelu(float z) {
    float x = bounded(z, GELU_BOUND);
    float quotient = ScalarFloats.geluAccurate(x) / x;
    float distribution = Math.abs(x) < GELU_CENTRE ? 0.5f : quotient;
    float density = ScalarFloats.expAccurate(-0.5f * (x * x)) * NORMAL_DENSITY;
    return Math.fma(x, density, distribution);
  }

  /** s + x s (1 - s) u' with s = σ(u), u = 2√(2/π) (x + 0.044715 x³). */
  private static float geluTanh(float z) {
    float x = bounded(z, GELU_BOUND);
    float square = x * x;
    float u = x * Math.fma(square, GELU_TANH_3, GELU_TANH_1);
    float t = ScalarFloats.sigmoidAccurate(-Math.abs(u));
    float s = x < 0 ? t : 1 - t;
    float slope = Math.fma(square, GELU_TANH_SLOPE_2, GELU_TANH_1);
    return Math.fma(x * slope, t * (1 - t), s);
  }
}
