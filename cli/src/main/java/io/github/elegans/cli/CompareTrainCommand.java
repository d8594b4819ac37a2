package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.WarmUp;
import io.github.elegans.cli.training.Recipe;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.training.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans compare train}. */
@Command(
    name = "train",
    description = {
      "Trains a small network for so many steps of the optimiser on every backend: forward, back"
          + " and update. Prints the time of a step, warmed up, the loss at the end, and whether"
          + " the bits of all parameters agree."
    },
    mixinStandardHelpOptions = true)
final class CompareTrainCommand implements Callable<Integer> {
  private static final int INPUTS = 16;
  private static final int OUTPUTS = 4;
  private static final long LEAST_WARM_UP_NANOS = 1_000_000_000L;
  private static final long MOST_WARM_UP_NANOS = 20_000_000_000L;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Option(
      names = "--cell",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}; by default cfc.")
  private Recipe.CellKind cell = Recipe.CellKind.CFC;

  @Option(names = "--units", paramLabel = "N", description = "By default 32.")
  private int units = 32;

  @Option(
      names = "--backbone-units",
      paramLabel = "N",
      description = "Of a CfC's backbone of one layer; by default 64.")
  private int backboneUnits = 64;

  @Option(names = "--batch", paramLabel = "N", description = "Sequences; by default 32.")
  private int batch = 32;

  @Option(names = "--length", paramLabel = "N", description = "Of a sequence; by default 32.")
  private int length = 32;

  @Option(names = "--steps", paramLabel = "N", description = "Of the optimiser; by default 100.")
  private int steps = 100;

  @Option(names = "--threads", paramLabel = "N", description = "By default 1.")
  private int threads = 1;

  /** What a backend did. */
  private record Result(
      Kernels kernels,
      double medianSeconds,
      double bestSeconds,
      double loss,
      String fingerprint,
      boolean compiled) {}

  /** Takes the times of steps. */
  private static final class Clock implements TrainingListener {
    private final List<Double> seconds = new ArrayList<>();
    private long last;
    private double loss;

    @Override
    public void begins(Training training, Sequences data) {
      last = System.nanoTime();
    }

    @Override
    public void batchDone(int epoch, int number, int batches, double newLoss) {
      long now = System.nanoTime();
      seconds.add((now - last) * 1e-9);
      last = now;
      loss = newLoss;
    }
  }

  @Override
  public Integer call() throws IOException {
    check("--units", units, 1, 4096);
    check("--backbone-units", backboneUnits, 1, 4096);
    check("--batch", batch, 1, 1 << 16);
    check("--length", length, 1, 1 << 16);
    check("--steps", steps, 1, 1 << 20);
    check("--threads", threads, 1, 1024);
    PrintWriter out = command.commandLine().getOut();
    List<Kernels> all = backends.several();
    Recipe recipe = new Recipe();
    recipe.cell = cell;
    recipe.units = units;
    recipe.backboneUnits = backboneUnits;
    recipe.clip = 1;
    recipe.batch = batch;
    recipe.epochs = steps;
    Network network = recipe.network(INPUTS, OUTPUTS, 1);
    float[] x = StepTiming.noise(Sequence.elements(batch, length, INPUTS), 1);
    float[] y = StepTiming.noise(Sequence.elements(batch, length, OUTPUTS), 2);
    Sequences data = Sequences.perStep(batch, length, x, y);
    out.printf("Network     %s%n", network);
    out.printf(
        "Training    %d steps on %d sequences of %d steps, threads %d%n",
        steps, batch, length, threads);
    BackendOptions.missing()
        .forEach(
            status ->
                out.printf("%-11s cannot run: %s%n", status.name(), Main.oneLine(status.reason())));
    out.printf(
        "%n%-8s %-28s %12s %12s %9s %12s  %s%n",
        "backend", "", "median ms", "best ms", "x scalar", "last loss", "fingerprint of the bits");
    out.flush();
    List<Result> results = new ArrayList<>();
    for (Kernels kernels : all) {
      results.add(result(recipe, network.on(kernels), data));
    }
    print(out, results);
    boolean agree = results.stream().map(Result::fingerprint).distinct().count() == 1;
    out.printf(
        "%nbits        %s%n",
        results.size() == 1
            ? "only %s ran, there is nothing to compare"
                .formatted(results.getFirst().kernels.backend())
            : agree ? "of all parameters agree" : "DIFFER");
    if (!agree) {
      throw new CommandFailure("the bits of the backends differ");
    }
    return 0;
  }

  private void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          command.commandLine(),
          "%s must be from %d to %d, but is %d".formatted(name, least, most, value));
    }
  }

  private Result result(Recipe recipe, Network network, Sequences data) throws IOException {
    boolean compiled = warmUp(recipe.training(network, data).seed(1).threads(threads), data);
    Clock clock = new Clock();
    History history =
        recipe.training(network, data).seed(1).threads(threads).listener(clock).fit(data);
    double[] sorted = clock.seconds.stream().mapToDouble(s -> s).sorted().toArray();
    return new Result(
        network.kernels(),
        sorted[sorted.length / 2],
        sorted[0],
        clock.loss,
        TrainCommand.fingerprint(history.network()),
        compiled);
  }

  private static boolean warmUp(Training training, Sequences data) {
    training.epochs(2);
    return WarmUp.untilCompiled(
        () -> {
          try {
            training.fit(data);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        LEAST_WARM_UP_NANOS,
        MOST_WARM_UP_NANOS);
  }

  private static void print(PrintWriter out, List<Result> results) {
    Result scalar =
        results.stream()
            .filter(result -> result.kernels.backend().equals("scalar"))
            .findFirst()
            .orElse(null);
    for (Result result : results) {
      out.printf(
          "%-8s %-28s %12.3f %12.3f %9s %12.6f  %s%s%n",
          result.kernels.backend(),
          result.kernels.tier(),
          result.medianSeconds * 1e3,
          result.bestSeconds * 1e3,
          scalar == null ? "" : "%.1f".formatted(scalar.medianSeconds / result.medianSeconds),
          result.loss,
          result.fingerprint,
          result.compiled ? "" : "  (the compiler was still at work)");
    }
  }
}
