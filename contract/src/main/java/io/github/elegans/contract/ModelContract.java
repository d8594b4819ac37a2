package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.BidirectionalSession;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Floats;
import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.MaskedCfc;
import io.github.elegans.networks.MaskedCfcSession;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.SequenceLayout;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Models on a backend, through the public interface: what the reference implementation computes,
 * the bits of the scalar backend whatever way is taken, and no allocation.
 */
public abstract class ModelContract {
  private static final Activation[] ACTIVATIONS =
      CfcConfiguration.ACTIVATIONS.stream().sorted().toArray(Activation[]::new);

  /** Input size, hidden size, backbone units. */
  private static final int[][] SIZES =
      Contract.SMALL
          ? new int[][] {{3, 5, 17}}
          : new int[][] {{3, 24, 48}, {17, 33, 65}, {1, 1, 1}, {20, 50, 128}};

  private static final int[] BATCHES =
      Contract.SMALL ? new int[] {1, 3} : new int[] {1, 2, 5, 7, 33, 64};
  private static final int[] STEPS = Contract.SMALL ? new int[] {1, 3} : new int[] {1, 2, 7, 33};
  private static final int[] PROJECTIONS = {0, 5};
  private static final int MOST_LAYERS = 2;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> givesWhatTheReferenceGives() {
    return Contract.each(
        kernels(),
        k -> Golden.NAMES.stream().map(name -> dynamicTest(name, () -> compare(k, name))));
  }

  private static void compare(Kernels kernels, String name) {
    Golden golden = Golden.of(name);
    Network model = golden.model().on(kernels);
    boolean mixed = model.memorySize() > 0;
    int steps = golden.steps();
    float[] out = new float[golden.doubles("out").length];
    try (Session session = model.session(golden.batch())) {
      session.state(golden.floats("h0"));
      if (mixed) {
        session.memory(golden.floats("c0"));
      }
      session.run(golden.floats("x"), steps, Timespans.perRowAndStep(golden.floats("ts")), out);
      assertNear(name + ": out", golden.doubles("out"), out, steps);
      assertNear(name + ": hT", golden.doubles("hT"), session.state(), steps);
      if (mixed) {
        assertNear(name + ": cT", golden.doubles("cT"), session.memory(), steps);
      }
    }
  }

  private static void assertNear(String what, double[] expected, float[] found, int steps) {
    assertThat(found).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = 5e-6 * Math.max(1, Math.abs(expected[i])) * Math.max(1, steps / 40.0);
      assertThat((double) found[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(tolerance));
    }
  }

  /**
   * The cases G1 to G4, G6 and G7 of the project's notes on ncps: weights by a formula, the state
   * after three steps. G6 and G7, of other dialects, come from the equations in double precision.
   */
  @TestFactory
  Stream<DynamicNode> givesTheStatesOfFormulaWeights() {
    return Contract.each(
        kernels(), k -> Formula.all().map(f -> dynamicTest(f.name, () -> f.check(k))));
  }

  /**
   * A network whose parameters are 0.3 sin(1 + 0.7 k + 0.37 i), k the number of the tensor and i
   * that of the element.
   *
   * @param rows expected states, row by row; one row or two
   */
  private record Formula(String name, CfcConfiguration configuration, double[] rows) {
    private static final CfcConfiguration DEEP =
        new CfcConfiguration(3, 4, CfcMode.DEFAULT, Activation.LECUN_TANH, 5, 2, 0);

    static Stream<Formula> all() {
      return Stream.of(
          new Formula(
              "G1, default",
              DEEP,
              new double[] {
                -0.0702370360, -0.3012441420, 0.0075528966, 0.1841204453,
                -0.0620775782, -0.3178338386, -0.0843145062, 0.1843510416
              }),
          new Formula(
              "G1, no_gate",
              DEEP.withMode(CfcMode.NO_GATE),
              new double[] {
                -0.0839323967, -0.5699669357, -0.2730650717, 0.2026471466,
                -0.0695866351, -0.5588918512, -0.3133536798, 0.2046832465
              }),
          new Formula(
              "G2, pure",
              DEEP.withMode(CfcMode.PURE),
              new double[] {
                -0.1140666305, -0.0047196077, 0.1287596874, 0.1912198595,
                -0.1135024864, -0.0053644400, 0.1478238222, 0.1894840141
              }),
          new Formula(
              "G3, silu",
              DEEP.withActivation(Activation.SILU),
              new double[] {-0.1431032385, -0.1835188098, -0.0286412156, 0.0848462648}),
          new Formula(
              "G3, relu",
              DEEP.withActivation(Activation.RELU),
              new double[] {-0.1915555987, -0.1072526603, -0.0314174325, 0.0156965301}),
          new Formula(
              "G3, tanh",
              DEEP.withActivation(Activation.TANH),
              new double[] {-0.0896019943, -0.2732734622, -0.0024344905, 0.1602955893}),
          new Formula(
              "G3, gelu",
              DEEP.withActivation(Activation.GELU),
              new double[] {-0.1465840123, -0.1761217143, -0.0306950531, 0.0787537020}),
          new Formula(
              "G6, CfC repository on TensorFlow",
              DEEP.withDialect(CfcDialect.CFC_TENSORFLOW),
              new double[] {
                -0.08154354, -0.38219242, -0.25653772, 0.19507781,
                -0.07210045, -0.37637855, -0.16014254, 0.21110223
              }),
          new Formula(
              "G7, ncps on Keras",
              DEEP.withDialect(CfcDialect.NCPS_KERAS),
              new double[] {
                -0.07166959, -0.34081995, -0.23304708, 0.17360041,
                -0.0633839, -0.3353227, -0.1472435, 0.18806538
              }),
          new Formula(
              "G1, CfC repository on PyTorch",
              DEEP.withDialect(CfcDialect.CFC_TORCH),
              new double[] {
                -0.0702370360, -0.3012441420, 0.0075528966, 0.1841204453,
                -0.0620775782, -0.3178338386, -0.0843145062, 0.1843510416
              }),
          new Formula(
              "G4, no backbone",
              DEEP.withBackbone(0, 0),
              new double[] {
                0.3290842646, 0.0111147409, 0.0388860758, 0.0112295371,
                0.1557991949, 0.1427962276, -0.0939450555, 0.0076942401
              }));
    }

    void check(Kernels kernels) {
      Map<String, float[]> parameters = new LinkedHashMap<>();
      int inputs = 3 + 4;
      for (int layer = 0; layer < configuration.backboneLayers(); layer++) {
        fill(parameters, "backbone." + 2 * layer + ".weight", 5 * inputs);
        fill(parameters, "backbone." + 2 * layer + ".bias", 5);
        inputs = 5;
      }
      boolean pure = configuration.mode() == CfcMode.PURE;
      for (String head : pure ? List.of("ff1") : List.of("ff1", "ff2", "time_a", "time_b")) {
        fill(parameters, head + ".weight", 4 * inputs);
        fill(parameters, head + ".bias", 4);
      }
      if (pure) {
        fill(parameters, "w_tau", 4);
        fill(parameters, "A", 4);
      }
      float[] x = new float[2 * 3 * 3];
      float[] timespans = new float[2 * 3];
      for (int b = 0; b < 2; b++) {
        for (int t = 0; t < 3; t++) {
          timespans[b * 3 + t] = 0.25f + 0.5f * ((b + t) % 3);
          for (int c = 0; c < 3; c++) {
            x[(b * 3 + t) * 3 + c] = (float) Math.sin(0.5 + 0.9 * b + 0.31 * t + 1.7 * c);
          }
        }
      }
      Cfc model = Cfc.of(configuration, parameters).on(kernels);
      try (Session session = model.session(2)) {
        session.run(x, 3, Timespans.perRowAndStep(timespans), new float[2 * 3 * 4]);
        assertNear(name, rows, Arrays.copyOf(session.state(), rows.length), 3);
      }
    }

    private static void fill(Map<String, float[]> parameters, String name, int length) {
      int k = parameters.size();
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) (0.3 * Math.sin(1 + 0.7 * k + 0.37 * i));
      }
      parameters.put(name, values);
    }
  }

  @TestFactory
  Stream<DynamicNode> everyWayGivesTheBitsOfTheDefinition() {
    List<Case> cases = cases();
    return Contract.each(
        kernels(), k -> cases.stream().map(c -> dynamicTest(c.toString(), () -> c.check(k))));
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int[] row :
        Pairwise.table(
            CfcMode.values().length,
            MOST_LAYERS + 1,
            ACTIVATIONS.length,
            Accuracy.values().length,
            WeightStorage.values().length,
            CfcDialect.values().length,
            SIZES.length,
            PROJECTIONS.length,
            BATCHES.length,
            STEPS.length,
            Shape.values().length,
            2)) {
      int[] sizes = SIZES[row[6]];
      cases.add(
          new Case(
              new CfcConfiguration(
                  sizes[0],
                  sizes[1],
                  CfcMode.values()[row[0]],
                  ACTIVATIONS[row[2]],
                  sizes[2],
                  row[1],
                  PROJECTIONS[row[7]],
                  row[11] == 1,
                  CfcDialect.values()[row[5]]),
              Accuracy.values()[row[3]],
              WeightStorage.values()[row[4]],
              BATCHES[row[8]],
              STEPS[row[9]],
              Shape.values()[row[10]]));
    }
    return cases;
  }

  /** What there is a timespan for. */
  private enum Shape {
    ONE,
    PER_STEP,
    PER_ROW,
    PER_ROW_AND_STEP
  }

  /** Timespans of a sequence, batch-first. */
  private record Elapsed(Shape shape, int rows, int steps, float[] values) {

    static Elapsed random(Shape shape, int rows, int steps, SplittableRandom random) {
      int n =
          switch (shape) {
            case ONE -> 1;
            case PER_STEP -> steps;
            case PER_ROW -> rows;
            case PER_ROW_AND_STEP -> rows * steps;
          };
      return new Elapsed(shape, rows, steps, Sequence.floats(random, n, 0, 3));
    }

    float at(int row, int step) {
      return values[
          switch (shape) {
            case ONE -> 0;
            case PER_STEP -> step;
            case PER_ROW -> row;
            case PER_ROW_AND_STEP -> row * steps + step;
          }];
    }

    /** Those of some rows and steps, in the same shape. */
    Elapsed part(int firstRow, int numberOfRows, int firstStep, int n) {
      float[] part =
          switch (shape) {
            case ONE -> values;
            case PER_STEP -> Arrays.copyOfRange(values, firstStep, firstStep + n);
            case PER_ROW -> Arrays.copyOfRange(values, firstRow, firstRow + numberOfRows);
            case PER_ROW_AND_STEP -> {
              float[] both = new float[numberOfRows * n];
              for (int i = 0; i < both.length; i++) {
                both[i] = at(firstRow + i / n, firstStep + i % n);
              }
              yield both;
            }
          };
      return new Elapsed(shape, numberOfRows, n, part);
    }

    /** One for each row of a step. */
    float[] ofRows(int step) {
      float[] ofRows = new float[rows];
      for (int row = 0; row < rows; row++) {
        ofRows[row] = at(row, step);
      }
      return ofRows;
    }

    boolean sameForAllRows() {
      return shape == Shape.ONE || shape == Shape.PER_STEP;
    }

    Timespans timespans() {
      return of(Floats.of(values));
    }

    Timespans timeFirst() {
      return shape == Shape.PER_ROW_AND_STEP
          ? of(Floats.of(Way.swapped(values, rows, steps)))
          : timespans();
    }

    Timespans of(Floats memory) {
      return switch (shape) {
        case ONE -> Timespans.of(values[0]);
        case PER_STEP -> Timespans.perStep(memory);
        case PER_ROW -> Timespans.perRow(memory);
        case PER_ROW_AND_STEP -> Timespans.perRowAndStep(memory);
      };
    }
  }

  private record Case(
      CfcConfiguration configuration,
      Accuracy accuracy,
      WeightStorage storage,
      int batch,
      int steps,
      Shape timespans) {

    void check(Kernels kernels) {
      SplittableRandom random = Contract.random("model", this);
      Cfc definition =
          Cfc.initialised(configuration, random.nextLong())
              .with(accuracy)
              .with(storage)
              .on(Contract.DEFINITION);
      Sequence sequence = new Sequence(this, random);
      Outcome expected = Way.RUN.run(definition, sequence, random);
      Cfc model = definition.on(kernels);
      for (Way way : Way.values()) {
        Outcome found = way.run(model, sequence, random);
        assertSame(this + ", " + Contract.name(way) + ": out", expected.out, found.out);
        assertSame(this + ", " + Contract.name(way) + ": state", expected.state, found.state);
      }
      checkLast(model, sequence, expected);
    }

    private static void checkLast(Cfc model, Sequence sequence, Outcome expected) {
      int size = model.configuration().outputSize();
      float[] last = new float[sequence.batch * size];
      for (int row = 0; row < sequence.batch; row++) {
        int at = ((row + 1) * sequence.steps - 1) * size;
        System.arraycopy(expected.out, at, last, row * size, size);
      }
      float[] found = new float[last.length];
      try (Session session = model.session(sequence.batch)) {
        session.state(sequence.state);
        session.runToLast(sequence.x, sequence.steps, sequence.elapsed.timespans(), found);
        assertSame("run to last: out", last, found);
        assertSame("run to last: state", expected.state, session.state());
      }
    }

    @Override
    public String toString() {
      return "%s, %s %s %s %s, I=%d %dxU=%d H=%d P=%d, batch %d, %d steps, timespans %s"
          .formatted(
              configuration.dialect().fieldName(),
              configuration.mode().fieldName(),
              configuration.activation().fieldName(),
              Contract.name(accuracy),
              Contract.name(storage),
              configuration.inputSize(),
              configuration.backboneLayers(),
              configuration.backboneUnits(),
              configuration.hiddenSize(),
              configuration.projectionSize(),
              batch,
              steps,
              Contract.name(timespans));
    }
  }

  /** What went in, batch-first. */
  private static final class Sequence {
    final int batch;
    final int steps;
    final int inputSize;
    final float[] x;
    final Elapsed elapsed;
    final float[] state;

    Sequence(Case c, SplittableRandom random) {
      batch = c.batch;
      steps = c.steps;
      inputSize = c.configuration.inputSize();
      x = floats(random, batch * steps * inputSize, -2, 2);
      elapsed = Elapsed.random(c.timespans, batch, steps, random);
      state = floats(random, batch * c.configuration.hiddenSize(), -1, 1);
    }

    private static float[] floats(SplittableRandom random, int n, double least, double most) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) random.nextDouble(least, most);
      }
      return values;
    }

    /** Inputs of some rows and steps. */
    float[] x(int firstRow, int rows, int firstStep, int n) {
      return part(x, inputSize, firstRow, rows, firstStep, n);
    }

    private float[] part(float[] all, int width, int firstRow, int rows, int firstStep, int n) {
      float[] part = new float[rows * n * width];
      for (int row = 0; row < rows; row++) {
        int from = ((firstRow + row) * steps + firstStep) * width;
        System.arraycopy(all, from, part, row * n * width, n * width);
      }
      return part;
    }
  }

  /** What came out, batch-first. */
  private record Outcome(float[] out, float[] state) {

    static Outcome of(Cfc model, Sequence sequence) {
      CfcConfiguration shape = model.configuration();
      return new Outcome(
          new float[sequence.batch * sequence.steps * shape.outputSize()],
          new float[sequence.batch * shape.hiddenSize()]);
    }

    /** Stores outputs of some rows and steps. */
    void put(float[] part, int size, int steps, int firstRow, int firstStep, int n) {
      for (int row = 0; row < part.length / (n * size); row++) {
        int to = ((firstRow + row) * steps + firstStep) * size;
        System.arraycopy(part, row * n * size, out, to, n * size);
      }
    }

    Outcome state(float[] found, int first) {
      System.arraycopy(found, 0, state, first, found.length);
      return this;
    }
  }

  /** Ways to run a sequence. */
  private enum Way {
    RUN {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        return parallel(model, s, 1);
      }
    },
    STEP {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        float[] out = new float[s.batch * size];
        try (Session session = model.session(s.batch)) {
          session.state(s.state);
          for (int step = 0; step < s.steps; step++) {
            float[] x = s.x(0, s.batch, step, 1);
            if (s.elapsed.sameForAllRows()) {
              session.step(x, s.elapsed.at(0, step), out);
            } else {
              session.step(x, Timespans.perRow(s.elapsed.ofRows(step)), out);
            }
            outcome.put(out, size, s.steps, 0, step, 1);
          }
          return outcome.state(session.state(), 0);
        }
      }
    },
    STEP_OF_SEGMENTS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        try (Arena arena = Arena.ofConfined();
            Session session = model.session(s.batch)) {
          GuardedMemory out = GuardedMemory.floats(arena, (long) s.batch * size, 4);
          session.state(s.state);
          for (int step = 0; step < s.steps; step++) {
            float[] x = s.x(0, s.batch, step, 1);
            MemorySegment from =
                random.nextBoolean()
                    ? MemorySegment.ofArray(x)
                    : GuardedMemory.of(arena, x, 4).segment();
            session.step(
                Floats.of(from),
                s.elapsed.part(0, s.batch, step, 1).timespans(),
                Floats.of(out.segment()));
            outcome.put(out.toFloats(), size, s.steps, 0, step, 1);
          }
          out.assertGuards("out of a step");
          return outcome.state(session.state(), 0);
        }
      }
    },
    SEGMENTS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        try (Arena arena = Arena.ofConfined();
            Session session = model.session(s.batch)) {
          GuardedMemory x = GuardedMemory.of(arena, s.x, 4);
          GuardedMemory out = GuardedMemory.floats(arena, outcome.out.length, 12);
          session.state(s.state);
          session.run(
              Floats.of(x.segment().asReadOnly()),
              s.steps,
              s.elapsed.of(Floats.of(MemorySegment.ofArray(s.elapsed.values))),
              Floats.of(out.segment()));
          out.assertGuards("out of a run");
          assertSame("x", s.x, x.toFloats());
          return new Outcome(out.toFloats(), session.state());
        }
      }
    },
    BUFFERS_OF_THE_OTHER_BYTE_ORDER {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        FloatBuffer out = swapped(new float[outcome.out.length]);
        try (Session session = model.session(s.batch).parallelism(random.nextInt(1, 4))) {
          session.state(s.state);
          session.run(
              Floats.of(swapped(s.x)),
              s.steps,
              s.elapsed.of(Floats.of(swapped(s.elapsed.values))),
              Floats.of(out));
          out.get(outcome.out);
          return outcome.state(session.state(), 0);
        }
      }

      private static FloatBuffer swapped(float[] values) {
        ByteOrder other =
            ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                ? ByteOrder.LITTLE_ENDIAN
                : ByteOrder.BIG_ENDIAN;
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.length * Float.BYTES).order(other);
        return bytes.asFloatBuffer().put(values).flip();
      }
    },
    TIME_FIRST {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        try (Session session = model.session(s.batch).layout(SequenceLayout.TIME_FIRST)) {
          session.state(s.state);
          session.run(swapped(s.x, s.batch, s.steps), s.steps, s.elapsed.timeFirst(), outcome.out);
          return new Outcome(swapped(outcome.out, s.steps, s.batch), session.state());
        }
      }
    },
    STEPS_OF_LISTED_ROWS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        int[] steps = new int[s.batch];
        try (Session session = model.session(s.batch).parallelism(random.nextInt(1, 4))) {
          session.state(s.state);
          while (true) {
            // Every row goes on by itself, in lists that leave some out.
            int[] rows =
                IntStream.range(0, s.batch)
                    .filter(row -> steps[row] < s.steps && random.nextInt(4) > 0)
                    .toArray();
            float[] x = new float[rows.length * s.inputSize];
            float[] timespans = new float[rows.length];
            float[] out = new float[rows.length * size];
            for (int i = 0; i < rows.length; i++) {
              float[] item = s.x(rows[i], 1, steps[rows[i]], 1);
              System.arraycopy(item, 0, x, i * s.inputSize, s.inputSize);
              timespans[i] = s.elapsed.at(rows[i], steps[rows[i]]);
            }
            session.step(rows, x, Timespans.perRow(timespans), out);
            for (int i = 0; i < rows.length; i++) {
              float[] item = Arrays.copyOfRange(out, i * size, (i + 1) * size);
              outcome.put(item, size, s.steps, rows[i], steps[rows[i]]++, 1);
            }
            if (Arrays.stream(steps).allMatch(done -> done == s.steps)) {
              return outcome.state(session.state(), 0);
            }
          }
        }
      }
    },
    MASKED {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        // Twice the steps, of which every row has some of its own masked.
        int steps = 2 * s.steps;
        float[] x = new float[s.batch * steps * s.inputSize];
        float[] timespans = new float[s.batch * steps];
        boolean[] mask = new boolean[s.batch * steps];
        Arrays.fill(x, Float.NaN);
        for (int row = 0; row < s.batch; row++) {
          int at = row * steps;
          for (int step = 0; step < s.steps; step++, at++) {
            at += random.nextInt((row + 1) * steps - at - (s.steps - step) + 1) / 3;
            mask[at] = true;
            timespans[at] = s.elapsed.at(row, step);
            System.arraycopy(s.x(row, 1, step, 1), 0, x, at * s.inputSize, s.inputSize);
          }
        }
        float[] out = new float[s.batch * steps * size];
        try (Session session = model.session(s.batch).parallelism(random.nextInt(1, 4))) {
          session.state(s.state);
          session.run(x, steps, Timespans.perRowAndStep(timespans), Mask.of(mask), out);
          int items = 0;
          for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
              System.arraycopy(out, i * size, outcome.out, items++ * size, size);
            }
          }
          return outcome.state(session.state(), 0);
        }
      }
    },
    PIECES_OF_THE_SEQUENCE {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        float[] state = s.state;
        float[] memory = null;
        for (int step = 0; step < s.steps; ) {
          int n = random.nextInt(1, s.steps - step + 1);
          float[] out = new float[s.batch * n * size];
          // The state goes from session to session through the caller's hands.
          try (Session session = model.session(s.batch)) {
            session.state(state);
            if (memory != null) {
              session.memory(memory);
            }
            Timespans timespans = s.elapsed.part(0, s.batch, step, n).timespans();
            session.run(s.x(0, s.batch, step, n), n, timespans, out);
            state = session.state();
            memory = session.network().memorySize() > 0 ? session.memory() : null;
          }
          outcome.put(out, size, s.steps, 0, step, n);
          step += n;
        }
        return outcome.state(state, 0);
      }
    },
    PIECES_OF_THE_BATCH {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        Outcome outcome = Outcome.of(model, s);
        int size = model.configuration().outputSize();
        int hidden = model.configuration().hiddenSize();
        for (int row = 0; row < s.batch; ) {
          int n = random.nextInt(1, s.batch - row + 1);
          float[] out = new float[n * s.steps * size];
          try (Session session = model.session(n)) {
            session.state(Arrays.copyOfRange(s.state, row * hidden, (row + n) * hidden));
            Timespans timespans = s.elapsed.part(row, n, 0, s.steps).timespans();
            session.run(s.x(row, n, 0, s.steps), s.steps, timespans, out);
            outcome.put(out, size, s.steps, row, 0, s.steps);
            outcome.state(session.state(), row * hidden);
          }
          row += n;
        }
        return outcome;
      }
    },
    TWO_THREADS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        return parallel(model, s, 2);
      }
    },
    THREE_THREADS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        return parallel(model, s, 3);
      }
    },
    FIVE_THREADS {
      @Override
      Outcome run(Cfc model, Sequence s, SplittableRandom random) {
        return parallel(model, s, 5);
      }
    };

    abstract Outcome run(Cfc model, Sequence s, SplittableRandom random);

    private static Outcome parallel(Cfc model, Sequence s, int threads) {
      Outcome outcome = Outcome.of(model, s);
      try (Session session = model.session(s.batch).parallelism(threads)) {
        session.state(s.state);
        session.run(s.x, s.steps, s.elapsed.timespans(), outcome.out);
        return outcome.state(session.state(), 0);
      }
    }

    /** [a, b, …] as [b, a, …]. */
    static float[] swapped(float[] values, int a, int b) {
      int width = values.length / (a * b);
      float[] swapped = new float[values.length];
      for (int i = 0; i < a; i++) {
        for (int j = 0; j < b; j++) {
          System.arraycopy(values, (i * b + j) * width, swapped, (j * a + i) * width, width);
        }
      }
      return swapped;
    }
  }

  /** A session's numbers by hand: dense layers before and behind the network in the middle. */
  @TestFactory
  Stream<DynamicNode> denseLayersStandAroundANetwork() {
    return Contract.each(
        kernels(),
        k ->
            Pairwise.table(
                    Activation.values().length,
                    Accuracy.values().length,
                    WeightStorage.values().length,
                    BATCHES.length,
                    STEPS.length,
                    3)
                .stream()
                .map(
                    row ->
                        dynamicTest(
                            Arrays.toString(row),
                            () ->
                                compareWithLayersByHand(
                                    k,
                                    sequential(Activation.values()[row[0]])
                                        .with(Accuracy.values()[row[1]])
                                        .with(WeightStorage.values()[row[2]]),
                                    BATCHES[row[3]],
                                    STEPS[row[4]],
                                    1 + row[5]))));
  }

  private static Sequential sequential(Activation activation) {
    return Sequential.of(
        List.of(Dense.initialised(3, 33, activation, 1), Dense.initialised(33, 5, activation, 2)),
        Cfc.initialised(CfcConfiguration.of(5, 18), 3),
        List.of(
            Dense.initialised(18, 17, activation, 4),
            Dense.initialised(17, 2, Activation.LINEAR, 5)));
  }

  private static void compareWithLayersByHand(
      Kernels kernels, Sequential network, int batch, int steps, int threads) {
    SplittableRandom random = Contract.random(network.toString(), batch, steps);
    float[] x = Sequence.floats(random, batch * steps * 3, -2, 2);
    Timespans timespans = Timespans.perRowAndStep(Sequence.floats(random, batch * steps, 0, 3));
    Sequential definition = network.on(Contract.DEFINITION);
    float[] expected = x;
    for (Dense layer : network.encoder()) {
      expected = dense(layer, network.accuracy(), expected);
    }
    float[] inner = new float[batch * steps * network.network().outputSize()];
    float[] state;
    try (Session session = definition.network().session(batch)) {
      session.run(expected, steps, timespans, inner);
      state = session.state();
    }
    expected = inner;
    for (Dense layer : network.head()) {
      expected = dense(layer, network.accuracy(), expected);
    }
    for (Sequential one : List.of(definition, network.on(kernels))) {
      float[] found = new float[expected.length];
      try (Session session = one.session(batch).parallelism(threads)) {
        session.run(x, steps, timespans, found);
        assertSame("outputs", expected, found);
        assertSame("state", state, session.state());
      }
    }
  }

  /** Rows through a layer, as the definition says. */
  private static float[] dense(Dense layer, Accuracy accuracy, float[] x) {
    int rows = x.length / layer.inputs();
    int stride = PanelLayout.roundUp(layer.outputs());
    float[] out = new float[rows * layer.outputs()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(4L * x.length, PanelLayout.ALIGNMENT);
      MemorySegment.copy(x, 0, in, ValueLayout.JAVA_FLOAT, 0, x.length);
      MemorySegment y = arena.allocate(4L * rows * stride, PanelLayout.ALIGNMENT);
      Contract.DEFINITION
          .dense()
          .forward(
              layer.weights(), layer.activation(), accuracy, in, layer.inputs(), y, stride, rows);
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(
            y,
            ValueLayout.JAVA_FLOAT,
            4L * row * stride,
            out,
            row * layer.outputs(),
            layer.outputs());
      }
    }
    return out;
  }

  private static final int CALLS = 10;
  private static final int QUIET_ROUNDS = 4;
  private static final int LEAST_ROUNDS = 100;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /** Networks of all kinds, with 3 inputs. */
  private static Map<String, Network> networks() {
    Map<String, Network> networks = new LinkedHashMap<>();
    CfcConfiguration cfc = CfcConfiguration.of(3, 4).withBackbone(128, 1);
    for (WeightStorage storage : WeightStorage.values()) {
      String suffix = ", " + Contract.name(storage);
      networks.put("CfC" + suffix, Cfc.initialised(cfc, 1).with(storage));
      networks.put(
          "CfC, projected" + suffix, Cfc.initialised(cfc.withProjection(3), 1).with(storage));
      Wiring ncp = new AutoNcp(28, 4).build(3);
      networks.put("LTC, NCP" + suffix, Ltc.initialised(ncp, 1).with(storage));
    }
    networks.put("CfC, mixed memory", Cfc.initialised(cfc.withMixedMemory(true), 1));
    networks.put("LTC, full", Ltc.initialised(new FullyConnected(20, 2).build(3), 1));
    Wiring ncp = new AutoNcp(16, 4).build(3);
    for (boolean mixed : new boolean[] {false, true}) {
      networks.put(
          mixed ? "wired CfC, mixed memory" : "wired CfC",
          WiredCfc.initialised(3, ncp, CfcMode.DEFAULT, mixed, CfcDialect.NCPS_TORCH, 1));
    }
    Map<String, float[]> lstm =
        Map.of(
            "input_kernel", new float[(3 + 1) * 4 * 5],
            "recurrent_kernel", new float[5 * 4 * 5],
            "bias", new float[4 * 5]);
    networks.put(
        "dense layers around a CfC",
        Sequential.of(
            List.of(Dense.initialised(3, 20, Activation.RELU, 1)),
            Cfc.initialised(CfcConfiguration.of(20, 4), 2),
            List.of(Dense.initialised(4, 2, Activation.TANH, 3))));
    networks.put(
        "augmented LSTM", RecurrentNetwork.of(RecurrentNetwork.Kind.AUGMENTED_LSTM, 3, 5, lstm));
    return networks;
  }

  @TestFactory
  Stream<DynamicNode> nothingIsAllocatedInSteadyState() {
    return Contract.each(
        kernels(),
        k -> {
          List<DynamicNode> tests = new ArrayList<>();
          networks()
              .forEach(
                  (name, network) -> {
                    for (int batch : new int[] {1, 64}) {
                      for (int threads : new int[] {1, 2}) {
                        tests.add(
                            dynamicTest(
                                "%s, batch %d, threads %d".formatted(name, batch, threads),
                                () -> allocation(network.on(k), batch, threads)));
                      }
                    }
                  });
          for (int threads : new int[] {1, 2}) {
            tests.add(
                dynamicTest(
                    "sessions of other kinds, threads " + threads,
                    () -> allocationOfOthers(k, threads)));
          }
          return tests.stream();
        });
  }

  private static void allocation(Network model, int batch, int threads) {
    Allocation.requireCompiler();
    int outputs = model.outputSize();
    int steps = 4;
    float[] x = new float[batch * steps * 3];
    float[] oneX = new float[batch * 3];
    float[] out = new float[batch * steps * outputs];
    float[] oneOut = new float[batch * outputs];
    try (Arena arena = Arena.ofConfined();
        Session session = model.session(batch).parallelism(threads);
        Session other = model.session(batch)) {
      Floats nativeX = Floats.of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, oneX));
      Floats nativeOut = Floats.of(arena.allocateFrom(ValueLayout.JAVA_FLOAT, oneOut));
      Floats bufferX = Floats.of(ByteBuffer.allocateDirect(batch * 3 * 4).asFloatBuffer());
      Floats bufferOut = Floats.of(ByteBuffer.allocate(batch * outputs * 4).asFloatBuffer());
      Timespans ofRows = Timespans.perRow(ones(batch));
      assertQuiet("step without timespan", () -> session.step(oneX, oneOut));
      assertQuiet("step of arrays", () -> session.step(oneX, 1, oneOut));
      assertQuiet("step with timespans of rows", () -> session.step(oneX, ofRows, oneOut));
      assertQuiet("step of segments", () -> session.step(nativeX, 1, nativeOut));
      assertQuiet("step of buffers", () -> session.step(bufferX, ofRows, bufferOut));
      assertQuiet("run without timespans", () -> session.run(x, steps, out));
      for (Timespans timespans :
          List.of(
              ofRows,
              Timespans.perStep(ones(steps)),
              Timespans.perRowAndStep(ones(batch * steps)))) {
        assertQuiet("run", () -> session.run(x, steps, timespans, out));
        assertQuiet("run to last", () -> session.runToLast(x, steps, timespans, oneOut));
      }
      int[] rows = batch == 1 ? new int[] {0} : new int[] {batch - 1, 3, 0};
      float[] listedX = new float[rows.length * 3];
      Timespans listedTimespans = Timespans.perRow(ones(rows.length));
      float[] listedOut = new float[rows.length * outputs];
      assertQuiet(
          "step of listed rows", () -> session.step(rows, listedX, listedTimespans, listedOut));
      assertQuiet(
          "step of listed rows with one timespan", () -> session.step(rows, listedX, 1, listedOut));
      boolean[] present = new boolean[batch * steps];
      present[0] = true;
      present[present.length - 1] = true;
      int[] lengths = new int[batch];
      lengths[batch - 1] = 3;
      Timespans timespans = Timespans.perRowAndStep(ones(batch * steps));
      for (Mask mask : List.of(Mask.of(present), Mask.lengths(lengths))) {
        assertQuiet("masked run", () -> session.run(x, steps, timespans, mask, out));
        assertQuiet(
            "masked run to last", () -> session.runToLast(x, steps, timespans, mask, oneOut));
      }
      float[] held = new float[rows.length * (model.stateSize() + model.memorySize())];
      assertQuiet("rows read", () -> session.readRows(rows, held));
      assertQuiet("rows written", () -> session.writeRows(rows, held));
      assertQuiet("rows copied", () -> session.copyRows(rows, other, rows));
      assertQuiet("rows copied within", () -> session.copyRows(rows, session, rows));
      assertQuiet("rows reset", () -> session.reset(rows));
      assertQuiet("reset", () -> session.reset(batch - 1));
    }
    // One key more than half of them, so that a micro-batch has several records of some.
    List<Integer> keys = IntStream.range(0, batch).mapToObj(i -> i % (batch / 2 + 1)).toList();
    double[] timestamps = new double[batch];
    try (KeyedSession<Integer> session =
        KeyedSession.builder(model, batch).parallelism(threads).build()) {
      assertQuiet("micro-batch", () -> session.step(keys, timestamps, oneX, oneOut));
    }
  }

  private static void allocationOfOthers(Kernels kernels, int threads) {
    Allocation.requireCompiler();
    int batch = 5;
    int steps = 4;
    Cfc cfc = Cfc.initialised(CfcConfiguration.of(6, 4), 1).on(kernels);
    float[] x = new float[batch * steps * 6];
    float[] features = new float[batch * steps * 3];
    boolean[] observed = new boolean[features.length];
    Arrays.fill(observed, true);
    float[] out = new float[batch * steps * 8];
    float[] halfOut = new float[batch * steps * 4];
    Timespans timespans = Timespans.perRow(ones(batch));
    Mask mask = Mask.lengths(new int[] {4, 0, 2, 4, 1});
    int[] rows = {3, 0};
    int[] toRows = {0, 4};
    MaskedCfc masked = new MaskedCfc(cfc, 3);
    float[] held = new float[2 * masked.rowSize()];
    try (BidirectionalSession both =
            new Bidirectional(cfc, cfc, Bidirectional.Merge.CONCAT)
                .session(batch)
                .parallelism(threads);
        MaskedCfcSession session = masked.session(batch).parallelism(threads)) {
      assertQuiet("both ways", () -> both.run(x, steps, out));
      assertQuiet("both ways, masked", () -> both.run(x, steps, timespans, mask, out));
      assertQuiet("partly observed", () -> session.run(features, steps, observed, halfOut));
      assertQuiet(
          "partly observed, with timespans",
          () -> session.run(features, steps, timespans, observed, halfOut));
      assertQuiet("rows read", () -> session.readRows(rows, held));
      assertQuiet("rows written", () -> session.writeRows(rows, held));
      assertQuiet("rows copied", () -> session.copyRows(rows, session, toRows));
      assertQuiet("rows reset", () -> session.reset(rows));
    }
  }

  private static float[] ones(int n) {
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Calls until some rounds of calls in a row allocate nothing; fails if that does not happen. */
  private static void assertQuiet(String what, Runnable call) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    int quiet = 0;
    long allocated = 0;
    for (int round = 1; quiet < QUIET_ROUNDS; round++) {
      long before = Allocation.ofThisThread();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      allocated = Allocation.ofThisThread() - before;
      quiet = allocated == 0 ? quiet + 1 : 0;
      // On a busy processor two threads may take that long for the first rounds, which allocate
      // what is made once.
      if (quiet == 0 && round >= LEAST_ROUNDS && System.nanoTime() > deadline) {
        break;
      }
    }
    assertThat(allocated).as("%s: bytes of %d calls", what, CALLS).isZero();
  }
}
