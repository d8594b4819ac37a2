package io.github.elegans.djl;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.models.LoadOptions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the options of a model say: {@link ElegansModel} lists them.
 *
 * @param settings what becomes of the network
 * @param parallelism threads of a call
 */
record ModelOptions(LoadOptions loading, UnaryOperator<Network> settings, int parallelism) {
  private static final String METADATA = "metadata.";

  /** What a call may use: {@link io.github.elegans.networks.Session#parallelism}. */
  private static final int MOST_THREADS = 1024;

  /**
   * Of the options as DJL gives them.
   *
   * @throws IllegalArgumentException if there is another option, or one has another value
   */
  static ModelOptions of(@Nullable Map<String, ?> options) {
    LoadOptions loading = LoadOptions.NONE;
    UnaryOperator<Network> settings = network -> network;
    int parallelism = 1;
    for (Map.Entry<String, ?> option :
        options == null ? Map.<String, Object>of().entrySet() : options.entrySet()) {
      String name = option.getKey();
      String value = String.valueOf(option.getValue());
      UnaryOperator<Network> before = settings;
      switch (name) {
        case "backend" -> {
          var kernels = Backends.named(value);
          settings = network -> before.apply(network).on(kernels);
        }
        case "accuracy" -> {
          Accuracy accuracy = constant(name, Accuracy.class, value);
          settings = network -> before.apply(network).with(accuracy);
        }
        case "storage" -> {
          WeightStorage storage = constant(name, WeightStorage.class, value);
          settings = network -> before.apply(network).with(storage);
        }
        case "parallelism" -> parallelism = threads(value);
        case "prefix" -> loading = loading.withPrefix(value);
        case "ignore_others" -> {
          if (isTrue(name, value)) {
            loading = loading.ignoreOthers();
          }
        }
        // DJL has read it.
        case "modelName" -> {}
        default -> {
          if (!name.startsWith(METADATA)) {
            throw new IllegalArgumentException(
                ("unknown option '%s': expected backend, accuracy, storage, parallelism, prefix,"
                        + " ignore_others or %s…")
                    .formatted(name, METADATA));
          }
          loading = loading.with(name.substring(METADATA.length()), value);
        }
      }
    }
    return new ModelOptions(loading, settings, parallelism);
  }

  private static <E extends Enum<E>> E constant(String option, Class<E> type, String value) {
    return Arrays.stream(type.getEnumConstants())
        .filter(one -> lowerCase(one).equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    option,
                    "one of "
                        + Arrays.stream(type.getEnumConstants())
                            .map(ModelOptions::lowerCase)
                            .toList(),
                    value));
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static int threads(String value) {
    int threads;
    try {
      threads = Integer.parseInt(value);
    } catch (NumberFormatException e) {
      threads = 0;
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw wrong("parallelism", "a number from 1 to " + MOST_THREADS, value);
    }
    return threads;
  }

  private static boolean isTrue(String option, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(option, "true or false", value);
    };
  }

  private static IllegalArgumentException wrong(String option, String expected, String found) {
    return new IllegalArgumentException(
        "option %s must be %s, but is '%s'".formatted(option, expected, found));
  }
}
