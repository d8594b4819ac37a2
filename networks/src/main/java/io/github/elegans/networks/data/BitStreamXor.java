package io.github.elegans.networks.data;

import io.github.elegans.checks.Require;
import io.github.elegans.networks.random.NumpyRandomState;

/**
 * The bit-stream XOR task of the ODE-LSTM and CfC papers: sequences of random bits, each labelled
 * with its parity, bit by bit or as events at the changes only; drawn as the authors' {@code
 * XORData} draws them.
 *
 * @param padSize T: steps of every sequence, what is left over being masked
 * @param events [N, T]: the bits
 * @param elapsed [N, T]: bits since the previous event, divided by T
 * @param mask [N, T]: whether there is an event
 * @param labels [N]: the parity of the sequence
 */
public record BitStreamXor(
    int padSize, float[] events, float[] elapsed, boolean[] mask, byte[] labels) {
  /** The authors' sequences for training. */
  public static final int TRAIN_SIZE = 100_000;

  /** The authors' sequences for testing. */
  public static final int TEST_SIZE = 10_000;

  private static final long TRAIN_SEED = 1234984;
  private static final long TEST_SEED = 48736;

  /** How bits become steps. */
  public enum Encoding {
    /** Every bit is a step. */
    DENSE,
    /** A step at the first bit, at every change, and at the end. */
    EVENT_BASED
  }

  /** The authors' training set: pad_size is 32 in their scripts. */
  public static BitStreamXor train(int padSize, Encoding encoding) {
    return draw(TRAIN_SIZE, padSize, encoding, TRAIN_SEED);
  }

  /** The authors' test set. */
  public static BitStreamXor test(int padSize, Encoding encoding) {
    return draw(TEST_SIZE, padSize, encoding, TEST_SEED);
  }

  /**
   * Draws sequences of 2 to padSize - 1 bits.
   *
   * @param size N, at least 1
   * @param padSize at least 3
   * @param seed of NumPy's {@code RandomState}
   */
  public static BitStreamXor draw(int size, int padSize, Encoding encoding, long seed) {
    Require.atLeast("size", 1, size);
    Require.between("pad_size", 3, 1 << 20, padSize);
    int steps = Require.elements("a sequence", size, padSize);
    BitStreamXor data =
        new BitStreamXor(
            padSize, new float[steps], new float[steps], new boolean[steps], new byte[size]);
    NumpyRandomState random = new NumpyRandomState(seed);
    for (int i = 0; i < size; i++) {
      data.draw(i, encoding, random);
    }
    return data;
  }

  private void draw(int sequence, Encoding encoding, NumpyRandomState random) {
    int length = random.randint(2, padSize);
    int step = sequence * padSize;
    int sum = 0;
    int previous = -1;
    int since = 0;
    int bit = 0;
    for (int i = 0; i < length; i++) {
      bit = random.randint(0, 2);
      sum += bit;
      since++;
      if (encoding == Encoding.DENSE || bit != previous) {
        put(step++, bit, since);
        since = 0;
      }
      previous = bit;
    }
    if (since > 0) {
      put(step, bit, since);
    }
    labels[sequence] = (byte) (sum % 2);
  }

  private void put(int step, int bit, int since) {
    events[step] = bit;
    elapsed[step] = (float) since / padSize;
    mask[step] = true;
  }

  /** N. */
  public int size() {
    return labels.length;
  }
}
