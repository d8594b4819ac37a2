package io.github.elegans.bench.jmh;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Keeps what JMH and its forks print, and shows it only to those who want it. */
final class CapturingFormat implements OutputFormat {
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final boolean shown;
  private final PrintWriter out;

  CapturingFormat(boolean shown, PrintWriter out) {
    this.shown = shown;
    this.out = out;
  }

  /** What was printed so far. */
  synchronized String text() {
    return text.toString(Charset.defaultCharset());
  }

  @Override
  public synchronized void print(String s) {
    byte[] bytes = s.getBytes(Charset.defaultCharset());
    text.write(bytes, 0, bytes.length);
    if (shown) {
      out.print(s);
      out.flush();
    }
  }

  @Override
  public void println(String s) {
    print(s + System.lineSeparator());
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b});
  }

  @Override
  public synchronized void write(byte[] bytes) {
    text.write(bytes, 0, bytes.length);
    if (shown) {
      out.print(new String(bytes, Charset.defaultCharset()));
      out.flush();
    }
  }

  @Override
  public void iteration(BenchmarkParams benchmark, IterationParams params, int iteration) {
    if (shown) {
      print("%-11s %2d: ".formatted(params.getType(), iteration));
    }
  }

  @Override
  public void iterationResult(
      BenchmarkParams benchmark, IterationParams params, int iteration, IterationResult data) {
    if (shown) {
      println(String.valueOf(data.getPrimaryResult()));
    }
  }

  @Override
  public void startRun() {}

  @Override
  public void endRun(Collection<RunResult> results) {}

  @Override
  public void startBenchmark(BenchmarkParams benchmark) {}

  @Override
  public void endBenchmark(BenchmarkResult result) {}

  @Override
  public void verbosePrintln(String s) {}

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
