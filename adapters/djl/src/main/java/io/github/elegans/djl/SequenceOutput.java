package io.github.elegans.djl;

/**
 * What a network makes of a sequence.
 *
 * @param output [T, O], after every step
 * @param hx [S + M], the state after the last step: hidden state, and memory behind it; what the
 *     next call of this sequence takes
 */
public record SequenceOutput(float[][] output, float[] hx) {}
