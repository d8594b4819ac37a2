package io.github.elegans.bench.cli;

import io.github.elegans.bench.files.Npy;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code elegans solve}. */
@Command(
    name = "solve",
    description = {
      "Solves a system of ordinary differential equations for many trajectories at once, prints"
          + " where they end and how the solver fared, and draws them: over time, one state against"
          + " another, or a map over two swept parameters.",
      "SYSTEM is one that comes with Elegans (--list names them) or a text file with equations such"
          + " as: x' = sigma*(y - x)."
    },
    mixinStandardHelpOptions = true)
final class SolveCommand implements Callable<Integer> {
  private static final int DRAWN_TRAJECTORIES = 8;
  private static final int DRAWN_POINTS = 8000;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backend;

  @Parameters(arity = "0..1", paramLabel = "SYSTEM|FILE", description = "What to solve.")
  private @Nullable String system;

  @Option(names = "--list", description = "Lists the systems that come with Elegans.")
  private boolean list;

  @Option(names = "--trajectories", paramLabel = "N", description = "How many, if none is swept.")
  private int trajectories = 1;

  @Option(
      names = "--sweep",
      paramLabel = "NAME=FROM:TO:N",
      description = "N values of a parameter or an initial state; twice, for all pairs.")
  private List<String> sweeps = List.of();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A parameter or an initial state.")
  private Map<String, Double> values = Map.of();

  @Option(names = "--start", paramLabel = "TIME", description = "Where time begins (default: 0).")
  private double start;

  @Option(names = "--end", paramLabel = "TIME", description = "Where time ends (default: 10).")
  private double end = 10;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES} (default: TSIT5).")
  private Method method = Method.TSIT5;

  @Option(
      names = "--tolerance",
      paramLabel = "RELATIVE[,ABSOLUTE…]",
      split = ",",
      description =
          "What each step may err (default: 1e-6, and as much in absolute terms); one absolute"
              + " tolerance for all states, or one for each.")
  private double[] tolerance = {1e-6};

  @Option(names = "--step", paramLabel = "H", description = "Fixed steps instead.")
  private @Nullable Double step;

  @Option(names = "--threads", paramLabel = "N", description = "How many threads (default: 1).")
  private int threads = 1;

  @Option(
      names = "--plot",
      paramLabel = "FILE.png",
      description = "Draws the trajectories, or a map if two names are swept.")
  private @Nullable Path plot;

  @Option(
      names = "--states",
      paramLabel = "A[,B]",
      split = ",",
      description =
          "What to draw: with --phase, B against A; in a map, A where the trajectories end.")
  private List<String> states = List.of();

  @Option(names = "--phase", description = "Draws one state against another instead of time.")
  private boolean phase;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Writes all states where the trajectories end: .csv, or .npy [N, states].")
  private @Nullable Path output;

  @Option(names = "--explain", description = "Shows the compiled step.")
  private boolean explain;

  /** One swept name. */
  private record Sweep(String name, double from, double to, int count) {
    double value(int i) {
      return count == 1 ? from : from + (to - from) * i / (count - 1);
    }
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    if (list) {
      for (String name : OdeSystem.CATALOGUE) {
        out.printf("%-28s %s%n", name, OdeSystem.named(name).title());
      }
      return 0;
    }
    if (system == null) {
      throw wrong("a system is missing: a name (--list) or a file");
    }
    if (plot != null && !plot.toString().endsWith(".png")) {
      throw wrong("--plot must be a .png file, but is " + plot);
    }
    if (output != null && !output.toString().matches(".*\\.(csv|npy)")) {
      throw wrong("--output must be a .csv or .npy file, but is " + output);
    }
    for (Path file : Stream.of(plot, output).filter(Objects::nonNull).toList()) {
      // Now, not after a long solve.
      Main.requireDirectory(command, file.toString(), file);
    }
    OdeSystem ode = read();
    List<Sweep> swept = sweeps.stream().map(this::sweep).toList();
    if (swept.size() > 2) {
      throw wrong("at most two names can be swept, found " + swept.size());
    }
    int size =
        swept.stream().mapToInt(Sweep::count).reduce(Math::multiplyExact).orElse(trajectories);
    if (size < 1) {
      throw wrong("--trajectories must be at least 1, but is " + size);
    }
    states.forEach(name -> checked(() -> ode.state(name)));
    Kernels kernels = backend.one();
    Solver solver = solver(ode, kernels);
    Ensemble ensemble = ensemble(ode, size, swept);
    boolean draws = plot != null && swept.size() < 2;
    if (explain) {
      out.println(solver.explain().strip());
    }
    long begin = System.nanoTime();
    ProgressLine progress = new ProgressLine(command.commandLine().getErr(), size);
    Solution solution = solver.solve(ensemble, progress::show);
    double seconds = (System.nanoTime() - begin) * 1e-9;
    progress.clear();
    report(out, ode, solution, kernels, seconds);
    if (output != null) {
      write(ode, solution, output);
      out.printf("states      %s%n", output);
    }
    if (draws) {
      drawTrajectories(ode, solver, swept, size, Objects.requireNonNull(plot));
    } else if (plot != null) {
      Sweep x = swept.get(0);
      Sweep y = swept.get(1);
      String state = states.isEmpty() ? ode.states().getFirst().name() : states.getFirst();
      double[][] map = new double[y.count][x.count];
      for (int i = 0; i < size; i++) {
        map[i / x.count][i % x.count] = solution.state(i, state);
      }
      OdeCharts.map(
          plot,
          "%s: %s at %s = %s".formatted(ode.title(), state, ode.time(), Double.toString(end)),
          x.name,
          new double[] {x.from, x.to},
          y.name,
          new double[] {y.from, y.to},
          map);
    }
    if (plot != null) {
      out.printf("picture     %s%n", plot);
    }
    return solution.count(Status.DONE) + solution.count(Status.EVENT) == size ? 0 : 1;
  }

  private OdeSystem read() {
    String name = Objects.requireNonNull(system);
    return checked(
        () ->
            OdeSystem.CATALOGUE.contains(name) || !Files.exists(Path.of(name))
                ? OdeSystem.named(name)
                : OdeSystem.read(Path.of(name)));
  }

  private <T> T checked(Callable<T> action) {
    try {
      return action.call();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Sweep sweep(String text) {
    String[] parts = text.split("[=:]");
    try {
      Sweep sweep =
          new Sweep(
              parts[0],
              Double.parseDouble(parts[1]),
              Double.parseDouble(parts[2]),
              Integer.parseInt(parts[3]));
      if (parts.length == 4 && sweep.count > 0) {
        return sweep;
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      // Said below.
    }
    throw wrong("--sweep must be NAME=FROM:TO:N, as rho=0:28:100, but is '%s'".formatted(text));
  }

  private Solver solver(OdeSystem ode, Kernels kernels) {
    return checked(
        () -> {
          Solver.Builder builder = Solver.of(ode).method(method).kernels(kernels).threads(threads);
          if (step != null) {
            builder.fixedStep(step);
          } else {
            builder.tolerance(new double[] {tolerance[0]}, absoluteTolerances(ode));
          }
          return builder.build();
        });
  }

  private double[] absoluteTolerances(OdeSystem ode) {
    if (tolerance.length == 1) {
      return tolerance;
    }
    int given = tolerance.length - 1;
    int states = ode.states().size();
    if (given != 1 && given != states) {
      throw wrong(
          "--tolerance must be RELATIVE and 1 or %d absolute ones, one for each of %s, but %d are given"
              .formatted(states, ode.states().stream().map(OdeSystem.State::name).toList(), given));
    }
    return Arrays.copyOfRange(tolerance, 1, tolerance.length);
  }

  private Ensemble ensemble(OdeSystem ode, int size, List<Sweep> swept) {
    Ensemble ensemble = Ensemble.of(size).start(start).end(end);
    values.forEach((name, value) -> set(ode, ensemble, name, i -> value));
    for (int s = 0; s < swept.size(); s++) {
      Sweep sweep = swept.get(s);
      int inner = s == 0 ? 1 : swept.getFirst().count;
      set(ode, ensemble, sweep.name, i -> sweep.value(i / inner % sweep.count));
    }
    return ensemble;
  }

  private void set(OdeSystem ode, Ensemble ensemble, String name, IntToDoubleFunction value) {
    if (ode.parameters().stream().anyMatch(p -> p.name().equals(name))) {
      ensemble.parameter(name, value);
    } else if (ode.states().stream().anyMatch(s -> s.name().equals(name))) {
      ensemble.initial(name, value);
    } else {
      List<String> names = new ArrayList<>();
      ode.parameters().forEach(p -> names.add(p.name()));
      ode.states().forEach(s -> names.add(s.name()));
      throw wrong(
          "%s has no parameter or state '%s'; it has %s"
              .formatted(ode.title(), name, String.join(", ", names)));
    }
  }

  private void report(
      PrintWriter out, OdeSystem ode, Solution solution, Kernels kernels, double seconds) {
    out.printf(
        "%s, %s to %s%s by %s%n",
        ode.title(), start, end, ode.timeUnit().isEmpty() ? "" : " " + ode.timeUnit(), method);
    long steps = 0;
    long rejected = 0;
    for (int i = 0; i < solution.size(); i++) {
      steps += solution.acceptedSteps(i);
      rejected += solution.rejectedSteps(i);
    }
    out.printf("backend     %s, %s%n", kernels.backend(), kernels.tier());
    StringBuilder ended = new StringBuilder();
    for (Status status : Status.values()) {
      int count = solution.count(status);
      if (count > 0) {
        ended.append(ended.isEmpty() ? "" : ", ").append(count).append(' ').append(words(status));
      }
    }
    out.printf("ended       %s%n", ended);
    out.printf(
        Locale.ROOT,
        "steps       %d accepted, %d rejected, lanes %.1f %% full%n",
        steps,
        rejected,
        100 * solution.occupancy());
    out.printf(
        Locale.ROOT,
        "time        %.3f s, %.3g steps a second (what compiles first is included)%n",
        seconds,
        (steps + rejected) / seconds);
    int shown = Math.min(3, solution.size());
    for (int i = 0; i < shown; i++) {
      StringBuilder line = new StringBuilder();
      for (int s = 0; s < Math.min(8, ode.states().size()); s++) {
        line.append(s == 0 ? "" : ", ")
            .append(ode.states().get(s).name())
            .append(" = ")
            .append(solution.states(i)[s]);
      }
      out.printf(
          "  %d: %s = %s, %s%s%n",
          i, ode.time(), solution.time(i), line, ode.states().size() > 8 ? ", …" : "");
    }
  }

  private static String words(Status status) {
    return status.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void write(OdeSystem ode, Solution solution, Path file) throws IOException {
    int n = ode.states().size();
    if (file.toString().endsWith(".npy")) {
      double[] all = new double[Math.multiplyExact(solution.size(), n)];
      for (int i = 0; i < solution.size(); i++) {
        System.arraycopy(solution.states(i), 0, all, i * n, n);
      }
      Npy.write(file, all, solution.size(), n);
      return;
    }
    try (PrintWriter csv = new PrintWriter(Files.newBufferedWriter(file))) {
      csv.print("trajectory,status," + ode.time());
      ode.states().forEach(s -> csv.print("," + s.name()));
      csv.println();
      for (int i = 0; i < solution.size(); i++) {
        csv.print(i + "," + words(solution.status(i)) + "," + solution.time(i));
        for (double value : solution.states(i)) {
          csv.print("," + value);
        }
        csv.println();
      }
      if (csv.checkError()) {
        throw new IOException(file + " cannot be written");
      }
    }
  }

  private void drawTrajectories(
      OdeSystem ode, Solver solver, List<Sweep> swept, int size, Path file) throws IOException {
    int drawn = Math.min(DRAWN_TRAJECTORIES, size);
    double[] times = new double[DRAWN_POINTS];
    for (int i = 0; i < times.length; i++) {
      times[i] = start + (end - start) * i / (times.length - 1);
    }
    times[times.length - 1] = end;
    int[] chosen = new int[drawn];
    for (int i = 0; i < drawn; i++) {
      chosen[i] = drawn == 1 ? 0 : (int) ((long) i * (size - 1) / (drawn - 1));
    }
    Ensemble some = Ensemble.of(drawn).start(start).end(end).saveAt(times);
    values.forEach((name, value) -> set(ode, some, name, i -> value));
    swept.forEach(s -> set(ode, some, s.name, i -> s.value(chosen[i] % s.count)));
    Solution solution = solver.solve(some);
    List<String> names =
        states.isEmpty()
            ? ode.states().stream().map(OdeSystem.State::name).limit(phase ? 2 : 4).toList()
            : states;
    if (phase && names.size() < 2) {
      throw wrong("--phase needs two states: --states A,B");
    }
    List<OdeCharts.Line> lines = new ArrayList<>();
    for (int i = 0; i < drawn; i++) {
      double[][] rows = solution.saved(i);
      String label =
          swept.isEmpty()
              ? ""
              : "%s = %.4g".formatted(swept.getFirst().name, swept.getFirst().value(chosen[i]));
      for (int k = phase ? 1 : 0; k < names.size(); k++) {
        int column = ode.state(names.get(k));
        double[] x = times;
        if (phase) {
          int first = ode.state(names.getFirst());
          x = Arrays.stream(rows).mapToDouble(row -> row[first]).toArray();
        }
        double[] y = Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
        lines.add(new OdeCharts.Line(names.get(k), label, x, y));
        if (phase) {
          break;
        }
      }
    }
    String horizontal = phase ? names.getFirst() : (ode.time() + " " + ode.timeUnit()).strip();
    OdeCharts.lines(file, ode.title(), horizontal, lines);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
