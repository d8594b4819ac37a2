package io.github.elegans.cli;

import io.github.elegans.networks.files.WiringFile;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code elegans wiring}. */
@Command(
    name = "wiring",
    description = {
      "Builds a wiring as ncps does, or reads one from a file; counts its synapses, draws it,"
          + " exports it.",
      "KIND and the arguments of ncps's constructor: full UNITS [OUTPUTS [SEED"
          + " [SELF_CONNECTIONS]]]; random UNITS [OUTPUTS [SPARSITY [SEED]]]; auto UNITS OUTPUTS"
          + " [SPARSITY [SEED]]; ncp INTER COMMAND MOTOR SENSORY_FANOUT INTER_FANOUT"
          + " RECURRENT_COMMAND_SYNAPSES MOTOR_FANIN [SEED]."
    },
    mixinStandardHelpOptions = true)
final class WiringCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND ARGUMENT… | FILE.json",
      description = "What to build, such as: auto 28 4; or a file that --output wrote.")
  private List<String> words;

  @Option(
      names = "--inputs",
      paramLabel = "N",
      description = "Inputs of the network; needed unless a file tells them.")
  private @Nullable Integer inputs;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Draws the wiring into an .svg or .png file.")
  private @Nullable Path picture;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Writes the wiring as JSON, which this command reads.")
  private @Nullable Path output;

  @Override
  public Integer call() throws IOException {
    if (picture != null
        && !picture.toString().endsWith(".svg")
        && !picture.toString().endsWith(".png")) {
      throw wrong("--picture must be an .svg or a .png file, but is " + picture);
    }
    Wiring wiring = wiring();
    PrintWriter out = command.commandLine().getOut();
    out.printf("Wiring      %s%n", wiring);
    out.printf("  layers    %s%n", wiring.layers().stream().map(List::size).toList());
    count(out, "sensory", wiring.sensoryExcitatoryCount(), wiring.sensorySynapseCount());
    count(out, "synapses", wiring.excitatoryCount(), wiring.synapseCount());
    if (picture != null) {
      WiringPicture.draw(wiring, picture);
      out.printf("picture     %s%n", picture);
    }
    if (output != null) {
      WiringFile.write(output, wiring);
      out.printf("wiring      %s%n", output);
    }
    return 0;
  }

  private static void count(PrintWriter out, String name, int excitatory, int all) {
    out.printf(
        "  %-9s %d: %d excitatory, %d inhibitory%n", name, all, excitatory, all - excitatory);
  }

  private Wiring wiring() throws IOException {
    if (words.size() == 1 && words.getFirst().endsWith(".json")) {
      Wiring wiring = WiringFile.read(Path.of(words.getFirst()));
      if (inputs != null && inputs != wiring.inputSize()) {
        throw wrong("--inputs is %d, but the file has %d".formatted(inputs, wiring.inputSize()));
      }
      return wiring;
    }
    try {
      WiringPlan plan = WiringPlan.of(words.getFirst(), words.subList(1, words.size()));
      if (inputs == null) {
        throw wrong("--inputs is missing: how many inputs has the network?");
      }
      return plan.build(inputs);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
