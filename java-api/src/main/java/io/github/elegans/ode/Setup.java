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
    Switches switches) {}
