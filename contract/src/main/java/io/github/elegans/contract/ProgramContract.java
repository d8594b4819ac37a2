package io.github.elegans.contract;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every rendering of programs must do: the same as the interpreter, bit for bit. */
public interface ProgramContract {
  /** How many programs are prepared at once. */
  int BATCH = 100;

  /** The kernel to be tested, in the rendering to be tested. */
  ProgramKernel compile(Program program);

  /** Is told which programs come next: they may be compiled together. */
  default void prepare(List<Program> programs) {}

  /** How many random programs are tried in each precision. */
  default int programs() {
    return Integer.getInteger("elegans.test.programs", 400);
  }

  /** How many nodes the longest program has. */
  default int longest() {
    return 3000;
  }

  /** In one round, and in up to three. */
  @ParameterizedTest
  @EnumSource
  default void randomProgramsGiveTheInterpretersBits(Precision precision) {
    long seed = Long.getLong("elegans.test.seed", 20261124);
    for (int first = 0; first < programs(); first += BATCH) {
      List<Integer> numbers =
          IntStream.range(first, Math.min(first + BATCH, programs())).boxed().toList();
      List<RandomPrograms> randoms =
          numbers.stream().map(i -> new RandomPrograms(seed + i)).toList();
      List<Program> programs =
          numbers.stream()
              .map(i -> randoms.get(i % BATCH).program(precision, i % 50 == 0 ? 400 : 3 + i % 40))
              .toList();
      prepare(programs);
      for (int i : numbers) {
        compare(programs.get(i % BATCH), precision, randoms.get(i % BATCH), "seed " + (seed + i));
      }
    }
  }

  private void compare(Program program, Precision precision, RandomPrograms random, String what) {
    ProgramKernel kernel = compile(program);
    double[] lanes = random.lanes(program, kernel.width());
    for (int rounds : new int[] {1, 3}) {
      double[] expected = lanes.clone();
      int expectedRounds = new Interpreter(program, kernel.width()).run(expected, rounds);
      double[] actual = lanes.clone();
      int done = run(kernel, precision, actual, rounds);
      assertThat(done).as("rounds, %s", what).isEqualTo(expectedRounds);
      assertSame(expected, actual, what);
    }
  }

  private static void assertSame(double[] expected, double[] actual, String what) {
    for (int k = 0; k < expected.length; k++) {
      // All NaNs are alike: which one an operation gives is the processor's choice.
      assertThat(Double.doubleToLongBits(actual[k]))
          .as("%s: %s is expected, found %s, number %d", what, expected[k], actual[k], k)
          .isEqualTo(Double.doubleToLongBits(expected[k]));
    }
  }

  /** Runs a kernel on a copy of lanes, and copies them back. */
  private static int run(ProgramKernel kernel, Precision precision, double[] lanes, int rounds) {
    for (int i = 0; i < lanes.length; i++) {
      if (precision == Precision.DOUBLE) {
        kernel.lanes().setAtIndex(JAVA_DOUBLE, i, lanes[i]);
      } else {
        kernel.lanes().setAtIndex(JAVA_FLOAT, i, (float) lanes[i]);
      }
    }
    int done = kernel.run(rounds);
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] =
          precision == Precision.DOUBLE
              ? kernel.lanes().getAtIndex(JAVA_DOUBLE, i)
              : kernel.lanes().getAtIndex(JAVA_FLOAT, i);
    }
    return done;
  }

  /** Rounds are counted, and end for all lanes when one asks for attention. */
  @ParameterizedTest
  @EnumSource
  default void roundsEndWhenALaneAsks(Precision precision) {
    Graph g = new Graph(precision);
    Real count = g.variable(0);
    Real next = g.add(count, g.constant(1));
    Program program =
        new Program(g, 2, new int[] {0}, new Real[] {next}, g.lessEqual(g.variable(1), next));
    ProgramKernel kernel = compile(program);
    double[] lanes = new double[2 * kernel.width()];
    for (int l = 0; l < kernel.width(); l++) {
      lanes[kernel.width() + l] = 10 + l;
    }
    lanes[kernel.width() + kernel.width() / 2] = 7;
    int done = run(kernel, precision, lanes, 5);
    assertThat(done).isEqualTo(5);
    done = run(kernel, precision, lanes, 100);
    assertThat(done).isEqualTo(2);
    for (int l = 0; l < kernel.width(); l++) {
      assertThat(lanes[l]).isEqualTo(7);
    }
  }

  /** Long programs are cut into parts by some renderings. */
  @ParameterizedTest
  @EnumSource
  default void longProgramsGiveTheInterpretersBits(Precision precision) {
    for (int size : new int[] {longest() / 4, longest()}) {
      RandomPrograms random = new RandomPrograms(size);
      Program program = random.program(precision, size);
      ProgramKernel kernel = compile(program);
      double[] lanes = random.lanes(program, kernel.width());
      double[] expected = lanes.clone();
      int rounds = new Interpreter(program, kernel.width()).run(expected, 2);
      assertThat(run(kernel, precision, lanes, 2)).isEqualTo(rounds);
      assertSame(expected, lanes, size + " nodes");
    }
  }

  /** What a kernel says of its rendering is not blank. */
  @Test
  default void aKernelSaysHowItRuns() {
    Graph g = new Graph(Precision.DOUBLE);
    Program program = new Program(g, 1, new int[] {0}, new Real[] {g.neg(g.variable(0))}, null);
    assertThat(compile(program).rendering()).isNotBlank();
  }

  /** Everything else about them is a promise of every kernel to those who trust it. */
  @ParameterizedTest
  @EnumSource
  default void lanesAreTheKernelsOwn(Precision precision) {
    Graph g = new Graph(precision);
    Real x = g.variable(2);
    Program program = new Program(g, 3, new int[] {0}, new Real[] {g.add(x, x)}, null);
    ProgramKernel kernel = compile(program);
    MemorySegment lanes = kernel.lanes();
    assertThat(lanes.isNative()).isTrue();
    assertThat(lanes.isReadOnly()).isFalse();
    assertThat(lanes.byteSize()).isEqualTo(ProgramKernel.bytes(program, kernel.width()));
    assertThat(lanes.address() % 64).isZero();
    assertThat(lanes.toArray(JAVA_BYTE)).containsOnly(0);
    double[] numbers = new double[3 * kernel.width()];
    Arrays.fill(numbers, 2 * kernel.width(), numbers.length, 21);
    run(kernel, precision, numbers, 1);
    assertThat(Arrays.copyOf(numbers, kernel.width())).containsOnly(42);
    ProgramKernel other = compile(program);
    assertThat(kernel.lanes()).isSameAs(lanes);
    assertThat(other.lanes().toArray(JAVA_BYTE)).as("of another kernel").containsOnly(0);
  }
}
