package io.github.elegans.nativekernels;

import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Losses and their gradients: {@code losses.c}. */
record NativeLosses(int tier) implements LossKernels {

  @Override
  public void loss(
      Loss loss,
      double parameter,
      MemorySegment out,
      long outStride,
      MemorySegment targets,
      long targetStride,
      @Nullable MemorySegment weights,
      int width,
      int rows,
      float scale,
      MemorySegment gradient,
      MemorySegment losses) {
    NativeProvider.check(
        Elegans.elegans_loss_f32(
            tier,
            loss.ordinal(),
            parameter,
            out,
            outStride,
            targets,
            targetStride,
            weights == null ? MemorySegment.NULL : weights,
            width,
            rows,
            scale,
            gradient,
            losses));
  }
}
