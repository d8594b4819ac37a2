package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

  @Test
  void logarithmicTicks() {
    assertThat(new Axis("", 1, 1e4, true, Axis::plain).ticks())
        .containsExactly(1.0, 10.0, 100.0, 1000.0, 10000.0);
    assertThat(new Axis("", 15, 250, true, Axis::plain).ticks())
        .containsExactly(20.0, 50.0, 100.0, 200.0);
  }

  @Test
  void linearTicks() {
    assertThat(new Axis("", 0, 10, false, Axis::plain).ticks())
        .containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
  }

  @Test
  void places() {
    assertThat(new Axis("", 1, 100, true, Axis::plain).at(10)).isCloseTo(0.5, within(1e-12));
    assertThat(new Axis("", 0, 8, false, Axis::plain).at(2)).isCloseTo(0.25, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"5, 5 ns", "2000, 2 µs", "1500, 1.5 µs", "1e6, 1 ms", "3e9, 3 s", "1e12, 1000 s"})
  void times(double nanos, String text) {
    assertThat(Axis.time(nanos)).isEqualTo(text);
  }
}
