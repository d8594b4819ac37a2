package io.github.elegans.networks.training;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Shows how far training is. */
final class ProgressListener implements TrainingListener {
  private static final long EACH = 200_000_000L;

  private final PrintWriter out;
  private final boolean rewrites;
  private final LongSupplier nanoTime;

  // Of the run.
  private int epochs;
  private int batchSize;
  private int samples;
  private long begin;
  private long shown;
  private long batchesDone;
  private History.@Nullable Epoch last;

  /**
   * A listener.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  ProgressListener(PrintWriter out, boolean rewrites, LongSupplier nanoTime) {
    this.out = out;
    this.rewrites = rewrites;
    this.nanoTime = nanoTime;
  }

  @Override
  public void begins(Training training, Sequences data) {
    epochs = training.epochs();
    batchSize = training.batch();
    samples = data.samples();
    begin = nanoTime.getAsLong();
    shown = begin - EACH;
    batchesDone = 0;
    last = null;
  }

  @Override
  public void batchDone(int epoch, int batch, int batches, double loss) {
    batchesDone++;
    long now = nanoTime.getAsLong();
    if (rewrites && now - shown >= EACH) {
      shown = now;
      History.Epoch before = last;
      rewrite(
          "epoch %d/%d, batch %d/%d, loss %s%s%s"
              .formatted(
                  epoch + 1,
                  epochs,
                  batch + 1,
                  batches,
                  number(loss),
                  before == null ? "" : validation(before.metrics(), false),
                  speed(now, (long) (epochs - epoch) * batches - batch - 1)));
    }
  }

  @Override
  public boolean epochDone(History.Epoch epoch) {
    last = epoch;
    long left = (long) (epochs - epoch.number() - 1) * Math.ceilDiv(samples, batchSize);
    String line =
        "epoch %d/%d, loss %s%s%s"
            .formatted(
                epoch.number() + 1,
                epochs,
                number(epoch.loss()),
                validation(epoch.metrics(), !rewrites),
                speed(nanoTime.getAsLong(), left));
    if (rewrites) {
      rewrite(line);
    } else {
      out.println(line);
      out.flush();
    }
    return true;
  }

  @Override
  public void ends(History history) {
    if (rewrites && last != null) {
      out.println();
      out.flush();
    }
  }

  private void rewrite(String line) {
    // The sequence erases what is left of a longer line.
    out.print("\r" + line + "\u001b[K");
    out.flush();
  }

  private static String validation(Map<String, Double> metrics, boolean all) {
    StringBuilder text = new StringBuilder();
    metrics.forEach(
        (name, value) -> {
          if (name.equals("loss")) {
            text.append(", validation loss ").append(number(value));
          } else if (all) {
            text.append(", ").append(name).append(' ').append(number(value));
          }
        });
    return text.toString();
  }

  /** ", 5300 samples/s, 12 s left". */
  private String speed(long now, long batchesLeft) {
    double seconds = (now - begin) * 1e-9;
    if (seconds <= 0 || batchesDone == 0) {
      return "";
    }
    int batches = Math.ceilDiv(samples, batchSize);
    double perSecond = (double) samples / batches * batchesDone / seconds;
    String speed =
        String.format(
            Locale.ROOT, perSecond < 10 ? ", %.1f samples/s" : ", %.0f samples/s", perSecond);
    return batchesLeft <= 0
        ? speed
        : speed + ", " + duration(Math.round(seconds / batchesDone * batchesLeft)) + " left";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /** "12 s", "3 min 20 s", "2 h 5 min". */
  static String duration(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    return minutes < 60
        ? minutes + " min " + seconds % 60 + " s"
        : minutes / 60 + " h " + minutes % 60 + " min";
  }
}
