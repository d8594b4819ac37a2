package io.github.elegans.cli;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans export}. */
@Command(
    name = "export",
    description = {
      "Writes a network as an ONNX model, for any runtime that knows the format: CfC, with or"
          + " without a wiring, LTC, LSTM or GRU.",
      "One step: x [N, I], timespans [N, 1] and the state hx [N, S] give out [N, O] and next_hx; a"
          + " sequence: x [N, T, I], timespans [N, T] and hx give out [N, T, O] and next_hx. With"
          + " mixed memory and for an LSTM cx and next_cx, too. N and T are open."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "A network as safetensors.")
  private Path model;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "Where the ONNX model goes.")
  private Path output;

  @Option(names = "--sequence", description = "Whole sequences instead of one step.")
  private boolean sequence;

  @Override
  public Integer call() throws IOException {
    if (!output.toString().endsWith(".onnx") || Files.isDirectory(output)) {
      throw new ParameterException(
          command.commandLine(), "--output must be an .onnx file, but is " + output);
    }
    Network network = modelOptions.model(Safetensors.read(model));
    OnnxModel onnx = sequence ? OnnxModel.ofSequence(network) : OnnxModel.ofStep(network);
    onnx.write(output);
    command
        .commandLine()
        .getOut()
        .printf("%s: %s of %s%n", output, sequence ? "sequences" : "a step", network);
    return 0;
  }
}
