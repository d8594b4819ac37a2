package io.github.elegans.orekit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.expressions.Expr;
import io.github.elegans.ode.OdeSystem;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChebyshevSeriesTest {
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 1.5, 20})
  void aSeriesIsTheFunction(double rate) {
    double[] values =
        Arrays.stream(ChebyshevSeries.nodes(64)).map(x -> Math.cos(rate * x + 0.3)).toArray();
    ChebyshevSeries series = ChebyshevSeries.through(values);
    Expr x = Expr.variable("x");
    OdeSystem.VectorField field =
        OdeSystem.builder("function")
            .state("x", 0)
            .derivative("x", x)
            .build()
            .vectorField(List.of(series.at(x, x.times(2))));

    assertThat(series.hasConverged()).isTrue();
    double[] value = new double[1];
    for (double at = -1; at <= 1; at += 0.03125) {
      field.evaluate(0, new double[] {at}, new double[0], value);
      assertThat(value[0]).isCloseTo(Math.cos(rate * at + 0.3), within(3e-14));
    }
  }

  @Test
  void aSeriesThatIsTooShortHasNotConverged() {
    double[] values = Arrays.stream(ChebyshevSeries.nodes(16)).map(x -> Math.cos(20 * x)).toArray();

    assertThat(ChebyshevSeries.through(values).hasConverged()).isFalse();
  }
}
