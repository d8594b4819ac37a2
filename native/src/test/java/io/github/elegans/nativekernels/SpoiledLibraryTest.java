package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Libraries that are not what they should be, more of them than {@link NativeLibraryTest} has time
 * for: refused where they are named, replaced where they lie in the cache.
 */
@Tag("nightly")
class SpoiledLibraryTest {
  private static final String FILE = System.mapLibraryName("elegans");
  private static final int STRIDE = 2000;
  private static final int JVMS = 10;

  /** Where an ELF file says for which processor it is, and that of AArch64. */
  private static final int MACHINE = 18;

  private static final byte AARCH64 = (byte) 183;

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(20_261_125);
  private byte[] content = {};

  @BeforeEach
  void readLibrary() throws IOException {
    NativeTiers.requireLibrary();
    try (InputStream stream =
        SpoiledLibraryTest.class.getResourceAsStream("/META-INF/native/linux-x86_64/" + FILE)) {
      content = stream.readAllBytes();
    }
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] forAnotherProcessor() {
    byte[] other = content.clone();
    other[MACHINE] = AARCH64;
    return other;
  }

  private static ChildJvm.Result probe(String... flags) {
    return ChildJvm.run(
        Stream.concat(Stream.of("--enable-native-access=ALL-UNNAMED"), Stream.of(flags)).toList(),
        NativeProbe.class);
  }

  /** A JVM that is given this library says why it does not take it, and computes without. */
  private void assertRefused(byte[] spoiled, String reason) throws IOException {
    Path file = Files.write(folder.resolve(FILE), spoiled);
    ChildJvm.Result result = probe("-Delegans.native.path=" + file);
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("chosen = scalar", "bits = right")
        .containsPattern("native.reason = .*" + reason);
  }

  @Test
  void aLibraryThatIsCutAnywhereIsRefused() throws IOException {
    Path file = Files.write(folder.resolve(FILE), content);
    LibraryFormat.here().checkWhole(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length = content.length - 1; length >= 0; length -= random.nextInt(1, STRIDE)) {
        channel.truncate(length);
        assertThatThrownBy(() -> LibraryFormat.here().checkWhole(file))
            .as("%d bytes", length)
            .isInstanceOf(BackendUnavailableException.class)
            .hasMessageContaining("cannot be loaded");
      }
    }
    for (int i = 0; i < JVMS; i++) {
      assertRefused(
          Arrays.copyOf(content, random.nextInt(content.length)), "truncated|no 64-bit ELF file");
    }
    assertRefused(new byte[0], "no 64-bit ELF file");
  }

  @Test
  void randomBytesAreRefused() throws IOException {
    for (int i = 0; i < JVMS; i++) {
      assertRefused(random(random.nextInt(1, 1 << 20)), "no 64-bit ELF file");
    }
  }

  @Test
  void aLibraryForAnotherProcessorIsRefused() throws IOException {
    assertRefused(forAnotherProcessor(), "is for ELF machine 183, this is 62");
  }

  @Test
  void aLibraryOfAnotherVersionIsRefused() throws Exception {
    for (int version :
        new int[] {Elegans.ELEGANS_ABI_VERSION() - 1, Elegans.ELEGANS_ABI_VERSION() + 1, -1}) {
      Path source =
          Files.writeString(
              folder.resolve("other.c"),
              "int elegans_abi_version(void) { return %d; }".formatted(version));
      Path library = folder.resolve("other.so");
      Process compiler =
          new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library + "", source + "")
              .inheritIO()
              .start();
      assertThat(compiler.waitFor()).isZero();
      assertRefused(Files.readAllBytes(library), "has interface version " + version);
    }
  }

  @Test
  void whateverLiesInTheCacheIsReplaced() throws IOException {
    String home = "-Duser.home=" + folder;
    assertTaken(probe(home));
    Path cached;
    try (Stream<Path> files = Files.walk(folder)) {
      cached = files.filter(f -> f.endsWith(FILE)).findFirst().orElseThrow();
    }
    byte[] flipped = content.clone();
    flipped[random.nextInt(content.length)] ^= 1;
    for (byte[] spoiled :
        List.of(
            new byte[0],
            random(content.length),
            Arrays.copyOf(content, content.length / 2),
            Arrays.copyOf(content, content.length + 1),
            forAnotherProcessor(),
            flipped)) {
      // What another process may have loaded is not written to.
      Files.delete(cached);
      Files.write(cached, spoiled);
      assertTaken(probe(home));
      assertThat(cached).hasBinaryContent(content);
    }
    // A folder in the library's place cannot be replaced; there are other places.
    Files.delete(cached);
    Files.createDirectories(cached.resolve("inside"));
    assertTaken(probe(home));
  }

  private static void assertTaken(ChildJvm.Result result) {
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("chosen = native", "bits = right", "program = right");
  }
}
