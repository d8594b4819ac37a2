package io.github.elegans.kernels.ltc;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Liquid time-constant cells in training: steps that keep what the way back needs, and the way
 * back, over a leaf of a mini-batch, which is up to 16 samples. Every array has 16 numbers for each
 * of its elements, one for each sample, and samples that are not there compute harmless numbers:
 * whatever is in their lanes is not looked at, and they contribute nothing.
 *
 * <p>A sample <em>rests</em> in a step if its mask is 0 there or its timespan too short to count
 * (the rate above {@link LtcWeights#MOST_RATE}): state and gradient pass through unchanged, the
 * inputs are not looked at, and their gradients and that of the timespan are 0. Output gradients of
 * steps with a mask of 0 are not looked at either; others are those of a mapped state.
 */
public interface LtcGradientKernels {
  /** The family. */
  KernelFamily<LtcGradientKernels> FAMILY =
      new KernelFamily<>(
          "ltc gradients",
          LtcGradientKernels.class,
          ScalarLtcGradients::new,
          CheckedLtcGradients::new);

  /**
   * Makes steps, with the bits of {@link LtcKernels} in the tier <em>accurate</em>.
   *
   * @param steps T
   * @param rows samples that are there, the first of the 16
   * @param x inputs [T][I][16]
   * @param timespans [T][16]; not looked at, and null if so wanted, if timespans do not count
   * @param mask int32 [T][16], 0 where a sample rests; null if none does
   * @param v states [N][16]: those before the first step, which are replaced by those after the
   *     last; samples that are not there get 0
   * @param out receives the mapped states of the motor neurons after each step [T][O][16]
   * @param kept receives what {@link #backward} needs, {@link LtcTrainingWeights#keptFloats}
   */
  void forward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment v,
      MemorySegment out,
      MemorySegment kept);

  /**
   * The way back, from the last step to the first. Long sequences may go in segments of steps, each
   * with what its own {@link #forward} kept, the last one first.
   *
   * <p>With λ the gradient of a neuron's state after an evaluation of the semi-implicit solver, v
   * the state before it, v' after it, D the denominator and s = 1 / (1 + e^y) with y = a v_i + b,
   *
   * <pre>
   * n̄_j = λ_j / D_j, r̄ = n̄_j E - n̄_j v'_j (one fused multiply-add), ȳ = -w r̄ s (1 - s),
   * w̄ += r̄ s, Ē / w += n̄_j s, ā += ȳ v_i, b̄ += ȳ, v̄_j = n̄_j c_j, then v̄_i += ȳ a by target and source
   * C̄_j += rate Σ n̄_j (v_j - v'_j), ḡ_j += n̄_j (v_leak,j - v'_j), v̄_leak,j / g_j += Σ n̄_j
   * Δ̄ = -(Σ_j c_j Σ n̄_j (v_j - v'_j)) / (Δ + offset), by ascending neuron
   * </pre>
   *
   * where Σ is over the evaluations of a step, the last one first, from 0. The sensory synapses
   * follow after the evaluations, with Σ n̄ and Σ n̄ v' in place of n̄ and n̄ v'. In the explicit
   * solvers, of whose slopes k = (num - v den) / C one has the gradient k̄, n̄ = k̄ / C; v stands
   * for v', -k for v - v', and v̄_j = -n̄_j den_j. Gradients of states below 2⁻¹⁰⁰ become 0 at the
   * end of a step. Every sum is a chain of its own for each sample, of fused multiply-adds.
   *
   * @param kept what {@link #forward} kept of the same steps
   * @param outGradients of the outputs [T][O][16]; null if they have none
   * @param stateGradients [N][16]: of the states after the last step, which are replaced by those
   *     of the states before the first; samples that are not there get 0
   * @param sums {@link LtcTrainingWeights#sumFloats} floats that are added to: zeros before the
   *     first call for a leaf; {@link LtcTrainingWeights#gradients} follows after the last
   * @param inputGradients receives those of the inputs [T][I][16]; null if nobody asks
   * @param timespanGradients receives those of the timespans [T][16]; null if nobody asks
   */
  void backward(
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
      @Nullable MemorySegment timespanGradients);
}
