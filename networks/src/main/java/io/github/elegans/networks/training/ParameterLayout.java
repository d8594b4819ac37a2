package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.networks.files.StateDict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where the parameters of a model stand in a block of floats: the block consists of regions in the
 * layout of the kernels, and every tensor of the state dict is spread over one of them. Parameters,
 * gradients and what optimisers remember are blocks of the same layout, so that an update is one
 * run over them. What is padding is 0 in all.
 */
final class ParameterLayout {
  private static final int BLOCK = PanelLayout.BLOCK;

  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Long> starts = new ArrayList<>();
  private String prefix = "";
  private long floats;

  /**
   * Rows of 16 floats.
   *
   * @param start of the first, from the beginning of the block
   * @param stride floats from row to row
   */
  record Strip(long start, int rows, int stride) {}

  /**
   * A tensor.
   *
   * @param shape as the state dict has it, row-major
   * @param offsets where each element stands, from the beginning of the block; -1 for one that is
   *     no parameter (of a synapse that does not exist)
   * @param given the values that it began with; what is no parameter keeps them
   * @param strips all elements and nothing else but zeros
   */
  record Tensor(
      String name, List<Integer> shape, int[] offsets, float[] given, List<Strip> strips) {

    /** Whether it is a matrix: what Keras's regularisers and some optimisers treat otherwise. */
    boolean isMatrix() {
      return shape.size() > 1;
    }
  }

  /**
   * Adds a region.
   *
   * @return its number
   */
  int region(long size) {
    starts.add(floats);
    floats = (floats + size + BLOCK - 1) / BLOCK * BLOCK;
    Require.between("floats of all parameters", 0, Integer.MAX_VALUE, floats);
    return starts.size() - 1;
  }

  /**
   * A part of a tensor.
   *
   * @param offsets where its elements stand, row-major, from the beginning of the block
   * @param strips the same elements and nothing else but zeros
   */
  record Part(int[] offsets, List<Strip> strips) {}

  /** What stands before the names of the tensors that come. */
  void setPrefix(String ofNames) {
    prefix = ofNames;
  }

  /** Adds a tensor that consists of parts, one after the other. */
  void add(String name, StateDict.Tensor given, Part... parts) {
    int[] offsets = new int[given.values().length];
    List<Strip> strips = new ArrayList<>();
    int at = 0;
    for (Part part : parts) {
      System.arraycopy(part.offsets, 0, offsets, at, part.offsets.length);
      at += part.offsets.length;
      strips.addAll(part.strips);
    }
    Require.length("elements of " + name, offsets.length, at);
    tensors.add(
        new Tensor(
            prefix + name, given.shape(), offsets, given.values().clone(), List.copyOf(strips)));
  }

  /** The tensors, in the order of the state dict. */
  List<Tensor> tensors() {
    return Collections.unmodifiableList(tensors);
  }

  /** Where a region begins. */
  long start(int region) {
    return starts.get(region);
  }

  /** Where a region ends. */
  long end(int region) {
    return region + 1 < starts.size() ? starts.get(region + 1) : floats;
  }

  int regions() {
    return starts.size();
  }

  /** All floats of a block: a multiple of 16. */
  long floats() {
    return floats;
  }

  /** A vector that begins somewhere in a region, at a multiple of 16. */
  Part vector(int region, int first, int n) {
    int[] offsets = new int[n];
    int start = Math.toIntExact(start(region)) + first;
    for (int i = 0; i < n; i++) {
      offsets[i] = start + i;
    }
    return new Part(offsets, List.of(new Strip(start, PanelLayout.roundUp(n) / BLOCK, BLOCK)));
  }
}
