package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random thresholds, pulses, doses and switches against what follows from them by hand. States move
 * at constant rates, or their logarithms do; rates are states, too, which events change. All
 * numbers have few bits, so the times of events by hand are exact.
 */
class EventFuzzTest {
  private static final int CASES = Integer.getInteger("elegans.test.systems", 1500);
  private static final List<Event.Direction> DIRECTIONS = List.of(Event.Direction.values());

  /** What rounding, or a solver's error, decides: such cases are left out. */
  private static final class Undecided extends Exception {
    private static final long serialVersionUID = 1;
  }

  /** Where a state, or for -1 the time, crosses a level; states and rates that it sets. */
  private record Rule(
      String name,
      int state,
      double level,
      Event.Direction direction,
      int form,
      boolean terminal,
      Map<Integer, Double> sets) {
    boolean cuts() {
      return terminal || !sets.isEmpty();
    }

    /** Or else a condition, or of two values. */
    boolean isContinuous() {
      return form == 0 || form > 4;
    }
  }

  private record Happened(String name, double time, double[] values) {
    @Override
    public String toString() {
      return name + " at " + time;
    }
  }

  /** One random problem: n states, then their n rates. */
  private static final class Problem {
    final int n;
    final double[] start;
    final List<Rule> rules = new ArrayList<>();
    final double direction;
    final double end;
    final boolean isCurved;
    final List<Happened> log = new ArrayList<>();
    Status status = Status.DONE;

    Problem(SplittableRandom random) {
      n = 1 + random.nextInt(3);
      start = new double[2 * n];
      for (int i = 0; i < n; i++) {
        start[i] = place(random);
        start[n + i] = rate(random);
      }
      direction = random.nextInt(4) == 0 ? -1 : 1;
      end = 1 + random.nextInt(8);
      isCurved = random.nextInt(3) == 0;
      int size = 1 + random.nextInt(6);
      for (int j = 0; j < size; j++) {
        Map<Integer, Double> sets = new HashMap<>();
        int kind = random.nextInt(8);
        for (int k = random.nextInt(3); kind >= 3 && k >= 0; k--) {
          int target = random.nextInt(2 * n);
          sets.put(target, target < n ? place(random) : rate(random));
        }
        int state = random.nextInt(n + 1) - 1;
        // Levels lie between the places, and often on one another.
        double level =
            state < 0 ? (1 + random.nextInt(3)) / 2.0 : (2 * random.nextInt(-4, 4) + 1) / 16.0;
        rules.add(
            new Rule(
                "e" + j,
                state,
                level,
                DIRECTIONS.get(random.nextInt(DIRECTIONS.size())),
                random.nextInt(7),
                kind == 2 && random.nextBoolean(),
                sets));
      }
    }

    private static double place(SplittableRandom random) {
      return random.nextInt(-8, 9) / 8.0;
    }

    private static double rate(SplittableRandom random) {
      return new double[] {0, 0.25, -0.25, 0.5, -0.5, 1, -1, 2, -2}[random.nextInt(9)];
    }

    double function(Rule rule, double time, double[] values) {
      return (rule.state < 0 ? time : values[rule.state]) - rule.level;
    }

    /** How fast that changes, along the trajectory. */
    double slope(Rule rule, double[] values) {
      return rule.state < 0 ? 1 : values[n + rule.state];
    }

    /**
     * Follows the events; time runs from 0 to the end, forwards.
     *
     * @param gap times, and distances from a level, that differ by less are undecided, unless equal
     * @param step fixed steps, by which what is equal by hand can be equal to the solver; or else 0
     */
    void follow(double gap, double step) throws Undecided {
      double time = 0;
      double[] values = start.clone();
      int[] sides = new int[rules.size()];
      for (int j = 0; j < sides.length; j++) {
        sides[j] = (int) Math.signum(function(rules.get(j), 0, values));
      }
      while (true) {
        double next = Double.POSITIVE_INFINITY;
        for (int j = 0; j < sides.length; j++) {
          next = Math.min(next, crossing(rules.get(j), sides[j], time, values));
        }
        if (Math.abs(next - end) < gap || log.size() > 200) {
          throw new Undecided();
        }
        if (next > end) {
          return;
        }
        List<Integer> together = new ArrayList<>();
        for (int j = 0; j < sides.length; j++) {
          double at = crossing(rules.get(j), sides[j], time, values);
          if (at == next) {
            together.add(j);
          } else if (at - next < gap) {
            throw new Undecided();
          }
        }
        for (int i = 0; i < n; i++) {
          values[i] += values[n + i] * (next - time);
        }
        time = next;
        // Where the first events are located is not rounded yet, in such parts of a step; but
        // conditions hold where rounding makes them so.
        boolean areEqual =
            step > 0
                && log.isEmpty()
                && isExactPart(time, step)
                && together.stream().allMatch(j -> rules.get(j).isContinuous());
        for (int j = 0; j < sides.length; j++) {
          double function = function(rules.get(j), time, values);
          if (sides[j] == 0) {
            sides[j] = (int) Math.signum(function);
          }
          if (!together.contains(j) && Math.abs(function) < gap) {
            throw new Undecided();
          }
        }
        if (!happen(together, sides, time, values, gap, areEqual)) {
          return;
        }
      }
    }

    /** Whether it is so many steps, and halves of halves of one; other parts are rounded. */
    private static boolean isExactPart(double time, double step) {
      double parts = time % step / step * 1024;
      return parts == Math.rint(parts) && parts / 1024 * step == time % step;
    }

    private double crossing(Rule rule, int side, double time, double[] values) {
      double slope = slope(rule, values);
      return side * slope < 0
          ? time - function(rule, time, values) / slope
          : Double.POSITIVE_INFINITY;
    }

    /** Says whether the trajectory goes on. */
    private boolean happen(
        List<Integer> together,
        int[] sides,
        double time,
        double[] values,
        double gap,
        boolean areEqual)
        throws Undecided {
      boolean[] due = new boolean[sides.length];
      boolean[] located = new boolean[sides.length];
      boolean cuts = false;
      boolean all = true;
      boolean inOneWay = true;
      boolean atOnce = true;
      boolean isLate = false;
      for (int j : together) {
        Rule rule = rules.get(j);
        boolean rises = sides[j] < 0;
        located[j] = true;
        sides[j] = -sides[j];
        due[j] = counts(rule, rises);
        cuts |= due[j] && rule.cuts();
        all &= due[j];
        inOneWay &= rule.form == rules.get(together.getFirst()).form;
        // Where a step ends exactly there, what is true only beyond is found in the next one.
        atOnce &= j == together.getFirst() || isLate(rule, rises) == isLate;
        isLate = isLate(rule, rises);
        // Equal functions are equal, however they are rounded; different ones need not be.
        if (!areEqual && rule.state != rules.get(together.getFirst()).state) {
          throw new Undecided();
        }
        if (!areEqual && together.size() > 1 && isCurved) {
          throw new Undecided();
        }
      }
      // Logs alone keep the times that they were located at, which rounding may order.
      if (cuts ? !all || !atOnce : !inOneWay) {
        throw new Undecided();
      }
      boolean[] happened = new boolean[sides.length];
      for (int i = first(due); i >= 0; i = first(due)) {
        due[i] = false;
        happened[i] = true;
        Rule rule = rules.get(i);
        log.add(new Happened(rule.name, time, values.clone()));
        if (rule.terminal) {
          status = Status.EVENT;
          return false;
        }
        if (log.size() > 200) {
          throw new Undecided();
        }
        rule.sets.forEach((target, value) -> values[target] = value);
        for (int j = 0; j < sides.length && !rule.sets.isEmpty(); j++) {
          double function = function(rules.get(j), time, values);
          int side = (int) Math.signum(function);
          if (side == 0) {
            if (!located[j]) {
              throw new Undecided();
            }
            continue;
          }
          if (Math.abs(function) < gap) {
            throw new Undecided();
          }
          if (side != sides[j]) {
            due[j] |= j != i && counts(rules.get(j), side > 0);
            sides[j] = side;
          }
        }
      }
      for (int j = 0; j < sides.length && cuts; j++) {
        if (function(rules.get(j), time, values) == 0) {
          sides[j] = 0;
        }
      }
      return true;
    }

    /** Whether a condition still has its old value at the level itself. */
    private static boolean isLate(Rule rule, boolean rises) {
      return switch (rule.form) {
        case 1, 4 -> rises;
        case 2, 3 -> !rises;
        default -> false;
      };
    }

    private static boolean counts(Rule rule, boolean rises) {
      return rule.direction == Event.Direction.ANY
          || rises == (rule.direction == Event.Direction.RISING);
    }

    private static int first(boolean[] due) {
      for (int j = 0; j < due.length; j++) {
        if (due[j]) {
          return j;
        }
      }
      return -1;
    }

    String text() {
      StringBuilder text = new StringBuilder("system Thresholds\n");
      for (int i = 0; i < n; i++) {
        text.append("state x%d = %s\n".formatted(i, number(start[i])));
        text.append("state c%d = %s\n".formatted(i, start[n + i]));
      }
      for (int i = 0; i < n; i++) {
        String sign = direction < 0 ? "-" : "";
        text.append("x%d' = %sc%d%s\n".formatted(i, sign, i, isCurved ? "*x" + i : ""));
        text.append("c%d' = 0\n".formatted(i));
      }
      return text.toString();
    }

    private double number(double place) {
      return isCurved ? Math.exp(place) : place;
    }

    Event event(OdeSystem system, Rule rule) {
      Map<String, Expr> resets = new HashMap<>();
      rule.sets.forEach(
          (target, value) ->
              resets.put(
                  target < n ? "x" + target : "c" + (target - n),
                  Expr.constant(target < n ? number(value) : value)));
      String name = rule.state < 0 ? (direction < 0 ? "(-t)" : "t") : "x" + rule.state;
      double level = rule.state < 0 ? rule.level : number(rule.level);
      String function =
          switch (rule.form) {
            case 0 -> "%s - %s";
            case 1 -> "%s > %s";
            case 2 -> "%s >= %s";
            case 3 -> "if(%s < %s, -1, 1)";
            case 4 -> "if(not (%s <= %s), 3, -0.5)";
            case 5 -> "(%s - %s)*(1 + t^2)";
            default -> "max(%s, -50) - %s";
          };
      return new Event(
          rule.name,
          system.expression(function.formatted(name, level)),
          rule.direction,
          rule.terminal,
          resets);
    }

    @Override
    public String toString() {
      return text() + direction * end + "\n" + rules + "\n" + log;
    }
  }

  @Test
  void whatHappensIsWhatFollowsByHand() {
    long seed = Long.getLong("elegans.test.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    int decided = 0;
    int events = 0;
    for (int c = 0; c < CASES; c++) {
      SplittableRandom own = random.split();
      Problem problem = new Problem(own);
      int kind = own.nextInt(6);
      boolean isExact = kind < 2 && !problem.isCurved;
      boolean single = kind == 2;
      // Events lie at quarters of the one, and at thirds of the other.
      double step = isExact ? own.nextBoolean() ? 0.25 : 0.1875 : 0;
      Method[] methods = {Method.TSIT5, Method.DOP853, Method.RODAS5P, Method.BS3};
      Method method = isExact ? Method.EULER : methods[own.nextInt(4)];
      double tolerance = single ? 1e-3 : 1e-6;
      try {
        problem.follow(isExact ? 1e-9 : 30 * tolerance, step);
      } catch (Undecided e) {
        continue;
      }
      decided++;
      events += problem.log.size();
      String what = "seed %d, case %d, %s\n%s".formatted(seed, c, method, problem);
      Solution solution = solve(problem, method, step, single);
      check(problem, solution, isExact ? 1e-13 : tolerance, what);
    }
    System.out.printf(
        "EventFuzzTest: -Delegans.test.seed=%d, %d systems, %d events%n", seed, decided, events);
    assertThat(decided).isGreaterThan(CASES / 5);
    assertThat(events).isGreaterThan(decided);
  }

  private static Solution solve(Problem problem, Method method, double step, boolean single) {
    OdeSystem system = OdeSystem.parse(problem.text());
    Solver.Builder builder =
        Solver.of(system)
            .method(method)
            .precision(single ? Precision.FLOAT : Precision.DOUBLE)
            .kernels(Backends.named("scalar"));
    if (step > 0) {
      builder.fixedStep(step);
    } else {
      double tolerance = single ? 1e-6 : 1e-10;
      builder.tolerance(tolerance, tolerance);
    }
    for (Rule rule : problem.rules) {
      builder.event(problem.event(system, rule));
    }
    return builder.build().solve(Ensemble.of(1).end(problem.direction * problem.end));
  }

  private static void check(Problem problem, Solution solution, double tolerance, String what) {
    assertThat(solution.status(0)).as(what).isEqualTo(problem.status);
    assertThat(solution.crossings(0))
        .as(what)
        .extracting(Solution.Crossing::event)
        .containsExactlyElementsOf(problem.log.stream().map(Happened::name).toList());
    // Errors add up from event to event; by the last of a hundred they are above any tolerance.
    for (int k = 0; k < Math.min(20, problem.log.size()); k++) {
      Happened expected = problem.log.get(k);
      Solution.Crossing found = solution.crossings(0).get(k);
      assertThat(found.time())
          .as(what)
          .isCloseTo(problem.direction * expected.time, within(tolerance));
      for (int i = 0; i < problem.n; i++) {
        double value = problem.number(expected.values[i]);
        assertThat(found.states()[2 * i])
            .as("%s, x%d at %s", what, i, found.time())
            .isCloseTo(value, within(tolerance * Math.max(1, Math.abs(value))));
        assertThat(found.states()[2 * i + 1]).as(what).isEqualTo(expected.values[problem.n + i]);
      }
    }
  }
}
