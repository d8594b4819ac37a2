package io.github.elegans.cli;

import io.github.elegans.backends.Calibration;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans calibrate}. */
@Command(
    name = "calibrate",
    description =
        "Measures which backend is the fastest for the steps of a network, and writes a file by"
            + " which -Delegans.calibration=FILE has automatic choice take that one.",
    mixinStandardHelpOptions = true)
final class CalibrateCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Mixin private InstructionSetOption instructionSet;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "A network as safetensors.")
  private Path model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Rows of a step; by default 1.")
  private int batch;

  @Option(
      names = "--milliseconds",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "How long it may take; by default 200. In less than some thousands the vector backend"
              + " may not be compiled.")
  private long milliseconds;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the calibration goes; by default nowhere.")
  private @Nullable Path output;

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || batch > 1 << 16) {
      throw wrong("--batch must be from 1 to 65536, but is " + batch);
    }
    if (milliseconds < 1 || milliseconds > 3_600_000) {
      throw wrong("--milliseconds must be from 1 to 3600000, but is " + milliseconds);
    }
    if (output != null) {
      Main.requireDirectory(command, "--output " + output, output);
    }
    instructionSet.apply();
    Network network = modelOptions.model(Safetensors.read(model));
    Calibration calibration = network.calibrate(batch, Duration.ofMillis(milliseconds));
    PrintWriter out = command.commandLine().getOut();
    out.println(calibration.workload());
    for (Calibration.Timing timing : calibration.timings()) {
      out.printf("  %-20s %s%n", timing.tier(), timing);
    }
    out.printf("  %-8s %s%n", "chosen", calibration.reason());
    if (output != null) {
      calibration.write(output);
    }
    return 0;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
