package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md and the pages beside it say of themselves. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path README = ROOT.resolve("README.md");
  private static final int LONGEST_LINE = 120;
  private static final int MOST_BYTES = 7_000;

  private static List<MatchResult> programs() throws IOException {
    return Pattern.compile("```java\n(.*?public class (\\w+) .*?)```", Pattern.DOTALL)
        .matcher(Files.readString(README))
        .results()
        .toList();
  }

  /** As a user would: a file, the compiler, the flags that README.md names. */
  @Test
  void everyProgramIsCompiledAndRuns(@TempDir Path folder) throws IOException {
    assertThat(programs()).as("programs in README.md").hasSize(2);
    for (MatchResult program : programs()) {
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
                  "-cp",
                  ChildJvm.classPath(),
                  "-d",
                  folder.toString(),
                  source.toString());
      assertThat(status).as(messages.toString()).isZero();
      assertThat(messages.toString()).as(name).isEmpty();

      ChildJvm.Result result =
          ChildJvm.run(
              List.of(
                  "--add-modules=jdk.incubator.vector",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  folder + File.pathSeparator + ChildJvm.classPath(),
                  name));
      assertThat(result.status()).as(result.output()).isZero();
      assertThat(result.output())
          .as(name)
          .containsPattern(name.equals("Oscillators") ? "x = -?\\d\\.\\d+, DONE" : "\\[-?0\\.\\d+");
    }
  }

  @Test
  void isShort() throws IOException {
    assertThat(Files.size(README)).isLessThanOrEqualTo(MOST_BYTES);
  }

  /** But for rows of tables that a script makes. */
  @Test
  void noLineIsLong() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      Stream.concat(Stream.of(README, ROOT.resolve("CONTRIBUTING.md")), docs)
          .filter(file -> file.toString().endsWith(".md"))
          .forEach(ReadmeTest::assertNoLineIsLong);
    }
  }

  private static void assertNoLineIsLong(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      assertThat(lines)
          .as(file.toString())
          .noneMatch(
              line -> line.length() > LONGEST_LINE && !line.matches("\\| \\w+ \\| .* passed .*"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<Path> pages;
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      pages =
          Stream.concat(Stream.of(README, ROOT.resolve("CONTRIBUTING.md")), docs)
              .filter(file -> file.toString().endsWith(".md"))
              .toList();
    }
    Pattern link = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    for (Path page : pages) {
      link.matcher(Files.readString(page))
          .results()
          .map(match -> match.group(1))
          .forEach(
              target ->
                  assertThat(page.resolveSibling(target)).as("%s links to it", page).exists());
    }
  }
}
