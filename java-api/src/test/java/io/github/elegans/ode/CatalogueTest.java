package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.elegans.kernels.Backends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The systems that come with the library, against the values of the literature. */
class CatalogueTest {
  private static final Set<String> STIFF =
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

  /** A row of the goldens. */
  record Golden(
      String system,
      double time,
      Map<String, Double> parameters,
      double amplification,
      Map<String, Double> values) {}

  static Stream<Golden> goldens() throws IOException {
    List<Golden> goldens = new ArrayList<>();
    try (InputStream stream = CatalogueTest.class.getResourceAsStream("goldens.txt")) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
        String[] words = line.split(" ");
        Map<String, Double> parameters = new LinkedHashMap<>();
        Map<String, Double> values = new LinkedHashMap<>();
        double amplification = 1;
        for (String word : List.of(words).subList(2, words.length)) {
          if (word.startsWith("*")) {
            amplification = Double.parseDouble(word.substring(1));
          } else {
            Map<String, Double> to = word.startsWith("!") ? parameters : values;
            String[] pair = word.replace("!", "").split("=");
            to.put(pair[0], Double.parseDouble(pair[1]));
          }
        }
        goldens.add(
            new Golden(words[0], Double.parseDouble(words[1]), parameters, amplification, values));
      }
    }
    return goldens.stream();
  }

  private static Solver.Builder solver(
      OdeSystem system, Method method, double relative, double absolute) {
    return Solver.of(system)
        .method(method)
        .tolerance(relative, absolute)
        .kernels(Backends.named("scalar"));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void errorsStayWithinTwentyTolerances(Golden golden) {
    OdeSystem system = OdeSystem.named(golden.system);
    for (double tolerance : new double[] {1e-5, 1e-7, 1e-9}) {
      // Systems of tiny numbers are judged by their relative error.
      boolean tiny = golden.system.equals("e5") || golden.system.equals("robertson");
      double absolute = golden.system.equals("e5") ? 1e-36 : tiny ? tolerance * 1e-9 : tolerance;
      Solver solver =
          solver(
                  system,
                  STIFF.contains(golden.system) ? Method.RODAS5P : Method.DOP853,
                  tolerance,
                  absolute)
              .build();
      Ensemble ensemble = Ensemble.of(1).end(golden.time);
      golden.parameters.forEach(ensemble::parameter);
      Solution solution = solver.solve(ensemble);
      assertThat(solution.status(0)).isEqualTo(Status.DONE);
      golden.values.forEach(
          (name, value) -> {
            double error = Math.abs(solution.state(0, name) - value);
            double size = tiny ? Math.abs(value) : 1 + Math.abs(value);
            assertThat(error)
                .as("%s at tolerance %s", name, tolerance)
                .isLessThanOrEqualTo(20 * tolerance * golden.amplification * size);
          });
    }
  }

  @Test
  void everySystemIsKnownAndNamesItsSource() throws IOException {
    Set<String> tested = new HashSet<>();
    goldens().forEach(g -> tested.add(g.system));
    for (String name : OdeSystem.CATALOGUE) {
      OdeSystem system = OdeSystem.named(name);
      assertThat(system.title()).isNotBlank();
      assertThat(system.source()).as(name).isNotBlank();
    }
    assertThat(OdeSystem.CATALOGUE).containsAll(tested);
  }

  @Test
  void hodgkinAndHuxleysNeuronSpikesInTime() {
    OdeSystem system = OdeSystem.named("hodgkin-huxley");
    Solution solution =
        solver(system, Method.DOP853, 1e-10, 1e-10)
            .event(Event.log("spike", system.expression("V"), Event.Direction.RISING))
            .build()
            .solve(Ensemble.of(1).end(50));
    double[] times = {
      1.900971951657356035, 16.82258264961480919, 31.47182664143336238, 46.10900156012312489
    };
    assertThat(solution.crossings(0)).hasSize(times.length);
    for (int i = 0; i < times.length; i++) {
      assertThat(solution.crossings(0).get(i).time()).isCloseTo(times[i], within(2e-9));
    }
  }

  @Test
  void robertsonsReactionPassesItsMarks() {
    OdeSystem system = OdeSystem.named("robertson");
    Solution solution =
        solver(system, Method.RODAS5P, 1e-10, 1e-18)
            .event(Event.log("y3", system.expression("y3 - 0.01"), Event.Direction.RISING))
            .event(Event.log("y1", system.expression("y1 - 1e-4"), Event.Direction.FALLING))
            .build()
            .solve(Ensemble.of(1).end(1e8));
    assertThat(solution.crossings(0)).hasSize(2);
    assertThat(solution.crossings(0).get(0).time()).isCloseTo(0.26401907818763256315, within(1e-9));
    assertThat(solution.crossings(0).get(1).time())
        .isCloseTo(20795496.8830266233, withinPercentage(1e-5));
  }

  @Test
  void theHeartsSodiumGatesSwitchInTime() {
    OdeSystem system = OdeSystem.named("ten-tusscher-panfilov-2006");
    Solution solution =
        solver(system, Method.RODAS5P, 1e-8, 1e-10)
            .event(Event.log("-40 mV", system.expression("V + 40"), Event.Direction.ANY))
            .build()
            .solve(Ensemble.of(1).parameter("C_m", 1).end(400));
    assertThat(solution.crossings(0)).hasSize(2);
    assertThat(solution.crossings(0).get(0).time()).isCloseTo(1.770140209307106040, within(1e-6));
    assertThat(solution.crossings(0).get(1).time()).isCloseTo(271.127190604694272, within(1e-5));
  }

  /** After LSODA at 1e-10, in Myokit's model of 2024. */
  @Test
  void theHeartIsAtRestAgainAfterABeat() {
    Solution solution =
        solver(OdeSystem.named("ten-tusscher-panfilov-2006"), Method.RODAS5P, 1e-8, 1e-10)
            .maximumStep(0.5)
            .build()
            .solve(
                Ensemble.of(1)
                    .parameter("stimulus_amplitude", -94)
                    .parameter("stimulus_start", 50)
                    .parameter("stimulus_duration", 0.5)
                    .end(1000));
    assertThat(solution.status(0)).isEqualTo(Status.DONE);
    Map.of(
            "V",
            -85.47126,
            "Ca_i",
            1.0566225e-4,
            "Ca_SR",
            3.601261,
            "Ca_SS",
            2.1856831e-4,
            "Na_i",
            8.6247271,
            "K_i",
            136.88233,
            "h",
            0.75145741,
            "f",
            0.97086213,
            "R",
            0.98731308)
        .forEach(
            (name, value) ->
                assertThat(solution.state(0, name))
                    .as(name)
                    .isCloseTo(value, withinPercentage(1e-3)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kepler", "outer-solar-system", "henon-heiles"})
  void orbitsKeepTheirEnergy(String name) {
    OdeSystem system = OdeSystem.named(name);
    double time = name.startsWith("outer") ? 200 : 100;
    Solver solver =
        solver(system, Method.DOP853, 1e-12, 1e-12)
            .fold(Fold.minimum("least", system.expression("energy")))
            .fold(Fold.maximum("greatest", system.expression("energy")))
            .build();
    Solution solution = solver.solve(Ensemble.of(1).end(time));
    double least = solution.fold(0, "least");
    assertThat(solution.status(0)).isEqualTo(Status.DONE);
    assertThat(solution.fold(0, "greatest") - least).isLessThan(1e-9 * Math.abs(least));
  }
}
