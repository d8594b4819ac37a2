package io.github.elegans.nativekernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ProgramContract;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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

  /** Other digits would be no C. */
  @Test
  void theTextIsTheSameInEveryLocale() {
    List<Program> programs =
        CataloguePrograms.programs(OdeSystem.named("ten-tusscher-panfilov-2006"));
    List<String> texts = programs.stream().map(p -> ProgramText.of(p).text()).toList();
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertThat(programs.stream().map(p -> ProgramText.of(p).text()).toList()).isEqualTo(texts);
    } finally {
      Locale.setDefault(before);
    }
  }

  private static Program doubling() {
    Graph g = new Graph(Precision.DOUBLE);
    Real x = g.variable(0);
    return new Program(g, 1, new int[] {0}, new Real[] {g.add(x, x)}, null);
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
    assertThat(files(folder)).singleElement().asString().endsWith(".failed");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("programs"))) {
      return files.toList();
    }
  }

  /** A compiler that writes a line to a file each time it is to compile something. */
  private static Path compiler(Path folder, String then) throws IOException {
    Path compiler = folder.resolve("cc");
    Files.writeString(
        compiler,
        "#!/bin/sh\n[ \"$1\" = --version ] && exit\necho >> %s\n%s\n"
            .formatted(folder.resolve("calls"), then));
    Files.setAttribute(compiler, "unix:mode", 0700);
    return compiler;
  }

  private static long calls(Path folder) throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.size(calls) : 0;
  }

  @Test
  void whatACompilerCouldNotDoIsNotTriedAgainForADay(@TempDir Path folder) throws IOException {
    String compiler = compiler(folder, "sleep 1000").toString();
    Tier tier = NativeTiers.widest();
    for (int run = 0; run < 3; run++) {
      // Each is as a new process.
      ProgramKernel kernel = new NativePrograms(tier, folder, compiler, 1).compile(doubling());
      assertTape(kernel, "took longer than 1 s");
      assertThat(kernel.rendering()).contains(run == 0 ? "" : "tried again after");
      assertThat(calls(folder)).isEqualTo(1);
    }
    Path failure = files(folder).getFirst();
    Instant written = Files.getLastModifiedTime(failure).toInstant();
    Files.setLastModifiedTime(failure, FileTime.from(written.minus(Duration.ofHours(25))));
    assertTape(new NativePrograms(tier, folder, compiler, 1).compile(doubling()), "longer");
    assertThat(calls(folder)).isEqualTo(2);
    // Another compiler has failed at nothing.
    assertThat(programs(folder, "").compile(doubling()).rendering()).startsWith("C, ");
  }

  @Test
  void vectorsRunSideBySideAsLongAsTheChainOfOperationsIsLongerThanTheirWork() {
    assertThat(groups("lorenz", Method.TSIT5)).isEqualTo(2);
    assertThat(groups("robertson", Method.RODAS5P)).isEqualTo(3);
    assertThat(groups("van-der-pol", Method.TSIT5)).isEqualTo(3);
    // 92 values are alive at once.
    assertThat(groups("hires", Method.RODAS5P)).isEqualTo(2);
    // Two would not fit in the first cache.
    assertThat(groups("pleiades", Method.TSIT5)).isEqualTo(1);
  }

  private static int groups(String system, Method method) {
    return ProgramText.groups(
        Solver.of(OdeSystem.named(system)).method(method).build().programs().get(1));
  }

  @Test
  void fewLanesAreNotMadeToWaitForManyOthers(@TempDir Path folder) {
    Program program =
        Solver.of(OdeSystem.named("robertson")).method(Method.RODAS5P).build().programs().get(1);
    NativePrograms programs = programs(folder, "none");
    ProgramKernel many = programs.compile(program, 1000);
    ProgramKernel one = programs.compile(program, 1);
    assertThat(one.width()).isEqualTo(NativeTiers.widest().width().bits() / Double.SIZE);
    assertThat(many.width()).isEqualTo(3 * one.width());
    assertThat(List.of(many.rendering(), one.rendering()))
        .allMatch(r -> r.startsWith("precompiled"));
  }

  /** A program too long to wait for its compilation: it adds 1 in a way of its own. */
  private static Program longOne() {
    Graph g = new Graph(Precision.DOUBLE);
    Real x = g.variable(0);
    Real y = g.variable(1);
    Real sum = y;
    for (int i = 1; i < 2500; i++) {
      // The product is 0, and later parts read what the first has computed.
      sum = g.add(sum, g.mul(g.add(y, g.constant(i)), g.variable(2)));
    }
    return new Program(
        g, 3, new int[] {0, 1}, new Real[] {g.add(x, g.constant(1)), sum}, g.less(x, x));
  }

  /** Runs a long program until it has been compiled, or cannot be. */
  private static void runUntilCompiled(ProgramKernel kernel) {
    int width = kernel.width();
    kernel.lanes().fill((byte) 0);
    for (int lane = 0; lane < width; lane++) {
      kernel.lanes().setAtIndex(JAVA_DOUBLE, width + lane, 0.5);
    }
    long rounds = 0;
    long deadline = System.nanoTime() + 120_000_000_000L;
    boolean again = true;
    while (again) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      // Once more when it is.
      again = !kernel.isCompiled();
      rounds += kernel.run(1000);
      double[] lanes = kernel.lanes().toArray(JAVA_DOUBLE);
      assertThat(Arrays.copyOf(lanes, width)).containsOnly((double) rounds);
      assertThat(Arrays.copyOfRange(lanes, width, 2 * width)).containsOnly(0.5);
    }
  }

  @Test
  void aLongProgramBeginsAtOnceAndIsCompiledBesideThat(@TempDir Path folder) throws IOException {
    NativePrograms programs = programs(folder, "");
    Program program = longOne();
    ProgramKernel kernel = programs.compile(program, 1);
    ProgramKernel wide = programs.compile(program, 1000);
    assertThat(wide.width()).isGreaterThan(kernel.width());
    assertThat(kernel.rendering()).startsWith("tape, ").endsWith("until C is compiled beside it");
    assertThat(kernel.isCompiled()).isFalse();
    // A short run is not worth a compilation.
    assertThat(files(folder)).isEmpty();
    runUntilCompiled(kernel);
    assertThat(kernel.rendering()).startsWith("C in ");
    assertThat(wide.rendering()).isEqualTo(kernel.rendering());
    runUntilCompiled(wide);
    ProgramKernel known = programs(folder, "").compile(longOne(), 1);
    assertThat(known.rendering()).isEqualTo(kernel.rendering());
    assertThat(known.isCompiled()).isTrue();
    assertThat(known.width()).isEqualTo(kernel.width());
    runUntilCompiled(known);
  }

  @Test
  void aLongProgramThatCannotBeCompiledGoesOn(@TempDir Path folder) throws IOException {
    String compiler = compiler(folder, "echo out of order; exit 1").toString();
    ProgramKernel kernel = programs(folder, compiler).compile(longOne());
    runUntilCompiled(kernel);
    assertThat(kernel.rendering()).startsWith("tape, ").contains("out of order");
    long calls = calls(folder);
    ProgramKernel next = programs(folder, compiler).compile(longOne());
    assertThat(next.rendering()).contains("out of order").contains("tried again after");
    runUntilCompiled(next);
    assertThat(calls(folder)).isEqualTo(calls);
  }

  @Test
  void aProgramThatIsBeingCompiledMayBeForgotten(@TempDir Path folder) throws Exception {
    Path end = folder.resolve("end");
    String compiler =
        compiler(folder, "until [ -e %s ]; do sleep 0.1; done; exit 1".formatted(end)).toString();
    NativePrograms programs = programs(folder, compiler);
    WeakReference<Program> program = beginCompiling(programs, folder);
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (program.get() != null && System.nanoTime() < deadline) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(program.get()).isNull();
    assertThat(end).doesNotExist();
    Files.createFile(end);
    while (files(folder).stream().noneMatch(file -> file.toString().endsWith(".failed"))) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(10);
    }
  }

  private static WeakReference<Program> beginCompiling(NativePrograms programs, Path folder)
      throws IOException {
    Program program = longOne();
    ProgramKernel kernel = programs.compile(program);
    while (calls(folder) == 0) {
      kernel.run(100);
    }
    return new WeakReference<>(program);
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
