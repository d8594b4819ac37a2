package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
  private static final int DRAWN_STATES = 4;

  /** What a curve has at least, if steps are few, and all curves have at most, in numbers. */
  private static final int DRAWN_POINTS = 6000;

  private static final int MOST_DRAWN = 1 << 24;

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

  @Option(
      names = "--maximum-step",
      paramLabel = "H",
      description = "No step under control is longer.")
  private @Nullable Double maximumStep;

  @Option(
      names = "--stop-at",
      paramLabel = "TIME[,TIME…]",
      split = ",",
      description =
          "Steps end here and begin afresh. Times that conditions of time and parameters are about"
              + " are found without.")
  private double[] stops = {};

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
          "States or outputs to draw: with --phase, B against A; in a map, A where the trajectories"
              + " end.")
  private List<String> states = List.of();

  @Option(names = "--phase", description = "Draws one state against another instead of time.")
  private boolean phase;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Writes where the trajectories end: .csv with all states and outputs, or .npy [N,"
              + " states]. With --save-every, times in between: .csv, or .npy [N, times, 1 +"
              + " states + outputs], the time first.")
  private @Nullable Path output;

  @Option(
      names = "--save-every",
      paramLabel = "TIME",
      description = "Writes the start, every so much time from there, and the end.")
  private @Nullable Double saveEvery;

  @Option(names = "--explain", description = "Shows the compiled step.")
  private boolean explain;

  /** One swept name. */
  private record Sweep(String name, double from, double to, int count) {
    double value(int i) {
      return count == 1 ? from : from + (to - from) * i / (count - 1);
    }
  }

  private static final Pattern SWEEP = Pattern.compile("([^=]+)=([^:]+):([^:]+):([^:]+)");

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
    for (int s = 0; s < swept.size(); s++) {
      String name = swept.get(s).name;
      if (values.containsKey(name) || (s > 0 && name.equals(swept.getFirst().name))) {
        throw wrong("'%s' is given twice, by --sweep and again".formatted(name));
      }
    }
    if (trajectories < 1) {
      throw wrong("--trajectories must be at least 1, but is " + trajectories);
    }
    // At most two of ints.
    long all = swept.isEmpty() ? trajectories : 1;
    for (Sweep sweep : swept) {
      all *= sweep.count();
    }
    if (all > Integer.MAX_VALUE) {
      throw wrong("--sweep makes %d trajectories, more than %d".formatted(all, Integer.MAX_VALUE));
    }
    int size = (int) all;
    states.forEach(name -> checked(() -> SolutionTable.column(ode, name)));
    if (phase && states.size() < 2 && (!states.isEmpty() || ode.states().size() < 2)) {
      throw wrong("--phase needs two states: --states A,B");
    }
    Kernels kernels = backend.one();
    Solver solver = solver(ode, kernels);
    Ensemble ensemble = ensemble(ode, size, swept, i -> i);
    if (saveEvery != null) {
      ensemble.saveAt(timesToSave(ode, size));
    }
    boolean draws = plot != null && swept.size() < 2;
    if (explain) {
      out.println(solver.explain().strip());
    }
    long begin = System.nanoTime();
    ProgressLine progress = new ProgressLine(command.commandLine().getErr(), size);
    Solution solution = solver.solve(ensemble, progress::show);
    double seconds = (System.nanoTime() - begin) * 1e-9;
    progress.clear();
    SolutionTable table =
        new SolutionTable(ode, ensemble, solution, sweptValues(ode, swept, i -> i));
    report(out, ode, solution, table, solver, kernels, seconds);
    if (output != null) {
      if (saveEvery != null) {
        table.writeSeries(output);
      } else {
        table.writeEnds(output);
      }
      out.printf("states      %s%n", output);
    }
    if (draws) {
      drawTrajectories(out, ode, solver, swept, solution, Objects.requireNonNull(plot));
    } else if (plot != null) {
      drawMap(ode, swept, table, size, plot);
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
    Matcher parts = SWEEP.matcher(text);
    try {
      if (parts.matches()) {
        Sweep sweep =
            new Sweep(
                parts.group(1),
                Double.parseDouble(parts.group(2)),
                Double.parseDouble(parts.group(3)),
                Integer.parseInt(parts.group(4)));
        if (sweep.count > 0) {
          return sweep;
        }
      }
    } catch (NumberFormatException e) {
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
          if (maximumStep != null) {
            builder.maximumStep(maximumStep);
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

  /**
   * Trajectories with what was given and is swept.
   *
   * @param number which one of all is trajectory i
   */
  private Ensemble ensemble(OdeSystem ode, int size, List<Sweep> swept, IntUnaryOperator number) {
    Ensemble ensemble = checked(() -> Ensemble.of(size).start(start).end(end).stopAt(stops));
    values.forEach((name, value) -> set(ode, ensemble, name, i -> value));
    for (int s = 0; s < swept.size(); s++) {
      set(ode, ensemble, swept.get(s).name, value(swept, s, number));
    }
    return ensemble;
  }

  private static IntToDoubleFunction value(List<Sweep> swept, int s, IntUnaryOperator number) {
    Sweep sweep = swept.get(s);
    int inner = s == 0 ? 1 : swept.getFirst().count;
    return i -> sweep.value(number.applyAsInt(i) / inner % sweep.count);
  }

  /** Swept values by their names in tables: an initial state is {@code x(0)}. */
  private static Map<String, IntToDoubleFunction> sweptValues(
      OdeSystem ode, List<Sweep> swept, IntUnaryOperator number) {
    Map<String, IntToDoubleFunction> named = new LinkedHashMap<>();
    for (int s = 0; s < swept.size(); s++) {
      String name = swept.get(s).name;
      boolean isState = ode.states().stream().anyMatch(state -> state.name().equals(name));
      named.put(isState ? name + "(0)" : name, value(swept, s, number));
    }
    return named;
  }

  private double[] timesToSave(OdeSystem ode, int size) {
    double every = Objects.requireNonNull(saveEvery);
    if (output == null) {
      throw wrong("--save-every says what --output writes, but that is missing");
    }
    if (!(every > 0 && every < Double.POSITIVE_INFINITY)) {
      throw wrong("--save-every must be a positive time, but is " + every);
    }
    // What is a whole number of times but for rounding is one.
    double exact = Math.abs(end - start) / every;
    double whole = Math.abs(exact - Math.rint(exact)) < 1e-9 * exact ? Math.rint(exact) : exact;
    double numbers = (Math.ceil(whole) + 1) * size * ode.states().size();
    if (numbers * 8 > Runtime.getRuntime().maxMemory() / 4.0) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "--save-every %s makes %.3g numbers, for which there is no memory",
              every,
              numbers));
    }
    double[] times = new double[(int) Math.ceil(whole) + 1];
    for (int i = 0; i < times.length; i++) {
      times[i] = start + Math.copySign(i * every, end - start);
    }
    times[times.length - 1] = end;
    return times;
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
      PrintWriter out,
      OdeSystem ode,
      Solution solution,
      SolutionTable table,
      Solver solver,
      Kernels kernels,
      double seconds) {
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
    // A compiler's words may be many lines.
    out.printf("step        %s%n", solver.rendering(solution.size()).replaceAll("\\s+", " "));
    StringBuilder ended = new StringBuilder();
    for (Status status : Status.values()) {
      int count = solution.count(status);
      if (count > 0) {
        ended
            .append(ended.isEmpty() ? "" : ", ")
            .append(count)
            .append(' ')
            .append(SolutionTable.words(status));
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
    int[] shown = spread(3, solution.size());
    out.printf("ends        %s%n", some(shown, solution.size()));
    for (int i : shown) {
      String swept = table.swept(i);
      StringBuilder line = new StringBuilder();
      for (int s = 0; s < Math.min(8, ode.states().size()); s++) {
        line.append(s == 0 ? "" : ", ")
            .append(ode.states().get(s).name())
            .append(" = ")
            .append(solution.states(i)[s]);
      }
      out.printf(
          "  %d%s: %s = %s, %s%s%n",
          i,
          swept.isEmpty() ? "" : ", " + swept,
          ode.time(),
          solution.time(i),
          line,
          ode.states().size() > 8 ? ", …" : "");
    }
  }

  /** So many of the numbers below a size, the first and the last among them. */
  private static int[] spread(int most, int size) {
    int count = Math.min(most, size);
    int[] chosen = new int[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = count == 1 ? 0 : (int) ((long) i * (size - 1) / (count - 1));
    }
    return chosen;
  }

  private static String some(int[] chosen, int size) {
    return (chosen.length == 1 ? "trajectory " : "trajectories ")
        + Arrays.stream(chosen).mapToObj(Integer::toString).collect(Collectors.joining(", "))
        + " of "
        + size;
  }

  private void drawTrajectories(
      PrintWriter out,
      OdeSystem ode,
      Solver solver,
      List<Sweep> swept,
      Solution solution,
      Path file)
      throws IOException {
    // Those that nothing was swept of are alike.
    int[] chosen = spread(swept.isEmpty() ? 1 : DRAWN_TRAJECTORIES, solution.size());
    Ensemble some = ensemble(ode, chosen.length, swept, i -> chosen[i]);
    save(some, ode, solution, chosen);
    Solution drawn = solver.solve(some);
    SolutionTable table =
        new SolutionTable(ode, some, drawn, sweptValues(ode, swept, i -> chosen[i]));
    List<String> names = new ArrayList<>(states);
    if (names.isEmpty()) {
      ode.states().stream()
          .map(OdeSystem.State::name)
          .limit(phase ? 2 : DRAWN_STATES)
          .forEach(names::add);
    }
    if (phase) {
      names.subList(2, names.size()).clear();
    }
    int[] columns = names.stream().mapToInt(name -> SolutionTable.column(ode, name)).toArray();
    List<String> labels = new ArrayList<>();
    for (int k = 0; k < columns.length; k++) {
      labels.add(labelled(names.get(k), SolutionTable.unit(ode, columns[k])));
    }
    List<OdeCharts.Line> lines = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      double[] times = drawn.savedTimes(i);
      double[][] rows = drawn.saved(i);
      double[][] curves = new double[columns.length][rows.length];
      for (int r = 0; r < rows.length; r++) {
        double[] row = table.row(i, times[r], rows[r]);
        for (int k = 0; k < columns.length; k++) {
          curves[k][r] = row[columns[k]];
        }
      }
      for (int k = phase ? 1 : 0; k < columns.length; k++) {
        lines.add(
            new OdeCharts.Line(
                labels.get(k), table.swept(i), phase ? curves[0] : times, curves[k]));
      }
    }
    String horizontal = phase ? labels.getFirst() : labelled(ode.time(), ode.timeUnit());
    OdeCharts.lines(file, ode.title(), horizontal, phase, lines);
    out.printf(
        "picture     %s: %s%s, %s%n",
        file,
        String.join(", ", names),
        states.isEmpty() && names.size() < ode.states().size()
            ? " of " + ode.states().size() + " states"
            : "",
        some(chosen, solution.size()));
  }

  /**
   * Every step, so that no curve lacks its extremes, with as many points as memory has room for.
   */
  private void save(Ensemble some, OdeSystem ode, Solution solution, int[] chosen) {
    long steps = 0;
    long most = 1;
    for (int i : chosen) {
      steps += solution.acceptedSteps(i) + 1;
      most = Math.max(most, solution.acceptedSteps(i));
    }
    long room = MOST_DRAWN / (1 + ode.states().size());
    long points = Math.clamp(Math.min(DRAWN_POINTS / most, room / steps), 1, 64);
    if (steps * points <= room) {
      some.saveSteps((int) points);
      return;
    }
    double[] times = new double[(int) (room / chosen.length)];
    for (int i = 0; i < times.length; i++) {
      times[i] = start + (end - start) * i / (times.length - 1);
    }
    times[times.length - 1] = end;
    some.saveAt(times);
  }

  private static String labelled(String name, String unit) {
    return unit.isEmpty() ? name : name + " [" + unit + "]";
  }

  private void drawMap(OdeSystem ode, List<Sweep> swept, SolutionTable table, int size, Path file)
      throws IOException {
    Sweep x = swept.get(0);
    Sweep y = swept.get(1);
    String name = states.isEmpty() ? ode.states().getFirst().name() : states.getFirst();
    int column = SolutionTable.column(ode, name);
    double[][] map = new double[y.count][x.count];
    for (int i = 0; i < size; i++) {
      map[i / x.count][i % x.count] = table.end(i)[column];
    }
    OdeCharts.map(
        file,
        "%s: %s at %s = %s"
            .formatted(
                ode.title(),
                labelled(name, SolutionTable.unit(ode, column)),
                ode.time(),
                OdeCharts.number(end)),
        x.name,
        new double[] {x.from, x.to},
        y.name,
        new double[] {y.from, y.to},
        map);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
