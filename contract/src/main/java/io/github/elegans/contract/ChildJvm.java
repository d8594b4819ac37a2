package io.github.elegans.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A small JVM of its own, for what is decided once at the start of one. */
public final class ChildJvm {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private ChildJvm() {}

  /**
   * What a JVM left behind.
   *
   * @param output standard output and standard error
   */
  public record Result(int status, String output) {}

  /** Runs a main class on this JVM's class path, with no flags but these. */
  public static Result run(List<String> flags, Class<?> main, String... arguments) {
    return run(PATIENCE, flags, main, arguments);
  }

  /** The same, for one that takes long. */
  public static Result run(
      Duration patience, List<String> flags, Class<?> main, String... arguments) {
    return run(patience, command(flags, main, arguments));
  }

  /** Starts a main class as {@link #run} does, and does not wait for its end. */
  public static Process start(List<String> flags, Class<?> main, String... arguments)
      throws IOException {
    return start(command(flags, main, arguments));
  }

  private static List<String> command(List<String> flags, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(flags);
    command.add("-cp");
    command.add(classPath());
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** This JVM's class path. */
  public static String classPath() {
    // Surefire may hide it behind a jar that only refers to it.
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static Process start(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // It would be used instead of the home that a test gives.
    builder.environment().remove("XDG_CACHE_HOME");
    return builder.start();
  }

  /** Runs java with these arguments. */
  public static Result run(List<String> arguments) {
    return run(PATIENCE, arguments);
  }

  private static Result run(Duration patience, List<String> arguments) {
    try {
      Process process = start(arguments);
      try {
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(patience)) {
          throw new AssertionError(arguments + " does not end: " + output);
        }
        return new Result(process.exitValue(), output);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(arguments + " was interrupted", e);
    }
  }
}
