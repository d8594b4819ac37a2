package io.github.elegans.nativekernels;

import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_ltc_leaf;
import io.github.elegans.nativekernels.bindings.elegans_ltc_training;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Liquid time-constant cells in training: {@code ltc_gradients.c}. */
record NativeLtcGradients(int tier) implements LtcGradientKernels {

  @Override
  public void forward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment v,
      MemorySegment out,
      MemorySegment kept) {
    MemorySegment cell = Structures.call();
    MemorySegment call = Structures.leaf();
    long leaf = call.address();
    describe(weights, cell.address());
    describe(leaf, steps, rows, x, timespans, mask, kept);
    Structures.set(leaf + elegans_ltc_leaf.state$offset(), v);
    Structures.set(leaf + elegans_ltc_leaf.out$offset(), out);
    NativeProvider.check(Elegans.elegans_ltc_forward(tier, cell, call));
  }

  @Override
  public void backward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment kept,
      @Nullable MemorySegment outGradients,
      MemorySegment stateGradients,
      MemorySegment sums,
      @Nullable MemorySegment inputGradients,
      @Nullable MemorySegment timespanGradients) {
    MemorySegment cell = Structures.call();
    MemorySegment call = Structures.leaf();
    long leaf = call.address();
    describe(weights, cell.address());
    describe(leaf, steps, rows, x, timespans, mask, kept);
    Structures.set(leaf + elegans_ltc_leaf.out_gradients$offset(), orNull(outGradients));
    Structures.set(leaf + elegans_ltc_leaf.state_gradients$offset(), stateGradients);
    Structures.set(leaf + elegans_ltc_leaf.sums$offset(), sums);
    Structures.set(leaf + elegans_ltc_leaf.input_gradients$offset(), orNull(inputGradients));
    Structures.set(leaf + elegans_ltc_leaf.timespan_gradients$offset(), orNull(timespanGradients));
    NativeProvider.check(Elegans.elegans_ltc_backward(tier, cell, call));
  }

  private static void describe(LtcTrainingWeights weights, long cell) {
    LtcParameterLayout layout = weights.layout();
    Structures.set(cell + elegans_ltc_training.recurrent$offset(), weights.recurrent());
    Structures.set(
        cell + elegans_ltc_training.recurrent_starts$offset(), layout.recurrent().starts());
    Structures.set(
        cell + elegans_ltc_training.recurrent_sources$offset(), layout.recurrent().sources());
    Structures.set(cell + elegans_ltc_training.sensory$offset(), weights.sensory());
    Structures.set(cell + elegans_ltc_training.sensory_starts$offset(), layout.sensory().starts());
    Structures.set(
        cell + elegans_ltc_training.sensory_sources$offset(), layout.sensory().sources());
    Structures.set(cell + elegans_ltc_training.neurons$offset(), weights.neurons());
    Structures.set(cell + elegans_ltc_training.output_map$offset(), weights.outputMap());
    Structures.set(cell + elegans_ltc_training.input_size$offset(), layout.inputSize());
    Structures.set(cell + elegans_ltc_training.units$offset(), layout.units());
    Structures.set(cell + elegans_ltc_training.output_size$offset(), layout.outputSize());
    Structures.setInt(cell + elegans_ltc_training.unfolds$offset(), layout.integration().unfolds());
    Structures.setInt(
        cell + elegans_ltc_training.solver$offset(), layout.integration().solver().ordinal());
    Structures.setInt(
        cell + elegans_ltc_training.elapsed_time$offset(),
        layout.integration().elapsedTime() ? 1 : 0);
    Structures.setFloat(
        cell + elegans_ltc_training.timespan_offset$offset(),
        layout.integration().timespanOffset());
  }

  private static void describe(
      long leaf,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment kept) {
    Structures.set(leaf + elegans_ltc_leaf.x$offset(), x);
    Structures.set(leaf + elegans_ltc_leaf.timespans$offset(), orNull(timespans));
    Structures.set(leaf + elegans_ltc_leaf.mask$offset(), orNull(mask));
    Structures.set(leaf + elegans_ltc_leaf.kept$offset(), kept);
    Structures.set(leaf + elegans_ltc_leaf.steps$offset(), (long) steps);
    Structures.set(leaf + elegans_ltc_leaf.rows$offset(), (long) rows);
  }

  private static MemorySegment orNull(@Nullable MemorySegment segment) {
    return segment == null ? MemorySegment.NULL : segment;
  }
}
