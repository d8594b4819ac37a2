package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that users see has a comment, and the comments have no faults. Parameters, results and
 * exceptions are told of in prose, or by tags where there is more to say.
 */
class JavadocTest {
  private static final Path ROOT = Path.of("..");

  /** A line of the tool's output that reports something: with its file and line, or without. */
  private static final Pattern FINDING = Pattern.compile("(?:^|.*: )(?:warning|error): .*");

  private static final Pattern ALLOWED =
      Pattern.compile(
          "(?:^|.*: )warning: (?:no @param for .*|no @return|no @throws for .*"
              + "|use of default constructor, .*|\\[incubating] .*)");

  /** All of a module but its descriptor and what is generated. */
  private static List<String> sources(String module) throws IOException {
    Path folder = ROOT.resolve(module).resolve("src/main/java");
    Path generated = folder.resolve("io/github/elegans/nativekernels/bindings");
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.endsWith("module-info.java"))
          .filter(file -> !file.startsWith(generated))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private static int javadoc(StringWriter messages, List<String> arguments) {
    PrintWriter writer = new PrintWriter(messages);
    Locale usual = Locale.getDefault();
    // The messages are read here: not in the language of whoever runs this.
    Locale.setDefault(Locale.ENGLISH);
    try {
      return ToolProvider.findFirst("javadoc")
          .orElseThrow()
          .run(writer, writer, arguments.toArray(String[]::new));
    } finally {
      Locale.setDefault(usual);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java-api",
        "networks",
        "ode",
        "vector-kernels",
        "native",
        "contract",
        "adapters/djl",
        "adapters/hipparchus",
        "adapters/orekit"
      })
  void nothingIsWithoutACommentOrFaulty(String module, @TempDir Path pages) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-Xdoclint:all", "-quiet"));
    // All there are: the usual 100 would hide the rest.
    arguments.addAll(List.of("-Xmaxwarns", "100000", "-Xmaxerrs", "100000"));
    arguments.addAll(List.of("-encoding", "UTF-8", "-d", pages.toString()));
    arguments.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    arguments.addAll(List.of("-cp", ChildJvm.classPath()));
    arguments.addAll(sources(module));
    StringWriter messages = new StringWriter();
    int status = javadoc(messages, arguments);

    assertThat(messages.toString().lines())
        .filteredOn(line -> FINDING.matcher(line).matches())
        .filteredOn(line -> !ALLOWED.matcher(line).matches())
        .isEmpty();
    assertThat(status).as(messages.toString()).isZero();
    assertThat(pages.resolve("index.html")).exists();
  }
}
