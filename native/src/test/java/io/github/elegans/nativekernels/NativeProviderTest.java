package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the native backend is chosen, and what it says when it is not; each in a JVM of its own. */
class NativeProviderTest {
  private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";
  private static final String LIBRARY = "/META-INF/native/linux-x86_64/libelegans.so";

  @TempDir private Path directory;

  @BeforeAll
  static void requireLibrary() {
    NativeTiers.requireLibrary();
  }

  private static ChildJvm.Result probe(String... flags) {
    return ChildJvm.run(List.of(flags), BackendsProbe.class);
  }

  private static void assertChosen(ChildJvm.Result result, String backend) {
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("chosen = " + backend)
        .contains("tanh = " + (float) StrictMath.tanh(0.5));
  }

  private static void assertRefused(ChildJvm.Result result, String... reason) {
    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output())
        .contains("BackendUnavailableException: backend 'native' cannot run here: ")
        .contains(reason);
  }

  @Test
  void lacksNoFamily() {
    assertThat(new NativeProvider().open(InstructionSet.V4).lacking()).isEmpty();
  }

  @Test
  void isChosenWhereItCanRunAndSaysNothingElse() {
    ChildJvm.Result result = probe(ACCESS, "--illegal-native-access=deny");

    assertChosen(result, "native, x86-64-v");
    assertThat(result.output()).doesNotContain("WARNING");
  }

  @Test
  void theCapChoosesTheTier() {
    assertChosen(probe(ACCESS, "-Delegans.isa=v3"), "native, x86-64-v3");
  }

  @Test
  void aCapBelowTheNarrowestTierIsRefused() {
    ChildJvm.Result result = probe(ACCESS, "-Delegans.isa=128");

    assertChosen(result, "scalar");
    assertThat(result.output()).containsPattern("native\\.reason = .*elegans\\.isa=128.*v3");
    assertThatThrownBy(() -> new NativeProvider().open(InstructionSet.BITS_128))
        .isInstanceOf(BackendUnavailableException.class);
  }

  @Test
  void anUnknownCapIsRefused() {
    ChildJvm.Result result = probe(ACCESS, "-Delegans.isa=bogus");

    assertThat(result.status()).as(result.output()).isEqualTo(1);
    assertThat(result.output())
        .contains("IllegalArgumentException: unknown instruction set 'bogus'");
  }

  @Test
  void namesTheFlagWhenNativeAccessIsDenied() {
    ChildJvm.Result result = probe("--illegal-native-access=deny");

    assertChosen(result, "scalar");
    assertThat(result.output())
        .containsPattern("native\\.reason = .*native access.*--enable-native-access=ALL-UNNAMED");
    assertRefused(
        probe("--illegal-native-access=deny", "-Delegans.backend=native"),
        "--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void worksInAnInterpreter() {
    assertChosen(probe(ACCESS, "-Xint"), "native, x86-64-v");
  }

  private Path copyOfLibrary(String name) throws IOException {
    Path copy = directory.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(NativeProviderTest.class.getResourceAsStream(LIBRARY))) {
      Files.copy(in, copy);
    }
    return copy;
  }

  @ParameterizedTest
  @CsvSource({"native", "auto"})
  void aPathToNothingIsRefusedByName(String backend) {
    ChildJvm.Result result =
        probe(ACCESS, "-Delegans.native.path=/nonexistent", "-Delegans.backend=" + backend);

    if (backend.equals("native")) {
      assertRefused(result, "-Delegans.native.path=/nonexistent", "there is no file");
    } else {
      assertChosen(result, "scalar");
      assertThat(result.output()).containsPattern("native\\.reason = .*elegans\\.native\\.path");
    }
  }

  @Test
  void thePathNamesTheLibraryOrItsFolder() throws IOException {
    Path library = copyOfLibrary("libelegans.so");

    assertChosen(probe(ACCESS, "-Delegans.native.path=" + library), "native, x86-64-v");
    assertChosen(probe(ACCESS, "-Delegans.native.path=" + directory), "native, x86-64-v");
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("libelegans.so"), "not a library");

    assertRefused(
        probe(ACCESS, "-Delegans.native.path=" + file, "-Delegans.backend=native"),
        "cannot be loaded",
        file.toString());
  }

  @Test
  void anotherLibraryIsRefused() throws IOException {
    Path other = directory.resolve("libelegans.so");
    Files.copy(Path.of(System.getProperty("java.home"), "lib", "libprefs.so"), other);

    assertRefused(
        probe(ACCESS, "-Delegans.native.path=" + other, "-Delegans.backend=native"),
        other.toString(),
        "is not the library of this version");
  }

  /** Runs the probe with a home of its own. */
  private static ChildJvm.Result probeAtHome(Path home) {
    return ChildJvm.run(
        List.of(ACCESS, "-Duser.home=" + home, "-Delegans.backend=native"), BackendsProbe.class);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void isCopiedToAPrivateFolderOnceAndRepairedWhenSpoiled() throws IOException {
    assertChosen(probeAtHome(directory), "native, ");

    List<Path> copies = files(directory);
    assertThat(copies).hasSize(1);
    Path copy = copies.getFirst();
    assertThat(copy.toString()).contains("/.cache/elegans/").endsWith("/libelegans.so");
    assertThat(copy).hasBinaryContent(libraryContent());
    assertThat(Files.getPosixFilePermissions(copy.getParent()))
        .hasToString("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]");
    var time = Files.getLastModifiedTime(copy);

    assertChosen(probeAtHome(directory), "native, ");
    assertThat(Files.getLastModifiedTime(copy)).as("time of a copy that is reused").isEqualTo(time);

    Files.writeString(copy, "spoiled");
    assertChosen(probeAtHome(directory), "native, ");
    assertThat(copy).hasBinaryContent(libraryContent());
    assertThat(files(directory)).as("nothing is left over").containsExactly(copy);
  }

  private static byte[] libraryContent() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(NativeProviderTest.class.getResourceAsStream(LIBRARY))) {
      return in.readAllBytes();
    }
  }

  @Test
  void goesToATemporaryFolderWhereTheHomeCannotBeWritten() throws IOException {
    Path file = Files.writeString(directory.resolve("home"), "a file, not a folder");

    assertChosen(probeAtHome(file), "native, ");
  }

  @Test
  void manyJvmsMayCopyAtOnce() throws Exception {
    Callable<ChildJvm.Result> start = () -> probeAtHome(directory);
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      for (Future<ChildJvm.Result> result :
          threads.invokeAll(List.of(start, start, start, start, start, start))) {
        assertChosen(result.get(), "native, ");
      }
    }
    assertThat(files(directory)).hasSize(1);
  }
}
