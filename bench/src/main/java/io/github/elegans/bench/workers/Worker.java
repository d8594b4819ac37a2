package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.ReportFile;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a measuring JVM runs: one measurement, whose result it prints as a line of JSON. */
public final class Worker {
  /** What the line of the result begins with. */
  static final String RESULT = "elegans-result\t";

  /** A line before what counts. */
  static final String BEGIN = "elegans-begin";

  private Worker() {}

  /** Runs the task that the first argument names, on the target that the second names. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String target = arguments[1];
    List<String> rest = List.of(arguments).subList(2, arguments.length);
    Object result =
        switch (arguments[0]) {
          case "limits" -> LimitsTask.run(target, rest.get(0));
          case "latency" ->
              LatencyTask.run(
                  target,
                  rest.get(0),
                  Double.parseDouble(rest.get(1)),
                  Long.parseLong(rest.get(2)),
                  out);
          case "start" ->
              StartTask.run(
                  target,
                  rest.get(0),
                  Double.parseDouble(rest.get(1)),
                  Double.parseDouble(rest.get(2)));
          case "footprint" -> FootprintTask.run(target, rest.get(0));
          default -> throw new IllegalArgumentException("unknown task " + arguments[0]);
        };
    out.println(RESULT + ReportFile.line(result));
    // Helper threads must not keep it alive.
    System.exit(0);
  }
}
