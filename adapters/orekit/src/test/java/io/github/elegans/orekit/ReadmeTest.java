package io.github.elegans.orekit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of README.md, compiled and run as it stands there. */
class ReadmeTest {
  @Test
  void theProgramRuns(@TempDir Path folder) throws IOException, ReflectiveOperationException {
    Matcher program =
        Pattern.compile("```java\n(.*?public class (\\w+) .*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(program.find()).isTrue();
    String name = program.group(2);
    Path source = Files.writeString(folder.resolve(name + ".java"), program.group(1));
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
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as(messages.toString()).isZero();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream usual = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(usual);
    }
    assertThat(output.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "10000 satellites, the last one at 7371.4 km",
            "15 nodes, 492.2 km high",
            "30 approaches, the first of 60 m");
  }
}
