package io.github.elegans.ffm;

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
    return 700;
  }

  private static Program doubling() {
    Graph g = new Graph(Precision.DOUBLE);
    int x = g.variable(0);
    return new Program(g, 1, new int[] {0}, new int[] {g.add(x, x)}, -1);
  }

  private static void assertDoubles(ProgramKernel kernel) {
    double[] lanes = new double[kernel.width()];
    Arrays.fill(lanes, 21);
    kernel.run(lanes, 1);
    assertThat(lanes).containsOnly(42);
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
    assertThat(kernel.rendering()).doesNotStartWith("C,");
    assertDoubles(kernel);
    try (Stream<Path> files = Files.list(programs)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void withoutACompilerProgramsRunAllTheSame(@TempDir Path folder) {
    assertDoubles(programs(folder, "none").compile(doubling()));
    assertDoubles(programs(folder, "no-such-compiler").compile(doubling()));
    assertDoubles(programs(folder, "/bin/false").compile(doubling()));
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
