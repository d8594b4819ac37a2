package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.files.Npy;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.SequenceLayout;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans run}. */
@Command(
    name = "run",
    description =
        "Runs a network over the sequences of a file and writes its outputs. I, H and O are the"
            + " network's input, hidden and output sizes, T the steps of a sequence, B the"
            + " sequences of a batch.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Mixin private ModelOptions modelOptions;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "A network as safetensors, such as docs/ncps_to_safetensors.py writes.")
  private Path model;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description =
          "Inputs: an npy file [T, I] or [B, T, I], or as CSV a line for each step, whose columns"
              + " are the inputs, with an optional column named timespan.")
  private Path input;

  @Option(
      names = "--timespans",
      paramLabel = "NUMBER|FILE",
      description =
          "Elapsed time of the steps: a number for all; or a file of one per step, [T] or [1, T],"
              + " one per row, [B] or [B, 1], or one per row and step, [B, T]. Where B = T, [T]"
              + " could be either and is refused. By default the column of the inputs, otherwise"
              + " 1.")
  private @Nullable String timespans;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description =
          "Which steps have an input: a file [T] or [B, T] of 1, and of 0 where state and output"
              + " stay as they are.")
  private @Nullable Path mask;

  @Option(
      names = "--lengths",
      paramLabel = "FILE",
      description = "Steps of every row, a file [B]: the inputs behind them have no influence.")
  private @Nullable Path lengths;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where the outputs go: an npy file, or CSV for one sequence; by default CSV to the"
              + " standard output.")
  private @Nullable Path output;

  @Option(
      names = "--hx",
      paramLabel = "FILE",
      description =
          "State before the first step, [B, H], or [H] for one sequence; with mixed memory, and for"
              + " networks with a memory of M numbers, [B, H + M] or [H + M].")
  private @Nullable Path initialState;

  @Option(
      names = "--hx-output",
      paramLabel = "FILE",
      description = "Where the state after the last step goes, as npy, as --hx takes it.")
  private @Nullable Path finalState;

  @Option(names = "--last", description = "Only the outputs of the last step.")
  private boolean last;

  @Option(
      names = "--time-first",
      description =
          "Inputs, outputs, timespans and mask of a batch are [T, B, …] instead of [B, T, …].")
  private boolean timeFirst;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads; by default 1. The results do not depend on it.")
  private int parallelism;

  @Override
  public Integer call() throws IOException {
    if (parallelism < 1 || parallelism > 1024) {
      throw wrong("--parallelism must be from 1 to 1024, but is " + parallelism);
    }
    Kernels kernels = backends.one();
    Network network = modelOptions.model(Safetensors.read(model)).on(kernels);
    int stateSize = network.stateSize() + network.memorySize();
    Sequence sequence = sequence(network.inputSize());
    Mask present = mask(sequence);
    int[] rows = IntStream.range(0, sequence.rows()).toArray();
    long[] outputShape = outputShape(sequence, network.outputSize());
    checkFiles(outputShape);
    var outputs = new float[Sequence.elements(outputShape)];
    try (Session session = network.session(sequence.rows())) {
      session
          .layout(timeFirst ? SequenceLayout.TIME_FIRST : SequenceLayout.BATCH_FIRST)
          .parallelism(parallelism);
      if (initialState != null) {
        session.writeRows(rows, state(initialState, sequence, stateSize));
      }
      if (last) {
        session.runToLast(sequence.x(), sequence.steps(), sequence.timespans(), present, outputs);
      } else {
        session.run(sequence.x(), sequence.steps(), sequence.timespans(), present, outputs);
      }
      write(outputs, outputShape, kernels);
      if (finalState != null) {
        long[] stateShape = perRow(sequence, stateSize);
        var state = new float[Sequence.elements(rows.length, stateSize)];
        session.readRows(rows, state);
        Npy.write(finalState, state, stateShape);
        report(finalState, stateShape, kernels);
      }
    }
    return 0;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** Refuses what would fail only after the work was done. */
  private void checkFiles(long[] outputShape) {
    if (output != null && !Sequence.isNpy(output) && !output.toString().endsWith(".csv")) {
      throw wrong("--output must be an .npy or a .csv file, but is " + output);
    }
    if (outputShape.length > 2 && (output == null || !Sequence.isNpy(output))) {
      throw wrong(
          "outputs of shape %s need --output with an npy file"
              .formatted(Arrays.toString(outputShape)));
    }
    if (finalState != null && !Sequence.isNpy(finalState)) {
      throw wrong("--hx-output must be an .npy file, but is " + finalState);
    }
    if (output != null && Files.isDirectory(output)) {
      throw wrong("--output must be a file, but is the directory " + output);
    }
    if (finalState != null && Files.isDirectory(finalState)) {
      throw wrong("--hx-output must be a file, but is the directory " + finalState);
    }
  }

  private Sequence sequence(int inputSize) throws IOException {
    Sequence sequence = Sequence.read(input, inputSize, timeFirst);
    if (timespans == null) {
      return sequence;
    }
    if (sequence.hasTimespans()) {
      throw wrong("--timespans was given, but %s has a column of them".formatted(input));
    }
    float timespan;
    try {
      timespan = Float.parseFloat(timespans);
    } catch (NumberFormatException e) {
      return sequence.with(sequence.timespans(Path.of(timespans), timeFirst));
    }
    if (!(timespan >= 0 && timespan < Float.POSITIVE_INFINITY)) {
      throw wrong("--timespans must be finite and not negative, but is " + timespans);
    }
    return sequence.with(Timespans.of(timespan));
  }

  /** The steps that have an input. */
  private Mask mask(Sequence sequence) throws IOException {
    if (mask != null && lengths != null) {
      throw wrong("only one of --mask and --lengths can be given");
    }
    return mask != null
        ? sequence.mask(mask, timeFirst)
        : lengths != null ? sequence.lengths(lengths) : Mask.ALL;
  }

  private static float[] state(Path file, Sequence sequence, int hiddenSize) throws IOException {
    Sequence.Table table = Sequence.Table.read(file);
    List<Long> expected = List.of((long) sequence.rows(), (long) hiddenSize);
    boolean fits =
        table.shape().equals(expected)
            || (!sequence.batched() && table.shape().equals(List.of((long) hiddenSize)));
    if (!fits) {
      throw table.wrongShape(expected.toString());
    }
    return table.values();
  }

  private long[] outputShape(Sequence sequence, int outputSize) {
    if (last) {
      return perRow(sequence, outputSize);
    }
    int rows = sequence.rows();
    int steps = sequence.steps();
    if (!sequence.batched()) {
      return new long[] {steps, outputSize};
    }
    return timeFirst ? new long[] {steps, rows, outputSize} : new long[] {rows, steps, outputSize};
  }

  private static long[] perRow(Sequence sequence, int size) {
    return sequence.batched() ? new long[] {sequence.rows(), size} : new long[] {size};
  }

  private void write(float[] outputs, long[] shape, Kernels kernels) throws IOException {
    if (output == null) {
      command.commandLine().getOut().print(csv(outputs, shape));
    } else {
      if (Sequence.isNpy(output)) {
        Npy.write(output, outputs, shape);
      } else {
        Files.writeString(output, csv(outputs, shape));
      }
      report(output, shape, kernels);
    }
  }

  private void report(Path file, long[] shape, Kernels kernels) {
    PrintWriter out = command.commandLine().getOut();
    out.printf(
        "%s: %s float32, computed by %s (%s)%n",
        file, Arrays.toString(shape), kernels.backend(), kernels.tier());
  }

  /** The outputs in the shortest decimals that mean the same floats, a line a row. */
  private static String csv(float[] outputs, long[] shape) {
    int columns = (int) shape[shape.length - 1];
    var text = new StringBuilder();
    for (int i = 0; i < outputs.length; i++) {
      text.append(outputs[i]).append((i + 1) % columns == 0 ? '\n' : ',');
    }
    return text.toString();
  }
}
