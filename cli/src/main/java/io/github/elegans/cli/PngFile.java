package io.github.elegans.cli;

import io.github.elegans.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Pictures as PNG files. */
final class PngFile {
  private PngFile() {}

  /** Writes a picture as a whole or not at all; ImageIO prints stack traces and leaves parts. */
  static void write(BufferedImage image, Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    AtomicFile.write(file, ByteBuffer.wrap(bytes.toByteArray()));
  }
}
