package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SolverThreadsTest {
  private static final int SIZE = 64;

  /** As code in a language without checked exceptions may throw one. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> double thrown(Throwable e) throws E {
    throw (E) e;
  }

  private static Ensemble ensemble() {
    return Ensemble.of(SIZE).parameter("rho", i -> 20 + 0.1 * i).end(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatACallersFunctionThrowsIsNeverLost(int threads) {
    Solver solver = Solver.of(OdeSystem.named("lorenz")).threads(threads).build();
    for (Throwable failure :
        List.of(
            new IOException("on purpose"),
            new StackOverflowError("on purpose"),
            new IllegalArgumentException("on purpose"))) {
      Ensemble failing =
          Ensemble.of(SIZE)
              .parameter(
                  "rho",
                  i -> i == SIZE / 2 ? SolverThreadsTest.<RuntimeException>thrown(failure) : 28)
              .end(1);
      assertThatThrownBy(() -> solver.solve(failing)).hasMessageContaining("on purpose");
    }
  }

  /** As the times to save at are. */
  @Test
  void arraysAreCopiedWhenTheyAreGiven() {
    double[] rho = {20, 28};
    double[] x = {1, 2};
    Ensemble given = Ensemble.of(2).parameter("rho", rho).initial("x", x).end(1);
    Solver solver = Solver.of(OdeSystem.named("lorenz")).build();
    double[] before = solver.solve(given).states(1);
    rho[1] = 21;
    x[1] = 5;
    assertThat(solver.solve(given).states(1)).isEqualTo(before);
  }

  /** The first solve with times to save at makes a second program. */
  @Test
  void oneSolverServesManyThreads() throws Exception {
    Solver solver = Solver.of(OdeSystem.named("lorenz")).build();
    Solution expected = Solver.of(OdeSystem.named("lorenz")).build().solve(ensemble().saveAt(0.5));
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Solution>> solutions = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        solutions.add(threads.submit(() -> solver.solve(ensemble().saveAt(0.5))));
      }
      for (Future<Solution> found : solutions) {
        IntStream.range(0, SIZE)
            .forEach(
                i -> {
                  try {
                    assertThat(found.get().states(i)).isEqualTo(expected.states(i));
                    assertThat(found.get().saved(i)).isDeepEqualTo(expected.saved(i));
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
      }
    }
  }
}
