package io.github.elegans.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file as a whole or not at all: readers see the old content or the new one. */
public final class AtomicFile {
  private AtomicFile() {}

  /** What the file shall hold. */
  public interface Content {
    /** Writes all of it. */
    void writeTo(WritableByteChannel channel) throws IOException;
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

  /** Writes a file, replacing an existing one. A failure leaves what was there before. */
  public static void write(Path path, Content content) throws IOException {
    Path target = path.toAbsolutePath();
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
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
