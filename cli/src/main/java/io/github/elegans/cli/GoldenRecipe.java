package io.github.elegans.cli;

import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Optimiser;
import io.github.elegans.networks.training.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Optimisers and schedules as golden files name them, after PyTorch's. */
final class GoldenRecipe {
  private GoldenRecipe() {}

  /**
   * An optimiser.
   *
   * @param thing where in the file it stands
   * @param name {@code adam}, …
   * @param arguments a JSON object; what it lacks is PyTorch's default
   * @throws FileFormatException if there is no such optimiser
   */
  static Optimiser optimiser(Safetensors file, String thing, String name, String arguments) {
    double rate = number(arguments, "lr", Double.NaN);
    return switch (name) {
      case "sgd" -> {
        Optimiser.Sgd sgd =
            Optimiser.sgd(rate).withWeightDecay(number(arguments, "weight_decay", 0));
        double momentum = number(arguments, "momentum", 0);
        yield has(arguments, "nesterov")
            ? sgd.withNesterov(momentum)
            : sgd.withMomentum(momentum).withDampening(number(arguments, "dampening", 0));
      }
      case "adam" ->
          Optimiser.adam()
              .withLearningRate(rate)
              .withBeta1(beta(arguments, 1, 0.9))
              .withBeta2(beta(arguments, 2, 0.999))
              .withEpsilon(number(arguments, "eps", 1e-8))
              .withWeightDecay(number(arguments, "weight_decay", 0))
              .withAmsgrad(has(arguments, "amsgrad"));
      case "adamw" ->
          Optimiser.adamW()
              .withLearningRate(rate)
              .withBeta1(beta(arguments, 1, 0.9))
              .withBeta2(beta(arguments, 2, 0.999))
              .withEpsilon(number(arguments, "eps", 1e-8))
              .withWeightDecay(number(arguments, "weight_decay", 0.01))
              .withAmsgrad(has(arguments, "amsgrad"));
      case "rmsprop" ->
          Optimiser.rmsProp()
              .withLearningRate(rate)
              .withAlpha(number(arguments, "alpha", 0.99))
              .withEpsilon(number(arguments, "eps", 1e-8))
              .withMomentum(number(arguments, "momentum", 0))
              .withCentered(has(arguments, "centered"))
              .withWeightDecay(number(arguments, "weight_decay", 0));
      case "rmsprop_keras" ->
          Optimiser.kerasRmsProp()
              .withLearningRate(rate)
              .withRho(number(arguments, "rho", 0.9))
              .withEpsilon(number(arguments, "eps", 1e-7))
              .withWeightDecay(number(arguments, "weight_decay", 0));
      case "lion" ->
          Optimiser.lion()
              .withLearningRate(rate)
              .withBeta1(beta(arguments, 1, 0.9))
              .withBeta2(beta(arguments, 2, 0.99))
              .withWeightDecay(number(arguments, "weight_decay", 0));
      default -> throw unknown(file, thing, name);
    };
  }

  /**
   * A schedule.
   *
   * @param thing where in the file it stands
   * @param text its name and arguments, as {@code step(size=10,gamma=0.1)}
   * @throws FileFormatException if there is no such schedule
   */
  static Schedule schedule(Safetensors file, String thing, String text) {
    return switch (text.replaceFirst("\\(.*", "")) {
      case "step" -> Schedule.step(steps(text, "size"), number(text, "gamma", 1));
      case "multistep" -> Schedule.multistep(milestones(text), number(text, "gamma", 1));
      case "exponential" ->
          text.contains("gamma")
              ? Schedule.exponential(number(text, "gamma", 1))
              : Schedule.exponential(number(text, "decay", 1), steps(text, "steps"));
      case "exponential_continuous" ->
          Schedule.exponential(number(text, "decay", 1), steps(text, "steps"));
      case "cosine" -> Schedule.cosine(steps(text, "total"), number(text, "minimum", 0));
      case "linear" -> Schedule.linear(number(text, "start", 1), steps(text, "total"));
      case "one_cycle" -> Schedule.oneCycle(steps(text, "total"));
      case "polynomial" -> Schedule.polynomial(steps(text, "total"), number(text, "power", 1));
      case "warmup_cosine" -> {
        long warmUp = steps(text, "warmup");
        Schedule wave = Schedule.cosine(steps(text, "total") - warmUp, number(text, "minimum", 0));
        yield Schedule.warmUp(warmUp).then(warmUp, wave);
      }
      default -> throw unknown(file, thing, text);
    };
  }

  private static FileFormatException unknown(Safetensors file, String thing, String found) {
    return new FileFormatException(file.source(), thing, "one that is known", found);
  }

  /** A number behind a name, as {@code "lr": 0.1} or {@code size=5}. */
  private static double number(String text, String name, double otherwise) {
    Matcher matcher = Pattern.compile("\\b" + name + "\"?\\s*[:=]\\s*([-+0-9.eE]+)").matcher(text);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : otherwise;
  }

  private static long steps(String text, String name) {
    return (long) number(text, name, 1);
  }

  /** Whole numbers in brackets, as {@code [5,20]}. */
  private static List<Long> milestones(String text) {
    List<Long> milestones = new ArrayList<>();
    Matcher matcher = Pattern.compile("[0-9]+(?=[^\\[\\]]*])").matcher(text);
    while (matcher.find()) {
      milestones.add(Long.valueOf(matcher.group()));
    }
    return milestones;
  }

  private static boolean has(String arguments, String flag) {
    return arguments.matches(".*\"" + flag + "\"\\s*:\\s*true.*");
  }

  private static double beta(String arguments, int index, double otherwise) {
    Matcher matcher =
        Pattern.compile("\"betas\"\\s*:\\s*\\[([-+0-9.eE]+),\\s*([-+0-9.eE]+)]").matcher(arguments);
    return matcher.find() ? Double.parseDouble(matcher.group(index)) : otherwise;
  }
}
