package io.github.elegans.cfc;

/** The order of the axes of a batch of sequences, row-major. */
public enum SequenceLayout {
  /** [B, T, features]: ncps's {@code batch_first=True}, its default. */
  BATCH_FIRST,
  /** [T, B, features]: ncps's {@code batch_first=False}. */
  TIME_FIRST
}
