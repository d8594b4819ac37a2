package io.github.elegans.cli;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.JavaMachine;
import io.github.elegans.cli.measuring.Machine;
import io.github.elegans.cli.measuring.Probe;
import io.github.elegans.kernels.roofline.RooflineKernels;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elegans info}. */
@Command(
    name = "info",
    description =
        "Prints the processor, the Java virtual machine, each backend with its tier or the reason"
            + " why it cannot run, and what one thread can do at most: fused multiply-adds and"
            + " reads from each level of memory, measured through each backend.",
    mixinStandardHelpOptions = true)
final class InfoCommand implements Callable<Integer> {
  private static final long KIBIBYTE = 1 << 10;
  private static final long MEBIBYTE = 1 << 20;

  @Spec private CommandSpec command;

  @Mixin private InstructionSetOption instructionSet;

  @Option(names = "--no-measurements", description = "Leaves out what takes time.")
  private boolean quick;

  @Override
  public Integer call() {
    PrintWriter out = command.commandLine().getOut();
    Machine machine = Machine.probe();
    out.printf("Processor   %s, %d used%n", machine.name(), processors());
    field(out, "features", machine.features().isEmpty() ? "unknown" : joined(machine.features()));
    field(
        out,
        "caches",
        machine.caches().isEmpty()
            ? "unknown"
            : machine.caches().stream()
                .map(cache -> "L%d %s".formatted(cache.level(), size(cache.bytes())))
                .collect(Collectors.joining(", ")));
    out.printf(
        "Java        %s, %s (%s), %s%n",
        Runtime.version(),
        System.getProperty("java.vm.name"),
        System.getProperty("java.vendor"),
        System.getProperty("java.vm.info"));
    field(out, "flags", joined(JavaMachine.flags()));
    field(out, "arguments", joined(ManagementFactory.getRuntimeMXBean().getInputArguments()));
    field(
        out,
        "modules",
        "jdk.incubator.vector is "
            + (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? "there"
                : "missing: start Java with --add-modules=jdk.incubator.vector"));
    out.println();
    instructionSet.apply();
    List<Kernels> available = Backends.available();
    out.println("Backends");
    BackendOptions.print(out, available);
    out.printf("  %-8s %s%n", "chosen", chosen());
    out.flush();
    if (!quick) {
      measure(out, machine, available);
    }
    return 0;
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static String chosen() {
    try {
      return Backends.get().backend();
    } catch (BackendUnavailableException | IllegalArgumentException e) {
      return "none: " + Main.oneLine(e.getMessage());
    }
  }

  private static void field(PrintWriter out, String name, String value) {
    out.printf("  %-9s %s%n", name, value);
  }

  private static String joined(List<String> words) {
    return String.join(" ", words);
  }

  private static String size(long bytes) {
    return bytes % MEBIBYTE == 0 ? bytes / MEBIBYTE + " MiB" : bytes / KIBIBYTE + " KiB";
  }

  private static void measure(PrintWriter out, Machine machine, List<Kernels> used) {
    List<Machine.Level> levels = machine.levels();
    out.printf("%nWhat one thread can do at most (best of repetitions)%n");
    out.printf("  %-8s %12s", "", "float32 FMA");
    levels.forEach(level -> out.printf(" %12s", level.name()));
    out.printf("%n  %-8s %12s", "backend", "GFLOP/s");
    levels.forEach(level -> out.printf(" %12s", size(level.bytes())));
    out.println();
    for (Kernels kernels : used) {
      out.printf("  %-8s", kernels.backend());
      RooflineKernels roofline = kernels.roofline();
      measure(out, () -> Probe.peak(roofline).measure());
      Probe call = Probe.call(roofline);
      for (Machine.Level level : levels) {
        measure(out, () -> Probe.read(roofline, level.bytes(), call).measure());
      }
      out.println();
    }
    out.println("  (reads in GB/s, from a buffer of that size)");
  }

  /** One backend that fails must not hide the others. */
  private static void measure(PrintWriter out, DoubleSupplier measurement) {
    try {
      out.printf(" %12.1f", measurement.getAsDouble());
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      out.printf(" %12s", "failed: " + Main.oneLine(Main.message(e)));
    }
    out.flush();
  }
}
