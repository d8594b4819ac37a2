package io.github.elegans.bench.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend in a JVM that is started with some arguments.
 *
 * @param backend the backend's name
 * @param tier backend and tier, empty if the backend cannot run there
 * @param reason why it cannot run there; may be empty
 * @param jvmArguments the arguments
 */
record ForkTarget(String backend, String tier, String reason, List<String> jvmArguments) {

  /**
   * The answer of a JVM.
   *
   * @param description name and build
   * @param flags those that decide what compiled code may use
   * @param targets all its backends, the preferred first
   */
  record Jvm(String description, List<String> flags, List<ForkTarget> targets) {}

  boolean available() {
    return !tier.isEmpty();
  }

  /** Arguments for a fork, which must find the same backend and tier. */
  List<String> forkArguments() {
    List<String> arguments = new ArrayList<>(jvmArguments);
    arguments.add("-D%s=%s".formatted(RunningJvm.EXPECTED, tier));
    return arguments;
  }

  /**
   * Starts a JVM as the forks will be started, and asks it for its backends.
   *
   * @throws IllegalArgumentException if it does not start with these arguments
   */
  static Jvm ask(List<String> jvmArguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), RunningJvm.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines;
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      lines = reader.lines().toList();
    }
    if (process.waitFor() != 0) {
      throw new IllegalArgumentException(
          "a JVM does not start with the arguments %s: %s"
              .formatted(
                  String.join(" ", jvmArguments),
                  lines.isEmpty() ? "exit code " + process.exitValue() : lines.get(0)));
    }
    String description = "";
    List<String> flags = List.of();
    List<ForkTarget> targets = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.split("\t", -1);
      if (line.startsWith(RunningJvm.MARK + "jvm")) {
        description = fields[2];
        flags = List.of(fields[3].split(" "));
      } else if (line.startsWith(RunningJvm.MARK + "backend")) {
        targets.add(new ForkTarget(fields[2], fields[3], fields[4], List.copyOf(jvmArguments)));
      }
    }
    return new Jvm(description, flags, targets);
  }
}
