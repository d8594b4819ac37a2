package io.github.elegans.bench;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.bench.jmh.BenchmarkRun;
import io.github.elegans.bench.jmh.CfcShape;
import io.github.elegans.bench.jmh.DenseShape;
import io.github.elegans.bench.jmh.Family;
import io.github.elegans.bench.jmh.ReportRun;
import io.github.elegans.bench.jmh.Selection;
import io.github.elegans.bench.jmh.Setting;
import io.github.elegans.bench.peers.Peers;
import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.bench.report.Comparison;
import io.github.elegans.bench.report.ReportFile;
import io.github.elegans.cli.CommandFailure;
import io.github.elegans.cli.FurtherCommand;
import io.github.elegans.cli.Main;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the benchmarks. */
@Command(
    name = "bench",
    description = {
      "Measures the kernels: JMH benchmarks in JVMs of their own, with the share of the machine's"
          + " limits probed in the same JVM, and a check that nothing is allocated.",
      "With --report it measures more (latencies at a fixed rate, cold starts, memory, each limit of"
          + " the machine) and writes a page that works offline, with its data as JSON and CSV.",
      "Exit status: 0 if every benchmark ran and allocated nothing, 1 if not; with --compare 1 if"
          + " something became slower beyond the noise; 2 for wrong options or files."
    },
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer>, FurtherCommand {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FAMILY",
      arity = "0..*",
      description = "math, dense, cfc, network, ode, training, growth, call or all (default: all)")
  private List<String> families = new ArrayList<>();

  @Option(
      names = "--setting",
      paramLabel = "quick|short|full",
      defaultValue = "short",
      description =
          "quick glances at what matters most in three minutes, short looks at everything, full is"
              + " for quoting (default: short)")
  private String setting = "";

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      description =
          "scalar, vector, native: each must be able to run; or all that can (default: all)")
  private List<String> backends = new ArrayList<>();

  @Option(
      names = "--isa",
      paramLabel = "TIER",
      split = ",",
      description = "caps the instruction set: v4, v3, 128; each is measured (default: no cap)")
  private List<String> tiers = new ArrayList<>();

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      description =
          "MxKxN for dense, I,U,H for cfc, such as 24x128x256 or 16,128,64; may be repeated")
  private List<String> shapes = new ArrayList<>();

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      description = "batches for cfc and network")
  private List<Integer> batches = new ArrayList<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "threads of a session or an ensemble, for cfc, ode, training and call")
  private List<Integer> threads = new ArrayList<>();

  @Option(
      names = "--accuracy",
      paramLabel = "TIER",
      split = ",",
      description = "fast, accurate, exact: tiers of the elementwise functions")
  private List<String> accuracies = new ArrayList<>();

  @Option(
      names = "--function",
      paramLabel = "NAME",
      split = ",",
      description = "functions for math: tanh, sigmoid, ...")
  private List<String> functions = new ArrayList<>();

  @Option(
      names = "--jvm-args",
      paramLabel = "ARGS",
      description = "further arguments for the measuring JVMs, such as \"-XX:UseAVX=2\"")
  private @Nullable String jvmArguments;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "where JMH's results go, as JSON (default: nowhere)")
  private @Nullable Path output;

  @Option(
      names = "--peers",
      description =
          "also measures other libraries that do the same: ONNX Runtime, PyTorch, Hipparchus, plain"
              + " loops; the launcher downloads what it needs for that, once")
  private boolean peers;

  @Option(
      names = "--report",
      paramLabel = "DIRECTORY",
      description = "writes a report there: index.html, report.json, report.csv")
  private @Nullable Path report;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      arity = "2",
      description =
          "two files report.json, the older first: shows what changed beyond the noise, and measures"
              + " nothing")
  private List<Path> compare = new ArrayList<>();

  @Option(names = "--verbose", description = "shows JMH's own output")
  private boolean verbose;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      boolean good;
      if (!compare.isEmpty()) {
        good = compare(out);
      } else if (report != null) {
        if (output != null) {
          throw new IllegalArgumentException(
              "--output is for runs without --report, which writes a file report.json");
        }
        good = new ReportRun(run(), report).run(out);
      } else {
        good = run().run(out);
      }
      return good ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    } catch (IllegalStateException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Prints what differs between two reports; whether nothing became slower. */
  private boolean compare(PrintWriter out) {
    if (compare.size() != 2) {
      throw new IllegalArgumentException(
          "--compare needs two files, but there are " + compare.size());
    }
    BenchReport before = read(compare.get(0));
    BenchReport after = read(compare.get(1));
    Comparison comparison = Comparison.of(before, after);
    if (comparison.changes().isEmpty()) {
      throw new IllegalArgumentException(
          "%s and %s have no benchmark on the same backend and tier in common: there are %d and %d"
              .formatted(
                  compare.get(0), compare.get(1), before.ours().size(), after.ours().size()));
    }
    comparison.lines().forEach(out::println);
    out.flush();
    return comparison.regressions().isEmpty();
  }

  private static BenchReport read(Path file) {
    try {
      BenchReport read = ReportFile.read(file);
      if (!read.whole()) {
        throw new IllegalArgumentException(
            "%s is of a run that was broken off: what it lacks cannot be compared".formatted(file));
      }
      return read;
    } catch (IOException e) {
      throw new IllegalArgumentException(Main.message(e), e);
    }
  }

  private BenchmarkRun run() {
    Set<Family> chosen = EnumSet.noneOf(Family.class);
    for (String family : families) {
      if (family.equals("all")) {
        chosen.addAll(EnumSet.allOf(Family.class));
      } else {
        chosen.add(Family.of(family));
      }
    }
    if (families.isEmpty()) {
      chosen = EnumSet.allOf(Family.class);
    }
    boolean networks = chosen.contains(Family.CFC);
    boolean training = chosen.contains(Family.TRAINING);
    boolean batched = networks || training || chosen.contains(Family.NETWORK);
    require(batched, "--batch", batches, "cfc, network or training");
    boolean threaded =
        networks || training || chosen.contains(Family.ODE) || chosen.contains(Family.CALL);
    require(threaded, "--threads", threads, "cfc, ode, training or call");
    require(chosen.contains(Family.MATH), "--function", functions, "math");
    batches.forEach(n -> between("--batch", 1, 100_000, n));
    threads.forEach(n -> between("--threads", 1, 1024, n));
    List<DenseShape> denseShapes = new ArrayList<>();
    List<CfcShape> cfcShapes = new ArrayList<>();
    for (String shape : shapes) {
      if (shape.contains("x")) {
        denseShapes.add(DenseShape.of(shape));
      } else {
        cfcShapes.add(CfcShape.of(shape));
      }
    }
    require(networks, "--shape", cfcShapes, "cfc");
    boolean products = training || chosen.contains(Family.DENSE);
    require(products, "--shape", denseShapes, "dense or training");
    if (output != null) {
      Main.requireDirectory(spec, "--output " + output, output);
    }
    return new BenchmarkRun(
        new Selection(
            chosen,
            denseShapes,
            cfcShapes,
            batches,
            threads,
            accuracies.stream().map(name -> choice("--accuracy", Accuracy.class, name)).toList(),
            functions.stream().map(name -> choice("--function", Activation.class, name)).toList()),
        setting(),
        backends.contains("all") ? List.of() : backends,
        tiers.stream().map(InstructionSet::of).toList(),
        jvmArguments == null || jvmArguments.isBlank()
            ? List.of()
            : Arrays.asList(jvmArguments.strip().split("\\s+")),
        Optional.ofNullable(output),
        verbose,
        peers ? Peers.all() : List.of());
  }

  private Setting setting() {
    return switch (setting) {
      case "quick" -> Setting.QUICK;
      case "short" -> Setting.SHORT;
      case "full" -> Setting.FULL;
      default ->
          throw new IllegalArgumentException(
              "--setting must be quick, short or full, but is '%s'".formatted(setting));
    };
  }

  private static void require(boolean sensible, String option, List<?> values, String families) {
    if (!sensible && !values.isEmpty()) {
      throw new IllegalArgumentException(
          "%s %s is for the family %s, which is not measured"
              .formatted(option, values.get(0), families));
    }
  }

  private static void between(String option, int least, int most, int found) {
    if (found < least || found > most) {
      throw new IllegalArgumentException(
          "%s must lie between %d and %d, but is %d".formatted(option, least, most, found));
    }
  }

  private static <E extends Enum<E>> E choice(String option, Class<E> type, String name) {
    Function<E, String> label = e -> e.name().toLowerCase(Locale.ROOT);
    return Arrays.stream(type.getEnumConstants())
        .filter(e -> label.apply(e).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s must be one of %s, but is '%s'"
                        .formatted(
                            option,
                            Arrays.stream(type.getEnumConstants())
                                .map(label)
                                .collect(Collectors.joining(", ")),
                            name)));
  }
}
