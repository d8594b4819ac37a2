package io.github.elegans.networks.recurrent;

import io.github.elegans.checks.Require;
import io.github.elegans.checks.Words;
import java.util.Locale;

/**
 * How h' = f(h) is integrated over a step.
 *
 * @param unfolds equal substeps
 * @param substep the length of a substep where timespans do not count; 0 where they do
 */
public record OdeSolver(OdeMethod method, int unfolds, float substep) {
  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if unfolds is not from 1 to 2²⁰, or the substep is negative or
   *     not finite
   */
  public OdeSolver {
    Require.between("unfolds", 1, 1 << 20, unfolds);
    if (!(substep >= 0 && substep < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a substep must be finite and not negative, but is " + substep);
    }
  }

  /** Substeps of Δ / unfolds. */
  public static OdeSolver of(OdeMethod method, int unfolds) {
    return new OdeSolver(method, unfolds, 0);
  }

  /** "rk4 with 3 substeps". */
  String words() {
    return "%s with %s%s"
        .formatted(
            method.name().toLowerCase(Locale.ROOT),
            Words.count(unfolds, "substep"),
            substep == 0 ? "" : " of " + substep);
  }

  /** Computes the slope of the first n rows: of the state that stands in the rows right now. */
  interface Slope {
    void of(Rows rows, int n);
  }

  /** One thread's solver of a cell. */
  static final class Run {
    private final OdeSolver solver;
    private final int column;
    private final int size;
    private final Slope slope;
    private final Rows k;
    private final Rows begin;
    private final Rows sum;

    /**
     * Prepares a run.
     *
     * @param column where the state of {@code size} floats begins
     * @param k where {@code slope} puts slopes
     */
    Run(OdeSolver solver, int column, int size, Slope slope, Rows k) {
      this.solver = solver;
      this.column = column;
      this.size = size;
      this.slope = slope;
      this.k = k;
      begin = Rows.of(size);
      sum = Rows.of(size);
    }

    int column() {
      return column;
    }

    /** Advances the state of the first n rows. */
    void advance(Rows state, Rows timespans, int n) {
      for (int unfold = 0; unfold < solver.unfolds; unfold++) {
        switch (solver.method) {
          case EULER -> {
            keep(state, n);
            slope.of(state, n);
            move(state, 1f, k, timespans, n);
          }
          case HEUN -> {
            keep(state, n);
            slope.of(state, n);
            add(1f, false, n);
            move(state, 1f, k, timespans, n);
            slope.of(state, n);
            add(1f, true, n);
            move(state, 0.5f, sum, timespans, n);
          }
          case RK4 -> {
            keep(state, n);
            slope.of(state, n);
            add(1f, false, n);
            move(state, 0.5f, k, timespans, n);
            slope.of(state, n);
            add(2f, true, n);
            move(state, 0.5f, k, timespans, n);
            slope.of(state, n);
            add(2f, true, n);
            move(state, 1f, k, timespans, n);
            slope.of(state, n);
            add(1f, true, n);
            move(state, 1f / 6, sum, timespans, n);
          }
        }
      }
    }

    private void keep(Rows state, int n) {
      for (int r = 0; r < n; r++) {
        for (int i = 0; i < size; i++) {
          begin.set(r, i, state.get(r, column + i));
        }
      }
    }

    /** sum = w k, or sum + w k. */
    private void add(float w, boolean more, int n) {
      for (int r = 0; r < n; r++) {
        for (int i = 0; i < size; i++) {
          float before = more ? sum.get(r, i) : 0f;
          sum.set(r, i, Math.fma(w, k.get(r, i), before));
        }
      }
    }

    /** state = begin + w h slope. */
    private void move(Rows state, float w, Rows slopes, Rows timespans, int n) {
      for (int r = 0; r < n; r++) {
        float h = solver.substep > 0 ? solver.substep : timespans.get(r, 0) / solver.unfolds;
        for (int i = 0; i < size; i++) {
          state.set(r, column + i, Math.fma(w * h, slopes.get(r, i), begin.get(r, i)));
        }
      }
    }
  }
}
