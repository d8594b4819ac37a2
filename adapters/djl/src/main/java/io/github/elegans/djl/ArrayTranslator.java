package io.github.elegans.djl;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;

/** Inputs [T, I] to outputs [T, O], with timespans of 1 and from a zero state. */
public final class ArrayTranslator implements Translator<float[][], float[][]> {
  private final SequenceTranslator sequences = new SequenceTranslator();

  /** One for any number of predictors. */
  public ArrayTranslator() {}

  /** As {@link SequenceTranslator#processInput}. */
  @Override
  public NDList processInput(TranslatorContext context, float[][] input) {
    return sequences.processInput(context, SequenceInput.of(input));
  }

  @Override
  public float[][] processOutput(TranslatorContext context, NDList list) {
    return sequences.processOutput(context, list).output();
  }

  @Override
  public Batchifier getBatchifier() {
    return sequences.getBatchifier();
  }
}
