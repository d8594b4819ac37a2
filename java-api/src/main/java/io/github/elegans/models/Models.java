package io.github.elegans.models;

import io.github.elegans.cfc.Cfc;
import io.github.elegans.cfc.WiredCfc;
import io.github.elegans.files.FileFormatException;
import io.github.elegans.files.Safetensors;
import io.github.elegans.ltc.Ltc;
import io.github.elegans.networks.Network;
import io.github.elegans.recurrent.RecurrentNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Opens a model file of any kind that the library knows. */
public final class Models {
  private Models() {}

  /**
   * Loads a state dict from a safetensors file whose metadata tells in {@code cell} what it is:
   * {@code cfc} (the default), {@code wired_cfc}, {@code ltc}, or one of {@link
   * RecurrentNetwork.Kind} in small letters; and what else its model's {@code load} asks for.
   *
   * @throws IOException if the file cannot be read
   * @throws FileFormatException if it is not such a file
   */
  public static Network load(Path file) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    return of(tensors.source(), tensors.metadata(), tensors.tensors());
  }

  /**
   * As {@link #load}, from parts.
   *
   * @param source what messages call the origin of the tensors
   */
  public static Network of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    String cell = metadata.getOrDefault("cell", "cfc");
    return switch (cell) {
      case "cfc" -> Cfc.of(source, metadata, tensors);
      case "wired_cfc" -> WiredCfc.of(source, metadata, tensors);
      case "ltc" -> Ltc.of(source, metadata, tensors);
      default -> RecurrentNetwork.of(source, metadata, tensors);
    };
  }
}
