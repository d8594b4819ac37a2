package io.github.elegans.kernels.optimiser;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Steps of optimisers in float32, by definition. Comparisons are written so that NaN falls through
 * to the arithmetic. An update is made of the state that has been stored, flushed.
 */
public final class ScalarOptimisers implements OptimiserKernels {
  private static final int CHAINS = 16;

  ScalarOptimisers() {}

  @Override
  public void add(MemorySegment x, MemorySegment sum, long n) {
    for (long i = 0; i < n; i++) {
      FloatSegments.set(sum, i, FloatSegments.get(sum, i) + FloatSegments.get(x, i));
    }
  }

  @Override
  public void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums) {
    for (long row = 0; row < rows; row++) {
      for (int c = 0; c < CHAINS; c++) {
        long at = (long) c * Double.BYTES;
        double value = FloatSegments.get(x, row * stride + c);
        double sum = sums.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
        sums.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, Math.fma(value, value, sum));
      }
    }
  }

  @Override
  public void step(
      OptimiserStep step,
      MemorySegment p,
      MemorySegment g,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third,
      long stride,
      long width,
      long rows) {
    Element element = new Element(step, first, second, third);
    for (long row = 0; row < rows; row++) {
      for (long at = row * stride; at < row * stride + width; at++) {
        float updated = element.update(FloatSegments.get(p, at), FloatSegments.get(g, at), at);
        FloatSegments.set(p, at, flush(updated));
      }
    }
  }

  private static float flush(float x) {
    return Math.abs(x) < PanelLayout.FLUSH ? 0 : x;
  }

  /** What happens to one element. */
  private record Element(
      OptimiserStep step,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third) {

    /** The new parameter. */
    float update(float parameter, float upstream, long at) {
      float g = upstream * step.scale();
      g = g < -step.clip() ? -step.clip() : g;
      g = g > step.clip() ? step.clip() : g;
      float p = parameter * step.shrink();
      g = Math.fma(step.decay(), p, g);
      float u =
          switch (step.rule()) {
            case SGD -> g;
            case SGD_MOMENTUM -> descent(g, at);
            case SGD_NESTEROV -> Math.fma(step.momentum(), descent(g, at), g);
            case ADAM -> average(first, g, at) / denominator(square(second, g, at));
            case ADAM_AMSGRAD ->
                average(first, g, at) / denominator(maximum(third, square(second, g, at), at));
            case RMSPROP -> g / denominator(square(first, g, at));
            case RMSPROP_MOMENTUM -> buffer(second, g / denominator(square(first, g, at)), at);
            case RMSPROP_CENTERED ->
                g / denominator(variance(square(first, g, at), average(second, g, at)));
            case RMSPROP_CENTERED_MOMENTUM ->
                buffer(
                    second,
                    g / denominator(variance(square(first, g, at), average(third, g, at))),
                    at);
            case LION -> lion(g, at);
          };
      return Math.fma(-step.rate(), u, p);
    }

    private static float get(@Nullable MemorySegment state, long at) {
      return FloatSegments.get(Objects.requireNonNull(state), at);
    }

    private static float store(@Nullable MemorySegment state, long at, float value) {
      float flushed = flush(value);
      FloatSegments.set(Objects.requireNonNull(state), at, flushed);
      return flushed;
    }

    private float descent(float g, long at) {
      return store(first, at, Math.fma(step.firstKeep(), get(first, at), step.firstTake() * g));
    }

    /** m + (g - m)(1 - β). */
    private float average(@Nullable MemorySegment state, float g, long at) {
      float m = get(state, at);
      return store(state, at, Math.fma(g - m, step.firstTake(), m));
    }

    /** β v + (1 - β) g². */
    private float square(@Nullable MemorySegment state, float g, long at) {
      return store(
          state, at, Math.fma(step.secondTake() * g, g, step.secondKeep() * get(state, at)));
    }

    private static float maximum(@Nullable MemorySegment state, float v, long at) {
      float most = get(state, at);
      return store(state, at, v > most ? v : most);
    }

    /** v - a², which rounding may make negative. */
    private static float variance(float v, float a) {
      float difference = Math.fma(-a, a, v);
      return difference < 0 ? 0 : difference;
    }

    private float denominator(float v) {
      return Math.fma((float) Math.sqrt(v + step.innerEpsilon()), step.root(), step.epsilon());
    }

    private float buffer(@Nullable MemorySegment state, float u, long at) {
      return store(state, at, Math.fma(step.momentum(), get(state, at), u));
    }

    /** The sign; of a zero itself. */
    private float lion(float g, long at) {
      float m = get(first, at);
      float u = Math.fma(step.firstKeep(), m, step.firstTake() * g);
      store(first, at, Math.fma(step.secondKeep(), m, step.secondTake() * g));
      float sign = u < 0 ? -1 : u;
      return u > 0 ? 1 : sign;
    }
  }
}
