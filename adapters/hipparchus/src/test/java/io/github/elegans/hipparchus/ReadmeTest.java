package io.github.elegans.hipparchus;

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
                "-Xlint:all,-path",
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as(messages.toString()).isZero();
    assertThat(messages.toString()).isEmpty();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream usual = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      loader.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(usual);
    }
    // e^(−ln 2) and 1/e.
    assertThat(output.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("at ln 2 it is 0.5000000", "10000 trajectories, the last one 0.3678794");
  }
}
