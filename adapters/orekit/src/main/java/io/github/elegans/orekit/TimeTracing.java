package io.github.elegans.orekit;

import io.github.elegans.expressions.Expr;
import io.github.elegans.hipparchus.Traced;
import io.github.elegans.hipparchus.UntraceableException;
import io.github.elegans.ode.OdeSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.hipparchus.exception.MathRuntimeException;
import org.orekit.time.AbsoluteDate;
import org.orekit.time.FieldAbsoluteDate;

/**
 * Traces what depends on a date, too. Dates of Orekit have no traced form: what depends on them is
 * traced at many dates, each a constant, and those constants that differ from date to date become
 * Chebyshev series of the time.
 *
 * @param reference where the time is 0
 * @param from the span, in seconds of that time
 * @param to after it
 * @param time the variable of time
 */
record TimeTracing(AbsoluteDate reference, double from, double to, String time) {
  private static final int FEWEST = 16;
  private static final int MOST = 256;

  /** How far what is made may be off what was traced, as a part of the greatest value. */
  private static final double SAME = 1e-9;

  /** How many values say what the next one is about. */
  private static final int EXTRAPOLATED = 8;

  private static final class NotSmoothException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private double half() {
    return 0.5 * to - 0.5 * from;
  }

  private double middle() {
    return 0.5 * to + 0.5 * from;
  }

  private double at(double node) {
    return Math.fma(half(), node, middle());
  }

  /**
   * Expressions of what is traced.
   *
   * @param what it is, for messages
   * @throws IllegalArgumentException if it cannot be traced, or is no smooth function of time
   */
  List<Expr> trace(String what, Function<FieldAbsoluteDate<Traced>, List<Traced>> traced) {
    for (int count = FEWEST; count <= MOST; count *= 2) {
      double[] nodes = ChebyshevSeries.nodes(count);
      List<List<Expr>> versions = new ArrayList<>();
      for (double node : nodes) {
        versions.add(versionAt(what, traced, reference.shiftedBy(at(node))));
      }
      Constants constants = new Constants();
      List<Expr> merged;
      try {
        merged = Expr.merge(versions, constants::function);
      } catch (NotSmoothException e) {
        // More dates may do.
        continue;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s does not do the same at all dates of the span: %s".formatted(what, e.getMessage()),
            e);
      }
      if (!constants.signsChanged || areSame(merged, versions, nodes)) {
        return merged;
      }
    }
    throw new IllegalArgumentException(
        "%s changes too much or too suddenly with time for one series over %s s: propagate shorter spans"
            .formatted(what, to - from));
  }

  private static List<Expr> versionAt(
      String what, Function<FieldAbsoluteDate<Traced>, List<Traced>> traced, AbsoluteDate date) {
    try {
      return traced.apply(new FieldAbsoluteDate<>(Traced.FIELD, date)).stream()
          .map(Traced::expression)
          .toList();
    } catch (UntraceableException e) {
      throw new IllegalArgumentException(
          "%s cannot be traced: %s".formatted(what, e.getMessage()), e);
    } catch (MathRuntimeException e) {
      throw new IllegalArgumentException(
          "%s cannot be traced at %s: %s".formatted(what, date, e.getMessage()), e);
    }
  }

  /**
   * Whether expressions have the values that were traced at all dates, somewhere: signs may have
   * been changed where they are more than those of a rotation's numbers.
   */
  private boolean areSame(List<Expr> merged, List<List<Expr>> versions, double[] nodes) {
    Set<String> names = new LinkedHashSet<>();
    merged.forEach(value -> names.addAll(value.variables()));
    names.remove(time);
    // Any place that is as far off as satellites are.
    double[] place = new double[names.size() + 1];
    Arrays.setAll(place, i -> 2e6 + 1e6 * i);
    OdeSystem.Builder builder =
        OdeSystem.builder("place").time(time, "s").state(" ", 0).derivative(" ", Expr.constant(0));
    names.forEach(name -> builder.state(name, 0).derivative(name, Expr.constant(0)));
    OdeSystem system = builder.build();
    OdeSystem.VectorField made = system.vectorField(merged);
    int n = merged.size();
    double[][] expected = new double[nodes.length][n];
    double[][] found = new double[nodes.length][n];
    for (int j = 0; j < nodes.length; j++) {
      system.vectorField(versions.get(j)).evaluate(0, place, new double[0], expected[j]);
      made.evaluate(at(nodes[j]), place, new double[0], found[j]);
    }
    for (int i = 0; i < n; i++) {
      double greatest = 0;
      for (double[] values : expected) {
        greatest = Math.max(greatest, Math.abs(values[i]));
      }
      for (int j = 0; j < nodes.length; j++) {
        if (!(Math.abs(found[j][i] - expected[j][i]) <= SAME * greatest)) {
          return false;
        }
      }
    }
    return true;
  }

  /** What constants are by the time; for one attempt. */
  private final class Constants {
    private final Expr x = Expr.variable(time).minus(middle()).times(half() == 0 ? 1 : 1 / half());
    private final Expr twice = x.times(2);
    private final Map<List<Double>, Expr> known = new HashMap<>();
    private boolean signsChanged;

    /** Those that differ in sign alone share it. */
    Expr function(double[] values) {
      boolean isNegative = values[0] < 0;
      double[] own = isNegative ? Arrays.stream(values).map(value -> -value).toArray() : values;
      Expr value =
          known.computeIfAbsent(
              Arrays.stream(own).boxed().toList(), key -> series(own).at(x, twice));
      return isNegative ? value.negate() : value;
    }

    private ChebyshevSeries series(double[] values) {
      ChebyshevSeries series = ChebyshevSeries.through(values);
      if (!series.hasConverged()) {
        series = ChebyshevSeries.through(continuous(values));
        signsChanged = true;
      }
      if (!series.hasConverged()) {
        throw new NotSmoothException();
      }
      return series;
    }

    /**
     * Values with signs by which they go on from one to the next: of a rotation's four numbers all
     * may change signs together, which is the same rotation.
     */
    private static double[] continuous(double[] values) {
      double[] smooth = values.clone();
      for (int i = 1; i < smooth.length; i++) {
        // The polynomial through the values before, which are at equal distances of angle.
        double expected = 0;
        double binomial = -1;
        for (int k = 1; k <= Math.min(i, EXTRAPOLATED); k++) {
          binomial *= -(Math.min(i, EXTRAPOLATED) - k + 1) / (double) k;
          expected = Math.fma(binomial, smooth[i - k], expected);
        }
        if (Math.abs(smooth[i] + expected) < Math.abs(smooth[i] - expected)) {
          smooth[i] = -smooth[i];
        }
      }
      return smooth;
    }
  }
}
