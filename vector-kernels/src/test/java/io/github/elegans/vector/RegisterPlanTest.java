package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.contract.RandomPrograms;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That values are where a plan says; that they are right is what {@link VectorProgramTest} tests.
 */
class RegisterPlanTest {
  private static final int REGISTERS = 16;

  private static List<Program> programs() {
    List<Program> programs = new ArrayList<>();
    for (int size : new int[] {5, 30, 200, 3000}) {
      programs.add(new RandomPrograms(size).program(Precision.DOUBLE, size));
    }
    for (String name : new String[] {"lorenz", "robertson", "ten-tusscher-panfilov-2006"}) {
      programs.addAll(
          Solver.of(OdeSystem.named(name)).kernels(Backends.named("scalar")).build().programs());
    }
    return programs;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void noMoreValuesAreAliveThanThereAreRegisters(int groups) {
    for (Program program : programs()) {
      RegisterPlan plan = new RegisterPlan(program, groups, REGISTERS, 7800, 1_000_000);
      Set<Integer> here = new HashSet<>();
      for (int i = 0; i < program.size(); i++) {
        if (program.op(i).arity() == 0) {
          continue;
        }
        for (int k = 0; k < program.op(i).arity(); k++) {
          here.add(program.operand(i, k));
        }
        here.add(i);
        for (int s : plan.storesAfter(i)) {
          here.add(program.storedValue(s));
        }
        int now = i;
        here.removeIf(value -> plan.lastUse(value) <= now);
        for (int value : plan.leavingAfter(i)) {
          assertThat(here.remove(value)).as("value %d leaves", value).isTrue();
        }
        assertThat(here.stream().mapToInt(value -> registers(program.op(value), groups)).sum())
            .as("registers after operation %d of %d", i, program.size())
            .isLessThanOrEqualTo(REGISTERS);
      }
    }
  }

  private static int registers(Op op, int groups) {
    return op.type() == Op.Type.MASK ? 0 : op == Op.CONSTANT || op == Op.BITS_CONSTANT ? 1 : groups;
  }

  /** The JVM leaves methods of more than 8,000 bytes to its interpreter. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void noMethodIsTooLongForTheCompiler(int groups) {
    for (Program program : programs()) {
      assertThat(lengths(program, groups)).allMatch(length -> length <= 8000);
    }
  }

  /** Masks take the most bytes where they leave their registers. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void manyMasksMakeNoMethodTooLong(int groups) {
    for (int masks = 10; masks <= 150; masks += 20) {
      Graph g = new Graph(Precision.DOUBLE);
      Real x = g.variable(0);
      Mask[] known = new Mask[masks];
      for (int i = 0; i < masks; i++) {
        known[i] = g.less(x, g.constant(i + 0.5));
      }
      Real y = g.variable(1);
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 3000 / groups; i++) {
          y = g.fma(y, x, y);
        }
        for (Mask mask : known) {
          y = g.select(mask, y, x);
        }
      }
      Program program = new Program(g, 2, new int[] {1}, new Real[] {y}, null);

      assertThat(lengths(program, groups)).as("%d masks", masks).allMatch(n -> n <= 8000);
    }
  }

  /** Half of what it could be would be twice as many methods. */
  @Test
  void methodsAreAboutAsLongAsTheyMayBe() {
    Program step =
        Solver.of(OdeSystem.named("ten-tusscher-panfilov-2006"))
            .kernels(Backends.named("scalar"))
            .build()
            .programs()
            .get(1);
    int[] lengths = lengths(step, 2).sorted().toArray();
    assertThat(lengths[lengths.length / 2]).isGreaterThan(6000);
  }

  private static IntStream lengths(Program program, int groups) {
    return ClassFile.of().parse(ProgramWriter.bytes(program, groups)).methods().stream()
        .filter(method -> !method.methodName().equalsString("<clinit>"))
        .map(MethodModel::code)
        .flatMap(code -> Stream.ofNullable(code.orElse(null)))
        .mapToInt(code -> ((CodeAttribute) code).codeLength());
  }
}
