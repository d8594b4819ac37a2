package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What determines a solver's programs.
 *
 * @param control how the step is chosen, null if it is fixed
 * @param dense whether each step's polynomial is kept: for events, saved times and folds
 * @param switches of the system, events and folds
 * @param far whether steps are rounded, for trajectories far from time 0
 */
record Setup(
    OdeSystem system,
    Method method,
    Precision precision,
    @Nullable StepControl control,
    boolean tolerancePerState,
    boolean dense,
    List<Event> events,
    List<Fold> folds,
    Switches switches,
    boolean far) {
  /**
   * What a step loses before it is rounded to whole grains, so that it gets no longer: of a grain,
   * not quite a half, which would round a step of one grain to none.
   */
  static final double PART = 255.0 / 512;

  /**
   * Whether the program of a step counts steps of one length, and asks for attention after the
   * last. Otherwise who runs it counts them, for all lanes at once: nothing happens between them.
   */
  boolean countsSteps() {
    return dense;
  }

  /**
   * What steps from one time to another are to be whole numbers of, so that the time grows by what
   * states do: the last place of times far from 0, where it is not small beside a step. Else 0.
   */
  double grain(double start, double end) {
    double ulp = precision.ulp(Math.max(Math.abs(start), Math.abs(end)));
    int bits = precision.mantissaBits() * 4 / 5;
    return control != null && start != end && Math.abs(end - start) < Math.scalb(ulp, bits)
        ? ulp
        : 0;
  }
}
