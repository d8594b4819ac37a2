package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimiserTest {

  @Test
  void namesOfStatesAreThoseOfPyTorch() {
    Map<Optimiser, List<String>> expected =
        Map.of(
            Optimiser.sgd(),
            List.of(),
            Optimiser.sgd().withMomentum(0.5),
            List.of("momentum_buffer"),
            Optimiser.adam(),
            List.of("exp_avg", "exp_avg_sq"),
            Optimiser.adamW().withAmsgrad(true),
            List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
            Optimiser.rmsProp().withCentered(true).withMomentum(0.1),
            List.of("square_avg", "momentum_buffer", "grad_avg"),
            Optimiser.rmsProp().withCentered(true),
            List.of("square_avg", "grad_avg"),
            Optimiser.lion(),
            List.of("exp_avg"));
    expected.forEach(
        (optimiser, names) -> {
          assertThat(optimiser.stateNames()).isEqualTo(names);
          assertThat(optimiser.constants(3, 0.1, 1, 1, 0).rule().states()).isEqualTo(names.size());
        });
  }

  @Test
  void aWitherChangesOneThing() {
    assertThat(Optimiser.adamW().withLearningRate(0.5).withBeta2(0.9))
        .isEqualTo(new Optimiser.AdamW(0.5, 0.9, 0.9, 1e-8, 1e-2, false));
    assertThat(Optimiser.sgd(0.1).withNesterov(0.9))
        .isEqualTo(new Optimiser.Sgd(0.1, 0.9, 0, true, 0));
  }

  @Test
  void refuseWhatMakesNoSense() {
    assertThatThrownBy(() -> Optimiser.adam().withBeta1(1))
        .hasMessage("beta1 must be from 0 to below 1, but is 1.0");
    assertThatThrownBy(() -> Optimiser.lion().withLearningRate(Double.POSITIVE_INFINITY))
        .hasMessage("learningRate must be finite and not negative, but is Infinity");
    assertThatThrownBy(() -> new Optimiser.Sgd(0.1, 0.9, 0.1, true, 0))
        .hasMessage(
            "Nesterov's momentum needs a momentum and no dampening, but they are 0.9 and 0.1");
  }

  @Test
  void aStepNeedsItsStates() {
    Kernels kernels = Backends.named("scalar");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment p = arena.allocate(64);
      MemorySegment g = arena.allocate(64);
      assertThatThrownBy(
              () -> Optimiser.adam().step(kernels, 0, 0.1, 1, 1, 0, p, g, List.of(p), 16, 16, 1))
          .hasMessage("states must have 2 elements, but has 1");
    }
  }

  @Test
  void clippingMakesLargeGradientsSmaller() {
    assertThat(Clipping.none().factor(5)).isEqualTo(1);
    assertThat(Clipping.none().limit()).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Clipping.byNorm(2).factor(1)).isEqualTo(1);
    assertThat(Clipping.byNorm(2).factor(8)).isEqualTo(2 / (8 + 1e-6));
    assertThat(Clipping.byVariable(2).factor(1)).isEqualTo(1);
    assertThat(Clipping.byVariable(2).factor(8)).isEqualTo(0.25);
    assertThat(Clipping.byVariable(2).perVariable()).isTrue();
    assertThat(Clipping.byValue(0.5).limit()).isEqualTo(0.5f);
    assertThatThrownBy(() -> Clipping.byNorm(0))
        .hasMessage("the largest norm must be finite and positive, but is 0.0");
  }
}
