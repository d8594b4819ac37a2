package io.github.elegans.contract;

import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** What reference implementations computed. */
final class Goldens {
  private static final String FOLDER = "/io/github/elegans/goldens/gradients/";

  private Goldens() {}

  /** A file of gradients or of training, without {@code .safetensors}. */
  static Safetensors gradients(String name) {
    String path = FOLDER + name + ".safetensors";
    try (InputStream in = Objects.requireNonNull(Goldens.class.getResourceAsStream(path))) {
      return Safetensors.read(path, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
