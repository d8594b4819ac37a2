package io.github.elegans.ffm;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.ProgramKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs in C compute what the interpreter does; what lies in the cache is not trusted blindly.
 */
class NativeProgramTest implements ProgramContract {
  @TempDir private static Path cache;

  private static NativePrograms programs(Path folder, String compiler) {
    return new NativePrograms(NativeTiers.widest(), folder, compiler, 60);
  }

  @Override
  public ProgramKernel compile(Program program) {
    return programs(cache, "").compile(program);
  }

  @Override
  public int programs() {
    return 20;
  }

  @Override
  public int longest() {
    return 2000;
  }

  private static Program doubling() {
    Graph g = new Graph(Precision.DOUBLE);
    int x = g.variable(0);
    return new Program(g, 1, new int[] {0}, new int[] {g.add(x, x)}, -1);
  }

  private static void assertDoubles(ProgramKernel kernel) {
    for (int l = 0; l < kernel.width(); l++) {
      kernel.lanes().setAtIndex(JAVA_DOUBLE, l, 21);
    }
    kernel.run(1);
    assertThat(kernel.lanes().toArray(JAVA_DOUBLE)).containsOnly(42);
  }

  private static List<Path> libraries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("programs"))) {
      return files.filter(f -> f.toString().endsWith(".so")).toList();
    }
  }

  @Test
  void spoiledFilesAreCompiledAgain(@TempDir Path folder) throws IOException {
    assertDoubles(programs(folder, "").compile(doubling()));
    Path library = libraries(folder).getFirst();
    byte[] good = Files.readAllBytes(library);
    // What another wrote there is deleted, not overwritten: it may be loaded.
    Files.delete(library);
    Files.write(library, Arrays.copyOf(good, good.length / 2));
    ProgramKernel kernel = programs(folder, "").compile(doubling());
    assertThat(kernel.rendering()).startsWith("C");
    assertDoubles(kernel);
    assertThat(Files.readAllBytes(library)).isEqualTo(good);
    Path target = Files.move(library, folder.resolve("elsewhere.so"));
    Files.createSymbolicLink(library, target);
    assertDoubles(programs(folder, "").compile(doubling()));
    assertThat(Files.isSymbolicLink(library)).isFalse();
  }

  @Test
  void othersFoldersAreNotUsed(@TempDir Path folder) throws IOException {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    Files.setAttribute(programs, "unix:mode", 0777);
    ProgramKernel kernel = programs(folder, "").compile(doubling());
    assertTape(kernel, "others may write");
    try (Stream<Path> files = Files.list(programs)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void withoutACompilerProgramsRunAllTheSame(@TempDir Path folder) {
    assertTape(programs(folder, "none").compile(doubling()), "-Delegans.cc=none");
    assertTape(programs(folder, "no-such-compiler").compile(doubling()), "no C compiler");
    assertTape(programs(folder, "/bin/false").compile(doubling()), "/bin/false failed");
  }

  private static void assertTape(ProgramKernel kernel, String reason) {
    assertThat(kernel.rendering()).startsWith("tape, ").contains(reason);
    assertDoubles(kernel);
  }

  @Test
  void aCompilerThatDoesNotEndIsNotWaitedFor(@TempDir Path folder) throws IOException {
    Path compiler = folder.resolve("cc");
    Files.writeString(compiler, "#!/bin/sh\n[ \"$1\" = --version ] || sleep 1000\n");
    Files.setAttribute(compiler, "unix:mode", 0700);
    NativePrograms patient = new NativePrograms(NativeTiers.widest(), folder, compiler + "", 1);
    assertTape(patient.compile(doubling()), "took longer than 1 s");
    try (Stream<Path> files = Files.list(folder.resolve("programs"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aCacheThatCannotBeWrittenIsNoObstacle(@TempDir Path folder) throws IOException {
    // A file where the folder should be: nobody, not even root, can write there.
    assertTape(
        programs(Files.writeString(folder.resolve("file"), "a file"), "").compile(doubling()),
        "file");
  }

  @Test
  void aCompilersErrorIsTheReason(@TempDir Path folder) throws IOException {
    Path compiler = folder.resolve("cc");
    Files.writeString(
        compiler, "#!/bin/sh\n[ \"$1\" = --version ] || { echo out of order >&2; exit 1; }\n");
    Files.setAttribute(compiler, "unix:mode", 0700);
    assertTape(programs(folder, compiler + "").compile(doubling()), "out of order");
  }

  @Test
  void aDigestThatIsNotTheLibrarysIsNotBelieved(@TempDir Path folder) throws IOException {
    assertDoubles(programs(folder, "").compile(doubling()));
    Path library = libraries(folder).getFirst();
    Path digest = Path.of(library.toString().replace(".so", ".sha256"));
    String good = Files.readString(digest);
    Files.writeString(digest, "0".repeat(64));
    ProgramKernel kernel = programs(folder, "").compile(doubling());
    assertThat(kernel.rendering()).startsWith("C, ");
    assertDoubles(kernel);
    assertThat(digest).hasContent(good);
  }

  @Test
  void anotherUsersFolderIsNotUsed(@TempDir Path folder) throws IOException {
    Assumptions.assumeTrue(
        (Integer) Files.getAttribute(folder, "unix:uid") == 0, "only root gives files away");
    Path programs = Files.createDirectory(folder.resolve("programs"));
    Files.setAttribute(programs, "unix:uid", 65534);
    assertTape(programs(folder, "").compile(doubling()), "belongs to another user");
  }

  @Test
  void manyMayCompileAtOnce(@TempDir Path folder) throws InterruptedException {
    Thread[] threads = new Thread[4];
    boolean[] done = new boolean[threads.length];
    for (int i = 0; i < threads.length; i++) {
      int number = i;
      threads[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    assertDoubles(programs(folder, "").compile(doubling()));
                    done[number] = true;
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(done).containsOnly(true);
  }
}
