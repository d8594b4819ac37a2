package io.github.elegans.integration;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Calibration;
import io.github.elegans.backends.Calibration.Timing;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * How good the choices of calibrations are: each shape in a JVM of its own that has run nothing
 * before, and then again for so many seconds, when everything is compiled. To be run by hand on a
 * machine that does nothing else; prints what the choice costs beyond the fastest.
 */
public final class CalibrationSurvey {
  private static final List<String> FLAGS =
      List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  private static final int[] BATCHES = {1, 24, 64};

  private CalibrationSurvey() {}

  /** Without arguments surveys all shapes; with a name, a batch and seconds, one. */
  public static void main(String[] arguments) {
    if (arguments.length == 3) {
      survey(arguments[0], Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      return;
    }
    for (String name : networks().keySet()) {
      for (int batch : BATCHES) {
        ChildJvm.run(FLAGS, CalibrationSurvey.class, name, Integer.toString(batch), "10")
            .output()
            .lines()
            .filter(line -> !line.startsWith("WARNING"))
            .forEach(System.out::println);
      }
    }
  }

  private static void survey(String name, int batch, int seconds) {
    Network network = networks().get(name);
    Backends.statuses();
    long begin = System.nanoTime();
    Calibration calibration = network.calibrate(batch);
    long nanos = System.nanoTime() - begin;
    // The first one warms up.
    network.calibrate(batch, Duration.ofSeconds(seconds));
    Calibration later = network.calibrate(batch, Duration.ofSeconds(seconds));
    double best = later.timings().stream().mapToDouble(Timing::nanos).min().orElseThrow();
    double chosen =
        later.timings().stream()
            .filter(timing -> timing.backend().equals(calibration.chosen()))
            .mapToDouble(Timing::nanos)
            .sum();
    System.out.printf(
        Locale.ROOT,
        "%s, batch %d: +%.1f %% in %d ms (%s); later %s%n",
        name,
        batch,
        100 * (chosen / best - 1),
        nanos / 1_000_000,
        calibration.reason(),
        later.timings());
  }

  private static Map<String, Network> networks() {
    Map<String, Network> networks = new LinkedHashMap<>();
    for (int[] shape : new int[][] {{64, 32}, {128, 64}, {128, 128}, {256, 256}}) {
      networks.put(
          "CfC 16-%d-%d".formatted(shape[0], shape[1]),
          Cfc.initialised(CfcConfiguration.of(16, shape[1]).withBackbone(shape[0], 1), 1));
    }
    networks.put("LTC AutoNCP(28, 4)", Ltc.initialised(new AutoNcp(28, 4).build(20), 1));
    networks.put(
        "LSTM 16-64",
        RecurrentNetwork.of(
            RecurrentNetwork.Kind.LSTM,
            16,
            64,
            Map.of(
                "weight_ih_l0", noise(4 * 64 * 16),
                "weight_hh_l0", noise(4 * 64 * 64),
                "bias_ih_l0", noise(4 * 64),
                "bias_hh_l0", noise(4 * 64))));
    return networks;
  }

  private static float[] noise(int n) {
    Random random = new Random(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (0.1 * random.nextGaussian());
    }
    return values;
  }
}
