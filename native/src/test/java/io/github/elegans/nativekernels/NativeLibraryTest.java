package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.contract.BackendsProbe;
import io.github.elegans.contract.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding and loading the library; each in a JVM of its own, because a JVM loads it once. */
class NativeLibraryTest {
  private static final String FILE = System.mapLibraryName("elegans");

  @TempDir Path folder;

  @BeforeEach
  void requireLibrary() {
    NativeTiers.requireLibrary();
  }

  private static byte[] library() throws IOException {
    String arch = System.getProperty("os.arch").replace("amd64", "x86_64");
    try (InputStream stream =
        NativeLibraryTest.class.getResourceAsStream(
            "/META-INF/native/linux-" + arch + "/" + FILE)) {
      return stream.readAllBytes();
    }
  }

  private static String probe(String... flags) {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--enable-native-access=ALL-UNNAMED");
    return ChildJvm.run(all, BackendsProbe.class, "native").output();
  }

  @Test
  void aNamedFileOrFolderIsUsed() throws IOException {
    Path file = Files.write(folder.resolve(FILE), library());
    assertThat(probe("-Delegans.native.path=" + file)).contains("chosen = native");
    assertThat(probe("-Delegans.native.path=" + folder)).contains("chosen = native");
  }

  @Test
  void aNamedFileThatIsMissingIsAnErrorAndNothingElseIsTried() {
    assertThat(probe("-Delegans.native.path=" + folder.resolve("none.so")))
        .contains("thrown = BackendUnavailableException", "elegans.native.path", "none.so");
  }

  /** As in an application server: each application has its own, and goes when it is undeployed. */
  @Test
  void classLoadersHaveTheLibrarySideBySideAndLetItGo() throws IOException {
    Path file = Files.write(folder.resolve(FILE), library());
    ChildJvm.Result result =
        ChildJvm.run(
            List.of(
                "--enable-native-access=ALL-UNNAMED",
                // The JDK softly keeps the class loader of the last record that was hashed.
                "-XX:SoftRefLRUPolicyMSPerMB=0",
                "-Delegans.native.path=" + file,
                "-Duser.home=" + folder),
            ClassLoaderProbe.class);

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output().lines())
        .containsSubsequence(
            "chosen = native",
            "bits = right",
            "program = right",
            "chosen = native",
            "chosen = native",
            "mapped = true",
            "loaders left = 0",
            "mapped afterwards = false",
            "chosen = native",
            "bits = right")
        .doesNotContain("bits = wrong", "program = wrong");
  }

  @Test
  void whatIsNoLibraryIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve(FILE), "no library");
    assertThat(probe("-Delegans.native.path=" + file))
        .contains("thrown = BackendUnavailableException", "cannot be loaded");
  }

  @Test
  void aTruncatedLibraryIsRefusedAtAnyLength() throws IOException {
    byte[] content = library();
    for (int length : new int[] {0, 20, 64, content.length / 2, content.length - 1}) {
      Path file = Files.write(folder.resolve(FILE), Arrays.copyOf(content, length));
      assertThat(probe("-Delegans.native.path=" + file))
          .contains("thrown = BackendUnavailableException", "cannot be loaded");
    }
  }

  @Test
  void aLibraryForAnotherArchitectureIsRefused() throws IOException {
    byte[] content = library();
    content[18] = 40;
    Path file = Files.write(folder.resolve(FILE), content);
    assertThat(probe("-Delegans.native.path=" + file))
        .contains("thrown = BackendUnavailableException", "is for ELF machine 40");
  }

  @Test
  void theCopyInTheCacheIsRepairedIfItIsNotOurs() throws IOException {
    String home = "-Duser.home=" + folder;
    assertThat(probe(home)).contains("chosen = native");
    Path cached;
    try (var files = Files.walk(folder)) {
      cached = files.filter(f -> f.endsWith(FILE)).findFirst().orElseThrow();
    }
    assertThat(cached.toString()).contains(".cache");
    Files.writeString(cached, "tampered");
    assertThat(probe(home)).contains("chosen = native");
    assertThat(Files.readAllBytes(cached)).isEqualTo(library());
  }

  @Test
  void aCacheThatCannotBeWrittenIsNoObstacle() throws IOException {
    // A file where the cache folder should be: nobody, not even root, can write there.
    Files.writeString(folder.resolve(".cache"), "a file");
    assertThat(probe("-Duser.home=" + folder)).contains("chosen = native");
  }

  /** What Java calls the home of a user who is in no list of users. */
  @Test
  void aHomeThatIsNoAbsolutePathIsNoObstacle() {
    assertThat(probe("-Duser.home=?")).contains("chosen = native");
    assertThat(Path.of("?")).doesNotExist();
  }

  @Test
  void aCapBelowTheNarrowestTierIsAReason() {
    assertThat(probe("-Delegans.isa=" + InstructionSet.BITS_128.label()))
        .contains("thrown = BackendUnavailableException", "caps below");
  }
}
