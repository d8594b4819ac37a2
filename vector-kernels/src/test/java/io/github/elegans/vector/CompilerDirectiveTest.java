package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.contract.ChildJvm;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the JVM takes no directive, programs are cut short enough for its first compiler. */
class CompilerDirectiveTest {
  private static final List<String> FLAGS =
      List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  @Test
  void programsAreCompiledWithTheDirective() {
    ChildJvm.Result result = ChildJvm.run(FLAGS, Probe.class);

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .doesNotContain("other bits")
        .doesNotContain("not compiled")
        .doesNotContain("short for C1")
        .contains("same bits");
  }

  @Test
  void programsAreCompiledWithoutIt() {
    // The JVM reads directives from files only.
    List<String> flags = List.of(FLAGS.get(0), FLAGS.get(1), "-Djava.io.tmpdir=/there/is/none");

    ChildJvm.Result result = ChildJvm.run(flags, Probe.class);

    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output())
        .doesNotContain("other bits")
        .doesNotContain("not compiled")
        .contains("short for C1")
        .contains("same bits");
  }

  /** Solves until the program is compiled, or for a minute. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      // For one vector of lanes, for several, and with what saved times need.
      for (Ensemble ensemble :
          List.of(Ensemble.of(2), Ensemble.of(64), Ensemble.of(64).saveAt(0, 0.5))) {
        Ensemble whole = ensemble.end(1);
        Solver vector = solver("vector");
        long deadline = System.nanoTime() + 60_000_000_000L;
        double[] last;
        do {
          last = vector.solve(whole).states(1);
        } while (!vector.isCompiled() && System.nanoTime() < deadline);
        double[] expected = solver("scalar").solve(whole).states(1);
        System.out.println(vector.rendering(whole.size()));
        System.out.println(vector.isCompiled() ? "compiled" : "not compiled");
        System.out.println(Arrays.equals(last, expected) ? "same bits" : "other bits");
      }
    }

    private static Solver solver(String backend) {
      return Solver.of(OdeSystem.named("robertson"))
          .method(Method.RODAS5P)
          .kernels(Backends.named(backend))
          .build();
    }
  }
}
