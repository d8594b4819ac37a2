package io.github.elegans.nativekernels;

import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Counter-based random numbers: {@code random.c}. */
record NativeRandom(int tier) implements RandomKernels {

  @Override
  public void threefry(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      MemorySegment words,
      int n) {
    NativeProvider.check(
        Elegans.elegans_threefry(
            tier, key0, key1, key2, key3, first, counter1, counter2, counter3, words, n));
  }

  @Override
  public void dropout(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples) {
    NativeProvider.check(
        Elegans.elegans_dropout_f32(
            tier, seed, update, layer, probability, x, stride, units, rows, steps, samples));
  }
}
