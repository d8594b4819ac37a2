package io.github.elegans.nativekernels;

import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_update;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Steps of optimisers: {@code optimisers.c}. */
record NativeOptimisers(int tier) implements OptimiserKernels {

  @Override
  public void add(MemorySegment x, MemorySegment sum, long n) {
    NativeProvider.check(Elegans.elegans_optimiser_add(tier, x, sum, n));
  }

  @Override
  public void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums) {
    NativeProvider.check(Elegans.elegans_optimiser_sums_of_squares(tier, x, stride, rows, sums));
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
    MemorySegment constants = Structures.call();
    describe(step, constants.address());
    NativeProvider.check(
        Elegans.elegans_optimiser_step(
            tier,
            constants,
            p,
            g,
            orNull(first),
            orNull(second),
            orNull(third),
            stride,
            width,
            rows));
  }

  private static MemorySegment orNull(@Nullable MemorySegment state) {
    return state == null ? MemorySegment.NULL : state;
  }

  private static void describe(OptimiserStep step, long at) {
    Structures.setInt(at + elegans_update.rule$offset(), step.rule().ordinal());
    Structures.setFloat(at + elegans_update.scale$offset(), step.scale());
    Structures.setFloat(at + elegans_update.clip$offset(), step.clip());
    Structures.setFloat(at + elegans_update.shrink$offset(), step.shrink());
    Structures.setFloat(at + elegans_update.decay$offset(), step.decay());
    Structures.setFloat(at + elegans_update.rate$offset(), step.rate());
    Structures.setFloat(at + elegans_update.first_keep$offset(), step.firstKeep());
    Structures.setFloat(at + elegans_update.first_take$offset(), step.firstTake());
    Structures.setFloat(at + elegans_update.second_keep$offset(), step.secondKeep());
    Structures.setFloat(at + elegans_update.second_take$offset(), step.secondTake());
    Structures.setFloat(at + elegans_update.momentum$offset(), step.momentum());
    Structures.setFloat(at + elegans_update.root$offset(), step.root());
    Structures.setFloat(at + elegans_update.epsilon$offset(), step.epsilon());
    Structures.setFloat(at + elegans_update.inner_epsilon$offset(), step.innerEpsilon());
  }
}
