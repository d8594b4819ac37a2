package io.github.elegans.bench.jmh;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.JavaMachine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What this JVM, usually a benchmark's fork, really runs on. */
public final class RunningJvm {
  /**
   * The system property by which the one who starts a fork says what it must run on; a fork that
   * finds itself on anything else refuses to measure.
   */
  static final String EXPECTED = "elegans.bench.expected";

  /** What each line of {@link #main} begins with. */
  static final String MARK = "elegans\t";

  /** What a fork's announcement begins with. */
  static final String ANNOUNCEMENT = "# Elegans: ";

  private static final Set<String> ANNOUNCED = ConcurrentHashMap.newKeySet();

  private RunningJvm() {}

  /** Prints the JVM and all backends for the one who started it: fields separated by tabs. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(
        MARK + "jvm\t" + JavaMachine.description() + "\t" + String.join(" ", JavaMachine.flags()));
    for (Backends.Status status : Backends.statuses()) {
      Kernels kernels = status.kernels();
      out.println(
          MARK
              + String.join(
                  "\t",
                  "backend",
                  status.name(),
                  kernels == null ? "" : describe(kernels),
                  status.reason().replaceAll("\\s+", " ")));
    }
  }

  /** Says once in the fork's output what it runs on, and refuses if that is not what was asked. */
  static void announce(Kernels kernels) {
    String found = describe(kernels);
    String expected = System.getProperty(EXPECTED, found);
    if (!found.equals(expected)) {
      throw new IllegalStateException(
          "this fork must run on %s, but runs on %s".formatted(expected, found));
    }
    announce(found);
  }

  /** Says once in the fork's output what it measures. */
  static void announce(String found) {
    if (ANNOUNCED.add(found)) {
      // JMH leads System.out past the one who runs it.
      PrintStream out =
          new PrintStream(new FileOutputStream(FileDescriptor.out), true, Charset.defaultCharset());
      out.println(ANNOUNCEMENT + found + ", " + JavaMachine.description());
    }
  }

  /** A backend and its tier. */
  static String describe(Kernels kernels) {
    return "%s (%s)".formatted(kernels.backend(), kernels.tier());
  }
}
