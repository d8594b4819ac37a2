package io.github.elegans.nativekernels;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.library.LoadedLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds and loads the C library.
 *
 * <p>{@code -Delegans.native.path} names the library file, or the folder that it lies in, and is
 * strict. Otherwise the library in the jar is copied to a private folder of the user's cache that
 * is named after the content, so that versions do not disturb each other and a copy is reused;
 * where that is not possible, to a temporary folder.
 */
final class NativeLibrary {
  /** The system property with the library's path. */
  static final String PATH_PROPERTY = "elegans.native.path";

  private static final String FILE = System.mapLibraryName("elegans");
  private static final String PART = ".part";
  private static final String TEMPORARY = "elegans-";

  private static final List<String> PLATFORMS =
      List.of("linux-x86_64", "linux-aarch64", "windows-x86_64");

  private static @Nullable Path loaded;

  private NativeLibrary() {}

  /**
   * Loads the library once.
   *
   * @throws BackendUnavailableException if there is none that can run here, with the reason and the
   *     remedy
   */
  static synchronized void load() {
    if (loaded != null) {
      return;
    }
    String path = System.getProperty(PATH_PROPERTY);
    Path library = path != null ? named(path) : extracted();
    LibraryFormat.here().checkWhole(library);
    try {
      LoadedLibrary.open(library);
      int version = Elegans.elegans_abi_version();
      if (version != Elegans.ELEGANS_ABI_VERSION()) {
        throw new BackendUnavailableException(
            "%s has interface version %d, but %d is needed"
                .formatted(library, version, Elegans.ELEGANS_ABI_VERSION()));
      }
    } catch (IllegalCallerException e) {
      Module self = NativeLibrary.class.getModule();
      throw new BackendUnavailableException(
          "native access is denied: start java with --enable-native-access="
              + (self.isNamed() ? self.getName() : "ALL-UNNAMED"),
          e);
    } catch (IllegalArgumentException e) {
      throw new BackendUnavailableException(explain(library, reason(library)), e);
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new BackendUnavailableException(
          library + " is not the library of this version: a function is missing", e);
    }
    loaded = library;
  }

  /** What the dynamic linker has against a file: only this way of loading tells. */
  private static String reason(Path library) {
    try {
      System.load(library.toString());
      return "it could not be opened at first, but now";
    } catch (UnsatisfiedLinkError e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String explain(Path library, String message) {
    if (message.contains("failed to map segment")) {
      return "%s lies on a file system mounted noexec: set XDG_CACHE_HOME or -D%s to another folder"
          .formatted(library, PATH_PROPERTY);
    }
    return "the library cannot be loaded: " + message;
  }

  private static Path named(String path) {
    Path library = Path.of(path).toAbsolutePath();
    if (Files.isDirectory(library)) {
      library = library.resolve(FILE);
    }
    if (!Files.isRegularFile(library)) {
      throw new BackendUnavailableException(
          "-D%s=%s: there is no file %s".formatted(PATH_PROPERTY, path, library));
    }
    return library;
  }

  private static Path extracted() {
    String platform = platform();
    String resource = "/META-INF/native/" + platform + "/" + FILE;
    byte[] content;
    try (InputStream stream = NativeLibrary.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new BackendUnavailableException(
            "built without the C library for %s: %s"
                .formatted(
                    platform,
                    PLATFORMS.contains(platform)
                        ? "install CMake and a C compiler and build again, or use a build that has it"
                        : "there are kernels in C for %s only, the vector backend serves here"
                            .formatted(String.join(", ", PLATFORMS))));
      }
      content = stream.readAllBytes();
    } catch (IOException e) {
      throw new BackendUnavailableException("the library in the jar cannot be read: " + e, e);
    }
    try {
      return extract(PrivateFolder.cache().resolve(PrivateFolder.digest(content)), content);
    } catch (IOException | UnsupportedOperationException inCache) {
      try {
        Path folder = temporary();
        folder.toFile().deleteOnExit();
        Path library = extract(folder, content);
        library.toFile().deleteOnExit();
        return library;
      } catch (IOException inTemporary) {
        throw new BackendUnavailableException(
            "the library can be copied neither to the cache (%s) nor to the temporary folder (%s)"
                .formatted(inCache, inTemporary),
            inTemporary);
      }
    }
  }

  private static Path temporary() throws IOException {
    Path folder = Files.createTempDirectory(TEMPORARY);
    if (LibraryFormat.here() == LibraryFormat.PE) {
      // Windows deletes no library that is loaded, so that each JVM leaves one: they go when no
      // JVM has them any more.
      PrivateFolder.sweep(folder.toAbsolutePath().getParent(), TEMPORARY + "*");
    }
    return folder;
  }

  /** Writes the library to the folder, unless it lies there already, in one step. */
  private static Path extract(Path folder, byte[] content) throws IOException {
    Path library = folder.resolve(FILE);
    // What lies there is only used if it is what we would write.
    if (holds(library, content)) {
      return library;
    }
    PrivateFolder.create(folder);
    PrivateFolder.sweep(folder, FILE + "*" + PART);
    Path part = Files.createTempFile(folder, FILE, PART);
    try {
      Files.write(part, content);
      Files.move(
          part, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // Windows replaces no library that is loaded: another JVM was faster.
      if (!holds(library, content)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(part);
    }
    return library;
  }

  private static boolean holds(Path library, byte[] content) throws IOException {
    return Files.isRegularFile(library) && Arrays.equals(Files.readAllBytes(library), content);
  }

  private static String platform() {
    return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /**
   * As the build names it: {@code linux-x86_64}, {@code windows-x86_64}, {@code darwin-aarch64}, …
   *
   * @param name of the operating system, as Java's property {@code os.name} has it
   * @param arch the same of {@code os.arch}
   */
  static String platform(String name, String arch) {
    String os = name.toLowerCase(Locale.ROOT);
    return (os.startsWith("mac") ? "darwin" : os.split(" ")[0])
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch);
  }
}
