package io.github.elegans.nativekernels;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Compiles programs with the user's C compiler, into a folder of the user's cache where a file is
 * named after all that decides its content. What lies there is loaded only if it is what was
 * written there: a regular file of the user, with the digest that was recorded, and whole. What the
 * compiler could not do lies there, too, and is not tried again for a day.
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
          "-shared",
          "-fvisibility=hidden");

  private static final List<String> FLAGS_OF_ELF =
      List.of("-fPIC", "-Wl,-z,noexecstack", "-Wl,--build-id=none");

  /** Why the moves: CMakeLists.txt. Clang aligns the stack by itself, and may link as MSVC does. */
  private static final List<String> FLAGS_OF_GCC_ON_WINDOWS =
      List.of("-static-libgcc", "-Wl,--no-insert-timestamp", "-Wa,-muse-unaligned-vector-move");

  /** What optimizes most is two thirds of the work on a long program, and makes it no faster. */
  private static final String FLAG_OF_PARTS = "-O1";

  private static final long LONGEST_MESSAGE = 4096;

  /** A failure may have been the machine's, which was busy, or lacked memory. */
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private static final String WORK = "work-";

  private static final String EXECUTABLE = ".exe";

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
    LibraryFormat format = LibraryFormat.here();
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    Path compiler =
        onPath(name.isEmpty() ? NAMES : List.of(name), path.split(File.pathSeparator), format);
    Path answer = Files.createTempFile("elegans-", ".txt");
    try {
      Execution.start(List.of(compiler.toString(), "--version"), null, answer)
          .await(System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds), timeoutSeconds);
      String version = message(answer);
      List<String> command = new ArrayList<>(List.of(compiler.toString()));
      command.addAll(flags(tier, format, version));
      return new ProgramCompiler(cache.resolve("programs"), command, version, tier, timeoutSeconds);
    } finally {
      Files.delete(answer);
    }
  }

  /**
   * What a compiler is told, beside the files' names.
   *
   * @param format of the libraries that it is to make
   * @param version what it says about itself
   */
  static List<String> flags(Tier tier, LibraryFormat format, String version) {
    List<String> flags = new ArrayList<>(FLAGS);
    if (format != LibraryFormat.PE) {
      flags.addAll(FLAGS_OF_ELF);
    } else if (!version.contains("clang")) {
      flags.addAll(FLAGS_OF_GCC_ON_WINDOWS);
    }
    flags.addAll(tier.flags());
    flags.add("-DELEGANS_TIER=" + tier.label());
    return flags;
  }

  /**
   * The first of these programs in the first of these folders that has it.
   *
   * @param names of programs, or paths
   * @param folders as the variable PATH has them
   * @param format of the system's libraries: on Windows names of programs end with {@code .exe}
   * @throws IOException if there is none
   */
  static Path onPath(List<String> names, String[] folders, LibraryFormat format)
      throws IOException {
    for (String name : names) {
      if (Path.of(name).getParent() != null) {
        return Path.of(name).toAbsolutePath();
      }
      String file =
          format == LibraryFormat.PE && !name.endsWith(EXECUTABLE) ? name + EXECUTABLE : name;
      for (String entry : folders) {
        Optional<Path> program = executable(entry, file);
        if (program.isPresent()) {
          return program.get();
        }
      }
    }
    throw new IOException("no C compiler on the PATH (" + String.join(", ", names) + ")");
  }

  private static Optional<Path> executable(String entry, String file) {
    // An empty entry would be the working directory, which may be anybody's. Windows has entries
    // in quotation marks.
    String folder = entry.replace("\"", "");
    try {
      return folder.isEmpty() || !Files.isExecutable(Path.of(folder, file))
          ? Optional.empty()
          : Optional.of(Path.of(folder, file).toAbsolutePath());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Where a program lies, and what is told to the compiler. */
  private record Place(Path folder, String key, List<String> command) {
    Path library() {
      return folder.resolve(key + LibraryFormat.here().suffix());
    }

    Path digest() {
      return folder.resolve(key + ".sha256");
    }

    Path failure() {
      return folder.resolve(key + ".failed");
    }
  }

  private Place place(ProgramText program) throws IOException {
    List<String> all = new ArrayList<>(command);
    if (program.parts() > 1) {
      all.add(FLAG_OF_PARTS);
    }
    String key =
        PrivateFolder.digest(
            String.join("\0", program.text(), String.join("\0", all), version)
                .getBytes(StandardCharsets.UTF_8));
    return new Place(PrivateFolder.trusted(folder), key, all);
  }

  /**
   * The function of a program if it was compiled before.
   *
   * @throws IOException if it could not be had, within the last day, with the reason
   */
  Optional<MemorySegment> find(ProgramText program) throws IOException {
    Place place = place(program);
    try {
      return Optional.of(load(place, program));
    } catch (IOException | RuntimeException absentOrSpoiled) {
      checkFailure(place);
      return Optional.empty();
    }
  }

  /**
   * The function of a program, compiled now or before.
   *
   * @param patience how many seconds compiling may take
   * @throws IOException if it cannot be had, with the reason
   */
  MemorySegment compile(ProgramText program, long patience) throws IOException {
    Optional<MemorySegment> known = find(program);
    if (known.isPresent()) {
      return known.get();
    }
    Place place = place(program);
    build(program, place, patience);
    return load(place, program);
  }

  private static void checkFailure(Place place) throws IOException {
    String reason;
    Instant again;
    try {
      PrivateFolder.checkFile(place.failure());
      again = Files.getLastModifiedTime(place.failure()).toInstant().plus(REMEMBERED);
      reason = Files.readString(place.failure()).strip();
    } catch (IOException | RuntimeException absentOrSpoiled) {
      return;
    }
    Instant now = Instant.now();
    // A file from the future is of a clock that was wrong.
    if (again.isAfter(now) && again.isBefore(now.plus(REMEMBERED).plusSeconds(1))) {
      throw new IOException(
          "%s (tried again after %s, or without %s)"
              .formatted(reason, again.truncatedTo(ChronoUnit.MINUTES), place.failure()));
    }
    Files.deleteIfExists(place.failure());
  }

  private MemorySegment load(Place place, ProgramText program) throws IOException {
    Path library = place.library();
    Path digest = place.digest();
    PrivateFolder.checkFile(digest);
    PrivateFolder.checkFile(library);
    if (!Files.readString(digest).equals(PrivateFolder.digest(Files.readAllBytes(library)))) {
      throw new IOException(library + " is not what was written there");
    }
    LibraryFormat.here().checkWhole(library);
    // Unloaded when no kernel has its function any more.
    return SymbolLookup.libraryLookup(library, Arena.ofAuto())
        .find(program.symbol(tier.label()))
        .orElseThrow(() -> new IOException(library + " lacks the program"));
  }

  /**
   * Writes the library and its digest, each in one step, or why there is none; whoever else does
   * writes the same.
   */
  private static void build(ProgramText program, Place place, long patience) throws IOException {
    PrivateFolder.sweep(place.folder, WORK + "*");
    Path work = Files.createTempDirectory(place.folder, WORK);
    try {
      Path product = work.resolve("program" + LibraryFormat.here().suffix());
      try {
        link(place.command, program.files(), product, patience);
      } catch (CompilerException e) {
        Path reason = Files.writeString(work.resolve("reason"), String.valueOf(e.getMessage()));
        PrivateFolder.setMode(reason, 0600);
        move(reason, place.failure());
        throw e;
      }
      Path sum = work.resolve("sha256");
      Files.writeString(sum, PrivateFolder.digest(Files.readAllBytes(product)));
      for (Path file : List.of(product, sum)) {
        PrivateFolder.setMode(file, 0700);
      }
      move(product, place.library());
      move(sum, place.digest());
    } finally {
      PrivateFolder.delete(work);
    }
  }

  /** Compiles a file to a library beside it, which is returned. */
  Path build(Path source, Path product) throws IOException {
    link(command, List.of(Files.readString(source)), product, timeoutSeconds);
    return product;
  }

  /** Compiles files to one library, in its folder: several side by side, but for one processor. */
  private static void link(List<String> command, List<String> files, Path product, long patience)
      throws IOException {
    Path work = product.toAbsolutePath().getParent();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patience);
    int most = Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    Deque<Execution> running = new ArrayDeque<>();
    List<String> linked = new ArrayList<>();
    try {
      for (int file = 0; file < files.size(); file++) {
        String source = "program%s.c".formatted(file);
        Files.writeString(work.resolve(source), files.get(file));
        if (files.size() == 1) {
          linked.add(source);
          continue;
        }
        if (running.size() == most) {
          running.remove().await(deadline, patience);
        }
        String object = "program%s.o".formatted(file);
        linked.add(object);
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("-c", "-o", object, source));
        running.add(Execution.start(all, work, work.resolve("log" + file)));
      }
      while (!running.isEmpty()) {
        running.remove().await(deadline, patience);
      }
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of("-o", product.getFileName().toString()));
      all.addAll(linked);
      running.add(Execution.start(all, work, work.resolve("log")));
      running.remove().await(deadline, patience);
    } finally {
      running.forEach(Execution::stop);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What a compiler did not do, unlike what could not be read or written. */
  private static final class CompilerException extends IOException {
    private static final long serialVersionUID = 1;

    CompilerException(String message) {
      super(message);
    }
  }

  private record Execution(Process process, String name, Path log) {
    static Execution start(List<String> command, @Nullable Path work, Path log) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(Redirect.from(Objects.requireNonNull(Redirect.DISCARD.file())))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("LC_ALL", "C");
      if (work != null) {
        builder.directory(work.toFile());
        // The last two on Windows.
        for (String variable : List.of("TMPDIR", "TMP", "TEMP")) {
          builder.environment().put(variable, work.toString());
        }
      }
      return new Execution(builder.start(), command.getFirst(), log);
    }

    void await(long deadline, long seconds) throws IOException {
      try {
        if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          throw new CompilerException("%s took longer than %d s".formatted(name, seconds));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while compiling", e);
      } finally {
        stop();
      }
      if (process.exitValue() != 0) {
        throw new CompilerException("%s failed: %s".formatted(name, message(log)));
      }
    }

    void stop() {
      // A compiler's driver has children that would go on without it.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** The beginning of what a process said. */
  private static String message(Path log) throws IOException {
    try (var stream = Files.newInputStream(log)) {
      return new String(stream.readNBytes((int) LONGEST_MESSAGE), StandardCharsets.UTF_8).strip();
    }
  }
}
