package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  /** As a user would: a file, the compiler, and the flags of this JVM, which are Spark's. */
  @Test
  void theProgramIsCompiledAndRuns(@TempDir Path folder) throws IOException {
    MatchResult program =
        Pattern.compile("```java\n(.*?public class (\\w+) .*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")).replaceAll("(?s)^.*?## A program", ""))
            .results()
            .findFirst()
            .orElseThrow();
    String classPath = System.getProperty("java.class.path");
    Path source = Files.writeString(folder.resolve(program.group(2) + ".java"), program.group(1));
    StringWriter messages = new StringWriter();
    PrintWriter writer = new PrintWriter(messages);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                writer,
                writer,
                "-proc:none",
                "-cp",
                classPath,
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as(messages.toString()).isZero();

    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            folder + File.pathSeparator + classPath,
            program.group(2),
            folder.resolve("model").toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output)
        .containsPattern("losses \\[0\\.\\d+, ")
        .containsPattern("\\| *0\\|\\[-?\\d\\.\\d+")
        .contains("highest")
        .contains("DONE");
  }
}
