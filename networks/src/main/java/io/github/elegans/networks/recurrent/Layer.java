package io.github.elegans.networks.recurrent;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Cell;

/** A recurrent layer's parameters. Immutable. */
interface Layer {

  /** O. */
  int outputSize();

  /** The layer with its matrices in another storage. */
  Layer with(WeightStorage storage);

  /** The layer on a backend. */
  Cell cell(Kernels kernels, Accuracy accuracy);
}
