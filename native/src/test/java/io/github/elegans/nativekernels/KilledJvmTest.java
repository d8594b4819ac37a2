package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs that are killed at any moment of extracting the library and compiling a program leave
 * nothing behind that harms the next one. {@code -Delegans.test.kills} says how many.
 */
@Tag("nightly")
class KilledJvmTest {
  private static final int KILLS = Integer.getInteger("elegans.test.kills", 200);

  /** Of the kills, so many must have come before the work was done, or nothing was tried. */
  private static final double LEAST_SHARE = 0.5;

  @TempDir private Path home;

  @BeforeEach
  void requireLibrary() {
    NativeTiers.requireLibrary();
  }

  private List<String> flags() throws IOException {
    Path temporary = Files.createDirectories(home.resolve("tmp"));
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-Duser.home=" + home,
        "-Djava.io.tmpdir=" + temporary);
  }

  private void assertNextStartWorks(String when) throws IOException {
    ChildJvm.Result result = ChildJvm.run(flags(), NativeProbe.class);
    assertThat(result.status()).as("%s: %s", when, result.output()).isZero();
    assertThat(result.output())
        .as(when)
        .contains("chosen = native", "bits = right", "rendering = C, ", "program = right");
  }

  /** What the cache holds, folders included. */
  private List<Path> cached() throws IOException {
    while (true) {
      try (Stream<Path> files = Files.walk(home.resolve(".cache"))) {
        return files.toList();
      } catch (UncheckedIOException e) {
        // The compiler of a killed JVM goes on for a while, and deletes files of its own.
        if (!(e.getCause() instanceof NoSuchFileException)) {
          throw e;
        }
      }
    }
  }

  private void delete(String... endings) throws IOException {
    for (Path path : cached()) {
      for (String ending : endings) {
        if (path.toString().endsWith(ending)) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Starts a JVM and kills it so long after it began; whether it had ended by then. */
  private boolean kill(long nanoseconds) throws IOException, InterruptedException {
    Process process = ChildJvm.start(flags(), NativeProbe.class);
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(reader.readLine()).isEqualTo(NativeProbe.BEGIN);
      TimeUnit.NANOSECONDS.sleep(nanoseconds);
      boolean ended = !process.isAlive();
      process.destroyForcibly().waitFor();
      return ended;
    }
  }

  /** How long a JVM that begins with nothing takes. */
  private long duration() throws IOException {
    Process process = ChildJvm.start(flags(), NativeProbe.class);
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(reader.readLine()).isEqualTo(NativeProbe.BEGIN);
      long begin = System.nanoTime();
      assertThat(reader.lines()).contains("chosen = native").endsWith(NativeProbe.END);
      return System.nanoTime() - begin;
    }
  }

  @Test
  void theNextStartWorksAfterAnyKill() throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(20_261_125);
    long duration = duration();
    List<Path> whole = cached();
    int killed = 0;
    int most = 0;
    for (int i = 0; i < KILLS; i++) {
      // Nothing, or a library without programs, or a program's digest without its library.
      switch (i % 3) {
        case 0 -> delete(".so", ".sha256");
        case 1 -> delete(".sha256");
        default -> delete(home.relativize(library(whole)).toString());
      }
      if (!kill(random.nextLong(duration))) {
        killed++;
      }
      most = Math.max(most, cached().size());
      assertNextStartWorks("after kill " + i);
    }
    System.out.printf(
        "KilledJvmTest: %d of %d killed before the end, %d entries in the cache at most, %d"
            + " whole%n",
        killed, KILLS, most, whole.size());
    assertThat(killed).isGreaterThan((int) (LEAST_SHARE * KILLS));
    // What was left behind goes as soon as it is old and something is written again.
    delete(".so", ".sha256");
    for (Path path : cached()) {
      Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }
    assertNextStartWorks("with old leftovers");
    assertThat(cached()).containsExactlyInAnyOrderElementsOf(whole);
  }

  private static Path library(List<Path> whole) {
    return whole.stream()
        .filter(path -> path.endsWith(System.mapLibraryName("elegans")))
        .findFirst()
        .orElseThrow();
  }
}
