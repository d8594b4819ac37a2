package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Block;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Connection;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Maps;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Integration;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.Safetensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The gradients of LTC cells have the bits of the definition, and those are ncps's. */
public abstract class LtcGradientContract {
  private static final int SAMPLES = LtcTrainingWeights.SAMPLES;
  private static final List<String> GOLDENS =
      List.of(
          "ltc-full-explicit",
          "ltc-full-softplus",
          "ltc-autoncp16-explicit",
          "ltc-autoncp16-softplus",
          "ltc-one-unfold",
          "ltc-explicit-euler",
          "ltc-runge-kutta");

  /** Of the largest value of a tensor, where that is at least 1e-3. */
  private static final double TOLERANCE = 1e-5;

  /** Inputs, neurons, outputs, synapses in a hundred pairs, rows, steps. */
  private static final int[][] SHAPES =
      Contract.SMALL
          ? new int[][] {
            {1, 1, 1, 100, 1, 1}, {3, 5, 2, 60, 16, 2}, {1, 17, 17, 0, 15, 2}, {4, 8, 3, 50, 16, 0}
          }
          : new int[][] {
            {1, 1, 1, 100, 1, 1},
            {3, 5, 2, 60, 16, 4},
            {1, 17, 17, 0, 15, 2},
            {20, 33, 4, 30, 2, 3},
            {5, 16, 1, 100, 9, 5},
            {2, 65, 15, 10, 7, 2},
            {4, 8, 3, 50, 16, 0}
          };

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  /** ncps's in double precision, and those of the LTC repository's other solvers. */
  @TestFactory
  Stream<DynamicNode> areThoseOfPyTorch() {
    return Contract.each(
        kernels(),
        k -> GOLDENS.stream().map(name -> dynamicTest(name, () -> golden(k.ltcGradients(), name))));
  }

  @TestFactory
  Stream<DynamicNode> haveTheBitsOfTheDefinition() {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(LtcSolver.values())
                .flatMap(
                    solver ->
                        Arrays.stream(Values.values())
                            .map(
                                values ->
                                    dynamicTest(
                                        Contract.name(solver) + ", " + Contract.name(values),
                                        () -> bits(k.ltcGradients(), solver, values)))));
  }

  @TestFactory
  Stream<DynamicNode> makeTheStepsOfInference() {
    return perSolver((k, solver) -> inference(k, solver));
  }

  @TestFactory
  Stream<DynamicNode> goInSegments() {
    return perSolver((k, solver) -> segments(k.ltcGradients(), solver));
  }

  @TestFactory
  Stream<DynamicNode> doNotLookAtWhatIsNotThere() {
    return perSolver((k, solver) -> absent(k.ltcGradients(), solver));
  }

  @TestFactory
  Stream<DynamicNode> passOverRests() {
    return perSolver((k, solver) -> rests(k.ltcGradients(), solver));
  }

  @TestFactory
  Stream<DynamicNode> refuseWhatDoesNotFit() {
    return Contract.each(
        kernels(), k -> Stream.of(dynamicTest("arguments", () -> refusals(k.ltcGradients()))));
  }

  @FunctionalInterface
  private interface Check {
    void check(Kernels kernels, LtcSolver solver);
  }

  private Stream<DynamicNode> perSolver(Check check) {
    return Contract.each(
        kernels(),
        k ->
            Arrays.stream(LtcSolver.values())
                .map(s -> dynamicTest(Contract.name(s), () -> check.check(k, s))));
  }

  /** A leaf's arguments and what a call made of them. */
  private static final class Leaf {
    final LtcParameterLayout layout;
    final LtcTrainingWeights weights;
    final int steps;
    final int rows;
    float[] x;
    float @Nullable [] timespans;
    int @Nullable [] mask;
    float[] state;
    float @Nullable [] outGradients;
    float[] stateGradients;
    float[] out = {};
    float[] last = {};
    float[] firstStateGradients = {};
    float[] sums = {};
    float[] inputGradients = {};
    float[] timespanGradients = {};
    float[] gradients = {};

    Leaf(LtcParameterLayout layout, float[] parameters, int steps, int rows) {
      this.layout = layout;
      this.steps = steps;
      this.rows = rows;
      weights = new LtcTrainingWeights(layout);
      try (Arena arena = Arena.ofConfined()) {
        weights.update(GuardedMemory.of(arena, parameters, 0).segment());
      }
      x = new float[steps * layout.inputSize() * SAMPLES];
      state = new float[layout.units() * SAMPLES];
      outGradients = new float[steps * layout.outputSize() * SAMPLES];
      stateGradients = new float[layout.units() * SAMPLES];
    }

    /** Another with the same numbers, in arrays of its own. */
    Leaf copy() {
      Leaf copy = new Leaf(layout, new float[layout.floats()], steps, rows, weights);
      copy.x = x.clone();
      copy.timespans = timespans == null ? null : timespans.clone();
      copy.mask = mask == null ? null : mask.clone();
      copy.state = state.clone();
      copy.outGradients = outGradients == null ? null : outGradients.clone();
      copy.stateGradients = stateGradients.clone();
      return copy;
    }

    private Leaf(
        LtcParameterLayout layout,
        float[] parameters,
        int steps,
        int rows,
        LtcTrainingWeights weights) {
      this.layout = layout;
      this.weights = weights;
      this.steps = steps;
      this.rows = rows;
      x = parameters;
      state = parameters;
      stateGradients = parameters;
    }

    Leaf run(LtcGradientKernels kernels) {
      return run(kernels, steps);
    }

    /** In segments of so many steps. */
    Leaf run(LtcGradientKernels kernels, int most) {
      try (Arena arena = Arena.ofConfined()) {
        GuardedMemory v = GuardedMemory.of(arena, state, 4);
        GuardedMemory o = GuardedMemory.floats(arena, lines(layout.outputSize()), 8);
        MemorySegment xs = GuardedMemory.of(arena, x, 12).segment();
        MemorySegment dts =
            timespans == null ? null : GuardedMemory.of(arena, timespans, 4).segment();
        MemorySegment masks = mask == null ? null : arena.allocateFrom(ValueLayout.JAVA_INT, mask);
        MemorySegment dy =
            outGradients == null ? null : GuardedMemory.of(arena, outGradients, 0).segment();
        GuardedMemory dv = GuardedMemory.of(arena, stateGradients, 20);
        GuardedMemory allSums = GuardedMemory.of(arena, new float[(int) weights.sumFloats()], 24);
        GuardedMemory dx = GuardedMemory.floats(arena, lines(layout.inputSize()), 28);
        GuardedMemory ddt = GuardedMemory.floats(arena, lines(1), 32);
        List<GuardedMemory> kept = new ArrayList<>();
        int count = Math.max(1, most == 0 ? 1 : (steps + most - 1) / most);
        for (int i = 0; i < count; i++) {
          int n = Math.min(most, steps - i * most);
          kept.add(GuardedMemory.floats(arena, weights.keptFloats(n), 36));
          kernels.forward(
              weights,
              n,
              rows,
              from(xs, i * most, layout.inputSize()),
              dts == null ? null : from(dts, i * most, 1),
              masks == null ? null : from(masks, i * most, 1),
              v.segment(),
              from(o.segment(), i * most, layout.outputSize()),
              kept.getLast().segment());
        }
        last = v.toFloats();
        out = o.toFloats();
        for (int i = count - 1; i >= 0; i--) {
          kernels.backward(
              weights,
              Math.min(most, steps - i * most),
              rows,
              from(xs, i * most, layout.inputSize()),
              dts == null ? null : from(dts, i * most, 1),
              masks == null ? null : from(masks, i * most, 1),
              kept.get(i).segment(),
              dy == null ? null : from(dy, i * most, layout.outputSize()),
              dv.segment(),
              allSums.segment(),
              from(dx.segment(), i * most, layout.inputSize()),
              from(ddt.segment(), i * most, 1));
        }
        firstStateGradients = dv.toFloats();
        sums = allSums.toFloats();
        inputGradients = dx.toFloats();
        timespanGradients = ddt.toFloats();
        GuardedMemory raw = GuardedMemory.floats(arena, layout.floats(), 4);
        weights.gradients(allSums.segment(), raw.segment());
        gradients = raw.toFloats();
        for (GuardedMemory memory : List.of(v, o, dv, allSums, dx, ddt, raw)) {
          memory.assertGuards("a leaf");
        }
        kept.forEach(memory -> memory.assertGuards("what is kept"));
        // Those that nobody asks for change nothing.
        dv = GuardedMemory.of(arena, stateGradients, 0);
        if (count == 1) {
          GuardedMemory again = GuardedMemory.of(arena, new float[sums.length], 0);
          kernels.backward(
              weights,
              steps,
              rows,
              xs,
              dts,
              masks,
              kept.getFirst().segment(),
              dy,
              dv.segment(),
              again.segment(),
              null,
              null);
          assertSame("sums alone", sums, again.toFloats());
        }
      }
      return this;
    }

    private static MemorySegment from(MemorySegment memory, int step, int items) {
      return memory.asSlice(4L * step * items * SAMPLES);
    }

    int lines(int items) {
      return steps * items * SAMPLES;
    }

    void assertEqual(String what, Leaf expected) {
      assertSame(what + ": states", expected.last, last);
      assertSame(what + ": out", expected.out, out);
      assertSame(what + ": state gradients", expected.firstStateGradients, firstStateGradients);
      assertSame(what + ": sums", expected.sums, sums);
      assertSame(what + ": input gradients", expected.inputGradients, inputGradients);
      assertSame(what + ": timespan gradients", expected.timespanGradients, timespanGradients);
      assertSame(what + ": gradients", expected.gradients, gradients);
    }
  }

  // Random cells.

  private static Integration integration(LtcSolver solver, SplittableRandom random) {
    boolean elapsed = solver == LtcSolver.SEMI_IMPLICIT && random.nextInt(4) > 0;
    return new Integration(
        solver,
        1 + random.nextInt(4),
        random.nextBoolean() ? 1e-8 : 1e-3,
        elapsed,
        random.nextBoolean() ? 0 : 0.25f);
  }

  private static List<Connection> connections(
      SplittableRandom random, int sources, int targets, int percent) {
    List<Connection> connections = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      for (int target = 0; target < targets; target++) {
        if (random.nextInt(100) < percent) {
          connections.add(new Connection(source, target));
        }
      }
    }
    return connections;
  }

  private static Leaf leaf(SplittableRandom random, LtcSolver solver, int[] shape, Values values) {
    LtcParameterLayout layout =
        new LtcParameterLayout(
            shape[0],
            shape[1],
            shape[2],
            new Maps(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean()),
            connections(random, shape[0], shape[1], shape[3]),
            connections(random, shape[1], shape[1], shape[3]),
            integration(solver, random),
            random.nextBoolean());
    float[] parameters = parameters(random, layout, values);
    int steps = shape[5];
    Leaf leaf = new Leaf(layout, parameters, steps, shape[4]);
    leaf.x = values.rows(random, 1, leaf.x.length);
    leaf.state = values.rows(random, 1, leaf.state.length);
    leaf.stateGradients = values.rows(random, 1, leaf.stateGradients.length);
    leaf.outGradients =
        random.nextInt(4) == 0 ? null : values.rows(random, 1, leaf.lines(shape[2]));
    if (layout.integration().elapsedTime() || random.nextBoolean()) {
      leaf.timespans = new float[leaf.lines(1)];
      for (int i = 0; i < leaf.timespans.length; i++) {
        leaf.timespans[i] =
            switch (random.nextInt(8)) {
              case 0 -> 0f;
              case 1 -> 0x1p-70f;
              default -> (float) random.nextDouble(0.01, 3);
            };
      }
    }
    if (random.nextBoolean()) {
      leaf.mask = new int[leaf.lines(1)];
      for (int i = 0; i < leaf.mask.length; i++) {
        leaf.mask[i] = random.nextInt(4);
      }
    }
    return leaf;
  }

  private static float[] parameters(
      SplittableRandom random, LtcParameterLayout layout, Values values) {
    float[] parameters = new float[layout.floats()];
    for (Block block : Block.values()) {
      float[] special = values.weights(random, layout.length(block), 2);
      for (int i = 0; i < layout.length(block); i++) {
        parameters[layout.offset(block) + i] =
            values != Values.ORDINARY && random.nextInt(3) == 0
                ? special[i]
                : (float)
                    switch (block) {
                      case GLEAK, W, SENSORY_W -> random.nextDouble(0.001, 1);
                      case VLEAK -> random.nextDouble(-0.2, 0.2);
                      case CM -> random.nextDouble(0.4, 0.6);
                      case SIGMA, SENSORY_SIGMA -> random.nextDouble(3, 8);
                      case MU, SENSORY_MU -> random.nextDouble(0.3, 0.8);
                      case EREV, SENSORY_EREV -> random.nextBoolean() ? 1 : -1;
                      default -> random.nextDouble(0.5, 1.5);
                    };
      }
    }
    return parameters;
  }

  private static void bits(LtcGradientKernels kernels, LtcSolver solver, Values values) {
    SplittableRandom random = Contract.random("ltc gradients", solver, values);
    for (int[] shape : SHAPES) {
      for (int i = 0; i < (Contract.SMALL ? 1 : 2); i++) {
        Leaf found = leaf(random, solver, shape, values).run(kernels);
        Leaf expected = found.copy().run(Contract.DEFINITION.ltcGradients());
        found.assertEqual(Arrays.toString(shape), expected);
      }
    }
  }

  private static void inference(Kernels kernels, LtcSolver solver) {
    SplittableRandom random = Contract.random("ltc steps", solver);
    for (int[] shape : SHAPES) {
      Leaf leaf = leaf(random, solver, shape, Values.ORDINARY);
      float[] parameters = parameters(random, leaf.layout, Values.ORDINARY);
      int inputs = shape[0];
      int outputs = shape[2];
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment raw = GuardedMemory.of(arena, parameters, 0).segment();
        leaf.weights.update(raw);
        leaf.mask = null;
        leaf.run(kernels.ltcGradients());
        LtcWeights weights = leaf.layout.weights(raw, WeightStorage.FLOAT32);
        LtcWorkspace workspace = LtcWorkspace.of(weights, leaf.rows);
        for (int row = 0; row < leaf.rows; row++) {
          for (int j = 0; j < shape[1]; j++) {
            workspace
                .state()
                .setAtIndex(
                    ValueLayout.JAVA_FLOAT,
                    (long) row * workspace.stateStride() + j,
                    leaf.state[j * SAMPLES + row]);
          }
        }
        float[] x = new float[leaf.rows * leaf.steps * inputs];
        float[] dt = new float[leaf.rows * leaf.steps];
        for (int row = 0; row < leaf.rows; row++) {
          for (int step = 0; step < leaf.steps; step++) {
            for (int i = 0; i < inputs; i++) {
              x[(row * leaf.steps + step) * inputs + i] =
                  leaf.x[(step * inputs + i) * SAMPLES + row];
            }
            dt[row * leaf.steps + step] =
                leaf.timespans == null ? 1 : leaf.timespans[step * SAMPLES + row];
          }
        }
        GuardedMemory out = GuardedMemory.floats(arena, (long) leaf.rows * leaf.steps * outputs, 0);
        kernels
            .ltc()
            .cell(weights, Accuracy.ACCURATE)
            .run(
                workspace,
                0,
                leaf.rows,
                leaf.steps,
                new Series(
                    GuardedMemory.of(arena, x, 0).segment(), (long) leaf.steps * inputs, inputs),
                new Series(GuardedMemory.of(arena, dt, 0).segment(), leaf.steps, 1),
                new Series(out.segment(), (long) leaf.steps * outputs, outputs));
        float[] expected = new float[leaf.rows * leaf.steps * outputs];
        for (int i = 0; i < expected.length; i++) {
          int step = i / outputs % leaf.steps;
          int row = i / outputs / leaf.steps;
          expected[i] = leaf.out[(step * outputs + i % outputs) * SAMPLES + row];
        }
        assertSame("out of " + Arrays.toString(shape), out.toFloats(), expected);
        for (int row = 0; row < leaf.rows; row++) {
          for (int j = 0; j < shape[1]; j++) {
            float v =
                workspace
                    .state()
                    .getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * workspace.stateStride() + j);
            assertThat(leaf.last[j * SAMPLES + row]).isEqualTo(v);
          }
        }
      }
    }
  }

  private static void segments(LtcGradientKernels kernels, LtcSolver solver) {
    SplittableRandom random = Contract.random("ltc segments", solver);
    Leaf whole = leaf(random, solver, new int[] {4, 12, 3, 40, 13, 7}, Values.ORDINARY);
    whole.run(kernels);
    for (int most : new int[] {1, 3, 4}) {
      whole.copy().run(kernels, most).assertEqual("segments of " + most, whole);
    }
  }

  /** Whatever is in the lanes of samples that are not there. */
  private static void absent(LtcGradientKernels kernels, LtcSolver solver) {
    SplittableRandom random = Contract.random("ltc lanes", solver);
    Leaf leaf = leaf(random, solver, new int[] {4, 12, 3, 40, 5, 4}, Values.ORDINARY);
    leaf.run(kernels);
    Leaf spoilt = leaf.copy();
    for (float[] array :
        new float[][] {
          spoilt.x, spoilt.timespans, spoilt.state, spoilt.outGradients, spoilt.stateGradients
        }) {
      for (int i = 0; array != null && i < array.length; i++) {
        array[i] = i % SAMPLES < leaf.rows ? array[i] : Float.NaN;
      }
    }
    spoilt.run(kernels).assertEqual("NaN in other lanes", leaf);
    for (int i = 0; i < leaf.sums.length; i++) {
      if (i % SAMPLES >= leaf.rows) {
        assertThat(leaf.sums[i]).as("sum of an absent sample").isZero();
      }
    }
    for (int i = 0; i < leaf.last.length; i++) {
      if (i % SAMPLES >= leaf.rows) {
        assertThat(leaf.last[i]).isZero();
        assertThat(leaf.firstStateGradients[i]).isZero();
      }
    }
  }

  /** A step that a sample does not make might as well not be there. */
  private static void rests(LtcGradientKernels kernels, LtcSolver solver) {
    SplittableRandom random = Contract.random("ltc rests", solver);
    int[] shape = {4, 12, 3, 40, 6, 5};
    Leaf leaf = leaf(random, solver, shape, Values.ORDINARY);
    leaf.mask = new int[leaf.lines(1)];
    for (int i = 0; i < leaf.mask.length; i++) {
      // The third step is nobody's.
      leaf.mask[i] = i / SAMPLES == 2 ? 0 : 1;
      for (int j = 0; j < shape[0] && leaf.mask[i] == 0; j++) {
        leaf.x[(i / SAMPLES * shape[0] + j) * SAMPLES + i % SAMPLES] = Float.NaN;
      }
    }
    leaf.run(kernels);
    Leaf shorter =
        new Leaf(leaf.layout, new float[leaf.layout.floats()], 4, leaf.rows, leaf.weights);
    shorter.x = without(leaf.x, shape[0]);
    shorter.timespans = leaf.timespans == null ? null : without(leaf.timespans, 1);
    shorter.state = leaf.state;
    shorter.outGradients = leaf.outGradients == null ? null : without(leaf.outGradients, shape[2]);
    shorter.stateGradients = leaf.stateGradients;
    shorter.run(kernels);
    assertSame("states", shorter.last, leaf.last);
    assertSame("out", shorter.out, without(leaf.out, shape[2]));
    assertSame("state gradients", shorter.firstStateGradients, leaf.firstStateGradients);
    assertSame("gradients", shorter.gradients, leaf.gradients);
    assertSame("input gradients", shorter.inputGradients, without(leaf.inputGradients, shape[0]));
    for (int i = 2 * shape[0] * SAMPLES; i < 3 * shape[0] * SAMPLES; i++) {
      assertThat(leaf.inputGradients[i]).isZero();
    }
    for (int i = 2 * SAMPLES; i < 3 * SAMPLES; i++) {
      assertThat(leaf.timespanGradients[i]).isZero();
    }
  }

  /** All but the third step's. */
  private static float[] without(float[] array, int items) {
    float[] rest = new float[array.length - items * SAMPLES];
    System.arraycopy(array, 0, rest, 0, 2 * items * SAMPLES);
    System.arraycopy(
        array, 3 * items * SAMPLES, rest, 2 * items * SAMPLES, array.length - 3 * items * SAMPLES);
    return rest;
  }

  // Goldens.

  private static void golden(LtcGradientKernels kernels, String name) {
    Safetensors file = Golden.file("gradients/" + name);
    Map<String, String> metadata = file.metadata();
    float[] x = file.tensor("x").toFloats();
    List<Long> shape = file.tensor("x").shape();
    int batch = shape.get(0).intValue();
    int steps = shape.get(1).intValue();
    int inputs = shape.get(2).intValue();
    int units = Integer.parseInt(metadata.get("units"));
    int outputs = Integer.parseInt(metadata.get("output_size"));
    LtcSolver solver = LtcSolver.valueOf(metadata.get("solver").toUpperCase(Locale.ROOT));
    LtcParameterLayout layout =
        new LtcParameterLayout(
            inputs,
            units,
            outputs,
            Maps.AFFINE,
            existing(file, "sensory_", inputs, units),
            existing(file, "", units, units),
            new Integration(
                solver,
                Integer.parseInt(metadata.get("ode_unfolds")),
                Double.parseDouble(metadata.get("epsilon")),
                solver == LtcSolver.SEMI_IMPLICIT,
                0),
            Boolean.parseBoolean(metadata.get("implicit_param_constraints")));
    float[] parameters = new float[layout.floats()];
    for (Block block : Block.values()) {
      float[] tensor = file.tensor("param.rnn_cell." + block.fieldName()).toFloats();
      for (int i = 0; i < layout.length(block); i++) {
        parameters[layout.offset(block) + i] = tensor[place(layout, block, i)];
      }
    }
    double[] gradients = new double[layout.floats()];
    for (int first = 0; first < batch; first += SAMPLES) {
      Leaf leaf = new Leaf(layout, parameters, steps, Math.min(SAMPLES, batch - first));
      leaf.x = lanes(x, first, batch, steps, inputs);
      leaf.timespans = lanes(file.tensor("ts").toFloats(), first, batch, steps, 1);
      leaf.state = lanes(file.tensor("h0").toFloats(), first, batch, 1, units);
      leaf.outGradients = lanes(upstream(file, outputs), first, batch, steps, outputs);
      leaf.stateGradients = lanes(file.tensor("ghT").toFloats(), first, batch, 1, units);
      leaf.run(kernels);
      if (metadata.containsKey("proj_size")) {
        projected(file, leaf.out, steps, outputs);
      } else {
        assertLanes(name, file, "out", leaf.out, first, steps, outputs);
      }
      assertLanes(name, file, "hT", leaf.last, first, 1, units);
      assertLanes(name, file, "grad.x", leaf.inputGradients, first, steps, inputs);
      assertLanes(name, file, "grad.h0", leaf.firstStateGradients, first, 1, units);
      if (solver == LtcSolver.SEMI_IMPLICIT) {
        assertLanes(name, file, "grad.ts", leaf.timespanGradients, first, steps, 1);
      } else {
        assertThat(leaf.timespanGradients).containsOnly(0);
      }
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] += leaf.gradients[i];
      }
    }
    for (Block block : Block.values()) {
      double[] expected = file.tensor("grad.rnn_cell." + block.fieldName()).toDoubles();
      double[] found = new double[expected.length];
      for (int i = 0; i < layout.length(block); i++) {
        found[place(layout, block, i)] = gradients[layout.offset(block) + i];
      }
      assertNear(name + ", " + block.fieldName(), expected, found, largest(expected));
      for (int i = layout.length(block); (layout.offset(block) + i) % 16 != 0; i++) {
        assertThat(gradients[layout.offset(block) + i]).as("padding").isZero();
      }
    }
  }

  /** The gradients of the cell's outputs: those of the network's, back through its projection. */
  private static float[] upstream(Safetensors file, int outputs) {
    float[] gy = file.tensor("gy").toFloats();
    if (!file.metadata().containsKey("proj_size")) {
      return gy;
    }
    int width = Integer.parseInt(file.metadata().get("proj_size"));
    float[] weight = file.tensor("param.fc.weight").toFloats();
    float[] upstream = new float[gy.length / width * outputs];
    for (int i = 0; i < upstream.length; i++) {
      double sum = 0;
      for (int p = 0; p < width; p++) {
        sum += (double) gy[i / outputs * width + p] * weight[p * outputs + i % outputs];
      }
      upstream[i] = (float) sum;
    }
    return upstream;
  }

  /** Fails unless the outputs of a network of one leaf are right, after its projection. */
  private static void projected(Safetensors file, float[] lanes, int steps, int outputs) {
    double[] expected = file.tensor("out").toDoubles();
    float[] weight = file.tensor("param.fc.weight").toFloats();
    float[] bias = file.tensor("param.fc.bias").toFloats();
    double[] found = new double[expected.length];
    for (int i = 0; i < found.length; i++) {
      int line = i / bias.length % steps * outputs;
      int row = i / bias.length / steps;
      found[i] = bias[i % bias.length];
      for (int o = 0; o < outputs; o++) {
        found[i] +=
            (double) weight[i % bias.length * outputs + o] * lanes[(line + o) * SAMPLES + row];
      }
    }
    assertNear("out", expected, found, largest(expected));
  }

  /** Where a state dict has a parameter of a block: [sources][targets]. */
  private static int place(LtcParameterLayout layout, Block block, int i) {
    return switch (block) {
      case SIGMA, MU, W, EREV ->
          layout.recurrent().source(i) * layout.units() + layout.recurrent().target(i);
      case SENSORY_SIGMA, SENSORY_MU, SENSORY_W, SENSORY_EREV ->
          layout.sensory().source(i) * layout.units() + layout.sensory().target(i);
      default -> i;
    };
  }

  private static List<Connection> existing(
      Safetensors file, String kind, int sources, int targets) {
    float[] mask = file.tensor("param.rnn_cell." + kind + "sparsity_mask").toFloats();
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < sources * targets; i++) {
      if (mask[i] != 0) {
        connections.add(new Connection(i / targets, i % targets));
      }
    }
    return connections;
  }

  /** [rows][steps][items] to [steps][items][16], NaN where no sample is. */
  private static float[] lanes(float[] rows, int first, int batch, int steps, int items) {
    float[] lanes = new float[steps * items * SAMPLES];
    for (int i = 0; i < lanes.length; i++) {
      int row = first + i % SAMPLES;
      lanes[i] = row < batch ? rows[row * steps * items + i / SAMPLES] : Float.NaN;
    }
    return lanes;
  }

  private static void assertLanes(
      String name,
      Safetensors file,
      String tensor,
      float[] lanes,
      int first,
      int steps,
      int items) {
    double[] all = file.tensor(tensor).toDoubles();
    int size = steps * items;
    int rows = Math.min(SAMPLES, all.length / size - first);
    double[] expected = Arrays.copyOfRange(all, first * size, (first + rows) * size);
    double[] found = new double[expected.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = lanes[i % size * SAMPLES + i / size];
    }
    assertNear(name + ", " + tensor, expected, found, largest(all));
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static void assertNear(String what, double[] expected, double[] found, double largest) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i])
          .as("%s, %d", what, i)
          .isCloseTo(expected[i], within(TOLERANCE * Math.max(1e-3, largest)));
    }
  }

  // Refusals.

  private static void refusals(LtcGradientKernels kernels) {
    LtcParameterLayout layout =
        new LtcParameterLayout(
            2,
            3,
            1,
            Maps.AFFINE,
            List.of(new Connection(1, 0)),
            List.of(new Connection(0, 2)),
            Integration.ncps(),
            false);
    LtcTrainingWeights weights = new LtcTrainingWeights(layout);
    try (Arena arena = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      MemorySegment x = arena.allocate(2 * 2 * 64);
      MemorySegment dt = arena.allocate(2 * 64);
      MemorySegment v = arena.allocate(3 * 64);
      MemorySegment out = arena.allocate(2 * 64);
      MemorySegment kept = arena.allocate(4 * weights.keptFloats(2));
      MemorySegment sums = arena.allocate(4 * weights.sumFloats());
      refused(
          "steps must lie between 0 and 16777216, but is -1",
          () -> kernels.forward(weights, -1, 1, x, dt, null, v, out, kept));
      refused(
          "rows must lie between 1 and 16, but is 17",
          () -> kernels.forward(weights, 2, 17, x, dt, null, v, out, kept));
      refused(
          "x must hold 96 elements, but has 64",
          () -> kernels.forward(weights, 3, 1, x, dt, null, v, out, kept));
      refused(
          "timespans must be given, because they count",
          () -> kernels.forward(weights, 2, 1, x, null, null, v, out, kept));
      refused(
          "mask must hold 32 elements, but has 8",
          () -> kernels.forward(weights, 2, 1, x, dt, dt.asSlice(0, 32), v, out, kept));
      refused(
          "out must be writable, but is read-only",
          () -> kernels.forward(weights, 2, 1, x, dt, null, v, out.asReadOnly(), kept));
      refused(
          "x and out must not overlap",
          () -> kernels.forward(weights, 2, 1, x, dt, null, v, x, kept));
      refused(
          "kept must hold",
          () -> kernels.forward(weights, 2, 1, x, dt, null, v, out, kept.asSlice(4)));
      refused(
          "kept must be memory that stays",
          () ->
              kernels.forward(
                  weights, 2, 1, x, dt, null, v, out, shared.allocate(kept.byteSize())));
      refused(
          "sums must hold",
          () ->
              kernels.backward(
                  weights, 2, 1, x, dt, null, kept, out, v, sums.asSlice(4), null, null));
      refused(
          "outGradients must hold 32 elements",
          () ->
              kernels.backward(
                  weights, 2, 1, x, dt, null, kept, out.asSlice(4), v, sums, null, null));
      refused(
          "inputGradients must hold 64 elements",
          () -> kernels.backward(weights, 2, 1, x, dt, null, kept, null, v, sums, out, null));
      refused(
          "timespans and timespanGradients must not overlap",
          () -> kernels.backward(weights, 2, 1, x, dt, null, kept, null, v, sums, null, dt));
      refused("parameters must hold", () -> weights.update(v.asSlice(0, 64)));
      refused("gradients must hold", () -> weights.gradients(sums, v));
      assertThat(v.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
      assertThat(out.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0);
    }
    refused(
        "synapse 3 → 0: expected a source below 3 and a target below 3",
        () ->
            new LtcParameterLayout(
                2,
                3,
                1,
                Maps.AFFINE,
                List.of(),
                List.of(new Connection(3, 0)),
                Integration.ncps(),
                false));
  }

  private static void refused(String message, ThrowingCallable call) {
    assertThatThrownBy(call).hasMessageContaining(message);
  }
}
