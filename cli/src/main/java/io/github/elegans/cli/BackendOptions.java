package io.github.elegans.cli;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import java.io.PrintWriter;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that choose backends. */
final class BackendOptions {
  /** Every backend that can run. */
  private static final String ALL = "all";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "scalar, vector, native, auto (the best that can run) or, for commands that compare, all"
              + " that can run. A named one that cannot run is an error. By default what"
              + " -Delegans.backend says, otherwise all, or auto where there can be but one.")
  private @Nullable String backend;

  @Mixin private InstructionSetOption instructionSet;

  /** The backends to compare: one if it was named, otherwise all that can run. */
  List<Kernels> several() {
    String name = name(ALL);
    apply(name);
    return name.equals(ALL) ? Backends.available() : List.of(Backends.named(name));
  }

  /** The one backend to run on. */
  Kernels one() {
    String name = name(Backends.AUTO);
    if (name.equals(ALL)) {
      throw new ParameterException(
          command.commandLine(), "--backend must name one backend here, but is 'all'");
    }
    apply(name);
    return Backends.named(name);
  }

  private String name(String otherwise) {
    return backend != null ? backend : System.getProperty(Backends.PROPERTY, otherwise);
  }

  private void apply(String name) {
    instructionSet.apply();
    var names = new TreeSet<>(List.of(ALL, Backends.AUTO));
    Backends.statuses().forEach(status -> names.add(status.name()));
    if (!names.contains(name)) {
      throw new ParameterException(
          command.commandLine(),
          "unknown backend '%s': expected one of %s".formatted(name, String.join(", ", names)));
    }
    System.setProperty(Backends.PROPERTY, name.equals(ALL) ? Backends.AUTO : name);
  }

  /** Prints the backends that are used, and why others cannot be. */
  static void print(PrintWriter out, List<Kernels> used) {
    for (Kernels kernels : used) {
      String caveat = kernels.caveat().map(text -> "; " + text).orElse("");
      out.printf("  %-8s %s%s%n", kernels.backend(), kernels.tier(), caveat);
    }
    for (Backends.Status status : missing()) {
      out.printf("  %-8s cannot run: %s%n", status.name(), Main.oneLine(status.reason()));
    }
  }

  /** The backends that cannot run here. */
  static List<Backends.Status> missing() {
    return Backends.statuses().stream().filter(status -> status.kernels() == null).toList();
  }
}
