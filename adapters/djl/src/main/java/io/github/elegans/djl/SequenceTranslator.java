package io.github.elegans.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.Objects;

/**
 * Sequences with timespans, masks and states in, outputs and states out: predictors hold no state,
 * who wants to go on gives the returned {@code hx} to the next call. Sequences of a batch may have
 * different lengths.
 */
public final class SequenceTranslator implements Translator<SequenceInput, SequenceOutput> {
  /** One for any number of predictors. */
  public SequenceTranslator() {}

  /**
   * The arrays of a sequence, by the names that {@link SequenceBatchifier} knows.
   *
   * @throws IllegalArgumentException if there is no step, or a step has more or fewer values than
   *     the first
   */
  @Override
  public NDList processInput(TranslatorContext context, SequenceInput sequence) {
    Objects.requireNonNull(sequence, "sequence");
    NDManager manager = context.getNDManager();
    float[][] rows = sequence.input();
    int columns = columns(rows);
    NDList list = new NDList(4);
    list.add(
        NetworkBlock.named(
            InputArrays.INPUT,
            manager.create(flat(rows, columns), new Shape(rows.length, columns))));
    float[] timespans = sequence.timespans();
    if (timespans != null) {
      list.add(NetworkBlock.named(InputArrays.TIMESPANS, manager.create(timespans)));
    }
    boolean[] mask = sequence.mask();
    if (mask != null) {
      list.add(NetworkBlock.named(InputArrays.MASK, manager.create(mask)));
    }
    float[] hx = sequence.hx();
    if (hx != null) {
      list.add(NetworkBlock.named(InputArrays.HX, manager.create(hx)));
    }
    return list;
  }

  private static int columns(float[][] rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("a sequence must have at least 1 step, but has none");
    }
    for (int step = 0; step < rows.length; step++) {
      Objects.requireNonNull(rows[step], "a step of the input");
      if (rows[step].length != rows[0].length) {
        throw new IllegalArgumentException(
            "step %d must have %d values, as step 0 has, but has %d"
                .formatted(step, rows[0].length, rows[step].length));
      }
    }
    return rows[0].length;
  }

  private static float[] flat(float[][] rows, int columns) {
    float[] flat = new float[NetworkBlock.elements(InputArrays.INPUT, rows.length, columns)];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * columns, columns);
    }
    return flat;
  }

  @Override
  public SequenceOutput processOutput(TranslatorContext context, NDList list) {
    Shape shape = list.get(0).getShape();
    float[] flat = list.get(0).toFloatArray();
    int columns = (int) shape.get(1);
    float[][] rows = new float[(int) shape.get(0)][columns];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(flat, row * columns, rows[row], 0, columns);
    }
    return new SequenceOutput(rows, list.get(1).toFloatArray());
  }

  @Override
  public Batchifier getBatchifier() {
    return SequenceBatchifier.INSTANCE;
  }
}
