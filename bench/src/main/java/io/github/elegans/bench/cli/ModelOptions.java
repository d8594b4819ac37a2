package io.github.elegans.bench.cli;

import io.github.elegans.files.FileFormatException;
import io.github.elegans.files.Safetensors;
import io.github.elegans.kernels.Accuracy;
import io.github.elegans.models.Models;
import io.github.elegans.networks.Network;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how a model file is to be read. */
final class ModelOptions {
  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "Mode of a model whose metadata lacks it: default, no_gate or pure.")
  private @Nullable String mode;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      description =
          "Activation of the backbone of a model whose metadata lacks it: lecun_tanh, tanh, relu,"
              + " silu or gelu.")
  private @Nullable String activation;

  @Option(
      names = "--accuracy",
      paramLabel = "TIER",
      defaultValue = "accurate",
      description = "Tier of the elementwise functions: fast, accurate (the default) or exact.")
  private Accuracy accuracy;

  /** Builds the model that a file holds, on the default backend. */
  Network model(Safetensors file) {
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    tell(file, metadata, "mode", mode);
    tell(file, metadata, "activation", activation);
    if (!metadata.containsKey("mode")
        && file.tensors().keySet().stream().anyMatch(ModelOptions::isGate)) {
      throw new FileFormatException(
          file.source(), "metadata mode", "one, or the option --mode", "none");
    }
    if (!metadata.containsKey("activation")
        && file.tensors().keySet().stream().anyMatch(name -> name.contains("backbone."))) {
      throw new FileFormatException(
          file.source(), "metadata activation", "one, or the option --activation", "none");
    }
    return with(Models.of(file.source(), metadata, file.tensors()));
  }

  /** A model with the chosen tier of the elementwise functions. */
  Network with(Network model) {
    return model.with(accuracy);
  }

  /** Only a gated network has it; in mode pure the tensors tell the mode. */
  private static boolean isGate(String tensor) {
    return tensor.endsWith("time_a.weight");
  }

  private static void tell(
      Safetensors file, Map<String, String> metadata, String key, @Nullable String value) {
    if (value == null) {
      return;
    }
    String told = metadata.putIfAbsent(key, value);
    if (told != null && !told.equals(value)) {
      throw new FileFormatException(
          file.source(),
          "metadata " + key,
          "'" + value + "' as --" + key + " says",
          "'" + told + "'");
    }
  }
}
