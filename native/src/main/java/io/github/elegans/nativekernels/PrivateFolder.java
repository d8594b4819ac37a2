package io.github.elegans.nativekernels;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;

/** Folders and files for this user's eyes and hands only. */
final class PrivateFolder {
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int WRITABLE_BY_ALL = 0002;
  private static final int STICKY = 01000;

  private PrivateFolder() {}

  /**
   * Where Elegans keeps what it can make again.
   *
   * @throws IOException if the user has no such place
   */
  static Path cache() throws IOException {
    return cache(System.getenv(), System.getProperty("user.home"), LibraryFormat.here());
  }

  /**
   * The same of an environment, a home and an operating system.
   *
   * @param format of its libraries
   */
  static Path cache(Map<String, String> environment, String home, LibraryFormat format)
      throws IOException {
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (base.isEmpty() && format == LibraryFormat.PE) {
      base = environment.getOrDefault("LOCALAPPDATA", "");
    }
    try {
      Path cache = base.isEmpty() ? Path.of(home, ".cache") : Path.of(base);
      // The home of a user who is in no list of users is "?".
      if (!cache.isAbsolute()) {
        throw new IOException("the folder for caches is no absolute path: " + cache);
      }
      return cache.resolve("elegans");
    } catch (InvalidPathException e) {
      // Such as letters that the locale's encoding lacks.
      throw new IOException("the folder for caches is no path: " + e.getMessage(), e);
    }
  }

  /** Makes a folder, with mode 700 unless it is there. */
  static void create(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  /**
   * Deletes what a process that was killed has left in a folder: files, or folders of files, whose
   * names match and that nobody has written to for a day.
   */
  static void sweep(Path folder, String glob) {
    Instant old = Instant.now().minus(Duration.ofDays(1));
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, glob)) {
      for (Path leftover : leftovers) {
        sweep(leftover, old);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Another process may do the same; and leftovers are no reason to fail.
    }
  }

  private static void sweep(Path leftover, Instant old) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(leftover, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.lastModifiedTime().toInstant().isBefore(old)) {
        delete(leftover);
      }
    } catch (IOException e) {
      // Gone, or in use.
    }
  }

  /** Deletes a file, or a folder of files. */
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(path);
  }

  /**
   * Makes a folder that nobody else can have put code into.
   *
   * @return its real path
   * @throws IOException if others may write there, or in what leads there
   */
  static Path trusted(Path folder) throws IOException {
    create(folder);
    Path real = folder.toAbsolutePath().getParent().toRealPath().resolve(folder.getFileName());
    if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(real + " is no folder");
    }
    if (!hasModes(real)) {
      AccessLists.here().checkFolder(real);
      return real;
    }
    int user = user();
    checkOwned(real, user);
    // Who may rename a folder on the way could put another in its place.
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      int owner = owner(above);
      int mode = mode(above);
      if ((owner != 0 && owner != user)
          || ((mode & WRITABLE_BY_ALL) != 0 && (mode & STICKY) == 0)) {
        throw new IOException("others may write in " + above);
      }
    }
    return real;
  }

  /** Checks that this is a file of the user, no link, that nobody else may write. */
  static void checkFile(Path file) throws IOException {
    if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isRegularFile()) {
      throw new IOException(file + " is no regular file");
    }
    if (hasModes(file)) {
      checkOwned(file, user());
    } else {
      AccessLists.here().checkFile(file);
    }
  }

  /** Sets a file's mode, whatever the umask was; where there are none, its folder's list counts. */
  static void setMode(Path file, int mode) throws IOException {
    if (hasModes(file)) {
      Files.setAttribute(file, "unix:mode", mode);
    }
  }

  private static boolean hasModes(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  private static void checkOwned(Path path, int user) throws IOException {
    if (owner(path) != user) {
      throw new IOException(path + " belongs to another user");
    }
    if ((mode(path) & WRITABLE_BY_OTHERS) != 0) {
      throw new IOException("others may write in " + path);
    }
  }

  private static int owner(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
  }

  /** The user that this process writes files as. */
  private static int user() throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.exists(self)) {
      return (Integer) Files.getAttribute(self, "unix:uid");
    }
    Path file = Files.createTempFile("elegans-", ".tmp");
    try {
      return owner(file);
    } finally {
      Files.delete(file);
    }
  }

  /** The SHA-256 of a content, in hexadecimal. */
  static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }
}
