package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.co2.ChangeForecast;
import io.github.elegans.cli.co2.Readings;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.BundledModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans compare}. */
@Command(
    name = "compare",
    subcommands = {CompareOdeCommand.class, CompareTrainCommand.class},
    description = {
      "Runs a trained network on a real record on every backend: the weekly CO2 at Mauna Loa, whose"
          + " next reading it forecasts across the gaps. Prints the error of the forecasts, whether"
          + " the backends' bits agree, and how fast each backend is; draws charts of both.",
      "With --model and --data it does so for your own. Data for a network with the bundled one's"
          + " task (metadata change_std, train_rows) are dates (as 19580329) and readings, empty"
          + " where one is missing; for any other network a CSV file of one line a step, its"
          + " columns the inputs, with an optional column named timespan. Without data a network"
          + " runs on noise."
    },
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  private static final int LARGEST_BATCH = 1 << 16;
  private static final int NOISE_ROWS = 7;
  private static final int NOISE_STEPS = 50;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "A network as safetensors; by default the bundled CfC.")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "What it runs on, as CSV; by default the bundled record.")
  private @Nullable Path data;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,16,256",
      description = "Batch sizes to time; by default 1,16,256.")
  private List<Integer> batches;

  @Option(
      names = "--shape",
      paramLabel = "I,U,H[,L]",
      converter = ShapeConverter.class,
      defaultValue = "16,128,64",
      description =
          "Also times a fresh network of that many inputs, backbone units, hidden units and"
              + " backbone layers (1 if not given). May be repeated; by default 16,128,64.")
  private List<CfcConfiguration> shapes;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description =
          "About how long to measure, warming up not counted; by default 5, 0 for no timings.")
  private double seconds;

  @Option(
      names = "--output",
      paramLabel = "DIRECTORY",
      defaultValue = "elegans-compare",
      description = "Where the charts go; by default elegans-compare.")
  private Path output;

  private PrintWriter out;
  private boolean agree = true;
  private double firstResultSeconds;

  @Override
  public Integer call() throws IOException {
    out = command.commandLine().getOut();
    checkOptions();
    Safetensors file = model == null ? BundledModels.co2() : Safetensors.read(model);
    List<Kernels> used = backends.several();
    Network network = modelOptions.model(file);
    ChangeForecast task = task(file, network);
    out.printf("Network     %s: %s%n", file.source(), network);
    if (task == null) {
      onSequence(network, used);
    } else {
      onReadings(task, network, used);
    }
    if (seconds > 0) {
      timings(file.source(), network, used);
    }
    if (!agree) {
      throw new CommandFailure("the bits of the backends differ");
    }
    return 0;
  }

  private void checkOptions() {
    for (int batch : batches) {
      if (batch < 1 || batch > LARGEST_BATCH) {
        throw wrong("--batch must be from 1 to %d, but is %d".formatted(LARGEST_BATCH, batch));
      }
    }
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw wrong("--seconds must be from 0 to 3600, but is " + seconds);
    }
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw wrong("--output must be a directory, but is the file " + output);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private @Nullable ChangeForecast task(Safetensors file, Network network) throws IOException {
    if (!ChangeForecast.isTaskOf(file.metadata())) {
      return null;
    }
    Cell cell = network.cell();
    if (cell.inputSize() != ChangeForecast.INPUTS || cell.outputSize() != 1) {
      throw new FileFormatException(
          file.source(),
          "network of metadata change_std and train_rows",
          ChangeForecast.INPUTS + " inputs and 1 output",
          cell.inputSize() + " and " + cell.outputSize());
    }
    Readings readings = data == null ? Readings.bundled() : Readings.read(data);
    return ChangeForecast.of(file.source(), file.metadata(), readings);
  }

  private void onReadings(ChangeForecast task, Network network, List<Kernels> used)
      throws IOException {
    Readings readings = task.readings();
    int test = task.rows() - task.firstTestRow();
    out.printf(
        "Record      %s: %d readings from %s to %s, %d missing%n",
        readings.source(),
        readings.size(),
        readings.dates().getFirst(),
        readings.dates().getLast(),
        readings.missing().size());
    out.printf(
        "Forecast    of the next reading, for the %d from %s on, which training did not see%n%n",
        test, readings.dates().get(task.target(task.firstTestRow())));
    double persistence = task.testError(task.persistence());
    out.printf("%-12s %-28s %9s  %s%n", "forecast by", "", "RMSE ppm", "fingerprint of the bits");
    out.printf("%-12s %-28s %9.3f%n", "persistence", "the last reading", persistence);
    List<float[]> results = new ArrayList<>();
    for (Kernels kernels : used) {
      var outputs = new float[task.rows()];
      run(
          kernels,
          network,
          1,
          task.rows(),
          task.inputs(),
          Timespans.perStep(task.timespans()),
          outputs);
      results.add(outputs);
      double error = task.testError(task.forecasts(outputs));
      out.printf(
          "%-12s %-28s %9.3f  %s%n",
          kernels.backend(), kernels.tier(), error, Bits.fingerprint(outputs));
      result();
    }
    printMissing();
    printAgreement(used, results);
    double[] forecasts = task.forecasts(results.getFirst());
    String title = data == null ? "Weekly CO2 at Mauna Loa in ppm" : "" + data.getFileName();
    double error = task.testError(forecasts);
    chart(
        "co2-forecast.png",
        file -> Charts.forecast(file, title, task, forecasts, error, persistence));
  }

  private void onSequence(Network network, List<Kernels> used) throws IOException {
    int inputSize = network.inputSize();
    Sequence sequence;
    if (data == null) {
      sequence = Sequence.noise(NOISE_ROWS, NOISE_STEPS, inputSize);
      out.printf("Data        noise: %d rows of %d steps%n%n", NOISE_ROWS, NOISE_STEPS);
    } else {
      sequence = Sequence.read(data, inputSize, false);
      out.printf(
          "Data        %s: %d steps%s%n%n",
          data, sequence.steps(), sequence.hasTimespans() ? " with their timespans" : "");
    }
    out.printf(
        "%-12s %-28s %9s %9s %9s  %s%n",
        "outputs by", "", "least", "mean", "greatest", "fingerprint of the bits");
    List<float[]> results = new ArrayList<>();
    for (Kernels kernels : used) {
      float[] outputs = outputs(kernels, network, sequence);
      results.add(outputs);
      double sum = 0;
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (float value : outputs) {
        sum += value;
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
      out.printf(
          "%-12s %-28s %9.4g %9.4g %9.4g  %s%n",
          kernels.backend(),
          kernels.tier(),
          least,
          sum / outputs.length,
          greatest,
          Bits.fingerprint(outputs));
      result();
    }
    printMissing();
    printAgreement(used, results);
  }

  /** Says when the first result was there. */
  private void result() {
    out.flush();
    if (firstResultSeconds == 0) {
      firstResultSeconds = secondsSinceStart();
    }
  }

  private static double secondsSinceStart() {
    long now = System.currentTimeMillis();
    return (now - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1000.0;
  }

  private static float[] outputs(Kernels kernels, Network network, Sequence sequence) {
    int outputSize = network.outputSize();
    var outputs = new float[Sequence.elements(sequence.rows(), sequence.steps(), outputSize)];
    run(
        kernels,
        network,
        sequence.rows(),
        sequence.steps(),
        sequence.x(),
        sequence.timespans(),
        outputs);
    return outputs;
  }

  private static void run(
      Kernels kernels,
      Network network,
      int rows,
      int steps,
      float[] x,
      Timespans timespans,
      float[] outputs) {
    try (Session session = network.on(kernels).session(rows)) {
      session.run(x, steps, timespans, outputs);
    }
  }

  private void printMissing() {
    BackendOptions.missing()
        .forEach(
            status ->
                out.printf("%-12s cannot run: %s%n", status.name(), Main.oneLine(status.reason())));
  }

  private void printAgreement(List<Kernels> used, List<float[]> results) {
    String names = used.stream().map(Kernels::backend).collect(Collectors.joining(", "));
    int count = results.getFirst().length;
    String verdict;
    if (used.size() == 1) {
      verdict = "only %s ran, there is nothing to compare".formatted(names);
    } else if (Bits.agree(results)) {
      verdict = "all %d outputs agree bit for bit on %s".formatted(count, names);
    } else {
      agree = false;
      verdict =
          "THEY DIFFER from %s: %s"
              .formatted(
                  used.getFirst().backend(),
                  used.stream()
                      .skip(1)
                      .map(
                          kernels ->
                              "%s in %d of %d outputs"
                                  .formatted(
                                      kernels.backend(),
                                      Bits.differences(
                                          results.getFirst(), results.get(used.indexOf(kernels))),
                                      count))
                      .collect(Collectors.joining(", ")));
    }
    out.printf("%-12s %s%n", "bits", verdict);
    out.printf(
        "%-12s the first %.2f s, all %.2f s after the start of the virtual machine%n",
        "results", firstResultSeconds, secondsSinceStart());
    out.flush();
  }

  private void timings(String source, Network network, List<Kernels> used) throws IOException {
    List<Charts.Timings> measured = new ArrayList<>();
    out.printf(
        "%nTimings     of one step of the whole batch by Session.step, one thread, tier %s,%n"
            + "            warmed up, the backends in turn; a row is one sequence of the batch%n",
        network.accuracy().name().toLowerCase(Locale.ROOT));
    int networks = 1 + shapes.size();
    long nanos = (long) (seconds * 1e9 / ((long) networks * batches.size()));
    measured.add(timings(source, network, used, nanos));
    for (CfcConfiguration shape : shapes) {
      Network fresh = modelOptions.with(Cfc.initialised(shape, 1));
      Sequence noise = Sequence.noise(NOISE_ROWS, NOISE_STEPS, shape.inputSize());
      List<float[]> results = used.stream().map(kernels -> outputs(kernels, fresh, noise)).toList();
      boolean same = Bits.agree(results);
      agree &= same;
      String bits = used.size() == 1 ? "" : same ? ", bits agree" : ", BITS DIFFER";
      measured.add(timings("fresh network" + bits, fresh, used, nanos));
    }
    chart("timings.png", file -> Charts.timings(file, measured));
  }

  private Charts.Timings timings(String title, Network network, List<Kernels> used, long nanos) {
    out.printf("%n%s: %s%n", title, network);
    out.printf(
        "%7s  %-8s %12s %12s %15s %9s %10s%n",
        "batch", "backend", "median µs", "best µs", "million rows/s", "GFLOP/s", "x scalar");
    out.flush();
    List<Network> subjects = used.stream().<Network>map(network::on).toList();
    List<StepTiming> all = new ArrayList<>();
    for (int batch : batches) {
      List<StepTiming> timings = StepTiming.measure(subjects, batch, nanos);
      double scalar =
          timings.stream()
              .filter(timing -> timing.backend().equals("scalar"))
              .mapToDouble(StepTiming::medianNanos)
              .findFirst()
              .orElse(Double.NaN);
      for (StepTiming timing : timings) {
        out.printf(
            "%7d  %-8s %12.3f %12.3f %15.3f %9s %10s%s%n",
            batch,
            timing.backend(),
            timing.medianNanos() / 1000,
            timing.bestNanos() / 1000,
            timing.rowsPerSecond() / 1e6,
            gigaflops(network, timing),
            Double.isNaN(scalar) ? "" : "%.1f".formatted(scalar / timing.medianNanos()),
            timing.compiled() ? "" : "  (the compiler was still at work)");
      }
      out.flush();
      all.addAll(timings);
    }
    return new Charts.Timings(chartTitle(network), all);
  }

  private static String gigaflops(Network network, StepTiming timing) {
    return network instanceof Cfc cfc
        ? "%.1f"
            .formatted(
                2.0 * cfc.configuration().multiplyAdds() * timing.batch() / timing.medianNanos())
        : "";
  }

  private static String chartTitle(Network network) {
    if (!(network instanceof Cfc cfc)) {
      return network.toString();
    }
    CfcConfiguration shape = cfc.configuration();
    return "%d inputs, %s backbone units, %d hidden units"
        .formatted(
            shape.inputSize(),
            shape.backboneLayers() == 1
                ? shape.backboneUnits()
                : shape.backboneLayers() + " x " + shape.backboneUnits(),
            shape.hiddenSize());
  }

  /** Draws a chart into a file. */
  private interface Drawing {
    void draw(Path file) throws IOException;
  }

  private void chart(String name, Drawing drawing) throws IOException {
    Files.createDirectories(output);
    Path file = output.resolve(name);
    drawing.draw(file);
    out.printf("%-12s %s%n", "chart", file);
    out.flush();
  }
}
