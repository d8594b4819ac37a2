package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.training.ChangeTask;
import io.github.elegans.cli.training.CheetahTask;
import io.github.elegans.cli.training.CsvTask;
import io.github.elegans.cli.training.Recipe;
import io.github.elegans.cli.training.TrainingTask;
import io.github.elegans.cli.training.WalkerTask;
import io.github.elegans.cli.training.Windows;
import io.github.elegans.cli.training.XorTask;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.data.BitStreamXor;
import io.github.elegans.networks.models.Models;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.training.TrainingListeners;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code elegans train}. */
@Command(
    name = "train",
    description = {
      "Trains a network: on a task of the papers with its recipe, or on a CSV file. The same data,"
          + " options and seed give the same bits on every backend, instruction set and number of"
          + " threads, whether training was interrupted or not.",
      "Ctrl-C ends training after the batch that it is at; with --checkpoint, the same command with"
          + " --resume goes on."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  /** How long the end of the virtual machine waits for the checkpoint. */
  private static final long PATIENCE_SECONDS = 60;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source;

  /** What is trained on. */
  static final class Source {
    @Option(
        names = "--task",
        paramLabel = "NAME",
        description =
            "co2 (the bundled record), xor (drawn as the CfC paper's), walker or cheetah (of"
                + " --data-dir), or a CSV file, as with --data.")
    private @Nullable String task;

    @Option(names = "--data", paramLabel = "FILE.csv", description = "A table with a header.")
    private @Nullable Path data;
  }

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The folder of npy files of the tasks walker and cheetah.")
  private @Nullable Path directory;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Only the first N of xor's 100,000 sequences for training.")
  private @Nullable Integer samples;

  @Mixin private TrainOptions.OfNetwork network;

  @Mixin private TrainOptions.OfTraining options;

  @Mixin private TrainOptions.OfTable table;

  @Option(names = "--seed", paramLabel = "N", description = "By default 1.")
  private long seed = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "By default 1. The bits do not depend on it.")
  private int threads = 1;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Where all that is needed to go on is written after every epoch.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--resume",
      description = "Goes on from --checkpoint if it is there; otherwise begins.")
  private boolean resume;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the trained network goes, as safetensors.")
  private @Nullable Path output;

  @Option(
      names = "--history",
      paramLabel = "FILE.csv",
      description = "Where losses and metrics go, a line an epoch.")
  private @Nullable Path history;

  @Option(
      names = "--plot",
      paramLabel = "FILE.png",
      description = "Where a chart of losses and metrics goes.")
  private @Nullable Path plot;

  private volatile boolean isInterrupted;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    checkOptions();
    Recipe recipe = recipe();
    network.apply(command, recipe);
    options.apply(command, recipe);
    Kernels kernels = backends.one();
    TrainingTask task = task(recipe);
    Network fresh = recipe.network(task.train().inputSize(), task.outputSize(), seed).on(kernels);
    out.printf("Task        %s%n", Main.oneLine(task.title()));
    out.printf("Network     %s%n", fresh);
    out.printf("Training    %s, seed %d%n", recipe, seed);
    out.printf("Backend     %s (%s), threads %d%n", kernels.backend(), kernels.tier(), threads);
    out.flush();
    History trained = train(recipe, task, fresh, out);
    if (isInterrupted) {
      return 1;
    }
    finish(recipe, task, trained, out);
    return 0;
  }

  private void checkOptions() {
    if (resume && checkpoint == null) {
      throw wrong("--resume needs --checkpoint");
    }
    if (threads < 1 || threads > 1024) {
      throw wrong("--threads must be from 1 to 1024, but is " + threads);
    }
    if (samples != null && samples < 1) {
      throw wrong("--samples must be at least 1, but is " + samples);
    }
    checkFile("--checkpoint", checkpoint);
    checkFile("--output", output);
    checkFile("--history", history);
    checkFile("--plot", plot);
    checkDifferent();
    if (plot != null && !plot.toString().endsWith(".png")) {
      throw wrong("--plot must be a .png file, but is " + plot);
    }
    if (checkpoint != null && !resume && Files.exists(checkpoint)) {
      throw wrong(
          "--checkpoint %s is there: --resume goes on from it, or else remove it"
              .formatted(checkpoint));
    }
  }

  private void checkFile(String name, @Nullable Path file) {
    if (file != null) {
      Main.requireDirectory(command, name + " " + file, file);
      if (Files.isDirectory(file)) {
        throw wrong("%s must be a file, but is the directory '%s'".formatted(name, file));
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw wrong("%s must be a regular file, but %s is none".formatted(name, file));
      }
      Path directory = real(file).getParent();
      if (directory == null || !Files.isWritable(directory)) {
        throw wrong("%s %s: its directory cannot be written to".formatted(name, file));
      }
    }
  }

  /** No file is written over another of the same command. */
  private void checkDifferent() {
    Map<String, @Nullable Path> files = new LinkedHashMap<>();
    files.put("--data", tableFile());
    files.put("--checkpoint", checkpoint);
    files.put("--output", output);
    files.put("--history", history);
    files.put("--plot", plot);
    Map<Path, String> seen = new HashMap<>();
    files.forEach(
        (name, file) -> {
          if (file != null) {
            String other = seen.put(real(file), name);
            if (other != null) {
              throw wrong(
                  "%s and %s must be different files, but are both %s"
                      .formatted(other, name, file));
            }
          }
        });
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      // It is not there yet.
      return file.toAbsolutePath().normalize();
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private String taskName() {
    return source.task == null ? "" : source.task;
  }

  private Recipe recipe() {
    return switch (taskName()) {
      case "co2" -> ChangeTask.recipe();
      case "xor" ->
          XorTask.recipe(
              Objects.requireNonNullElse(network.mode, CfcMode.DEFAULT), network.isMixed());
      case "walker" -> WalkerTask.recipe(network.isMixed());
      case "cheetah" -> CheetahTask.recipe();
      default -> new Recipe();
    };
  }

  private TrainingTask task(Recipe recipe) throws IOException {
    String name = taskName();
    if (directory != null && !name.equals("walker") && !name.equals("cheetah")) {
      throw wrong("--data-dir is for the tasks walker and cheetah");
    }
    if (samples != null && !name.equals("xor")) {
      throw wrong("--samples is for the task xor");
    }
    if (tableFile() == null) {
      TrainOptions.OfTable.refuse(command);
    }
    return switch (name) {
      case "co2" -> new ChangeTask();
      case "xor" -> new XorTask(Objects.requireNonNullElse(samples, BitStreamXor.TRAIN_SIZE));
      case "walker" -> new WalkerTask(directory(name));
      case "cheetah" -> new CheetahTask(directory(name));
      default -> table(name, recipe);
    };
  }

  private @Nullable Path tableFile() {
    return taskName().contains(".") ? Path.of(taskName()) : source.data;
  }

  private TrainingTask table(String name, Recipe recipe) throws IOException {
    Path file = tableFile();
    if (file == null) {
      throw wrong(
          "--task must be co2, xor, walker, cheetah or a CSV file, but is '%s'".formatted(name));
    }
    return new CsvTask(file, table.columns(command, recipe));
  }

  private Path directory(String task) {
    if (directory == null) {
      throw wrong("--task %s needs --data-dir, the folder of its npy files".formatted(task));
    }
    return directory;
  }

  private History train(Recipe recipe, TrainingTask task, Network fresh, PrintWriter out)
      throws IOException {
    Sequences data = task.train().sequences();
    Training training = recipe.training(fresh, data).seed(seed).threads(threads).resume(resume);
    if (checkpoint != null) {
      training.checkpoint(checkpoint);
    }
    if (history != null) {
      training.listener(TrainingListeners.csv(history));
    }
    training.listener(TrainingListeners.progress(out, ProgressLine.isTerminal()));
    CountDownLatch done = new CountDownLatch(1);
    Thread hook = new Thread(() -> end(training, done), "end of training");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Windows validation = task.validation();
      History trained = training.fit(data, validation == null ? null : validation.sequences());
      if (isInterrupted) {
        out.println(
            checkpoint == null
                ? "Stopped; without --checkpoint nothing was kept"
                : "Stopped; --resume goes on from " + checkpoint);
        out.flush();
      }
      return trained;
    } finally {
      done.countDown();
      removeQuietly(hook);
    }
  }

  /** Keeps the virtual machine from ending until training has. */
  private void end(Training training, CountDownLatch done) {
    isInterrupted = true;
    training.stop();
    try {
      if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        complain("training did not end within %d s".formatted(PATIENCE_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void complain(String message) {
    PrintWriter err = command.commandLine().getErr();
    err.println("elegans: " + message);
    err.flush();
  }

  private static void removeQuietly(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs, and ends now: the virtual machine is ending.
    }
  }

  private void finish(Recipe recipe, TrainingTask task, History trained, PrintWriter out)
      throws IOException {
    double seconds = trained.epochs().stream().mapToDouble(History.Epoch::seconds).sum();
    int counted =
        recipe.restoresBest || trained.epochs().isEmpty()
            ? trained.bestEpoch()
            : trained.epochs().getLast().number();
    out.printf(
        "Trained     %d epochs in %.1f s, the network is that of epoch %d, fingerprint %s%n",
        trained.epochs().size(), seconds, counted + 1, fingerprint(trained.network()));
    task.report(trained.network(), out);
    if (output != null) {
      Map<String, String> metadata = new LinkedHashMap<>(task.metadata());
      metadata.putIfAbsent("task", task.title());
      metadata.put("training", recipe.toString());
      metadata.put("seed", Long.toString(seed));
      metadata.put("trained_epochs", Integer.toString(trained.epochs().size()));
      metadata.put("trained_by", String.join(" ", new Main.Version().getVersion()));
      Models.save(trained.network(), output, metadata);
      out.printf("Written     %s%n", output);
    }
    if (plot != null && !trained.epochs().isEmpty()) {
      Charts.training(plot, "Training: " + task.name(), trained);
      out.printf("Written     %s%n", plot);
    }
    if (history != null) {
      out.printf("Written     %s%n", history);
    }
    out.flush();
  }

  /** A checksum of all parameters. */
  static String fingerprint(Network network) {
    List<float[]> all = List.copyOf(network.stateDict().values().values());
    float[] values = new float[all.stream().mapToInt(array -> array.length).sum()];
    int at = 0;
    for (float[] array : all) {
      System.arraycopy(array, 0, values, at, array.length);
      at += array.length;
    }
    return Bits.fingerprint(values);
  }
}
