package io.github.elegans.djl;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.Models;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network of a safetensors file, as {@link Models#load(Path)} reads it. Its predictors may be
 * used by any number of threads at once.
 *
 * <p>Options, all of them text ({@code Criteria.Builder.optOption}, or {@code option.…} in {@code
 * serving.properties}):
 *
 * <ul>
 *   <li>{@code backend}: {@code auto}, {@code scalar}, {@code vector}, {@code native}; without it
 *       as {@link io.github.elegans.backends.Backends#get()} chooses;
 *   <li>{@code accuracy}: {@code fast}, {@code accurate}, {@code exact};
 *   <li>{@code storage} of the weights: {@code float32}, {@code bfloat16};
 *   <li>{@code parallelism}: threads of a call, 1 by default ({@link
 *       io.github.elegans.networks.Session#parallelism});
 *   <li>{@code prefix}, {@code ignore_others} and {@code metadata.…}: what {@link
 *       io.github.elegans.networks.models.LoadOptions} says of a file that does not say everything
 *       itself.
 * </ul>
 */
public final class ElegansModel extends BaseModel {
  private static final String EXTENSION = ".safetensors";

  ElegansModel(String name, NDManager manager) {
    super(name);
    this.manager = manager;
    dataType = DataType.FLOAT32;
  }

  /**
   * The network, for what DJL has no words for: sessions that keep their state, calibration.
   *
   * @throws IllegalStateException if none is loaded
   */
  public Network network() {
    if (block instanceof NetworkBlock loaded) {
      return loaded.network();
    }
    throw new IllegalStateException("model %s is not loaded".formatted(modelName));
  }

  /**
   * Loads a file, or the one of a folder: that of the given or the model's name, or the only one.
   *
   * @param path a safetensors file, or a folder
   * @param prefix the file's name in the folder, without {@code .safetensors}, or null
   * @param options as above, or null
   * @throws FileNotFoundException if there is no such file, or several and none has the name
   * @throws MalformedModelException if the file holds no network
   * @throws IllegalArgumentException if an option is not known or has a wrong value
   */
  @Override
  public void load(Path path, @Nullable String prefix, @Nullable Map<String, ?> options)
      throws IOException, MalformedModelException {
    ModelOptions parsed = ModelOptions.of(options);
    Path file = file(path, prefix);
    load(() -> Safetensors.read(file), parsed);
    modelDir = file.toAbsolutePath().getParent();
  }

  /** As {@link #load(Path, String, Map)}, the content of a file. */
  @Override
  public void load(InputStream content, @Nullable Map<String, ?> options)
      throws IOException, MalformedModelException {
    ModelOptions parsed = ModelOptions.of(options);
    byte[] bytes = content.readAllBytes();
    load(() -> Safetensors.read(modelName, bytes), parsed);
  }

  /** What a file is read by. */
  interface Source {
    Safetensors read() throws IOException;
  }

  /** Loads what has been found. */
  void load(Source source, ModelOptions options) throws IOException, MalformedModelException {
    if (block != null) {
      throw new IllegalStateException(
          "model %s has a block already: what it computes is told by its file"
              .formatted(modelName));
    }
    Network network;
    try {
      network = Models.of(source.read(), options.loading());
    } catch (FileFormatException e) {
      throw new MalformedModelException(e.getMessage(), e);
    }
    block = new NetworkBlock(modelName, options.settings().apply(network), options.parallelism());
  }

  private Path file(Path path, @Nullable String prefix) throws IOException {
    if (!Files.exists(path)) {
      throw new FileNotFoundException("there is no file or folder " + path);
    }
    if (!Files.isDirectory(path)) {
      return path;
    }
    // DJL's own rule for archives with one folder in them.
    setModelDir(path);
    String name = prefix == null ? modelName : prefix;
    Path named = modelDir.resolve(name.endsWith(EXTENSION) ? name : name + EXTENSION);
    if (Files.exists(named)) {
      return named;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(modelDir)) {
      files = all.filter(file -> file.toString().endsWith(EXTENSION)).sorted().toList();
    }
    if (prefix == null && files.size() == 1) {
      return files.getFirst();
    }
    throw new FileNotFoundException(
        "%s must have a file %s%s, but has %s"
            .formatted(
                modelDir,
                named.getFileName(),
                prefix == null ? " or only one " + EXTENSION : "",
                files.isEmpty()
                    ? "no " + EXTENSION
                    : files.stream()
                        .map(file -> String.valueOf(file.getFileName()))
                        .collect(Collectors.joining(", "))));
  }

  /**
   * Always refuses: networks are trained by {@code io.github.elegans.networks.training}.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Trainer newTrainer(TrainingConfig configuration) {
    throw new UnsupportedOperationException(
        ("the engine %s does not train: train by io.github.elegans.networks.training"
                + " (docs/training.md), save by Models.save, and load the file here")
            .formatted(ElegansEngine.NAME));
  }

  /**
   * Saves the network to a file of that name in a folder, which is made if there is none.
   *
   * @param newModelName the file's name without {@code .safetensors}, or null for the model's
   */
  @Override
  public void save(Path folder, @Nullable String newModelName) throws IOException {
    Network network = network();
    String name = newModelName == null || newModelName.isEmpty() ? modelName : newModelName;
    Files.createDirectories(folder);
    Models.save(network, folder.resolve(name + EXTENSION));
    modelDir = folder.toAbsolutePath();
  }

  /** Predictors refuse to predict from here on. */
  @Override
  public void close() {
    super.close();
    if (block instanceof NetworkBlock loaded) {
      loaded.close();
    }
  }

  /** DJL's would log that a model was not closed, of those that were, too. */
  @Override
  @SuppressWarnings({"Finalize", "removal"})
  protected void finalize() {}
}
