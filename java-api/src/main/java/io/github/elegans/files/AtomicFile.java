package io.github.elegans.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/** Writes a file as a whole or not at all: readers see the old content or the new one. */
public final class AtomicFile {
  private AtomicFile() {}

  /** What the file shall hold. */
  public interface Content {
    /** Writes all of it. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /** The temporary file means nothing to whoever reads the message. */
  private static IOException naming(Path path, String reason, IOException cause) {
    FileSystemException named = new FileSystemException(path.toString(), null, reason);
    named.initCause(cause);
    return named;
  }

  /** Writes bytes, replacing an existing file. A failure leaves what was there before. */
  public static void write(Path path, ByteBuffer content) throws IOException {
    write(
        path,
        channel -> {
          while (content.hasRemaining()) {
            channel.write(content);
          }
        });
  }

  /**
   * Writes a file, replacing an existing one, or the one that a symbolic link leads to. A failure
   * leaves what was there before.
   *
   * @throws FileSystemException that names the file, if it is no regular one, or cannot be written
   */
  public static void write(Path path, Content content) throws IOException {
    // A device must not become a file, nor a link one.
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "it is not a regular file");
    }
    Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    Path directory = target.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new NoSuchFileException(path.toString(), null, "its directory does not exist");
    }
    // Only a file of the same directory can be moved atomically. It is not made by
    // Files.createTempFile, which would hide the result from other users.
    Path temporary = directory.resolve(".elegans-" + UUID.randomUUID() + ".tmp");
    try {
      try (var channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AccessDeniedException e) {
      throw naming(path, "permission denied", e);
    } catch (FileSystemException e) {
      throw naming(path, Objects.requireNonNullElse(e.getReason(), "it cannot be written"), e);
    } catch (IOException e) {
      // As of a full disk.
      throw naming(path, Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
