package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Precision;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.lang.management.ManagementFactory;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No vector of a compiled program is an object: further steps allocate nothing. */
class VectorAllocationTest {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static final long PATIENCE = 180_000_000_000L;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Case {
    FIXED_STEPS("lorenz-gpu", 1, s -> s.fixedStep(1e-3)),
    FLOATS("lorenz-gpu", 1, s -> s.precision(Precision.FLOAT).fixedStep(1e-3)),
    CHOSEN_STEPS("lorenz-gpu", 1, s -> s.tolerance(1e-8, 1e-8)),
    HIGH_ORDER("kepler", 10, s -> s.method(Method.DOP853).tolerance(1e-10, 1e-10)),
    STIFF("robertson", 1e3, s -> s.method(Method.RODAS5P).tolerance(1e-8, 1e-14)),
    NEURON("hodgkin-huxley", 2, s -> s.method(Method.RUSH_LARSEN).fixedStep(0.01)),
    HEART_CELL("ten-tusscher-panfilov-2006", 2, s -> s.method(Method.RUSH_LARSEN).fixedStep(0.02));

    final String system;
    final double end;
    final UnaryOperator<Solver.Builder> options;

    Case(String system, double end, UnaryOperator<Solver.Builder> options) {
      this.system = system;
      this.end = end;
      this.options = options;
    }
  }

  @ParameterizedTest
  @EnumSource
  void furtherStepsAllocateNothing(Case tried) {
    assumeFalse(System.getProperty("java.vm.info", "").contains("interpreted"), "no compiler");
    assumeTrue(
        Vectors.DOUBLES.length() > 2 || tried == Case.FLOATS || Vectors.MANY_REGISTERS,
        "C2 makes objects of masks of two lanes");
    Solver solver =
        tried
            .options
            .apply(Solver.of(OdeSystem.named(tried.system)))
            .kernels(Backends.named("vector"))
            .build();
    Ensemble few = Ensemble.of(64).end(tried.end);
    Ensemble more = Ensemble.of(64).end(4 * tried.end);
    long deadline = System.nanoTime() + PATIENCE;
    while (!solver.isCompiled() && System.nanoTime() < deadline) {
      solver.solve(few);
    }
    assertThat(solver.explain()).contains("bytecode, ").doesNotContain("interpreted");
    long surplus;
    do {
      surplus = bytes(solver, more) - bytes(solver, few);
      // What surrounds the program may not be compiled yet.
    } while (surplus != 0 && System.nanoTime() < deadline);
    assertThat(surplus).as("bytes of further steps").isZero();
  }

  private static long bytes(Solver solver, Ensemble ensemble) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    solver.solve(ensemble);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
