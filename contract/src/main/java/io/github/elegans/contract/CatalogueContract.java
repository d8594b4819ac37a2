package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Kernels;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The systems that come with the library are solved as accurately as is asked for. */
public interface CatalogueContract {
  /** The backend to be tested. */
  Kernels kernels();

  /** Systems that explicit methods would solve slowly. */
  Set<String> STIFF =
      Set.of(
          "robertson",
          "hires",
          "oregonator",
          "van-der-pol",
          "van-der-pol-scaled",
          "e5",
          "hodgkin-huxley",
          "noble-1962",
          "beeler-reuter-1977",
          "luo-rudy-1991",
          "ten-tusscher-panfilov-2006");

  /** Systems of tiny numbers, judged by their relative error. */
  Set<String> TINY = Set.of("e5", "robertson");

  /** A row of the goldens. */
  record Golden(
      String name, double time, Map<String, Double> parameters, Map<String, Double> values) {

    OdeSystem system() {
      return OdeSystem.named(name);
    }

    private Solver solver(double tolerance, Kernels kernels) {
      double absolute =
          name.equals("e5") ? 1e-36 : TINY.contains(name) ? tolerance * 1e-9 : tolerance;
      return Solver.of(system())
          .method(STIFF.contains(name) ? Method.RODAS5P : Method.DOP853)
          .tolerance(tolerance, absolute)
          .kernels(kernels)
          .build();
    }

    private Ensemble ensemble(int size) {
      Ensemble ensemble = Ensemble.of(size).end(time);
      parameters.forEach(ensemble::parameter);
      return ensemble;
    }

    /** The greatest error of a state at a tolerance. */
    double error(double tolerance, Kernels kernels) {
      Solution solution = solver(tolerance, kernels).solve(ensemble(1));
      assertThat(solution.status(0)).isEqualTo(Status.DONE);
      double greatest = 0;
      for (Map.Entry<String, Double> value : values.entrySet()) {
        double error = Math.abs(solution.state(0, value.getKey()) - value.getValue());
        greatest = Math.max(greatest, error / size(value.getValue()));
      }
      return greatest;
    }

    private double size(double value) {
      return TINY.contains(name) ? Math.abs(value) : 1 + Math.abs(value);
    }

    /**
     * How much a disturbance on the way has grown at the end: the most over disturbances of each
     * state at eight times.
     */
    double amplification(Kernels kernels) {
      OdeSystem system = system();
      int n = system.states().size();
      double[] times = new double[CHECKPOINTS];
      for (int k = 0; k < CHECKPOINTS; k++) {
        times[k] = time * k / CHECKPOINTS;
      }
      Solver solver = solver(1e-11, kernels);
      double[][] on = solver.solve(ensemble(1).saveAt(times)).saved(0);
      Ensemble disturbed = ensemble(CHECKPOINTS * (n + 1)).start(i -> times[i / (n + 1)]);
      for (int s = 0; s < n; s++) {
        int state = s;
        disturbed.initial(
            system.states().get(s).name(),
            i -> {
              double y = on[i / (n + 1)][state];
              return i % (n + 1) == state ? y + DISTURBANCE * (1 + Math.abs(y)) : y;
            });
      }
      Solution solution = solver.solve(disturbed);
      double most = 1;
      for (int k = 0; k < CHECKPOINTS; k++) {
        double[] undisturbed = solution.states(k * (n + 1) + n);
        for (int s = 0; s < n; s++) {
          double[] states = solution.states(k * (n + 1) + s);
          double norm = 0;
          for (int j = 0; j < n; j++) {
            norm += Math.abs(states[j] - undisturbed[j]) / (1 + Math.abs(undisturbed[j]));
          }
          most = Math.max(most, norm / DISTURBANCE);
        }
      }
      return most;
    }

    @Override
    public String toString() {
      return name + " at " + time;
    }
  }

  /** The resource with the rows. */
  String GOLDENS = "/io/github/elegans/ode/goldens.txt";

  /** At how many times a trajectory is disturbed. */
  int CHECKPOINTS = 8;

  /** The size of a disturbance of a state y, in 1 + |y|. */
  double DISTURBANCE = 1e-7;

  /** All rows. */
  static Stream<Golden> goldens() throws IOException {
    List<Golden> goldens = new ArrayList<>();
    try (InputStream stream = CatalogueContract.class.getResourceAsStream(GOLDENS)) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
        String[] words = line.split(" ");
        Map<String, Double> parameters = new LinkedHashMap<>();
        Map<String, Double> values = new LinkedHashMap<>();
        for (String word : List.of(words).subList(2, words.length)) {
          Map<String, Double> to = word.startsWith("!") ? parameters : values;
          String[] pair = word.replace("!", "").split("=");
          to.put(pair[0], Double.parseDouble(pair[1]));
        }
        goldens.add(new Golden(words[0], Double.parseDouble(words[1]), parameters, values));
      }
    }
    return goldens.stream();
  }

  /**
   * Errors stay within 20 tolerances, times what the system itself makes of errors where it is
   * unstable, and follow the tolerance: the slope of their logarithms is 1 within a quarter. Where
   * they all stay within a fifth of the tolerance, other things than it decide about them.
   */
  @ParameterizedTest
  @MethodSource("io.github.elegans.contract.CatalogueContract#goldens")
  default void errorsStayWithinTwentyTolerancesAndFollowThem(Golden golden) {
    int count = 6;
    double[] tolerances = {1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10};
    double[] errors = new double[count];
    double most = 0;
    double slope = 1;
    for (int i = 0; i < count; i++) {
      errors[i] = golden.error(tolerances[i], kernels()) / tolerances[i];
      most = Math.max(most, errors[i]);
      slope -=
          Math.log10(errors[i]) * (i - 0.5 * (count - 1)) * 12 / (count * (count * count - 1.0));
    }
    if (!(most <= 20)) {
      assertThat(most)
          .as("errors by tolerance %s", Arrays.toString(errors))
          .isLessThanOrEqualTo(20 * golden.amplification(kernels()));
    }
    if (!(most <= 0.2)) {
      assertThat(slope)
          .as("slope, errors by tolerance %s", Arrays.toString(errors))
          .isCloseTo(1, within(0.25));
    }
  }
}
