package io.github.elegans.cli;

import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.BundledModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Model files and golden files, as they are and changed. */
final class ModelFiles {
  private static final String GOLDENS = "/io/github/elegans/goldens/";

  private ModelFiles() {}

  /** Content of a safetensors file to be changed; tensors in single precision. */
  static final class Content {
    final Map<String, String> metadata;
    final Map<String, float[]> tensors = new LinkedHashMap<>();
    final Map<String, long[]> shapes = new LinkedHashMap<>();

    Content(Safetensors file) {
      metadata = new LinkedHashMap<>(file.metadata());
      file.tensors()
          .forEach(
              (name, tensor) -> {
                tensors.put(name, tensor.toFloats());
                shapes.put(name, tensor.shape().stream().mapToLong(Long::longValue).toArray());
              });
    }

    float[] tensor(String name) {
      return Objects.requireNonNull(tensors.get(name), name);
    }
  }

  /** Writes the bundled model, changed. */
  static Path model(Path file, Consumer<Content> change) throws IOException {
    return write(file, BundledModels.co2(), change);
  }

  /** Writes the bundled model without what makes it one for a record: it is any network then. */
  static Path plainModel(Path file) throws IOException {
    return model(
        file,
        content ->
            content
                .metadata
                .keySet()
                .removeIf(key -> key.contains("_rows") || key.contains("_std")));
  }

  /** Copies a golden file. */
  static Path golden(Path directory, String name) throws IOException {
    Path file = directory.resolve(name);
    try (var stream = ModelFiles.class.getResourceAsStream(GOLDENS + name)) {
      Files.copy(Objects.requireNonNull(stream, name), file);
    }
    return file;
  }

  /** Writes a golden file, changed. */
  static Path golden(Path directory, String name, Consumer<Content> change) throws IOException {
    Path original = golden(directory, name);
    return write(directory.resolve("changed-" + name), Safetensors.read(original), change);
  }

  private static Path write(Path file, Safetensors original, Consumer<Content> change)
      throws IOException {
    var content = new Content(original);
    change.accept(content);
    Safetensors.Writer writer = Safetensors.writer();
    content.metadata.forEach(writer::metadata);
    content.tensors.forEach(
        (name, values) ->
            writer.tensor(name, values, Objects.requireNonNull(content.shapes.get(name))));
    writer.write(file);
    return file;
  }
}
