package io.github.elegans.bench.jmh;

import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What to measure. An empty list stands for what the setting measures by default.
 *
 * @param families which families
 * @param denseShapes shapes of the dense family
 * @param cfcShapes shapes of the CfC family
 * @param batches batches of the CfC, network and training families
 * @param threads threads of the CfC family, of ensembles, of training and of the smallest step
 * @param accuracies tiers of the elementwise functions, wherever there are some
 * @param functions functions of the math family
 */
public record Selection(
    Set<Family> families,
    List<DenseShape> denseShapes,
    List<CfcShape> cfcShapes,
    List<Integer> batches,
    List<Integer> threads,
    List<Accuracy> accuracies,
    List<Activation> functions) {
  private static final int IN_L1 = 4096;
  private static final int BEYOND_L1 = 65536;

  /** The functions that networks spend their time in. */
  private static final List<Activation> MAIN =
      List.of(Activation.TANH, Activation.SIGMOID, Activation.EXP);

  private static final List<NetworkKind> NETWORKS = List.of(NetworkKind.values());
  private static final List<NetworkKind> SHORT_NETWORKS =
      NETWORKS.stream().filter(kind -> kind != NetworkKind.GRU).toList();
  private static final List<NetworkKind> SHORT_SEQUENCES = List.of(NetworkKind.LSTM);
  private static final List<NetworkKind> SEQUENCES =
      List.of(NetworkKind.LTC_NCP, NetworkKind.LSTM, NetworkKind.GRU);
  private static final List<Activation> ALL = List.of(Activation.values());
  private static final List<String> CFC =
      List.of("16,64,32", "16,128,64", "16,128,128", "16,256,256");

  /** Whose weights no second-level cache keeps. */
  private static final List<String> LARGE_CFC = List.of("16,512,512", "16,1024,512");

  /** Everything that the setting measures of these families. */
  public static Selection of(Set<Family> families) {
    return new Selection(
        families, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** The cases, each once. */
  Set<BenchmarkCase> cases(Setting setting) {
    boolean full = setting.equals(Setting.FULL);
    boolean quick = setting.equals(Setting.QUICK);
    boolean several = Runtime.getRuntime().availableProcessors() > 1;
    Set<BenchmarkCase> cases = new LinkedHashSet<>();
    for (Family family : families) {
      for (Sweep sweep : quick ? quick(family) : sweeps(family, full, several)) {
        cases.addAll(sweep.cases());
      }
    }
    return cases;
  }

  private List<Sweep> sweeps(Family family, boolean full, boolean several) {
    return switch (family) {
      case MATH -> full ? fullMath() : shortMath();
      case DENSE -> full ? fullDense() : shortDense();
      case CFC -> full ? fullCfc(several) : shortCfc(several);
      case NETWORK ->
          List.of(
              new Sweep(Workload.NETWORK)
                  .over("network", full ? NETWORKS : SHORT_NETWORKS, List.of())
                  .over("batch", full ? List.of(1, 24, 64) : List.of(1), batches)
                  .over("accuracy", List.of(Accuracy.ACCURATE), accuracies),
              new Sweep(Workload.NETWORK_SEQUENCE)
                  .over("network", full ? SEQUENCES : SHORT_SEQUENCES, List.of())
                  .over("batch", full ? List.of(1, 24) : List.of(1), batches)
                  .over("accuracy", List.of(Accuracy.ACCURATE), accuracies)
                  .over("steps", List.of(100), List.of()));
      case ODE -> List.of(ode(OdeWorkload.values()));
      case TRAINING -> full ? fullTraining(several) : shortTraining(several);
      case GROWTH -> growth(full);
      case CALL ->
          List.of(
              new Sweep(Workload.EMPTY_MATH),
              new Sweep(Workload.EMPTY_STEP)
                  .over("threads", several ? List.of(1, 2) : List.of(1), threads));
    };
  }

  private List<Sweep> quick(Family family) {
    return switch (family) {
      case MATH -> List.of(float32(List.of(Activation.TANH), List.of(Accuracy.ACCURATE), IN_L1));
      case DENSE -> List.of(dense(List.of("24x128x256"), Activation.LINEAR));
      case CFC -> List.of(steps(List.of("16,128,64"), List.of(1), Accuracy.ACCURATE, 1));
      case NETWORK ->
          List.of(
              new Sweep(Workload.NETWORK)
                  .over("network", List.of(NetworkKind.LTC_NCP), List.of())
                  .over("batch", List.of(1), batches)
                  .over("accuracy", List.of(Accuracy.ACCURATE), accuracies));
      case ODE -> List.of(ode(OdeWorkload.LORENZ_FIXED, OdeWorkload.ROBERTSON));
      case TRAINING -> List.of(training(TrainingNetwork.CFC, List.of(16), 1));
      case GROWTH ->
          List.of(
              growthStep(List.of(64, 256), List.of(1), List.of(1)),
              growthStep(List.of(128), List.of(1, 64), List.of(1)),
              growthStep(List.of(128), List.of(64), List.of(processors())),
              growthSequence(List.of(10, 100)));
      case CALL -> List.of(new Sweep(Workload.EMPTY_MATH));
    };
  }

  /** By hidden size, by batch, by length, by threads: each from the same middle. */
  private static List<Sweep> growth(boolean full) {
    List<Integer> sizes = full ? List.of(16, 32, 64, 128, 256, 512) : List.of(16, 64, 128, 256);
    List<Integer> rows = full ? List.of(1, 2, 4, 8, 16, 24, 64, 256, 1024) : List.of(1, 24, 64);
    List<Integer> lengths = full ? List.of(1, 10, 100, 1000) : List.of(1, 10, 100);
    List<Integer> members = upToProcessors();
    return List.of(
        growthStep(sizes, List.of(1, 64), List.of(1)),
        growthStep(List.of(128), rows, List.of(1)),
        growthStep(List.of(128), List.of(64, 256), members),
        growthSequence(lengths),
        new Sweep(Workload.ODE)
            .over("system", List.of(OdeWorkload.LORENZ_FIXED), List.of())
            .over("trajectories", List.of(trajectories(OdeWorkload.LORENZ_FIXED)), List.of())
            .over("threads", members, List.of()));
  }

  private static Sweep growthStep(List<Integer> sizes, List<Integer> rows, List<Integer> members) {
    return new Sweep(Workload.STEP)
        .over("shape", sizes.stream().map(n -> new CfcShape(16, n, n)).toList(), List.of())
        .over("batch", rows, List.of())
        .over("accuracy", List.of(Accuracy.ACCURATE), List.of())
        .over("threads", members, List.of());
  }

  private static Sweep growthSequence(List<Integer> lengths) {
    return new Sweep(Workload.SEQUENCE)
        .over("shape", List.of(new CfcShape(16, 128, 128)), List.of())
        .over("batch", List.of(1), List.of())
        .over("accuracy", List.of(Accuracy.ACCURATE), List.of())
        .over("threads", List.of(1), List.of())
        .over("steps", lengths, List.of());
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** 1, 2, 4, … and all of them. */
  private static List<Integer> upToProcessors() {
    List<Integer> members = new ArrayList<>();
    for (int n = 1; n < processors(); n *= 2) {
      members.add(n);
    }
    members.add(processors());
    return members;
  }

  /** So many that scalar code, too, solves them in some tenths of a second. */
  private static int trajectories(OdeWorkload workload) {
    return Math.max(64, workload.size() / 16);
  }

  private Sweep[] ode(OdeWorkload... workloads) {
    return Arrays.stream(workloads)
        .map(
            workload ->
                new Sweep(Workload.ODE)
                    .over("system", List.of(workload), List.of())
                    .over("trajectories", List.of(trajectories(workload)), List.of())
                    .over("threads", List.of(1), threads))
        .toArray(Sweep[]::new);
  }

  private List<Sweep> shortMath() {
    return List.of(
        float32(MAIN, List.of(Accuracy.ACCURATE), IN_L1),
        float32(List.of(Activation.TANH), List.of(Accuracy.FAST), IN_L1),
        float64(List.of(Activation.TANH), IN_L1),
        gradient(List.of(Activation.TANH)));
  }

  private List<Sweep> fullMath() {
    return List.of(
        float32(ALL, List.of(Accuracy.values()), IN_L1),
        float32(MAIN, List.of(Accuracy.ACCURATE), BEYOND_L1),
        float64(ALL, IN_L1),
        float64(MAIN, BEYOND_L1),
        gradient(ALL));
  }

  private List<Sweep> shortDense() {
    return List.of(
        dense(List.of("1x128x256", "24x128x256", "24x256x512"), Activation.LINEAR),
        dense(List.of("24x128x256"), Activation.TANH));
  }

  private List<Sweep> fullDense() {
    return List.of(
        dense(List.of("1x64x128", "1x128x256", "1x128x512", "1x256x1024"), Activation.LINEAR),
        dense(List.of("6x64x128", "6x128x256", "6x128x512", "6x256x1024"), Activation.LINEAR),
        dense(List.of("24x64x128", "24x128x256", "24x128x512"), Activation.LINEAR),
        dense(List.of("24x256x256", "24x256x512", "24x256x1024"), Activation.LINEAR),
        dense(List.of("96x64x128", "96x128x256", "96x256x1024"), Activation.LINEAR),
        dense(List.of("1x128x256", "24x128x256", "96x128x256"), Activation.TANH));
  }

  private List<Sweep> shortCfc(boolean several) {
    return List.of(
        steps(CFC, List.of(1), Accuracy.ACCURATE, 1),
        steps(CFC.subList(1, 4), List.of(24), Accuracy.ACCURATE, 1),
        steps(List.of("16,256,256"), List.of(1), Accuracy.ACCURATE, several ? 2 : 1),
        sequences(List.of("16,128,64"), List.of(1, 24), 1));
  }

  private List<Sweep> fullCfc(boolean several) {
    List<String> medium = List.of("16,128,64", "16,128,128");
    List<String> large = List.of("16,128,128", "16,256,256");
    return List.of(
        steps(CFC, List.of(1), Accuracy.ACCURATE, 1),
        steps(CFC, List.of(24), Accuracy.ACCURATE, 1),
        steps(CFC, List.of(64), Accuracy.ACCURATE, 1),
        steps(LARGE_CFC, List.of(64), Accuracy.ACCURATE, 1),
        steps(medium, List.of(1, 24), Accuracy.FAST, 1),
        steps(medium, List.of(1, 24), Accuracy.EXACT, 1),
        steps(large, List.of(1, 24), Accuracy.ACCURATE, several ? 2 : 1),
        sequences(CFC, List.of(1, 24), 1),
        sequences(large, List.of(1, 24), several ? 2 : 1));
  }

  private List<Sweep> shortTraining(boolean several) {
    return List.of(
        training(TrainingNetwork.CFC, List.of(1, 16), 1),
        training(TrainingNetwork.CFC, List.of(64), several ? 2 : 1),
        training(TrainingNetwork.LTC_NCP, List.of(16), 1),
        weightGradient(List.of("512x128x256")),
        trainingKernels(List.of(TrainingKernel.CFC_GATE_AND_BACK, TrainingKernel.ADAM)));
  }

  private List<Sweep> fullTraining(boolean several) {
    return List.of(
        training(TrainingNetwork.CFC, List.of(1, 16, 64, 512), 1),
        training(TrainingNetwork.CFC, List.of(64), several ? 2 : 1),
        training(TrainingNetwork.LTC_NCP, List.of(16, 64), 1),
        weightGradient(List.of("16x128x256", "512x128x256")),
        new Sweep(Workload.TRANSPOSE).over("shape", List.of("1x128x256"), List.of()),
        trainingKernels(List.of(TrainingKernel.values())));
  }

  private Sweep training(TrainingNetwork network, List<Integer> defaultBatches, int members) {
    return new Sweep(Workload.TRAINING)
        .over("network", List.of(network), List.of())
        .over("batch", defaultBatches, batches)
        .over("threads", List.of(members), threads)
        .over("steps", List.of(32), List.of());
  }

  private Sweep weightGradient(List<String> shapes) {
    return new Sweep(Workload.WEIGHT_GRADIENT).over("shape", shapes, denseShapes);
  }

  private static Sweep trainingKernels(List<TrainingKernel> kernels) {
    return new Sweep(Workload.TRAINING_KERNEL).over("kernel", kernels, List.of());
  }

  private Sweep float32(List<Activation> all, List<Accuracy> tiers, int elements) {
    return new Sweep(Workload.FLOAT32)
        .over("function", all, functions)
        .over("accuracy", tiers, accuracies)
        .over("elements", List.of(elements), List.of());
  }

  private Sweep float64(List<Activation> all, int elements) {
    return new Sweep(Workload.FLOAT64)
        .over("function", all, functions)
        .over("elements", List.of(elements), List.of());
  }

  private Sweep gradient(List<Activation> all) {
    return new Sweep(Workload.GRADIENT)
        .over("function", all, functions)
        .over("elements", List.of(IN_L1), List.of());
  }

  private Sweep dense(List<String> shapes, Activation epilogue) {
    return new Sweep(Workload.DENSE)
        .over("shape", shapes, denseShapes)
        .over("epilogue", List.of(epilogue), List.of())
        .over("accuracy", List.of(Accuracy.ACCURATE), accuracies);
  }

  private Sweep steps(
      List<String> shapes, List<Integer> defaultBatches, Accuracy accuracy, int members) {
    return network(Workload.STEP, shapes, defaultBatches, accuracy, members);
  }

  private Sweep sequences(List<String> shapes, List<Integer> defaultBatches, int members) {
    return network(Workload.SEQUENCE, shapes, defaultBatches, Accuracy.ACCURATE, members)
        .over("steps", List.of(100), List.of());
  }

  private Sweep network(
      String benchmark,
      List<String> shapes,
      List<Integer> defaultBatches,
      Accuracy accuracy,
      int members) {
    return new Sweep(benchmark)
        .over("shape", shapes, cfcShapes)
        .over("batch", defaultBatches, batches)
        .over("accuracy", List.of(accuracy), accuracies)
        .over("threads", List.of(members), threads);
  }

  /** A benchmark with all combinations of some values of its parameters. */
  private record Sweep(String benchmark, SequencedMap<String, List<?>> values) {

    Sweep(String benchmark) {
      this(benchmark, new LinkedHashMap<>());
    }

    /** This sweep over one more parameter: over the chosen values if there are any. */
    Sweep over(String parameter, List<?> defaults, List<?> chosen) {
      values.put(parameter, chosen.isEmpty() ? defaults : chosen);
      return this;
    }

    List<BenchmarkCase> cases() {
      List<BenchmarkCase> cases = List.of(new BenchmarkCase(benchmark));
      for (Map.Entry<String, List<?>> entry : values.entrySet()) {
        cases =
            cases.stream()
                .flatMap(some -> entry.getValue().stream().map(v -> some.with(entry.getKey(), v)))
                .toList();
      }
      return cases;
    }
  }
}
