package io.github.elegans.ffm;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compiles programs with the user's C compiler, into a folder of the user's cache where a file is
 * named after all that decides its content. What lies there is loaded only if it is what was
 * written there: a regular file of the user, with the digest that was recorded, and whole.
 */
final class ProgramCompiler {
  /** The system property with the compiler's name or path, or {@code none}. */
  static final String PROPERTY = "elegans.cc";

  private static final List<String> NAMES = List.of("cc", "gcc", "clang");
  private static final List<String> FLAGS =
      List.of(
          "-O2",
          "-ffp-contract=off",
          "-fno-math-errno",
          "-fno-trapping-math",
          "-w",
          "-fPIC",
          "-shared",
          "-fvisibility=hidden",
          "-Wl,-z,noexecstack",
          "-Wl,--build-id=none");
  private static final long LONGEST_MESSAGE = 4096;
  private static final String WORK = "work-";

  private final Path folder;
  private final List<String> command;
  private final String version;
  private final Tier tier;
  private final long timeoutSeconds;

  private ProgramCompiler(
      Path folder, List<String> command, String version, Tier tier, long timeoutSeconds) {
    this.folder = folder;
    this.command = command;
    this.version = version;
    this.tier = tier;
    this.timeoutSeconds = timeoutSeconds;
  }

  /**
   * Finds the compiler.
   *
   * @param cache the folder of the cache
   * @param name of the compiler or its path, {@code none}, or empty for the first there is
   * @param tier to compile for
   * @throws IOException if there is none, with the reason
   */
  static ProgramCompiler find(Path cache, String name, Tier tier, long timeoutSeconds)
      throws IOException {
    if (name.equals("none")) {
      throw new IOException("-D" + PROPERTY + "=none");
    }
    Path compiler = onPath(name.isEmpty() ? NAMES : List.of(name));
    List<String> command = new ArrayList<>(List.of(compiler.toString()));
    command.addAll(flags(tier));
    Path answer = Files.createTempFile("elegans-", ".txt");
    try {
      execute(List.of(compiler.toString(), "--version"), null, answer, timeoutSeconds);
      String version = message(answer);
      return new ProgramCompiler(cache.resolve("programs"), command, version, tier, timeoutSeconds);
    } finally {
      Files.delete(answer);
    }
  }

  /** What a compiler is told, beside the files' names. */
  static List<String> flags(Tier tier) {
    List<String> flags = new ArrayList<>(FLAGS);
    flags.addAll(tier.flags());
    flags.add("-DELEGANS_TIER=" + tier.label());
    return flags;
  }

  private static Path onPath(List<String> names) throws IOException {
    String path = System.getenv("PATH");
    for (String name : names) {
      if (name.contains(File.separator)) {
        return Path.of(name).toAbsolutePath();
      }
      for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
        // An empty entry would be the working directory, which may be anybody's.
        if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
          return Path.of(folder, name).toAbsolutePath();
        }
      }
    }
    throw new IOException("no C compiler on the PATH (" + String.join(", ", names) + ")");
  }

  /**
   * The function of a program, compiled now or before.
   *
   * @throws IOException if it cannot be had, with the reason
   */
  MemorySegment compile(ProgramText program) throws IOException {
    Path trusted = PrivateFolder.trusted(folder);
    String key =
        PrivateFolder.digest(
            String.join("\0", program.text(), String.join("\0", command), version)
                .getBytes(StandardCharsets.UTF_8));
    Path library = trusted.resolve(key + ".so");
    Path digest = trusted.resolve(key + ".sha256");
    try {
      return load(library, digest, program);
    } catch (IOException | RuntimeException absentOrSpoiled) {
      build(program, trusted, library, digest);
      return load(library, digest, program);
    }
  }

  private MemorySegment load(Path library, Path digest, ProgramText program) throws IOException {
    PrivateFolder.checkFile(digest);
    PrivateFolder.checkFile(library);
    if (!Files.readString(digest).equals(PrivateFolder.digest(Files.readAllBytes(library)))) {
      throw new IOException(library + " is not what was written there");
    }
    NativeLibrary.checkWhole(library);
    // Unloaded when no kernel has its function any more.
    return SymbolLookup.libraryLookup(library, Arena.ofAuto())
        .find(program.symbol(tier.label()))
        .orElseThrow(() -> new IOException(library + " lacks the program"));
  }

  /** Writes the library and its digest, each in one step; whoever else does writes the same. */
  private void build(ProgramText program, Path trusted, Path library, Path digest)
      throws IOException {
    PrivateFolder.sweep(trusted, WORK + "*");
    Path work = Files.createTempDirectory(trusted, WORK);
    try {
      Path source = Files.writeString(work.resolve("program.c"), program.text());
      Path product = build(source, work.resolve("program.so"));
      Path sum = work.resolve("sha256");
      Files.writeString(sum, PrivateFolder.digest(Files.readAllBytes(product)));
      for (Path file : List.of(product, sum)) {
        // Whatever the umask was.
        Files.setAttribute(file, "unix:mode", 0700);
      }
      move(product, library);
      move(sum, digest);
    } finally {
      PrivateFolder.delete(work);
    }
  }

  /** Compiles a file to a library beside it, which is returned. */
  Path build(Path source, Path product) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("-o", product.getFileName().toString(), source.getFileName().toString()));
    Path work = product.toAbsolutePath().getParent();
    execute(all, work, work.resolve("log"), timeoutSeconds);
    return product;
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void execute(List<String> command, @Nullable Path work, Path log, long seconds)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("LC_ALL", "C");
    if (work != null) {
      builder.directory(work.toFile());
      builder.environment().put("TMPDIR", work.toString());
    }
    Process process = builder.start();
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new IOException("%s took longer than %d s".formatted(command.getFirst(), seconds));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while compiling", e);
    } finally {
      // A compiler's driver has children that would go on without it.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException("%s failed: %s".formatted(command.getFirst(), message(log)));
    }
  }

  /** The beginning of what a process said. */
  private static String message(Path log) throws IOException {
    try (var stream = Files.newInputStream(log)) {
      return new String(stream.readNBytes((int) LONGEST_MESSAGE), StandardCharsets.UTF_8).strip();
    }
  }
}
