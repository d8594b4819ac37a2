package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ReadmeProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md and the pages beside it say of themselves. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path README = ROOT.resolve("README.md");
  private static final int LONGEST_LINE = 120;
  private static final int MOST_BYTES = 7_000;

  @Test
  void everyProgramIsCompiledAndRuns(@TempDir Path folder) throws IOException {
    List<ReadmeProgram> programs = ReadmeProgram.in(README);
    assertThat(programs).as("programs in README.md").hasSize(2);
    for (ReadmeProgram program : programs) {
      String name = program.name();
      assertThat(program.compile(folder, "-Xlint:all,-path")).as(name).isEmpty();
      assertThat(program.run(folder, ReadmeProgram.FLAGS))
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
