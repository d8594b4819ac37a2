package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A solver as a transformation: from a system's right-hand side and a method, the program of one
 * whole step of a lane, error control, acceptance, event tests and folds included.
 */
final class StepProgram {
  private final Setup setup;
  private final OdeSystem system;
  private final Graph g;
  private final Layout layout;
  private final RightHandSide f;

  /** The functions by their own comparisons of time, whatever the segment says. */
  private final RightHandSide watched;

  private final int n;
  private final Map<Integer, Integer> stores = new LinkedHashMap<>();
  private final boolean carriesSlopes;
  private final StepSize stepSize;

  private StepProgram(Setup setup) {
    this(setup, layout(setup).parameters, layout(setup).signs);
  }

  private StepProgram(Setup setup, int parameters, int signs) {
    this.setup = setup;
    this.system = setup.system();
    this.g = new Graph(setup.precision());
    this.n = system.states().size();
    this.carriesSlopes = carriesSlopes(setup);
    this.layout = layout(setup);
    Tableau tableau = setup.method().tableau();
    this.stepSize = new StepSize(g, setup.precision(), tableau == null ? 0 : tableau.errorOrder());
    int[] p = RightHandSide.variables(g, parameters, system.parameters().size());
    int[] lane = RightHandSide.variables(g, signs, setup.switches().signs());
    this.f = new RightHandSide(system, g, p, setup.switches().comparisons(g, lane));
    this.watched = new RightHandSide(system, g, p);
  }

  /** The variables of a lane. */
  static Layout layout(Setup setup) {
    return new Layout(setup, carriesSlopes(setup), degree(setup.method()));
  }

  private static boolean carriesSlopes(Setup setup) {
    return setup.method().tableau() instanceof Tableau.Explicit e && e.firstSameAsLast()
        || setup.dense() && usesHermite(setup.method());
  }

  private static boolean usesHermite(Method method) {
    return method.tableau() == null || method.tableau().dense() == null;
  }

  private static int degree(Method method) {
    return switch (method.tableau()) {
      case Tableau.Explicit e when e.dense() != null -> e.dense()[0].length;
      case Tableau.Rosenbrock r when r.dense() != null -> r.dense().length + 1;
      case null, default -> 3;
    };
  }

  /** The program of a step. */
  static Program step(Setup setup) {
    return new StepProgram(setup).step();
  }

  /** The program that makes a lane ready: slopes, first step, event functions. */
  static Program begin(Setup setup) {
    return new StepProgram(setup).begin();
  }

  private int variable(int number) {
    return g.variable(number);
  }

  private int[] variables(int first) {
    return RightHandSide.variables(g, first, n);
  }

  private int constant(double value) {
    return g.constant(value);
  }

  private void store(int variable, int node) {
    stores.put(variable, node);
  }

  private void store(int first, int[] nodes) {
    for (int i = 0; i < nodes.length; i++) {
      store(first + i, nodes[i]);
    }
  }

  private Program programWith(int attention) {
    int asked = g.and(attention, g.equal(variable(layout.active), constant(1)));
    store(layout.attention, g.select(asked, constant(1), constant(0)));
    return program(asked);
  }

  private Program program(int attention) {
    return new Program(
        g,
        layout.count(),
        stores.keySet().stream().mapToInt(i -> i).toArray(),
        stores.values().stream().mapToInt(i -> i).toArray(),
        attention);
  }

  /**
   * What a method gives.
   *
   * @param end y at the end of the step
   * @param slopeEnd f there, or null if nothing needs it
   * @param error its estimated error, or null
   * @param secondError another one, or null
   * @param dense coefficients of θ, θ², … by state, or null
   */
  private record Taken(int[] end, int[] slopeEnd, int[] error, int[] secondError, int[][] dense) {}

  private Program step() {
    int[] y = variables(layout.states);
    int t = variable(layout.time);
    if (setup.control() != null) {
      return controlledStep(t, y);
    }
    return setup.countsSteps() ? fixedStep(t, y) : uncountedStep(y);
  }

  /** A step of which others know when it is the last. */
  private Program uncountedStep(int[] y) {
    int left = variable(layout.left);
    int h = variable(layout.step);
    // Time is counted, not summed, so that it does not drift.
    int t = g.fma(g.sub(variable(layout.total), left), h, variable(layout.start));
    Taken taken = take(t, h, y);
    store(layout.states, taken.end);
    if (RightHandSide.readsTime(system)) {
      store(layout.left, g.sub(left, constant(1)));
    }
    if (carriesSlopes) {
      store(layout.slopes, taken.slopeEnd);
    }
    return program(g.not(finite(taken.end)));
  }

  private Program fixedStep(int t, int[] y) {
    int one = constant(1);
    int left = variable(layout.left);
    int isLast = g.lessEqual(left, one);
    int h = g.select(isLast, variable(layout.lastStep), variable(layout.step));
    Taken taken = take(t, h, y);
    int remaining = g.sub(left, one);
    // Time is counted, not summed, so that it does not drift.
    int after =
        g.select(
            isLast,
            variable(layout.end),
            g.fma(
                g.sub(variable(layout.total), remaining),
                variable(layout.step),
                variable(layout.start)));
    store(layout.states, taken.end);
    store(layout.time, after);
    store(layout.left, remaining);
    if (carriesSlopes) {
      store(layout.slopes, taken.slopeEnd);
    }
    int attention = g.or(isLast, g.not(finite(taken.end)));
    store(layout.accepted, one);
    attention = g.or(attention, afterStep(taken, t, h, after, after, y, taken.end, -1));
    return programWith(attention);
  }

  private Program controlledStep(int t, int[] y) {
    int one = constant(1);
    int zero = constant(0);
    int direction = variable(layout.direction);
    int end = variable(layout.end);
    int wanted = variable(layout.step);
    int distance = g.sub(end, t);
    // A step that would leave a sliver takes it, too.
    int isLast = g.less(g.mul(g.fma(wanted, constant(-1.0001), distance), direction), zero);
    int h = g.select(isLast, distance, wanted);
    Taken taken = take(t, h, y);
    int error = squaredError(taken, y);
    int accepted = g.and(g.lessEqual(error, one), finite(taken.end));
    int[] next = new int[n];
    for (int i = 0; i < n; i++) {
      next[i] = g.select(accepted, taken.end[i], y[i]);
    }
    int reached = g.select(isLast, end, g.add(t, h));
    int after = g.select(accepted, reached, t);
    int nextStep = whole(nextStep(accepted, h, error));
    int left = g.sub(variable(layout.left), one);
    store(layout.states, next);
    store(layout.time, after);
    store(layout.step, nextStep);
    store(layout.left, left);
    store(layout.error, error);
    store(layout.accepted, g.select(accepted, one, zero));
    store(
        layout.acceptedSteps, g.add(variable(layout.acceptedSteps), g.select(accepted, one, zero)));
    if (carriesSlopes) {
      int[] slopes = variables(layout.slopes);
      for (int i = 0; i < n; i++) {
        store(layout.slopes + i, g.select(accepted, taken.slopeEnd[i], slopes[i]));
      }
    }
    int attention = g.and(accepted, isLast);
    attention = g.or(attention, g.lessEqual(left, zero));
    attention = g.or(attention, g.equal(g.add(after, nextStep), after));
    attention = g.or(attention, afterStep(taken, t, h, reached, after, y, taken.end, accepted));
    return programWith(attention);
  }

  /** A step without the part that times do not tell, where there is one. */
  private int whole(int step) {
    if (!setup.far()) {
      return step;
    }
    int shorter = g.sub(step, variable(layout.partOfGrain));
    int shifter = variable(layout.grains);
    return g.sub(g.add(shorter, shifter), shifter);
  }

  /** Everything is a finite number: what is not shows in the sum, as an infinity or NaN. */
  private int finite(int[] y) {
    int sum = y[0];
    for (int i = 1; i < n; i++) {
      sum = g.add(sum, y[i]);
    }
    return g.less(g.abs(sum), constant(Double.POSITIVE_INFINITY));
  }

  private int tolerance(int first, int state) {
    return variable(setup.tolerancePerState() ? first + state : first);
  }

  /** The mean square of errors by what is tolerated. */
  private int squaredError(Taken taken, int[] y) {
    int zero = constant(0);
    int sum = zero;
    int secondSum = zero;
    for (int i = 0; i < n; i++) {
      int size = g.max(g.abs(y[i]), g.abs(taken.end[i]));
      int tolerated = g.fma(tolerance(layout.relative, i), size, tolerance(layout.absolute, i));
      int part = g.div(taken.error[i], tolerated);
      sum = g.fma(part, part, sum);
      if (taken.secondError != null) {
        int second = g.div(taken.secondError[i], tolerated);
        secondSum = g.fma(second, second, secondSum);
      }
    }
    int mean = g.mul(sum, constant(1.0 / n));
    if (taken.secondError == null) {
      return mean;
    }
    // Hairer's combination for DOP853: e5⁴ / ((e5² + 0.01 e3²) n).
    int both = g.fma(constant(0.01), secondSum, sum);
    return g.select(g.equal(both, zero), zero, g.mul(mean, g.div(sum, both)));
  }

  private int nextStep(int accepted, int h, int error) {
    StepSize.Choice choice =
        stepSize.next(
            Objects.requireNonNull(setup.control()),
            new StepSize.Before(
                h,
                variable(layout.accepted),
                variable(layout.logError),
                variable(layout.earlierLogError),
                variable(layout.maximumStep),
                variable(layout.direction)),
            accepted,
            error);
    store(layout.logError, choice.logError());
    store(layout.earlierLogError, choice.earlierLogError());
    return choice.step();
  }

  /**
   * Keeps the polynomial, looks for events, folds; gives the mask of lanes that ask for attention.
   */
  private int afterStep(
      Taken taken, int t, int h, int endTime, int after, int[] y, int[] end, int accepted) {
    int attention = g.mask(false);
    if (!setup.dense()) {
      return attention;
    }
    store(layout.timeBefore, t);
    store(layout.stepTaken, h);
    for (int i = 0; i < n; i++) {
      store(layout.dense(i, 0), y[i]);
      for (int j = 1; j <= layout.degree; j++) {
        store(layout.dense(i, j), taken.dense[i][j - 1]);
      }
    }
    int[] middle = new int[n];
    for (int i = 0; i < n; i++) {
      int value = taken.dense[i][layout.degree - 1];
      for (int j = layout.degree - 2; j >= 0; j--) {
        value = g.fma(value, constant(0.5), taken.dense[i][j]);
      }
      middle[i] = g.fma(value, constant(0.5), y[i]);
    }
    int middleTime = g.fma(h, constant(0.5), t);
    int isDue =
        g.lessEqual(
            g.mul(g.sub(variable(layout.nextSave), after), variable(layout.direction)),
            constant(0));
    attention = g.or(attention, isDue);
    attention =
        g.or(attention, maySeeEvents(taken, t, h, y, middleTime, middle, endTime, end, accepted));
    for (int j = 0; j < setup.folds().size(); j++) {
      Fold fold = setup.folds().get(j);
      int before = variable(layout.folds + j);
      int folded = fold(fold, before, t, h, y, middleTime, middle, endTime, end);
      store(layout.foldsBefore + j, before);
      store(layout.folds + j, accepted < 0 ? folded : g.select(accepted, folded, before));
    }
    return attention;
  }

  /** Whether an event may be in the step: the values of functions, and what they compare. */
  private int maySeeEvents(
      Taken taken,
      int t,
      int h,
      int[] y,
      int middleTime,
      int[] middle,
      int endTime,
      int[] end,
      int accepted) {
    List<Event> events = setup.events();
    int possible = g.mask(false);
    if (events.isEmpty()) {
      return possible;
    }
    List<Expr> functions = new ArrayList<>();
    events.forEach(event -> functions.add(event.signed()));
    for (Event event : events) {
      EventFunction.comparisons(system, event.signed())
          .forEach(comparison -> functions.add(comparison.left().minus(comparison.right())));
    }
    int[] starts = watched.values(functions, t, y);
    int[] middles = watched.values(functions, middleTime, middle);
    int[] ends = watched.values(functions, endTime, end);
    int[] startSlopes = f.along(starts, t, y, f.at(t, y));
    int[] endSlopes =
        f.along(ends, endTime, end, taken.slopeEnd != null ? taken.slopeEnd : f.at(endTime, end));
    for (int j = 0; j < starts.length; j++) {
      boolean isEvent = j < events.size();
      int start = isEvent ? variable(layout.eventEnds + j) : starts[j];
      int here =
          mayCross(
              isEvent ? events.get(j).direction() : Event.Direction.ANY,
              start,
              g.mul(h, startSlopes[j]),
              middles[j],
              g.mul(h, endSlopes[j]),
              ends[j]);
      possible = g.or(possible, accepted < 0 ? here : g.and(accepted, here));
      if (isEvent) {
        store(layout.eventStarts + j, start);
        store(layout.eventEnds + j, accepted < 0 ? ends[j] : g.select(accepted, ends[j], start));
      }
    }
    return possible;
  }

  private int fold(
      Fold fold,
      int before,
      int t,
      int h,
      int[] y,
      int middleTime,
      int[] middle,
      int endTime,
      int[] end) {
    List<Expr> value = List.of(fold.value());
    int atEnd = f.values(value, endTime, end)[0];
    if (fold.kind() == Fold.Kind.USER) {
      return f.values(
              List.of(Objects.requireNonNull(fold.update())),
              endTime,
              end,
              Map.of("x", atEnd, "fold", before, "dt", h))[0];
    }
    int atStart = f.values(value, t, y)[0];
    int atMiddle = f.values(value, middleTime, middle)[0];
    return switch (fold.kind()) {
      case MINIMUM -> g.min(g.min(g.min(before, atStart), atMiddle), atEnd);
      case MAXIMUM -> g.max(g.max(g.max(before, atStart), atMiddle), atEnd);
      case MEAN -> simpson(before, h, atStart, atMiddle, atEnd);
      default ->
          simpson(
              before, h, g.mul(atStart, atStart), g.mul(atMiddle, atMiddle), g.mul(atEnd, atEnd));
    };
  }

  /** How many variables {@link #foldAlone} has. */
  static int foldVariables(Setup setup) {
    return setup.folds().size()
        + setup.system().parameters().size()
        + 2
        + 3 * setup.system().states().size()
        + setup.switches().signs();
  }

  /**
   * Folds a part of a step. Variables: folds, parameters, time before, length, states at the
   * beginning, in the middle, at the end, signs.
   */
  static Program foldAlone(Setup setup) {
    int n = setup.system().states().size();
    int m = setup.system().parameters().size();
    int folds = setup.folds().size();
    StepProgram program = new StepProgram(setup, folds, folds + m + 2 + 3 * n);
    Graph g = program.g;
    int t = g.variable(folds + m);
    int h = g.variable(folds + m + 1);
    int[] y = RightHandSide.variables(g, folds + m + 2, n);
    int[] middle = RightHandSide.variables(g, folds + m + 2 + n, n);
    int[] end = RightHandSide.variables(g, folds + m + 2 + 2 * n, n);
    int[] targets = new int[folds];
    int[] values = new int[folds];
    for (int j = 0; j < folds; j++) {
      targets[j] = j;
      values[j] =
          program.fold(
              setup.folds().get(j),
              g.variable(j),
              t,
              h,
              y,
              g.fma(h, g.constant(0.5), t),
              middle,
              g.add(t, h),
              end);
    }
    return new Program(g, foldVariables(setup), targets, values, -1);
  }

  private int simpson(int before, int h, int start, int middle, int end) {
    int sum = g.fma(constant(4), middle, g.add(start, end));
    return g.fma(g.mul(h, constant(1.0 / 6)), sum, before);
  }

  /**
   * Whether the polynomial of degree 4 with these values and slopes may have a zero: unless all of
   * its Bernstein coefficients have one sign.
   */
  private int mayCross(
      Event.Direction direction, int start, int startSlope, int middle, int endSlope, int end) {
    int quarter = constant(0.25);
    int b1 = g.fma(startSlope, quarter, start);
    int b3 = g.fma(g.neg(endSlope), quarter, end);
    int rest = g.fma(constant(16), middle, g.neg(g.add(start, end)));
    int b2 = g.mul(g.fma(constant(-4), g.add(b1, b3), rest), constant(1.0 / 6));
    int least = g.min(g.min(g.min(start, b1), g.min(b2, b3)), end);
    int greatest = g.max(g.max(g.max(start, b1), g.max(b2, b3)), end);
    int zero = constant(0);
    int crosses = g.and(g.lessEqual(least, zero), g.lessEqual(zero, greatest));
    if (direction == Event.Direction.ANY) {
      return crosses;
    }
    // Coefficients that only fall, or rise, belong to a polynomial that does so, too.
    int[] b = {start, b1, b2, b3, end};
    int turns = g.mask(false);
    for (int i = 1; i < b.length; i++) {
      turns =
          g.or(
              turns,
              direction == Event.Direction.RISING
                  ? g.less(b[i - 1], b[i])
                  : g.less(b[i], b[i - 1]));
    }
    return g.and(crosses, turns);
  }

  private Taken take(int t, int h, int[] y) {
    int[] slopes = carriesSlopes ? variables(layout.slopes) : f.at(t, y);
    Taken taken =
        switch (setup.method().tableau()) {
          case Tableau.Explicit e -> explicit(e, t, h, y, slopes);
          case Tableau.Rosenbrock r -> rosenbrock(r, t, h, y, slopes);
          case null -> exponential(t, h, y, slopes);
        };
    if (!setup.dense() || taken.dense != null) {
      return taken;
    }
    int[] slopeEnd = taken.slopeEnd != null ? taken.slopeEnd : f.at(g.add(t, h), taken.end);
    return new Taken(
        taken.end,
        slopeEnd,
        taken.error,
        taken.secondError,
        hermite(h, y, slopes, taken.end, slopeEnd));
  }

  private int[][] hermite(int h, int[] y, int[] slopes, int[] end, int[] slopeEnd) {
    int[][] dense = new int[n][3];
    for (int i = 0; i < n; i++) {
      int difference = g.sub(end[i], y[i]);
      int first = g.mul(h, slopes[i]);
      int last = g.mul(h, slopeEnd[i]);
      dense[i][0] = first;
      dense[i][1] = g.fma(constant(3), difference, g.neg(g.fma(constant(2), first, last)));
      dense[i][2] = g.fma(constant(-2), difference, g.add(first, last));
    }
    return dense;
  }

  /** Σ weights·k of a state, or the constant 0. */
  private int combine(double[] weights, List<int[]> k, int state) {
    int sum = constant(0);
    for (int j = 0; j < weights.length; j++) {
      if (weights[j] != 0) {
        sum = g.fma(constant(weights[j]), k.get(j)[state], sum);
      }
    }
    return sum;
  }

  private int[] combine(double[] weights, List<int[]> k, int h, int[] y) {
    int[] result = new int[n];
    int only = onlyWeight(weights);
    if (only >= 0 && isPowerOfTwo(weights[only])) {
      // As exact in the length of the step, and there it is computed once.
      int part = g.mul(h, constant(weights[only]));
      for (int i = 0; i < n; i++) {
        result[i] = g.fma(part, k.get(only)[i], y[i]);
      }
      return result;
    }
    for (int i = 0; i < n; i++) {
      result[i] = g.fma(h, combine(weights, k, i), y[i]);
    }
    return result;
  }

  /** The only weight that is not 0, or -1. */
  private static int onlyWeight(double[] weights) {
    int only = -1;
    for (int j = 0; j < weights.length; j++) {
      if (weights[j] != 0) {
        if (only >= 0) {
          return -1;
        }
        only = j;
      }
    }
    return only;
  }

  private static boolean isPowerOfTwo(double x) {
    return x == Math.copySign(Math.scalb(1.0, Math.getExponent(x)), x);
  }

  private int time(int t, int h, double c) {
    return c == 1 ? g.add(t, h) : g.fma(constant(c), h, t);
  }

  private Taken explicit(Tableau.Explicit tableau, int t, int h, int[] y, int[] slopes) {
    List<int[]> k = new ArrayList<>();
    k.add(slopes);
    int[] end = null;
    for (int i = 1; i < tableau.c().length; i++) {
      int[] at = combine(tableau.a()[i], k, h, y);
      if (tableau.firstSameAsLast() && i == tableau.c().length - 1) {
        end = at;
      }
      k.add(f.at(time(t, h, tableau.c()[i]), at));
    }
    int[] slopeEnd = null;
    if (end == null) {
      end = combine(tableau.b(), k, h, y);
    } else {
      slopeEnd = k.getLast();
    }
    int[] error = null;
    int[] second = null;
    if (tableau.error() != null) {
      error = new int[n];
      for (int i = 0; i < n; i++) {
        error[i] = g.mul(h, combine(tableau.error(), k, i));
      }
    }
    if (tableau.secondError() != null) {
      second = new int[n];
      for (int i = 0; i < n; i++) {
        second[i] = g.mul(h, combine(tableau.secondError(), k, i));
      }
    }
    int[][] dense = null;
    if (setup.dense() && tableau.dense() != null) {
      if (tableau.extraC() != null && tableau.extraC().length > 0) {
        if (slopeEnd == null) {
          slopeEnd = f.at(g.add(t, h), end);
          k.add(slopeEnd);
        }
        for (int i = 0; i < tableau.extraC().length; i++) {
          k.add(f.at(time(t, h, tableau.extraC()[i]), combine(tableau.extraA()[i], k, h, y)));
        }
      }
      dense = new int[n][layout.degree];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < layout.degree; j++) {
          double[] weights = new double[k.size()];
          for (int s = 0; s < weights.length; s++) {
            weights[s] = tableau.dense()[s][j];
          }
          dense[i][j] = g.mul(h, combine(weights, k, i));
        }
      }
    }
    return new Taken(end, slopeEnd, error, second, dense);
  }

  private Taken rosenbrock(Tableau.Rosenbrock tableau, int t, int h, int[] y, int[] slopes) {
    int[][] jacobian = f.jacobian(f.at(t, y), y);
    int[] byTime = f.byTime(f.at(t, y), t);
    int inverse = g.div(constant(1), h);
    int diagonal = g.mul(constant(1 / tableau.gamma()), inverse);
    int[][] w = new int[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int entry = jacobian[i][j];
        w[i][j] =
            i == j
                ? (entry < 0 ? diagonal : g.sub(diagonal, entry))
                : entry < 0 ? -1 : g.neg(entry);
      }
    }
    Elimination elimination = new Elimination(g, w);
    List<int[]> u = new ArrayList<>();
    for (int s = 0; s < tableau.c().length; s++) {
      int[] at = new int[n];
      for (int i = 0; i < n; i++) {
        int moved = combine(tableau.a()[s], u, i);
        at[i] = g.add(y[i], moved);
      }
      int[] right = s == 0 ? slopes.clone() : f.at(time(t, h, tableau.c()[s]), at);
      for (int i = 0; i < n; i++) {
        right[i] = g.fma(combine(tableau.coupling()[s], u, i), inverse, right[i]);
        right[i] = g.fma(g.mul(h, constant(tableau.d()[s])), byTime[i], right[i]);
      }
      u.add(elimination.solve(right));
    }
    int[] end = new int[n];
    int[] error = new int[n];
    for (int i = 0; i < n; i++) {
      end[i] = g.add(y[i], combine(tableau.m(), u, i));
      error[i] = combine(tableau.error(), u, i);
    }
    int[][] dense = null;
    if (setup.dense() && tableau.dense() != null) {
      dense = new int[n][layout.degree];
      for (int i = 0; i < n; i++) {
        int[] k = new int[tableau.dense().length];
        for (int r = 0; r < k.length; r++) {
          k[r] = combine(tableau.dense()[r], u, i);
        }
        // (1−θ)y₀ + θ(y₁ + (1−θ)(K₁ + θ(K₂ + …))), by powers of θ.
        dense[i][0] = g.add(g.sub(end[i], y[i]), k[0]);
        for (int r = 1; r < k.length; r++) {
          dense[i][r] = g.sub(k[r], k[r - 1]);
        }
        dense[i][k.length] = g.neg(k[k.length - 1]);
      }
    }
    return new Taken(end, null, error, null, dense);
  }

  private Taken exponential(int t, int h, int[] y, int[] slopes) {
    boolean[] gates = RightHandSide.gates(system);
    int[] values = f.at(t, y);
    int[][] jacobian = f.jacobian(values, y);
    int zero = constant(0);
    int[] end = new int[n];
    for (int i = 0; i < n; i++) {
      int rate = jacobian[i][i];
      boolean exact = setup.method() == Method.GRL1 ? rate >= 0 : gates[i];
      if (!exact) {
        end[i] = g.fma(h, slopes[i], y[i]);
      } else if (setup.method() == Method.GRL1) {
        int grown = g.function(Op.EXPM1, g.mul(rate, h));
        int weight = g.select(g.equal(rate, zero), h, g.div(grown, rate));
        end[i] = g.fma(slopes[i], weight, y[i]);
      } else {
        // x' = a − b·x: x∞ = a/b, x₁ = x∞ + (x − x∞) e^(−b h); Euler's step if b is 0.
        int[] without = y.clone();
        without[i] = zero;
        int a = f.values(List.of(system.states().get(i).derivative()), t, without)[0];
        int limit = g.neg(g.div(a, rate));
        int relaxed = g.fma(g.sub(y[i], limit), g.function(Op.EXP, g.mul(rate, h)), limit);
        end[i] = g.select(g.equal(rate, zero), g.fma(h, a, y[i]), relaxed);
      }
    }
    return new Taken(end, null, null, null, null);
  }

  private Program begin() {
    int[] y = variables(layout.states);
    int t = variable(layout.time);
    int[] slopes = f.at(t, y);
    store(layout.accepted, g.select(g.and(finite(y), finite(slopes)), constant(1), constant(0)));
    if (carriesSlopes) {
      store(layout.slopes, slopes);
    }
    List<Expr> functions = setup.events().stream().map(Event::signed).toList();
    store(layout.eventEnds, watched.values(functions, t, y));
    if (setup.control() != null) {
      store(layout.step, firstStep(t, y, slopes));
    }
    return program(-1);
  }

  /** Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, section II.4. */
  private int firstStep(int t, int[] y, int[] slopes) {
    int direction = variable(layout.direction);
    int distance = g.abs(g.sub(variable(layout.end), t));
    int[] tolerated = new int[n];
    for (int i = 0; i < n; i++) {
      tolerated[i] =
          g.fma(tolerance(layout.relative, i), g.abs(y[i]), tolerance(layout.absolute, i));
    }
    int d0 = norm(y, tolerated);
    int d1 = norm(slopes, tolerated);
    int h0 = stepSize.tried(d0, d1, distance);
    int signed = g.mul(h0, direction);
    int[] moved = new int[n];
    for (int i = 0; i < n; i++) {
      moved[i] = g.fma(signed, slopes[i], y[i]);
    }
    int[] there = f.at(g.add(t, signed), moved);
    int[] change = new int[n];
    for (int i = 0; i < n; i++) {
      change[i] = g.sub(there[i], slopes[i]);
    }
    int d2 = g.div(norm(change, tolerated), h0);
    int most = g.max(d1, d2);
    int h1 = stepSize.first(h0, most);
    int h =
        g.min(g.min(g.mul(constant(100), h0), h1), g.min(distance, variable(layout.maximumStep)));
    return g.mul(h, direction);
  }

  private int norm(int[] values, int[] tolerated) {
    int sum = constant(0);
    for (int i = 0; i < n; i++) {
      int part = g.div(values[i], tolerated[i]);
      sum = g.fma(part, part, sum);
    }
    return g.sqrt(g.mul(sum, constant(1.0 / n)));
  }
}
