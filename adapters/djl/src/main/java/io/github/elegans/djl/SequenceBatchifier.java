package io.github.elegans.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import java.util.Arrays;

/**
 * Makes one batch of sequences that may have different lengths, by padding those that are shorter,
 * and cuts the outputs to their lengths again. The bits are those that every sequence would have
 * alone.
 *
 * <p>A sequence's list begins with the input [T, I]; after it there may be, by their names, {@code
 * timespans} [T], {@code mask} [T] and {@code hx} [S + M]. A batch has one more dimension at the
 * front, and {@code lengths} [B] if they differ. A batch's outputs are {@code output} [B, T, O],
 * {@code hx} [B, S + M], and the lengths, if there are any; a sequence's {@code output} [T, O] and
 * {@code hx} [S + M].
 */
public final class SequenceBatchifier implements Batchifier {
  private static final long serialVersionUID = 1;

  static final SequenceBatchifier INSTANCE = new SequenceBatchifier();

  /** One for any number of translators. */
  public SequenceBatchifier() {}

  /**
   * One batch of the sequences.
   *
   * @throws IllegalArgumentException if a sequence's arrays do not fit one another or those of the
   *     first sequence
   */
  @Override
  public NDList batchify(NDList[] sequences) {
    InputArrays[] all = new InputArrays[sequences.length];
    int[] lengths = new int[sequences.length];
    boolean timespans = false;
    boolean mask = false;
    boolean hx = false;
    for (int i = 0; i < sequences.length; i++) {
      all[i] = InputArrays.of(sequences[i]);
      Shape shape = all[i].input().getShape();
      if (shape == null || shape.dimension() != 2) {
        throw new IllegalArgumentException(
            "%s must be of shape (T, I), but is of shape %s".formatted(at(i, "input"), shape));
      }
      if (all[i].lengths() != null) {
        throw new IllegalArgumentException(
            "%s must not be given: it is made of all sequences".formatted(at(i, "lengths")));
      }
      lengths[i] = (int) shape.get(0);
      timespans |= all[i].timespans() != null;
      mask |= all[i].mask() != null;
      hx |= all[i].hx() != null;
    }
    int steps = Arrays.stream(lengths).max().orElse(0);
    NDManager manager = sequences[0].getManager();
    NDList batch = new NDList(5);
    batch.add(inputs(manager, all, lengths, steps));
    if (timespans) {
      batch.add(timespans(manager, all, lengths, steps));
    }
    if (mask) {
      batch.add(masks(manager, all, lengths, steps));
    }
    if (hx) {
      batch.add(states(manager, all));
    }
    if (Arrays.stream(lengths).anyMatch(length -> length != steps)) {
      batch.add(NetworkBlock.named(InputArrays.LENGTHS, manager.create(lengths)));
    }
    return batch;
  }

  private static String at(int sequence, String name) {
    return "%s of sequence %d".formatted(name, sequence);
  }

  private static NDArray inputs(NDManager manager, InputArrays[] all, int[] lengths, int steps) {
    int columns = (int) all[0].input().getShape().get(1);
    float[] batch = new float[NetworkBlock.elements("inputs", (long) all.length * steps, columns)];
    for (int i = 0; i < all.length; i++) {
      float[] values =
          InputArrays.floats(at(i, InputArrays.INPUT), all[i].input(), lengths[i], columns);
      System.arraycopy(values, 0, batch, i * steps * columns, values.length);
    }
    return NetworkBlock.named(
        InputArrays.INPUT, manager.create(batch, new Shape(all.length, steps, columns)));
  }

  private static NDArray timespans(NDManager manager, InputArrays[] all, int[] lengths, int steps) {
    float[] batch = new float[all.length * steps];
    Arrays.fill(batch, 1);
    for (int i = 0; i < all.length; i++) {
      NDArray own = all[i].timespans();
      if (own != null) {
        float[] values = InputArrays.floats(at(i, InputArrays.TIMESPANS), own, lengths[i]);
        System.arraycopy(values, 0, batch, i * steps, values.length);
      }
    }
    return NetworkBlock.named(
        InputArrays.TIMESPANS, manager.create(batch, new Shape(all.length, steps)));
  }

  private static NDArray masks(NDManager manager, InputArrays[] all, int[] lengths, int steps) {
    boolean[] batch = new boolean[all.length * steps];
    Arrays.fill(batch, true);
    for (int i = 0; i < all.length; i++) {
      NDArray own = all[i].mask();
      if (own != null) {
        boolean[] flags = InputArrays.booleans(at(i, InputArrays.MASK), own, lengths[i]);
        System.arraycopy(flags, 0, batch, i * steps, flags.length);
      }
    }
    return NetworkBlock.named(
        InputArrays.MASK, manager.create(batch, new Shape(all.length, steps)));
  }

  /** Those of sequences that have none are 0. */
  private static NDArray states(NDManager manager, InputArrays[] all) {
    int size = 0;
    float[] batch = null;
    for (int i = 0; i < all.length; i++) {
      NDArray own = all[i].hx();
      if (own != null) {
        float[] values = InputArrays.floats(at(i, InputArrays.HX), own, batch == null ? -1 : size);
        if (batch == null) {
          size = values.length;
          batch = new float[NetworkBlock.elements(InputArrays.HX, all.length, size)];
        }
        System.arraycopy(values, 0, batch, i * size, size);
      }
    }
    return NetworkBlock.named(
        InputArrays.HX,
        manager.create(batch == null ? new float[0] : batch, new Shape(all.length, size)));
  }

  /** The outputs of every sequence. */
  @Override
  public NDList[] unbatchify(NDList batch) {
    NDManager manager = batch.getManager();
    Shape shape = batch.get(0).getShape();
    int steps = (int) shape.get(1);
    int columns = (int) shape.get(2);
    float[] output = batch.get(0).toFloatArray();
    float[] hx = batch.get(1).toFloatArray();
    int[] lengths = batch.size() == 2 ? null : batch.get(2).toIntArray();
    NDList[] sequences = new NDList[(int) shape.get(0)];
    int size = hx.length / sequences.length;
    for (int i = 0; i < sequences.length; i++) {
      int length = lengths == null ? steps : lengths[i];
      int from = i * steps * columns;
      sequences[i] =
          new NDList(
              NetworkBlock.named(
                  NetworkBlock.OUTPUT,
                  manager.create(
                      Arrays.copyOfRange(output, from, from + length * columns),
                      new Shape(length, columns))),
              NetworkBlock.named(
                  InputArrays.HX,
                  manager.create(Arrays.copyOfRange(hx, i * size, (i + 1) * size))));
    }
    return sequences;
  }
}
