package example;

import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One session for a thousand streams whose samples come at times of their own.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}. Each row of the session is a stream. What has come
 * in is stepped together, as a list of rows with a timespan each; the others stay as they are, at
 * no cost. A stream's state can be kept ({@code readRows}), brought back ({@code writeRows}) and
 * copied ({@code copyRows}); one that ends leaves its row to the next ({@code reset}).
 */
public final class Streams {
  private static final int STREAMS = 1000;
  private static final int INPUTS = 2;

  private Streams() {}

  public static void main(String[] args) {
    Cfc network = Cfc.initialised(CfcConfiguration.of(INPUTS, 16), 7);
    int outputs = network.outputSize();
    SplittableRandom random = new SplittableRandom(1);
    double[] last = new double[STREAMS]; // when each stream had its last sample
    float[] watched = new float[outputs]; // the newest output of stream 7
    long samples = 0;

    try (Session session = network.session(STREAMS);
        Session alone = network.session(1)) { // stream 7 again, to compare with
      float[] aloneOut = new float[outputs];
      for (int tick = 1; tick <= 100; tick++) {
        int[] rows = random.ints(STREAMS / 10, 0, STREAMS).distinct().toArray(); // who has a sample
        float[] x = new float[rows.length * INPUTS]; // [rows, inputs]
        float[] timespans = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
          double now = tick + random.nextDouble();
          timespans[i] = (float) (now - last[rows[i]]);
          last[rows[i]] = now;
          x[INPUTS * i] = (float) Math.sin(now);
          x[INPUTS * i + 1] = rows[i] / (float) STREAMS;
        }
        float[] out = new float[rows.length * outputs]; // [rows, outputs]
        session.step(rows, x, Timespans.perRow(timespans), out);
        samples += rows.length;

        for (int i = 0; i < rows.length; i++) {
          if (rows[i] == 7) {
            watched = Arrays.copyOfRange(out, i * outputs, (i + 1) * outputs);
            float[] sample = Arrays.copyOfRange(x, i * INPUTS, (i + 1) * INPUTS);
            alone.step(sample, timespans[i], aloneOut);
          }
        }
      }
      System.out.println(samples + " samples of " + STREAMS + " streams");
      System.out.println("stream 7: " + Arrays.toString(Arrays.copyOf(watched, 4)) + " ...");
      System.out.println("as in a session of its own: " + Arrays.equals(watched, aloneOut));

      // Keep what stream 7 holds, leave its row to another one, and bring it back in row 8.
      float[] kept = new float[network.stateSize() + network.memorySize()];
      session.readRows(new int[] {7}, kept);
      session.reset(7);
      session.writeRows(new int[] {8}, kept);
      // Fork it to row 9.
      session.copyRows(new int[] {8}, session, new int[] {9});
      float[] pair = new float[2 * outputs];
      session.step(new int[] {8, 9}, new float[] {1, 0, 1, 0}, 0.5f, pair);
      alone.step(new float[] {1, 0}, 0.5f, aloneOut);
      System.out.println("brought back: " + Arrays.equals(Arrays.copyOf(pair, outputs), aloneOut));
      System.out.println(
          "forked: " + Arrays.equals(Arrays.copyOfRange(pair, outputs, 2 * outputs), aloneOut));
    }
  }
}
