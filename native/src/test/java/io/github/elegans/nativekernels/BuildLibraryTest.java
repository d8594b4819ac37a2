package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that builds the library, on a library of one function. */
class BuildLibraryTest {
  private static final Path SCRIPT = Path.of("build-library.sh");

  @TempDir Path folder;

  @BeforeEach
  void requireTools() {
    for (String tool : List.of("cmake", "cc")) {
      assumeTrue(
          Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
              .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool))),
          "there is no " + tool);
    }
  }

  /** A module with the script. */
  private Path module(String name) throws IOException {
    Path module = folder.resolve(name);
    Path sources = Files.createDirectories(module.resolve("src/main/c"));
    Files.copy(SCRIPT, module.resolve(SCRIPT));
    Files.writeString(
        sources.resolve("CMakeLists.txt"),
        """
        cmake_minimum_required(VERSION 3.16)
        project(elegans C)
        add_library(elegans SHARED one.c)
        if(WIN32)
          set_target_properties(elegans PROPERTIES PREFIX "")
        endif()
        target_compile_definitions(elegans PRIVATE PROGRAMS="${ELEGANS_PROGRAMS}")
        """);
    Files.writeString(
        sources.resolve("one.c"), "const char *programs(void) { return PROGRAMS; }\n");
    return module;
  }

  private static String build(Path module) throws Exception {
    return build(module, false);
  }

  private static String build(Path module, boolean small) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                module.resolve(SCRIPT).toString(),
                module.resolve("target").toString(),
                Boolean.toString(small))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static boolean isLibrary(Path file) {
    return file.endsWith("libelegans.so") || file.endsWith("elegans.dll");
  }

  /** What is built in a module knows where that is: no other module's will do. */
  private static void assertIsOf(Path module) throws IOException {
    try (Stream<Path> files = Files.walk(module.resolve("target/classes"))) {
      List<Path> libraries = files.filter(BuildLibraryTest::isLibrary).toList();
      assertThat(libraries).isNotEmpty();
      for (Path library : libraries) {
        assertThat(Files.readString(library, StandardCharsets.ISO_8859_1))
            .contains(module.toRealPath().resolve("target/programs").toString());
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void aCopyOfABuiltCloneIsBuiltAnew() throws Exception {
    Path one = module("one");
    build(one);
    assertIsOf(one);
    Path other = folder.resolve("other");
    copy(one, other);

    assertThat(build(other)).contains("made elsewhere");
    assertIsOf(other);
    assertThat(build(other)).doesNotContain("made elsewhere");
  }

  @Test
  void aMovedCloneIsBuiltAnew() throws Exception {
    Path one = module("one");
    build(one);
    Path other = Files.move(one, folder.resolve("other place"));

    build(other);
    assertIsOf(other);
  }

  @Test
  void aFolderBehindALinkIsNoOther() throws Exception {
    Path one = module("one");
    build(one);
    Path link = Files.createSymbolicLink(folder.resolve("link"), one);

    assertThat(build(link)).doesNotContain("made elsewhere");
  }

  @Test
  void aSmallLibraryIsForThisMachineAndWithoutPrograms() throws Exception {
    Path one = module("one");
    build(one, true);

    try (Stream<Path> files = Files.walk(one.resolve("target/classes"))) {
      List<Path> libraries = files.filter(BuildLibraryTest::isLibrary).toList();
      assertThat(libraries).hasSize(1);
      assertThat(Files.readString(libraries.getFirst(), StandardCharsets.ISO_8859_1))
          .doesNotContain(one.toRealPath().toString());
    }
    build(one);
    assertIsOf(one);
  }

  @Test
  void aCompilerThatIsGoneIsNoObstacle() throws Exception {
    Path one = module("one");
    build(one);
    Path cache = one.resolve("target/cmake/CMakeCache.txt");
    Files.writeString(
        cache,
        Files.readString(cache)
            .replaceAll("(?m)^(CMAKE_C_COMPILER:[A-Z]+=).*$", "$1/nonexistent/cc"));
    try (Stream<Path> files = Files.walk(one.resolve("target/cmake/CMakeFiles"))) {
      for (Path file : files.filter(f -> f.endsWith("CMakeCCompiler.cmake")).toList()) {
        Files.writeString(
            file,
            Files.readString(file)
                .replaceAll(
                    "set\\(CMAKE_C_COMPILER \".*?\"\\)",
                    "set(CMAKE_C_COMPILER \"/nonexistent/cc\")"));
      }
    }

    build(one);
    assertIsOf(one);
  }
}
