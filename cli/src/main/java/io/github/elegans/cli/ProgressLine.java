package io.github.elegans.cli;

import java.io.PrintWriter;

/** One line that says how far long work is, on a terminal, after the first half second. */
final class ProgressLine {
  private static final long EACH = 200_000_000L;

  private final PrintWriter err;
  private final long total;

  private final boolean shows = isTerminal();

  private final long begin = System.nanoTime();
  private long last = begin + EACH;

  ProgressLine(PrintWriter err, long total) {
    this.err = err;
    this.total = total;
  }

  /** Whether someone looks on. */
  @SuppressWarnings("SystemConsoleNull") // It is null again since JDK 25.
  static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Shows that so much is done; always true, so that work goes on. */
  synchronized boolean show(long done) {
    long now = System.nanoTime();
    if (shows && now - last > EACH && done > 0) {
      last = now;
      double left = (now - begin) * 1e-9 * (total - done) / done;
      err.printf("\r%3d %%, %.0f s left ", 100 * done / total, left);
      err.flush();
    }
    return true;
  }

  void clear() {
    if (shows) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
