package io.github.elegans.orekit;

import io.github.elegans.expressions.Expr;
import io.github.elegans.hipparchus.Traced;
import io.github.elegans.hipparchus.UntraceableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final class NotSmoothException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Expressions of what is traced.
   *
   * @param what it is, for messages
   * @throws IllegalArgumentException if it cannot be traced, or is no smooth function of time
   */
  List<Expr> trace(String what, Function<FieldAbsoluteDate<Traced>, List<Traced>> traced) {
    double middle = 0.5 * from + 0.5 * to;
    double half = 0.5 * to - 0.5 * from;
    Expr x = Expr.variable(time).minus(middle).times(half == 0 ? 1 : 1 / half);
    Expr twice = x.times(2);
    for (int count = FEWEST; count <= MOST; count *= 2) {
      List<List<Expr>> versions = new ArrayList<>();
      for (double node : ChebyshevSeries.nodes(count)) {
        AbsoluteDate date = reference.shiftedBy(Math.fma(half, node, middle));
        versions.add(versionAt(what, traced, date));
      }
      try {
        Map<List<Double>, Expr> known = new HashMap<>();
        return Expr.merge(versions, values -> function(values, x, twice, known));
      } catch (NotSmoothException e) {
        // With more dates.
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s does not do the same at all dates of the span: %s".formatted(what, e.getMessage()),
            e);
      }
    }
    throw new IllegalArgumentException(
        "%s changes too much or too suddenly with time for a series of degree %d over %s s: propagate shorter spans"
            .formatted(what, MOST - 1, to - from));
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

  /** What a constant is by the time; those that differ in sign alone share it. */
  private static Expr function(
      double[] values, Expr x, Expr twice, Map<List<Double>, Expr> known) {
    boolean isNegative = values[0] < 0;
    double[] magnitudes =
        isNegative ? Arrays.stream(values).map(value -> -value).toArray() : values;
    Expr value =
        known.computeIfAbsent(
            Arrays.stream(magnitudes).boxed().toList(), key -> series(magnitudes).at(x, twice));
    return isNegative ? value.negate() : value;
  }

  private static ChebyshevSeries series(double[] values) {
    ChebyshevSeries series = ChebyshevSeries.through(values);
    if (!series.hasConverged()) {
      series = ChebyshevSeries.through(continuous(values));
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
      double expected = i == 1 ? smooth[0] : 2 * smooth[i - 1] - smooth[i - 2];
      if (Math.abs(smooth[i] + expected) < Math.abs(smooth[i] - expected)) {
        smooth[i] = -smooth[i];
      }
    }
    return smooth;
  }
}
