package io.github.elegans.nativekernels;

import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Gates of closed-form continuous-time cells and their derivatives: {@code cfc_gradients.c}. */
record NativeCfcGradients(int tier) implements CfcGradientKernels {

  @Override
  public void gate(
      CfcMode mode,
      Activation headActivation,
      Accuracy accuracy,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    NativeProvider.check(
        Elegans.elegans_cfc_gate(
            tier,
            mode.ordinal(),
            headActivation.ordinal(),
            accuracy.ordinal(),
            heads,
            headsStride,
            timespans,
            h,
            hStride,
            units,
            rows));
  }

  @Override
  public void gateBackward(
      CfcMode mode,
      Activation headActivation,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      @Nullable MemorySegment timespanGradients) {
    NativeProvider.check(
        Elegans.elegans_cfc_gate_backward(
            tier,
            mode.ordinal(),
            headActivation.ordinal(),
            heads,
            headsStride,
            timespans,
            upstream,
            upstreamStride,
            units,
            rows,
            orNull(timespanGradients)));
  }

  @Override
  public void decay(
      Accuracy accuracy,
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    NativeProvider.check(
        Elegans.elegans_cfc_decay(
            tier,
            accuracy.ordinal(),
            f,
            fStride,
            parameters,
            timespans,
            e,
            eStride,
            h,
            hStride,
            units,
            rows));
  }

  @Override
  public void decayBackward(
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      MemorySegment parameterGradients,
      @Nullable MemorySegment timespanGradients) {
    NativeProvider.check(
        Elegans.elegans_cfc_decay_backward(
            tier,
            f,
            fStride,
            parameters,
            timespans,
            e,
            eStride,
            upstream,
            upstreamStride,
            units,
            rows,
            parameterGradients,
            orNull(timespanGradients)));
  }

  private static MemorySegment orNull(@Nullable MemorySegment segment) {
    return segment == null ? MemorySegment.NULL : segment;
  }
}
