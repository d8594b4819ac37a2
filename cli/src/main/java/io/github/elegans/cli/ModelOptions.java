package io.github.elegans.cli;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.LoadOptions;
import io.github.elegans.networks.models.Models;
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
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description =
          "What else the file's metadata lacks, such as cell=ltc, ode_unfolds=6, epsilon=1e-08,"
              + " implicit_param_constraints=true, dialect=ncps_keras; may be repeated.")
  private Map<String, String> others = Map.of();

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description =
          "What the network's tensors begin with in a bigger state dict; others are ignored.")
  private String prefix;

  @Option(names = "--ignore-others", description = "Ignore tensors that are none of a CfC or LTC.")
  private boolean ignoringOthers;

  @Option(
      names = "--accuracy",
      paramLabel = "TIER",
      defaultValue = "accurate",
      description = "Tier of the elementwise functions: fast, accurate (the default) or exact.")
  private Accuracy accuracy;

  /** Builds the model that a file holds, on the default backend. */
  Network model(Safetensors file) {
    LoadOptions options = new LoadOptions(prefix, ignoringOthers, others);
    if (mode != null) {
      options = options.with("mode", mode);
    }
    if (activation != null) {
      options = options.with("activation", activation);
    }
    return with(Models.of(file, options));
  }

  /** A model with the chosen tier of the elementwise functions. */
  Network with(Network model) {
    return model.with(accuracy);
  }
}
