package io.github.elegans.ffm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Folders and files for this user's eyes and hands only. */
final class PrivateFolder {
  private static final int WRITABLE_BY_OTHERS = 0022;
  private static final int WRITABLE_BY_ALL = 0002;
  private static final int STICKY = 01000;

  private PrivateFolder() {}

  /** Where Elegans keeps what it can make again. */
  static Path cache() {
    String base = System.getenv("XDG_CACHE_HOME");
    return (base != null && !base.isEmpty()
            ? Path.of(base)
            : Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("elegans");
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
   * Makes a folder that nobody else can have put code into.
   *
   * @return its real path
   * @throws IOException if others may write there, or in what leads there
   */
  static Path trusted(Path folder) throws IOException {
    create(folder);
    Path real = folder.toAbsolutePath().getParent().toRealPath().resolve(folder.getFileName());
    int user = user();
    if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(real + " is no folder");
    }
    checkOwned(real, user);
    // Who may rename a folder on the way could put another in its place.
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      int owner = owner(above);
      int mode = mode(above);
      if (owner != 0 && owner != user || (mode & WRITABLE_BY_ALL) != 0 && (mode & STICKY) == 0) {
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
    checkOwned(file, user());
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
