package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.elegans.contract.ChildJvm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders that are no good for a cache: a JVM computes all the same, with another copy, another
 * rendering or another backend, and says why. Only root can mount what most of this needs.
 */
@Tag("nightly")
class HostileCacheTest {
  private static final String NOBODY = "65534";
  private static final String FILE = System.mapLibraryName("elegans");

  @TempDir private Path folder;

  private final Deque<Path> mounted = new ArrayDeque<>();

  @BeforeEach
  void requireLibrary() throws IOException {
    NativeTiers.requireLibrary();
    assumeTrue((Integer) Files.getAttribute(folder, "unix:uid") == 0, "only root mounts");
  }

  @AfterEach
  void unmount() {
    while (!mounted.isEmpty()) {
      succeed("umount", mounted.pop().toString());
    }
  }

  /** What a command said. */
  private record Said(int status, String text) {}

  private static Said say(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Said(process.waitFor(), text);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(command.toString(), e);
    }
  }

  private static void succeed(String... command) {
    Said said = say(List.of(command));
    assertThat(said.status).as("%s: %s", Arrays.toString(command), said.text).isZero();
  }

  /** A file system in memory. */
  private Path mount(String options) throws IOException {
    Path point = Files.createDirectory(folder.resolve("mount-" + mounted.size()));
    succeed("mount", "-t", "tmpfs", "-o", options, "tmpfs", point.toString());
    mounted.push(point);
    return point;
  }

  /** A file system with not one byte left. */
  private Path full() throws IOException {
    Path point = mount("size=1m");
    boolean room = true;
    try (OutputStream stream = Files.newOutputStream(point.resolve("filler"))) {
      while (room) {
        try {
          stream.write(new byte[4096]);
        } catch (IOException noSpaceLeft) {
          room = false;
        }
      }
    }
    return point;
  }

  private Path readOnly() throws IOException {
    Path point = mount("size=16m");
    succeed("mount", "-o", "remount,ro", point.toString());
    return point;
  }

  private static long librarySize() throws IOException {
    try (var stream =
        HostileCacheTest.class.getResourceAsStream("/META-INF/native/linux-x86_64/" + FILE)) {
      return stream.readAllBytes().length;
    }
  }

  private String probe(List<String> prefix, Path home, String... flags) {
    List<String> command = new ArrayList<>(List.of("env", "-u", "XDG_CACHE_HOME"));
    command.addAll(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Duser.home=" + home));
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", ChildJvm.classPath(), NativeProbe.class.getName()));
    Said said = say(command);
    assertThat(said.status).as(said.text).isZero();
    assertThat(said.text).contains("bits = right", "program = right", NativeProbe.END);
    return said.text;
  }

  /** A JVM with this home computes in C, but programs run as tapes, for a reason. */
  private void assertTapes(Path home, String reason, String... flags) {
    assertThat(probe(List.of(), home, flags))
        .contains("chosen = native")
        .containsPattern("(?s)rendering = tape, .*" + reason);
  }

  /** A JVM with this home computes in C, programs too. */
  private void assertCompiles(Path home, String... flags) {
    assertThat(probe(List.of(), home, flags)).contains("chosen = native", "rendering = C, ");
  }

  private void assertRefuses(Path home, String reason, String... flags) {
    assertThat(probe(List.of(), home, flags))
        .contains("chosen = scalar")
        .containsPattern("native.reason = .*" + reason);
  }

  private static String temporary(Path folder) {
    return "-Djava.io.tmpdir=" + folder;
  }

  @Test
  void aFullFileSystem() throws IOException {
    Path home = full();
    assertTapes(home, "No space left");
    assertRefuses(
        home, "can be copied neither .*No space left.* nor .*No space left", temporary(home));
    try (Stream<Path> files = Files.walk(home)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(home.resolve("filler"));
    }
  }

  @Test
  void roomForTheLibraryButNotForPrograms() throws IOException {
    Path home = mount("size=" + (librarySize() + 8192));
    assertTapes(home, "[Nn]o space left");
  }

  @Test
  void aFileSystemThatIsReadOnly() throws IOException {
    Path home = readOnly();
    assertTapes(home, "Read-only file system");
    assertRefuses(home, "can be copied neither .*Read-only.* nor .*Read-only", temporary(home));
  }

  @Test
  void aFileSystemWithoutExecution() throws IOException {
    Path home = mount("size=16m,noexec");
    assertRefuses(home, "mounted noexec: set XDG_CACHE_HOME or -Delegans.native.path");
    assertRefuses(
        readOnly(), "mounted noexec: set XDG_CACHE_HOME or -Delegans.native.path", temporary(home));
  }

  @Test
  void aFolderThatTheUserMayNotWrite() throws IOException {
    // Root may write everywhere: another user must try.
    Files.setAttribute(folder, "unix:mode", 0755);
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.setAttribute(home, "unix:mode", 0555);
    List<String> nobody =
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    assertThat(probe(nobody, home))
        .contains("chosen = native")
        .containsPattern("(?s)rendering = tape, .*home/.cache");
  }

  @Test
  void symbolicLinks() throws IOException {
    Path home = Files.createDirectories(folder.resolve("home"));
    Path cache = Files.createDirectory(home.resolve(".cache")).resolve("elegans");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(cache, folder.resolve("nothing"));
    assertTapes(home, "elegans");
    Files.delete(cache);
    Files.createSymbolicLink(cache, cache);
    assertTapes(home, "elegans");
    Files.delete(cache);
    Files.createSymbolicLink(cache, elsewhere);
    assertCompiles(home);
    // A link instead of the library is replaced, and what it leads to is left alone.
    Path library;
    try (Stream<Path> files = Files.walk(elsewhere)) {
      library = files.filter(f -> f.endsWith(FILE)).findFirst().orElseThrow();
    }
    Path target = Files.writeString(folder.resolve("target"), "another's");
    Files.delete(library);
    Files.createSymbolicLink(library, target);
    assertCompiles(home);
    assertThat(target).hasContent("another's");
    assertThat(Files.isSymbolicLink(library)).isFalse();
    // A folder of programs that is a link might be anybody's.
    Path programs = elsewhere.resolve("programs");
    Files.move(programs, folder.resolve("moved"));
    Files.createSymbolicLink(programs, folder.resolve("moved"));
    assertTapes(home, "is no folder");
  }

  @Test
  void aFolderOfAnotherUser() throws IOException {
    Path home = Files.createDirectory(folder.resolve("home"));
    assertCompiles(home);
    succeed("chown", "-R", NOBODY, home.toString());
    assertTapes(home, "belongs to another user|others may write");
  }

  @Test
  void namesThatNobodyExpects() throws IOException {
    assertCompiles(Files.createDirectory(folder.resolve("a b'c\"d$(e);f\\g")));
    // What Java calls the home of a user who is in no list of users.
    assertTapes(Path.of("?"), "no absolute path");
    assertThat(Path.of("?")).doesNotExist();
    assertThat(probe(List.of("env", "LC_ALL=C"), folder.resolve("größe")))
        .contains("chosen = native");
  }
}
