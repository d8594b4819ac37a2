package io.github.elegans.contract;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * A program that stands in a README, compiled and run as a user would: a file, the compiler, a JVM.
 *
 * @param name of its class
 * @param text of its file
 */
public record ReadmeProgram(String name, String text) {
  /** The flags that the fast backends need. */
  public static final List<String> FLAGS =
      List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  /** A block of Java with a public class; others are fragments. */
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n((?:(?!```).)*?public class (\\w+) .*?)```", Pattern.DOTALL);

  private static final String INCUBATING = "WARNING: Using incubator modules: jdk.incubator.vector";

  /** All programs of a file, in their order. */
  public static List<ReadmeProgram> in(Path readme) throws IOException {
    return PROGRAM
        .matcher(Files.readString(readme))
        .results()
        .map(program -> new ReadmeProgram(program.group(2), program.group(1)))
        .toList();
  }

  /**
   * Compiles it against this JVM's class path.
   *
   * @param options further ones of the compiler
   * @return what the compiler said
   * @throws AssertionError if it is no program
   */
  public String compile(Path folder, String... options) throws IOException {
    Path source = Files.writeString(folder.resolve(name + ".java"), text);
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of("-cp", ChildJvm.classPath(), "-d", folder.toString(), source.toString()));
    StringWriter messages = new StringWriter();
    PrintWriter writer = new PrintWriter(messages);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(writer, writer, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new AssertionError("%s cannot be compiled: %s".formatted(name, messages));
    }
    return messages.toString();
  }

  /**
   * Runs what was compiled into the folder.
   *
   * @return what it printed, without the JVM's warning of its incubating module
   * @throws AssertionError if its exit status is not 0
   */
  public String run(Path folder, List<String> flags, String... arguments) {
    List<String> command = new ArrayList<>(flags);
    command.addAll(List.of("-cp", folder + File.pathSeparator + ChildJvm.classPath(), name));
    command.addAll(List.of(arguments));
    ChildJvm.Result result = ChildJvm.run(command);
    if (result.status() != 0) {
      throw new AssertionError(
          "%s ended with status %d: %s".formatted(name, result.status(), result.output()));
    }
    return result
        .output()
        .lines()
        .filter(line -> !line.equals(INCUBATING))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }
}
