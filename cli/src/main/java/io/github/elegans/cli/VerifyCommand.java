package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code elegans verify}. */
@Command(
    name = "verify",
    description = {
      "Runs golden files: weights and inputs, with what the reference implementation (ncps on"
          + " PyTorch, float64) computed. Prints the largest errors for each file and backend, and"
          + " whether all backends, and runs in one call and step by step, have the same bits.",
      "Fails unless for every file and backend |error| <= tolerance * max(1, |value|) * max(1, T /"
          + " 40) and the bits agree.",
      "Files of gradients (format elegans-gradient-1) allow twice the tolerance of a tensor's"
          + " largest value; files of trainings (elegans-training-1) 0.4 times the tolerance in"
          + " losses and ten times in weights.",
      "Files of activations and losses (elegans-activations-1, elegans-losses-1) allow 0.06 times"
          + " the tolerance: of values above 1 and of losses relative, of a loss's gradient of its"
          + " largest value; files of optimisers (elegans-optimiser-1) 0.2 times it in parameters."
          + " Schedules (elegans-schedules-1), in which no backend has a part, allow 1e-12 by"
          + " default; random numbers (elegans-random-1) must be exact."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  /** Errors may grow with the length of a sequence from so many steps on. */
  private static final double STEPS_WITHOUT_GROWTH = 40;

  private static final double DEFAULT_TOLERANCE = 5e-6;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "5e-6",
      description = "The tolerance; by default 5e-6.")
  private double tolerance;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Golden files.")
  private List<Path> files;

  @Override
  public Integer call() {
    if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
      throw new ParameterException(
          command.commandLine(),
          "--tolerance must be finite and not negative, but is " + tolerance);
    }
    PrintWriter out = command.commandLine().getOut();
    List<Kernels> used = backends.several();
    out.println("Backends");
    BackendOptions.print(out, used);
    out.println();
    int width = files.stream().mapToInt(file -> name(file).length()).max().orElse(0);
    String row =
        "%-" + Math.max(width, 4) + "s  %-8s %9s %9s   %9s %9s   %9s %9s   %9s  %-6s  %s%n";
    out.printf(row, "", "", "out:", "", "hT:", "", "cT:", "", "share of", "", "");
    out.printf(
        row,
        "file",
        "backend",
        "absolute",
        "relative",
        "absolute",
        "relative",
        "absolute",
        "relative",
        "tolerance",
        "bits",
        "");
    List<String> failures = new ArrayList<>();
    for (Path file : files) {
      try {
        if (!verify(out, row, file, used)) {
          failures.add(file + ": errors beyond the tolerance, or bits that differ");
        }
      } catch (FileFormatException | IOException | CommandFailure e) {
        failures.add(failed(out, width, file, Main.message(e)));
      } catch (IllegalArgumentException e) {
        // Of who does not know of the file.
        failures.add(failed(out, width, file, file + ": " + Main.message(e)));
      }
      out.flush();
    }
    out.printf(
        "%n%d of %d files pass on %s%n",
        files.size() - failures.size(),
        files.size(),
        String.join(", ", used.stream().map(Kernels::backend).toList()));
    if (failures.isEmpty()) {
      return 0;
    }
    throw new CommandFailure(
        failures.size() == 1
            ? failures.getFirst()
            : "%d of %d files fail; the first: %s"
                .formatted(failures.size(), files.size(), failures.getFirst()));
  }

  private static String failed(PrintWriter out, int width, Path file, String message) {
    out.printf("%-" + Math.max(width, 4) + "s  FAIL: %s%n", name(file), Main.oneLine(message));
    return message;
  }

  private boolean verify(PrintWriter out, String row, Path file, List<Kernels> used)
      throws IOException {
    Safetensors content = Safetensors.read(file);
    return content.metadata().getOrDefault("format", "").equals(Golden.FORMAT)
        ? verify(out, row, file, used, Golden.of(content))
        : verify(out, row, file, used, TensorGolden.of(content));
  }

  private boolean verify(
      PrintWriter out, String row, Path file, List<Kernels> used, TensorGolden golden)
      throws IOException {
    Map<String, double[]> first = null;
    boolean allPass = true;
    for (Kernels kernels : used) {
      Map<String, double[]> results = golden.run(kernels);
      if (first == null) {
        if (results.isEmpty()) {
          throw new FileFormatException(file.toString(), "tensors", "results", "none");
        }
        first = results;
      }
      Map<String, double[]> expected = first;
      long differ =
          results.keySet().stream()
              .filter(name -> Bits.differences(results.get(name), expected.get(name)) > 0)
              .count();
      Map.Entry<String, Double> worst =
          Collections.max(golden.shares(results).entrySet(), Map.Entry.comparingByValue());
      // What is exact passes without any tolerance.
      double share = worst.getValue() == 0 ? 0 : worst.getValue() * DEFAULT_TOLERANCE / tolerance;
      boolean pass = share <= 1 && differ == 0;
      allPass &= pass;
      out.printf(
          row,
          name(file),
          kernels.backend(),
          "",
          "",
          "",
          "",
          "",
          "",
          "%.3f".formatted(share),
          differ == 0 ? "agree" : "DIFFER",
          (pass ? "PASS" : "FAIL")
              + " (%d tensors, the worst %s)".formatted(results.size(), worst.getKey()));
    }
    return allPass;
  }

  private boolean verify(
      PrintWriter out, String row, Path file, List<Kernels> used, Golden golden) {
    double scaled = tolerance * Math.max(1, golden.steps() / STEPS_WITHOUT_GROWTH);
    Golden.@Nullable Result first = null;
    boolean allPass = true;
    for (Kernels kernels : used) {
      Golden.Result result = golden.run(golden.model().on(kernels));
      Golden.Result stepByStep = golden.runStepByStep(golden.model().on(kernels));
      if (first == null) {
        first = result;
      }
      boolean agree = result.differences(first) == 0 && stepByStep.differences(first) == 0;
      Golden.Deviation ofOut = golden.outDeviation(result, scaled);
      Golden.Deviation ofState = golden.stateDeviation(result, scaled);
      Golden.Deviation ofMemory = golden.memoryDeviation(result, scaled);
      double share = Math.max(Math.max(ofOut.share(), ofState.share()), ofMemory.share());
      boolean pass = share <= 1 && agree;
      allPass &= pass;
      out.printf(
          row,
          name(file),
          kernels.backend(),
          number(ofOut.absolute()),
          number(ofOut.relative()),
          number(ofState.absolute()),
          number(ofState.relative()),
          number(ofMemory.absolute()),
          number(ofMemory.relative()),
          "%.3f".formatted(share),
          agree ? "agree" : "DIFFER",
          pass ? "PASS" : "FAIL");
      if (!agree) {
        out.printf(
            "  bits of %s that differ from those of %s: in one call %d, step by step %d of %d%n",
            kernels.backend(),
            used.getFirst().backend(),
            result.differences(first),
            stepByStep.differences(first),
            result.size());
      }
    }
    return allPass;
  }

  private static String number(double value) {
    return value == 0 ? "0" : "%.1e".formatted(value);
  }

  private static String name(Path file) {
    return Main.oneLine(
        file.getFileName() == null ? file.toString() : file.getFileName().toString());
  }
}
