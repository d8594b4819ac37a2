package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final String GOLDEN = "/io/github/elegans/networks/training/schedules.safetensors";

  /** Made by PyTorch 2.13 with a learning rate of 1; the continuous exponential by its formula. */
  private static final Map<String, Schedule> SCHEDULES =
      Map.of(
          "step(size=10,gamma=0.1)", Schedule.step(10, 0.1),
          "multistep([5,20],gamma=0.5)", Schedule.multistep(List.of(5L, 20L), 0.5),
          "exponential(gamma=0.9)", Schedule.exponential(0.9),
          "cosine(total=30,minimum=0.01)", Schedule.cosine(30, 0.01),
          "linear(start=0.1,total=8)", Schedule.linear(0.1, 8),
          "one_cycle(max=1,total=40)", Schedule.oneCycle(40),
          "polynomial(total=20,power=2)", Schedule.polynomial(20, 2),
          "warmup_cosine(warmup=5,total=20)", Schedule.warmUp(5).then(5, Schedule.cosine(15, 0)),
          "exponential_continuous(decay=0.95,steps=4)", Schedule.exponential(0.95, 4));

  @Test
  void areThoseOfPyTorch() throws IOException {
    try (InputStream in = Objects.requireNonNull(ScheduleTest.class.getResourceAsStream(GOLDEN))) {
      Safetensors golden = Safetensors.read(GOLDEN, in.readAllBytes());
      assertThat(SCHEDULES.keySet()).isEqualTo(golden.tensors().keySet());
      SCHEDULES.forEach(
          (name, schedule) -> {
            double[] expected = golden.tensor(name).toDoubles();
            for (int step = 0; step < expected.length; step++) {
              assertThat(schedule.factor(step))
                  .as("%s, step %d", name, step)
                  .isCloseTo(expected[step], within(1e-12));
            }
          });
    }
  }

  @Test
  void theConstantOneIsOne() {
    assertThat(Schedule.constant().factor(0)).isEqualTo(1);
    assertThat(Schedule.constant().factor(1_000_000)).isEqualTo(1);
  }

  @Test
  void aCycleStaysAtItsEnd() {
    assertThat(Schedule.oneCycle(40).factor(1000)).isCloseTo(1 / 25e4, within(1e-18));
  }

  @Test
  void aPartOfACycleOfFewStepsMayBeEmpty() {
    for (long steps = 2; steps < 8; steps++) {
      for (long step = 0; step < steps; step++) {
        assertThat(Schedule.oneCycle(steps).factor(step)).isBetween(0.0, 1.0);
      }
    }
  }

  @Test
  void refuseWhatMakesNoSense() {
    assertThatThrownBy(() -> Schedule.step(0, 0.5)).hasMessage("size must be at least 1, but is 0");
    assertThatThrownBy(() -> Schedule.exponential(Double.NaN))
        .hasMessage("decay must be finite and not negative, but is NaN");
    assertThatThrownBy(() -> Schedule.multistep(List.of(5L, 4L), 0.5))
        .hasMessage("a milestone behind 5 must be at least 5, but is 4");
    assertThatThrownBy(() -> Schedule.polynomial(5, 0))
        .hasMessage("power must be finite and positive, but is 0.0");
  }
}
