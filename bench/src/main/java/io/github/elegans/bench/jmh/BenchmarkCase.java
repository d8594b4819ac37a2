package io.github.elegans.bench.jmh;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A benchmark with values for all its parameters but the backend.
 *
 * @param benchmark class and method, without the package
 * @param parameters values by name, in the order in which people want to read them
 */
record BenchmarkCase(String benchmark, SequencedMap<String, String> parameters) {

  BenchmarkCase(String benchmark) {
    this(benchmark, new LinkedHashMap<>());
  }

  /** This case with one more parameter. */
  BenchmarkCase with(String name, Object value) {
    SequencedMap<String, String> extended = new LinkedHashMap<>(parameters);
    extended.put(name, value.toString());
    return new BenchmarkCase(benchmark, extended);
  }

  /** This case as one word of a parameter, which {@link #parse} reads. */
  String encoded() {
    return Stream.concat(
            Stream.of(benchmark),
            parameters.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()))
        .collect(Collectors.joining(";"));
  }

  /** Reads what {@link #encoded} wrote. */
  static BenchmarkCase parse(String encoded) {
    String[] parts = encoded.split(";", -1);
    BenchmarkCase parsed = new BenchmarkCase(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      parsed = parsed.with(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    return parsed;
  }

  /** What it does, in words. */
  String title() {
    StringBuilder title = new StringBuilder(kind());
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      String value = parameter.getValue().toLowerCase(Locale.ROOT);
      String text =
          switch (parameter.getKey()) {
            case "batch" -> " batch " + value;
            case "steps" -> " T=" + value;
            case "elements" -> " n=" + value;
            case "trajectories" -> " x " + value;
            case "threads" -> value.equals("1") ? "" : " on " + value + " threads";
            case "epilogue" -> value.equals("linear") ? "" : " + " + value;
            case "accuracy" -> value.equals("accurate") ? "" : " " + value;
            default -> " " + value;
          };
      title.append(text);
    }
    return title.toString();
  }

  /** Whether its operation may allocate heap memory: solutions are new objects. */
  boolean mayAllocate() {
    return benchmark.equals(Workload.ODE);
  }

  /** What its operation consists of. */
  String item() {
    return switch (benchmark) {
      case Workload.FLOAT32, Workload.FLOAT64, Workload.GRADIENT -> "element";
      case Workload.DENSE, Workload.WEIGHT_GRADIENT -> "row";
      case Workload.TRAINING_KERNEL -> "element";
      case Workload.TRAINING -> "step of the batch";
      case Workload.STEP, Workload.NETWORK -> "sample";
      case Workload.SEQUENCE, Workload.NETWORK_SEQUENCE -> "sample and step";
      case Workload.ODE -> "trajectory";
      default -> "call";
    };
  }

  /** The benchmark in words. */
  String kind() {
    return switch (benchmark) {
      case Workload.FLOAT32 -> "float32";
      case Workload.FLOAT64 -> "float64";
      case Workload.GRADIENT -> "gradient";
      case Workload.DENSE -> "dense";
      case Workload.STEP -> "cfc step";
      case Workload.SEQUENCE -> "cfc sequence";
      case Workload.NETWORK -> "step";
      case Workload.NETWORK_SEQUENCE -> "sequence";
      case Workload.ODE -> "ode";
      case Workload.TRAINING -> "training";
      case Workload.WEIGHT_GRADIENT -> "gradient of weights";
      case Workload.TRANSPOSE -> "transpose";
      case Workload.TRAINING_KERNEL -> "training kernel";
      case Workload.EMPTY_MATH -> "empty call";
      case Workload.EMPTY_STEP -> "smallest step";
      default -> benchmark;
    };
  }
}
