package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
  private final Map<Integer, Real> stores = new LinkedHashMap<>();
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
    Real[] p = RightHandSide.variables(g, parameters, system.parameters().size());
    Real[] lane = RightHandSide.variables(g, signs, setup.switches().signs());
    this.f = new RightHandSide(system, g, p, setup.switches().comparisons(g, lane));
    this.watched = new RightHandSide(system, g, p);
  }

  /** The variables of a lane. */
  static Layout layout(Setup setup) {
    return new Layout(setup, carriesSlopes(setup), degree(setup.method()));
  }

  private static boolean carriesSlopes(Setup setup) {
    return (setup.method().tableau() instanceof Tableau.Explicit e && e.firstSameAsLast())
        || (setup.dense() && usesHermite(setup.method()));
  }

  private static boolean usesHermite(Method method) {
    return method.tableau() == null || method.tableau().dense() == null;
  }

  private static int degree(Method method) {
    return switch (method.tableau()) {
      case Tableau.Explicit e when e.dense() != null -> e.dense()[0].length;
      case Tableau.Nystrom nystrom -> nystrom.degree();
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

  private Real variable(int number) {
    return g.variable(number);
  }

  private Real[] variables(int first) {
    return RightHandSide.variables(g, first, n);
  }

  private Real constant(double value) {
    return g.constant(value);
  }

  private void store(int variable, Real node) {
    stores.put(variable, node);
  }

  private void store(int first, Real[] nodes) {
    for (int i = 0; i < nodes.length; i++) {
      store(first + i, nodes[i]);
    }
  }

  private Program programWith(Mask attention) {
    Mask asked = g.and(attention, g.equal(variable(layout.active), constant(1)));
    store(layout.attention, g.select(asked, constant(1), constant(0)));
    return program(asked);
  }

  private Program program(@Nullable Mask attention) {
    return new Program(
        g,
        layout.count(),
        stores.keySet().stream().mapToInt(i -> i).toArray(),
        stores.values().toArray(Real[]::new),
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
  private record Taken(
      Real[] end,
      Real @Nullable [] slopeEnd,
      Real @Nullable [] error,
      Real @Nullable [] secondError,
      Real @Nullable [][] dense) {}

  private Program step() {
    Real[] y = variables(layout.states);
    Real t = variable(layout.time);
    if (setup.control() != null) {
      return controlledStep(t, y);
    }
    return setup.countsSteps() ? fixedStep(t, y) : uncountedStep(y);
  }

  /** A step of which others know when it is the last. */
  private Program uncountedStep(Real[] y) {
    Real left = variable(layout.left);
    Real h = variable(layout.step);
    // Time is counted, not summed, so that it does not drift.
    Real t = g.fma(g.sub(variable(layout.total), left), h, variable(layout.start));
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

  private Program fixedStep(Real t, Real[] y) {
    Real one = constant(1);
    Real left = variable(layout.left);
    Mask isLast = g.lessEqual(left, one);
    Real h = g.select(isLast, variable(layout.lastStep), variable(layout.step));
    Taken taken = take(t, h, y);
    Real remaining = g.sub(left, one);
    // Time is counted, not summed, so that it does not drift.
    Real after =
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
    Mask attention = g.or(isLast, g.not(finite(taken.end)));
    store(layout.accepted, one);
    attention = g.or(attention, afterStep(taken, t, h, after, after, y, taken.end, g.mask(true)));
    return programWith(attention);
  }

  private Program controlledStep(Real t, Real[] y) {
    Real one = constant(1);
    Real zero = constant(0);
    Real direction = variable(layout.direction);
    Real end = variable(layout.end);
    Real wanted = variable(layout.step);
    Real distance = g.sub(end, t);
    // A step that would leave a sliver takes it, too.
    Mask isLast = g.less(g.mul(g.fma(wanted, constant(-1.0001), distance), direction), zero);
    Real h = g.select(isLast, distance, wanted);
    Taken taken = take(t, h, y);
    Real error = squaredError(taken, y);
    Mask accepted = g.and(g.lessEqual(error, one), finite(taken.end));
    Real[] next = new Real[n];
    for (int i = 0; i < n; i++) {
      next[i] = g.select(accepted, taken.end[i], y[i]);
    }
    Real reached = g.select(isLast, end, g.add(t, h));
    Real after = g.select(accepted, reached, t);
    Real nextStep = whole(nextStep(accepted, h, error));
    Real left = g.sub(variable(layout.left), one);
    store(layout.states, next);
    store(layout.time, after);
    store(layout.step, nextStep);
    store(layout.left, left);
    store(layout.error, error);
    store(layout.accepted, g.select(accepted, one, zero));
    store(
        layout.acceptedSteps, g.add(variable(layout.acceptedSteps), g.select(accepted, one, zero)));
    if (carriesSlopes) {
      Real[] slopes = variables(layout.slopes);
      for (int i = 0; i < n; i++) {
        store(layout.slopes + i, g.select(accepted, taken.slopeEnd[i], slopes[i]));
      }
    }
    Mask attention = g.and(accepted, isLast);
    attention = g.or(attention, g.lessEqual(left, zero));
    attention = g.or(attention, g.equal(g.add(after, nextStep), after));
    attention = g.or(attention, afterStep(taken, t, h, reached, after, y, taken.end, accepted));
    return programWith(attention);
  }

  /** A step without the part that times do not tell, where there is one. */
  private Real whole(Real step) {
    if (!setup.far()) {
      return step;
    }
    Real shorter = g.sub(step, variable(layout.partOfGrain));
    Real shifter = variable(layout.grains);
    return g.sub(g.add(shorter, shifter), shifter);
  }

  /** Everything is a finite number: what is not shows in the sum, as an infinity or NaN. */
  private Mask finite(Real[] y) {
    Real sum = y[0];
    for (int i = 1; i < n; i++) {
      sum = g.add(sum, y[i]);
    }
    return g.less(g.abs(sum), constant(Double.POSITIVE_INFINITY));
  }

  private Real tolerance(int first, int state) {
    return variable(setup.tolerancePerState() ? first + state : first);
  }

  /** The mean square of errors by what is tolerated. */
  private Real squaredError(Taken taken, Real[] y) {
    Real zero = constant(0);
    Real sum = zero;
    Real secondSum = zero;
    for (int i = 0; i < n; i++) {
      Real size = g.max(g.abs(y[i]), g.abs(taken.end[i]));
      Real tolerated = g.fma(tolerance(layout.relative, i), size, tolerance(layout.absolute, i));
      Real part = g.div(taken.error[i], tolerated);
      sum = g.fma(part, part, sum);
      if (taken.secondError != null) {
        Real second = g.div(taken.secondError[i], tolerated);
        secondSum = g.fma(second, second, secondSum);
      }
    }
    Real mean = g.mul(sum, constant(1.0 / n));
    if (taken.secondError == null) {
      return mean;
    }
    // Hairer's combination for DOP853: e5⁴ / ((e5² + 0.01 e3²) n).
    Real both = g.fma(constant(0.01), secondSum, sum);
    return g.select(g.equal(both, zero), zero, g.mul(mean, g.div(sum, both)));
  }

  private Real nextStep(Mask accepted, Real h, Real error) {
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
   *
   * @param accepted lanes whose step counts: all of them if steps are fixed
   */
  private Mask afterStep(
      Taken taken, Real t, Real h, Real endTime, Real after, Real[] y, Real[] end, Mask accepted) {
    Mask attention = g.mask(false);
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
    Real[] middle = new Real[n];
    for (int i = 0; i < n; i++) {
      Real value = taken.dense[i][layout.degree - 1];
      for (int j = layout.degree - 2; j >= 0; j--) {
        value = g.fma(value, constant(0.5), taken.dense[i][j]);
      }
      middle[i] = g.fma(value, constant(0.5), y[i]);
    }
    Real middleTime = g.fma(h, constant(0.5), t);
    Mask isDue =
        g.lessEqual(
            g.mul(g.sub(variable(layout.nextSave), after), variable(layout.direction)),
            constant(0));
    attention = g.or(attention, isDue);
    attention =
        g.or(attention, maySeeEvents(taken, t, h, y, middleTime, middle, endTime, end, accepted));
    for (int j = 0; j < setup.folds().size(); j++) {
      Fold fold = setup.folds().get(j);
      Real before = variable(layout.folds + j);
      Real folded = fold(fold, before, t, h, y, middleTime, middle, endTime, end);
      store(layout.foldsBefore + j, before);
      store(layout.folds + j, g.select(accepted, folded, before));
    }
    return attention;
  }

  /** Whether an event may be in the step: the values of functions, and what they compare. */
  private Mask maySeeEvents(
      Taken taken,
      Real t,
      Real h,
      Real[] y,
      Real middleTime,
      Real[] middle,
      Real endTime,
      Real[] end,
      Mask accepted) {
    List<Event> events = setup.events();
    Mask possible = g.mask(false);
    if (events.isEmpty()) {
      return possible;
    }
    List<Expr> functions = new ArrayList<>();
    events.forEach(event -> functions.add(event.signed()));
    for (Event event : events) {
      EventFunction.comparisons(system, event.signed())
          .forEach(comparison -> functions.add(comparison.left().minus(comparison.right())));
    }
    Real[] starts = watched.values(functions, t, y);
    Real[] middles = watched.values(functions, middleTime, middle);
    Real[] ends = watched.values(functions, endTime, end);
    Real[] startSlopes = f.along(starts, t, y, f.at(t, y));
    Real[] endSlopes =
        f.along(ends, endTime, end, taken.slopeEnd != null ? taken.slopeEnd : f.at(endTime, end));
    for (int j = 0; j < starts.length; j++) {
      boolean isEvent = j < events.size();
      Real start = isEvent ? variable(layout.eventEnds + j) : starts[j];
      Mask here =
          mayCross(
              isEvent ? events.get(j).direction() : Event.Direction.ANY,
              start,
              g.mul(h, startSlopes[j]),
              middles[j],
              g.mul(h, endSlopes[j]),
              ends[j]);
      possible = g.or(possible, g.and(accepted, here));
      if (isEvent) {
        store(layout.eventStarts + j, start);
        store(layout.eventEnds + j, g.select(accepted, ends[j], start));
      }
    }
    return possible;
  }

  private Real fold(
      Fold fold,
      Real before,
      Real t,
      Real h,
      Real[] y,
      Real middleTime,
      Real[] middle,
      Real endTime,
      Real[] end) {
    List<Expr> value = List.of(fold.value());
    Real atEnd = f.values(value, endTime, end)[0];
    if (fold.kind() == Fold.Kind.USER) {
      return f.values(
              List.of(Objects.requireNonNull(fold.update())),
              endTime,
              end,
              Map.of("x", atEnd, "fold", before, "dt", h))[0];
    }
    Real atStart = f.values(value, t, y)[0];
    Real atMiddle = f.values(value, middleTime, middle)[0];
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
    Real t = g.variable(folds + m);
    Real h = g.variable(folds + m + 1);
    Real[] y = RightHandSide.variables(g, folds + m + 2, n);
    Real[] middle = RightHandSide.variables(g, folds + m + 2 + n, n);
    Real[] end = RightHandSide.variables(g, folds + m + 2 + 2 * n, n);
    int[] targets = new int[folds];
    Real[] values = new Real[folds];
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
    return new Program(g, foldVariables(setup), targets, values, null);
  }

  private Real simpson(Real before, Real h, Real start, Real middle, Real end) {
    Real sum = g.fma(constant(4), middle, g.add(start, end));
    return g.fma(g.mul(h, constant(1.0 / 6)), sum, before);
  }

  /**
   * Whether the polynomial of degree 4 with these values and slopes may have a zero: unless all of
   * its Bernstein coefficients have one sign.
   */
  private Mask mayCross(
      Event.Direction direction,
      Real start,
      Real startSlope,
      Real middle,
      Real endSlope,
      Real end) {
    Real quarter = constant(0.25);
    Real b1 = g.fma(startSlope, quarter, start);
    Real b3 = g.fma(g.neg(endSlope), quarter, end);
    Real rest = g.fma(constant(16), middle, g.neg(g.add(start, end)));
    Real b2 = g.mul(g.fma(constant(-4), g.add(b1, b3), rest), constant(1.0 / 6));
    Real least = g.min(g.min(g.min(start, b1), g.min(b2, b3)), end);
    Real greatest = g.max(g.max(g.max(start, b1), g.max(b2, b3)), end);
    Real zero = constant(0);
    Mask crosses = g.and(g.lessEqual(least, zero), g.lessEqual(zero, greatest));
    if (direction == Event.Direction.ANY) {
      return crosses;
    }
    // Coefficients that only fall, or rise, belong to a polynomial that does so, too.
    Real[] b = {start, b1, b2, b3, end};
    Mask turns = g.mask(false);
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

  private Taken take(Real t, Real h, Real[] y) {
    Real[] slopes = carriesSlopes ? variables(layout.slopes) : f.at(t, y);
    Taken taken =
        switch (setup.method().tableau()) {
          case Tableau.Explicit e -> explicit(e, t, h, y, slopes);
          case Tableau.Nystrom nystrom -> nystrom(nystrom, t, h, y, slopes);
          case Tableau.Rosenbrock r -> rosenbrock(r, t, h, y, slopes);
          case null -> exponential(t, h, y, slopes);
        };
    if (!setup.dense() || taken.dense != null) {
      return taken;
    }
    Real[] slopeEnd = taken.slopeEnd != null ? taken.slopeEnd : f.at(g.add(t, h), taken.end);
    return new Taken(
        taken.end,
        slopeEnd,
        taken.error,
        taken.secondError,
        hermite(h, y, slopes, taken.end, slopeEnd));
  }

  private Real[][] hermite(Real h, Real[] y, Real[] slopes, Real[] end, Real[] slopeEnd) {
    Real[][] dense = new Real[n][3];
    for (int i = 0; i < n; i++) {
      Real difference = g.sub(end[i], y[i]);
      Real first = g.mul(h, slopes[i]);
      Real last = g.mul(h, slopeEnd[i]);
      dense[i][0] = first;
      dense[i][1] = g.fma(constant(3), difference, g.neg(g.fma(constant(2), first, last)));
      dense[i][2] = g.fma(constant(-2), difference, g.add(first, last));
    }
    return dense;
  }

  /** Σ weights·k of a state, or the constant 0. */
  private Real combine(double[] weights, List<Real[]> k, int state) {
    Real sum = constant(0);
    for (int j = 0; j < weights.length; j++) {
      if (weights[j] != 0) {
        sum = g.fma(constant(weights[j]), k.get(j)[state], sum);
      }
    }
    return sum;
  }

  private Real[] combine(double[] weights, List<Real[]> k, Real h, Real[] y) {
    Real[] result = new Real[n];
    int only = onlyWeight(weights);
    if (only >= 0 && Graph.isPowerOfTwo(weights[only])) {
      // As exact in the length of the step, and there it is computed once.
      Real part = g.mul(h, constant(weights[only]));
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

  private Real time(Real t, Real h, double c) {
    return c == 1 ? g.add(t, h) : g.fma(constant(c), h, t);
  }

  private Taken explicit(Tableau.Explicit tableau, Real t, Real h, Real[] y, Real[] slopes) {
    List<Real[]> k = new ArrayList<>();
    k.add(slopes);
    Real @Nullable [] end = null;
    for (int i = 1; i < tableau.c().length; i++) {
      Real[] at = combine(tableau.a()[i], k, h, y);
      if (tableau.firstSameAsLast() && i == tableau.c().length - 1) {
        end = at;
      }
      k.add(f.at(time(t, h, tableau.c()[i]), at));
    }
    Real @Nullable [] slopeEnd = null;
    if (end == null) {
      end = combine(tableau.b(), k, h, y);
    } else {
      slopeEnd = k.getLast();
    }
    Real @Nullable [] error = null;
    Real @Nullable [] second = null;
    if (tableau.error() != null) {
      error = new Real[n];
      for (int i = 0; i < n; i++) {
        error[i] = g.mul(h, combine(tableau.error(), k, i));
      }
    }
    if (tableau.secondError() != null) {
      second = new Real[n];
      for (int i = 0; i < n; i++) {
        second[i] = g.mul(h, combine(tableau.secondError(), k, i));
      }
    }
    Real @Nullable [][] dense = null;
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
      dense = new Real[n][layout.degree];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < layout.degree; j++) {
          dense[i][j] = g.mul(h, combine(column(tableau.dense(), j), k, i));
        }
      }
    }
    return new Taken(end, slopeEnd, error, second, dense);
  }

  private Taken nystrom(Tableau.Nystrom tableau, Real t, Real h, Real[] y, Real[] slopes) {
    int[] velocity = RightHandSide.velocities(system);
    Real squared = g.mul(h, h);
    List<Real[]> k = new ArrayList<>();
    k.add(slopes);
    for (int s = 1; s < tableau.c().length; s++) {
      Real[] at = y.clone();
      Real part = g.mul(h, constant(tableau.c()[s]));
      for (int i = 0; i < n; i++) {
        if (velocity[i] != i) {
          Real bent = g.fma(squared, combine(tableau.a()[s], k, velocity[i]), y[i]);
          at[i] = g.fma(part, y[velocity[i]], bent);
        }
      }
      k.add(f.at(time(t, h, tableau.c()[s]), at));
    }
    Real[] end = new Real[n];
    Real[] error = new Real[n];
    for (int i = 0; i < n; i++) {
      if (velocity[i] == i) {
        end[i] = g.fma(h, combine(tableau.velocityB(), k, i), y[i]);
        error[i] = g.mul(h, combine(tableau.velocityError(), k, i));
      } else {
        Real mean = g.fma(h, combine(tableau.b(), k, velocity[i]), y[velocity[i]]);
        end[i] = g.fma(h, mean, y[i]);
        error[i] = g.mul(squared, combine(tableau.error(), k, velocity[i]));
      }
    }
    if (!setup.dense()) {
      return new Taken(end, null, error, null, null);
    }
    Real[] slopeEnd = f.at(g.add(t, h), end);
    k.add(slopeEnd);
    double[][] ofPositions = tableau.positionDense();
    double[][] ofVelocities = tableau.dense();
    Real[][] dense = new Real[n][layout.degree];
    for (int i = 0; i < n; i++) {
      boolean isVelocity = velocity[i] == i;
      double[][] weights = isVelocity ? ofVelocities : ofPositions;
      Real length = isVelocity ? h : squared;
      for (int j = 0; j < layout.degree; j++) {
        dense[i][j] =
            j < weights[0].length
                ? g.mul(length, combine(column(weights, j), k, velocity[i]))
                : constant(0);
      }
      if (!isVelocity) {
        dense[i][0] = g.mul(h, y[velocity[i]]);
      }
    }
    return new Taken(end, slopeEnd, error, null, dense);
  }

  private static double[] column(double[][] rows, int j) {
    return Arrays.stream(rows).mapToDouble(row -> row[j]).toArray();
  }

  private Taken rosenbrock(Tableau.Rosenbrock tableau, Real t, Real h, Real[] y, Real[] slopes) {
    @Nullable Real[][] jacobian = f.jacobian(f.at(t, y), y);
    Real[] byTime = f.byTime(f.at(t, y), t);
    Real inverse = g.div(constant(1), h);
    Real diagonal = g.mul(constant(1 / tableau.gamma()), inverse);
    @Nullable Real[][] w = new Real[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        @Nullable Real entry = jacobian[i][j];
        w[i][j] =
            i == j
                ? (entry == null ? diagonal : g.sub(diagonal, entry))
                : entry == null ? null : g.neg(entry);
      }
    }
    Elimination elimination = new Elimination(g, w);
    List<Real[]> u = new ArrayList<>();
    for (int s = 0; s < tableau.c().length; s++) {
      Real[] at = new Real[n];
      for (int i = 0; i < n; i++) {
        Real moved = combine(tableau.a()[s], u, i);
        at[i] = g.add(y[i], moved);
      }
      Real[] right = s == 0 ? slopes.clone() : f.at(time(t, h, tableau.c()[s]), at);
      for (int i = 0; i < n; i++) {
        right[i] = g.fma(combine(tableau.coupling()[s], u, i), inverse, right[i]);
        right[i] = g.fma(g.mul(h, constant(tableau.d()[s])), byTime[i], right[i]);
      }
      u.add(elimination.solve(right));
    }
    Real[] end = new Real[n];
    Real[] error = new Real[n];
    for (int i = 0; i < n; i++) {
      end[i] = g.add(y[i], combine(tableau.m(), u, i));
      error[i] = combine(tableau.error(), u, i);
    }
    Real @Nullable [][] dense = null;
    if (setup.dense() && tableau.dense() != null) {
      dense = new Real[n][layout.degree];
      for (int i = 0; i < n; i++) {
        Real[] k = new Real[tableau.dense().length];
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

  private Taken exponential(Real t, Real h, Real[] y, Real[] slopes) {
    boolean[] gates = RightHandSide.gates(system);
    Real[] values = f.at(t, y);
    @Nullable Real[][] jacobian = f.jacobian(values, y);
    Real zero = constant(0);
    Real[] end = new Real[n];
    for (int i = 0; i < n; i++) {
      @Nullable Real rate = jacobian[i][i];
      boolean exact = setup.method() == Method.GRL1 ? rate != null : gates[i];
      if (!exact) {
        end[i] = g.fma(h, slopes[i], y[i]);
      } else if (setup.method() == Method.GRL1) {
        Real grown = g.function(Op.EXPM1, g.mul(rate, h));
        Real weight = g.select(g.equal(rate, zero), h, g.div(grown, rate));
        end[i] = g.fma(slopes[i], weight, y[i]);
      } else {
        // x' = a − b·x: x∞ = a/b, x₁ = x∞ + (x − x∞) e^(−b h); Euler's step if b is 0.
        Real[] without = y.clone();
        without[i] = zero;
        Real a = f.values(List.of(system.states().get(i).derivative()), t, without)[0];
        Real limit = g.neg(g.div(a, rate));
        Real relaxed = g.fma(g.sub(y[i], limit), g.function(Op.EXP, g.mul(rate, h)), limit);
        end[i] = g.select(g.equal(rate, zero), g.fma(h, a, y[i]), relaxed);
      }
    }
    return new Taken(end, null, null, null, null);
  }

  private Program begin() {
    Real[] y = variables(layout.states);
    Real t = variable(layout.time);
    Real[] slopes = f.at(t, y);
    store(layout.accepted, g.select(g.and(finite(y), finite(slopes)), constant(1), constant(0)));
    if (carriesSlopes) {
      store(layout.slopes, slopes);
    }
    List<Expr> functions = setup.events().stream().map(Event::signed).toList();
    store(layout.eventEnds, watched.values(functions, t, y));
    if (setup.control() != null) {
      store(layout.step, firstStep(t, y, slopes));
    }
    return program(null);
  }

  /** Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, section II.4. */
  private Real firstStep(Real t, Real[] y, Real[] slopes) {
    Real direction = variable(layout.direction);
    Real distance = g.abs(g.sub(variable(layout.end), t));
    Real[] tolerated = new Real[n];
    for (int i = 0; i < n; i++) {
      tolerated[i] =
          g.fma(tolerance(layout.relative, i), g.abs(y[i]), tolerance(layout.absolute, i));
    }
    Real d0 = norm(y, tolerated);
    Real d1 = norm(slopes, tolerated);
    Real h0 = stepSize.tried(d0, d1, distance);
    Real signed = g.mul(h0, direction);
    Real[] moved = new Real[n];
    for (int i = 0; i < n; i++) {
      moved[i] = g.fma(signed, slopes[i], y[i]);
    }
    Real[] there = f.at(g.add(t, signed), moved);
    Real[] change = new Real[n];
    for (int i = 0; i < n; i++) {
      change[i] = g.sub(there[i], slopes[i]);
    }
    Real d2 = g.div(norm(change, tolerated), h0);
    Real most = g.max(d1, d2);
    Real h1 = stepSize.first(h0, most);
    Real h =
        g.min(g.min(g.mul(constant(100), h0), h1), g.min(distance, variable(layout.maximumStep)));
    return g.mul(h, direction);
  }

  private Real norm(Real[] values, Real[] tolerated) {
    Real sum = constant(0);
    for (int i = 0; i < n; i++) {
      Real part = g.div(values[i], tolerated[i]);
      sum = g.fma(part, part, sum);
    }
    return g.sqrt(g.mul(sum, constant(1.0 / n)));
  }
}
