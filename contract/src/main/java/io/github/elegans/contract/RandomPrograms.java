package io.github.elegans.contract;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Bits;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Programs of random operations, and lanes of ordinary and special values for them. */
public final class RandomPrograms {
  private static final double[] SPECIAL = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MIN_NORMAL,
    -Double.MAX_VALUE,
    Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    1e-300,
    1e300,
    710,
    -746,
    88.8,
    Math.PI / 2,
    0x1p30,
    1e-8
  };
  private static final Op[] FUNCTIONS = {
    Op.EXP, Op.EXPM1, Op.LOG, Op.LOG1P, Op.SIN, Op.COS, Op.TANH, Op.SIGMOID, Op.EXPREL, Op.BERNOULLI
  };

  private final Random random;

  /** The same programs and lanes for the same seed, if asked in the same order. */
  public RandomPrograms(long seed) {
    this.random = new Random(seed);
  }

  /** A program of so many nodes, functions counted as one, that asks for attention now and then. */
  public Program program(Precision precision, int nodes) {
    Graph g = new Graph(precision);
    int variables = 2 + random.nextInt(6);
    List<Real> reals = new ArrayList<>();
    List<Mask> masks = new ArrayList<>();
    List<Bits> words = new ArrayList<>();
    for (int v = 0; v < variables; v++) {
      reals.add(g.variable(v));
    }
    reals.add(g.constant(value()));
    words.add(g.bits(random.nextLong()));
    masks.add(g.less(reals.get(0), reals.get(1)));
    for (int i = 0; i < nodes; i++) {
      Real x = any(reals);
      Real y = any(reals);
      Real z = any(reals);
      switch (random.nextInt(26)) {
        case 0, 1 -> reals.add(g.add(x, y));
        case 2 -> reals.add(g.sub(x, y));
        case 3, 4 -> reals.add(g.mul(x, y));
        case 5 -> reals.add(g.div(x, y));
        case 6, 7 -> reals.add(g.fma(x, y, z));
        case 8 -> reals.add(g.neg(x));
        case 9 -> reals.add(g.abs(x));
        case 10 -> reals.add(g.sqrt(x));
        case 11 -> reals.add(g.min(x, y));
        case 12 -> reals.add(g.max(x, y));
        case 13 -> reals.add(g.select(any(masks), x, y));
        case 14 -> masks.add(g.less(x, y));
        case 15 -> masks.add(g.lessEqual(x, y));
        case 16 -> masks.add(g.equal(x, y));
        case 17 -> masks.add(g.and(any(masks), any(masks)));
        case 18 -> masks.add(g.or(any(masks), any(masks)));
        case 19 -> masks.add(g.not(any(masks)));
        case 20 -> reals.add(g.constant(value()));
        // Bits of numbers that may be NaN differ between processors: those are taken of others.
        case 21 -> words.add(g.toBits(g.select(g.equal(x, x), x, g.constant(1))));
        case 22 -> words.add(bits(g, any(words), any(words)));
        case 23 -> reals.add(g.fromBits(any(words)));
        case 24 -> reals.add(g.function(FUNCTIONS[random.nextInt(FUNCTIONS.length)], x));
        default ->
            reals.add(random.nextInt(4) == 0 ? g.pow(x, y) : g.powi(x, random.nextInt(9) - 3));
      }
    }
    int stores = 1 + random.nextInt(variables);
    int[] targets = new int[stores];
    Real[] values = new Real[stores];
    for (int s = 0; s < stores; s++) {
      targets[s] = s;
      values[s] = reals.get(reals.size() - 1 - random.nextInt(Math.min(reals.size(), 10)));
    }
    Mask attention = random.nextInt(4) == 0 ? null : g.and(any(masks), any(masks));
    return new Program(g, variables, targets, values, attention);
  }

  private Bits bits(Graph g, Bits x, Bits y) {
    int count = 1 + random.nextInt(g.precision() == Precision.DOUBLE ? 63 : 31);
    return switch (random.nextInt(7)) {
      case 0 -> g.bitsAdd(x, y);
      case 1 -> g.bitsSub(x, y);
      case 2 -> g.bitsAnd(x, y);
      case 3 -> g.bitsOr(x, y);
      case 4 -> g.bitsXor(x, y);
      case 5 -> g.shiftLeft(x, count);
      default -> g.shiftRight(x, count);
    };
  }

  private <T> T any(List<T> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private double value() {
    return switch (random.nextInt(3)) {
      case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
      case 1 -> random.nextGaussian() * 10;
      default -> Math.exp(random.nextGaussian() * 5) * (random.nextBoolean() ? 1 : -1);
    };
  }

  /** Values for all variables of so many lanes. */
  public double[] lanes(Program program, int width) {
    double[] lanes = new double[program.variables() * width];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = program.precision().round(value());
    }
    return lanes;
  }
}
