package io.github.elegans.cli;

import io.github.elegans.cli.training.CsvTask;
import io.github.elegans.cli.training.Recipe;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.cfc.CfcDialect;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Options of {@code elegans train} in groups; what is not given is as the task has it. */
final class TrainOptions {
  private TrainOptions() {}

  private static <T> void set(@Nullable T value, Consumer<T> to) {
    if (value != null) {
      to.accept(value);
    }
  }

  private static void require(CommandSpec command, boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(command.commandLine(), message);
    }
  }

  private static void requireAtLeast(
      CommandSpec command, String option, int least, @Nullable Integer value) {
    require(
        command,
        value == null || value >= least,
        "%s must be at least %d, but is %s".formatted(option, least, value));
  }

  private static void requireNotNegative(
      CommandSpec command, String option, @Nullable Double value) {
    require(
        command,
        value == null || (value >= 0 && Double.isFinite(value)),
        "%s must be finite and not negative, but is %s".formatted(option, value));
  }

  /** Of the network. */
  static final class OfNetwork {
    @Option(
        names = "--cell",
        paramLabel = "NAME",
        description =
            "cfc; ltc, fully connected with a dense layer behind it; wired_cfc or wired_ltc, on an"
                + " AutoNCP wiring.")
    private Recipe.@Nullable CellKind cell;

    @Option(names = "--units", paramLabel = "N", description = "Hidden units, or neurons.")
    private @Nullable Integer units;

    @Option(
        names = "--backbone-units",
        paramLabel = "N",
        description = "Units of a CfC's backbone layers.")
    private @Nullable Integer backboneUnits;

    @Option(
        names = "--backbone-layers",
        paramLabel = "N",
        description = "Layers of a CfC's backbone, from 0.")
    private @Nullable Integer backboneLayers;

    @Option(
        names = "--activation",
        paramLabel = "NAME",
        description = "Of the backbone: ${COMPLETION-CANDIDATES}.")
    private @Nullable Activation activation;

    @Option(
        names = "--mode",
        paramLabel = "NAME",
        description = "Of a CfC: ${COMPLETION-CANDIDATES}.")
    @Nullable CfcMode mode;

    @Option(names = "--mixed-memory", description = "An LSTM beside the cell.")
    private boolean mixedMemory;

    @Option(
        names = "--dialect",
        paramLabel = "NAME",
        description = "Whose CfC: ${COMPLETION-CANDIDATES}.")
    private @Nullable CfcDialect dialect;

    boolean isMixed() {
      return mixedMemory;
    }

    void apply(CommandSpec command, Recipe recipe) {
      set(cell, value -> recipe.cell = value);
      boolean cfc = recipe.cell == Recipe.CellKind.CFC;
      boolean anyCfc = cfc || recipe.cell == Recipe.CellKind.WIRED_CFC;
      require(command, cfc || backboneUnits == null, "--backbone-units is for a cfc");
      require(command, cfc || backboneLayers == null, "--backbone-layers is for a cfc");
      require(command, cfc || activation == null, "--activation is for a cfc");
      require(command, anyCfc || mode == null, "--mode is for a cfc or wired_cfc");
      require(command, anyCfc || dialect == null, "--dialect is for a cfc or wired_cfc");
      requireAtLeast(command, "--units", 1, units);
      requireAtLeast(command, "--backbone-units", 1, backboneUnits);
      requireAtLeast(command, "--backbone-layers", 0, backboneLayers);
      set(units, value -> recipe.units = value);
      set(backboneUnits, value -> recipe.backboneUnits = value);
      set(backboneLayers, value -> recipe.backboneLayers = value);
      set(activation, value -> recipe.activation = value);
      set(mode, value -> recipe.mode = value);
      set(dialect, value -> recipe.dialect = value);
      recipe.mixedMemory |= mixedMemory;
    }
  }

  /** Of how it is trained. */
  static final class OfTraining {
    @Option(names = "--epochs", paramLabel = "N", description = "How often all data are seen.")
    private @Nullable Integer epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Samples of a step.")
    private @Nullable Integer batch;

    @Option(
        names = "--truncate",
        paramLabel = "N",
        description =
            "Truncated backpropagation through time: gradients end, and the optimiser steps, after"
                + " every N steps of the sequences, of which each must have a target; 0 for whole"
                + " sequences.")
    private @Nullable Integer truncate;

    @Option(
        names = "--optimiser",
        paramLabel = "NAME",
        description =
            "${COMPLETION-CANDIDATES}: each with the defaults of PyTorch or of Keras; sgd with a"
                + " momentum of 0.9.")
    private Recipe.@Nullable OptimiserKind optimiser;

    @Option(names = "--learning-rate", paramLabel = "X", description = "Of the first step.")
    private @Nullable Double learningRate;

    @Option(
        names = "--decay",
        paramLabel = "X",
        description = "What the learning rate falls to in an epoch, as a share.")
    private @Nullable Double decay;

    @Option(names = "--weight-decay", paramLabel = "X", description = "0 for none.")
    private @Nullable Double weightDecay;

    @Option(
        names = "--dropout",
        paramLabel = "X",
        description = "Of a CfC's backbone, in dialects and layers that have it.")
    private @Nullable Double dropout;

    @Option(
        names = "--clip",
        paramLabel = "X",
        description = "The largest norm or magnitude of gradients; 0 for no clipping.")
    private @Nullable Double clip;

    @Option(
        names = "--clip-by",
        paramLabel = "NAME",
        description =
            "norm, of all together (PyTorch); variable, the norm of each (Keras); value, of each"
                + " element.")
    private Recipe.@Nullable ClippingKind clipBy;

    @Option(
        names = "--loss",
        paramLabel = "NAME",
        description = "${COMPLETION-CANDIDATES}; cross_entropy takes numbers of classes.")
    private Recipe.@Nullable LossKind loss;

    @Option(
        names = "--patience",
        paramLabel = "N",
        description = "Ends after N epochs without a smaller validation loss; 0 for never.")
    private @Nullable Integer patience;

    @Option(
        names = "--best",
        negatable = true,
        description = "The network of the best epoch, or of the last (--no-best).")
    private @Nullable Boolean best;

    void apply(CommandSpec command, Recipe recipe) {
      requireAtLeast(command, "--epochs", 0, epochs);
      requireAtLeast(command, "--batch", 1, batch);
      requireAtLeast(command, "--truncate", 0, truncate);
      requireAtLeast(command, "--patience", 0, patience);
      requireNotNegative(command, "--learning-rate", learningRate);
      requireNotNegative(command, "--decay", decay);
      requireNotNegative(command, "--weight-decay", weightDecay);
      requireNotNegative(command, "--clip", clip);
      require(
          command,
          dropout == null || (dropout >= 0 && dropout < 1),
          "--dropout must be from 0 to below 1, but is " + dropout);
      require(
          command,
          dropout == null || dropout == 0 || recipe.cell == Recipe.CellKind.CFC,
          "--dropout is for a cfc");
      set(epochs, value -> recipe.epochs = value);
      set(batch, value -> recipe.batch = value);
      set(truncate, value -> recipe.truncate = value);
      set(optimiser, value -> recipe.optimiser = value);
      set(learningRate, value -> recipe.learningRate = value);
      set(decay, value -> recipe.decay = value);
      set(weightDecay, value -> recipe.weightDecay = value);
      set(dropout, value -> recipe.dropout = value);
      set(clip, value -> recipe.clip = value);
      set(clipBy, value -> recipe.clippingKind = value);
      require(
          command, clipBy == null || clip != null || recipe.clip != 0, "--clip-by needs --clip");
      set(loss, value -> recipe.loss = value);
      set(patience, value -> recipe.patience = value);
      set(best, value -> recipe.restoresBest = value);
    }
  }

  /** Of a CSV file. */
  static final class OfTable {
    @Option(
        names = "--inputs",
        paramLabel = "NAME",
        split = ",",
        description =
            "Columns by name or by number from 1; by default all that are nothing else (with"
                + " --ahead the targets, too).")
    private List<String> inputs = List.of();

    @Option(
        names = "--targets",
        paramLabel = "NAME",
        split = ",",
        description = "Columns to be learnt.")
    private List<String> targets = List.of();

    @Option(
        names = "--time",
        paramLabel = "NAME",
        description =
            "The column with the times: timespans are those since the row before, in units of their"
                + " mean. By default all are 1.")
    private @Nullable String time;

    @Option(
        names = "--sequence",
        paramLabel = "NAME",
        description = "The column with the number of the sequence; by default there is one.")
    private @Nullable String sequence;

    @Option(
        names = "--ahead",
        paramLabel = "N",
        description = "Targets stand N rows later than inputs; by default 0.")
    private int ahead;

    @Option(
        names = "--missing",
        paramLabel = "NAME",
        description =
            "What takes the place of inputs that are missing: previous, zero (or 0) or mean; by"
                + " default they are refused.",
        converter = MissingConverter.class)
    private CsvTask.Missing missing = CsvTask.Missing.REFUSE;

    @Option(names = "--steps", paramLabel = "N", description = "Of a window; by default 32.")
    private int steps = 32;

    @Option(
        names = "--stride",
        paramLabel = "N",
        description = "From window to window in training; by default half a window.")
    private @Nullable Integer stride;

    @Option(
        names = "--split",
        paramLabel = "X",
        split = ",",
        description = "The shares for training, validation and testing; by default 0.7,0.15,0.15.")
    private List<Double> split = List.of(0.7, 0.15, 0.15);

    @Option(
        names = "--split-by",
        paramLabel = "NAME",
        description =
            "time, the first rows of every sequence are for training; or sequence, the first"
                + " sequences are. By default time.")
    private CsvTask.SplitBy splitBy = CsvTask.SplitBy.TIME;

    @Option(
        names = "--no-normalise",
        description =
            "Columns as they are. By default they become values of mean 0 and deviation 1 in the"
                + " training data; the network's file keeps means and deviations.")
    private boolean asTheyAre;

    /** Throws if one of these options is given, for a task that is no table. */
    static void refuse(CommandSpec command) {
      for (OptionSpec option : command.commandLine().getParseResult().matchedOptions()) {
        if (option.userObject() instanceof Field field
            && field.getDeclaringClass() == OfTable.class) {
          throw new ParameterException(
              command.commandLine(),
              option.longestName() + " is for CSV files, not for a task with data of its own");
        }
      }
    }

    CsvTask.Columns columns(CommandSpec command, Recipe recipe) {
      require(command, !targets.isEmpty(), "a CSV file needs --targets");
      least(command, "--steps", 1, steps);
      int apart = Objects.requireNonNullElse(stride, Math.max(1, steps / 2));
      least(command, "--stride", 1, apart);
      least(command, "--ahead", 0, ahead);
      double sum = split.stream().mapToDouble(share -> share).sum();
      if (split.size() != 3
          || split.stream().anyMatch(share -> !(share >= 0))
          || Math.abs(sum - 1) > 1e-9
          || split.getFirst() == 0) {
        throw new ParameterException(
            command.commandLine(),
            "--split must be three shares, the first above 0, whose sum is 1, but is " + split);
      }
      boolean classes = recipe.loss == Recipe.LossKind.CROSS_ENTROPY;
      if (classes && targets.size() != 1) {
        throw new ParameterException(
            command.commandLine(),
            "--loss cross_entropy takes one target, but there are " + targets);
      }
      boolean probabilities = recipe.loss == Recipe.LossKind.BINARY_CROSS_ENTROPY;
      return new CsvTask.Columns(
          inputs,
          targets,
          time,
          sequence,
          ahead,
          missing,
          steps,
          apart,
          splitBy,
          split,
          !asTheyAre,
          !probabilities,
          classes,
          probabilities);
    }

    private static void least(CommandSpec command, String name, int least, int found) {
      if (found < least) {
        throw new ParameterException(
            command.commandLine(),
            "%s must be at least %d, but is %d".formatted(name, least, found));
      }
    }
  }

  /** Takes 0 for zero. */
  static final class MissingConverter implements ITypeConverter<CsvTask.Missing> {
    @Override
    public CsvTask.Missing convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "0", "zero" -> CsvTask.Missing.ZERO;
        case "previous" -> CsvTask.Missing.PREVIOUS;
        case "mean" -> CsvTask.Missing.MEAN;
        default ->
            throw new TypeConversionException(
                "must be previous, zero or mean, but is '%s'".formatted(value));
      };
    }
  }
}
