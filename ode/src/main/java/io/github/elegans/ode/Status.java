package io.github.elegans.ode;

/** How a trajectory ended. */
public enum Status {
  /** It reached its end time. */
  DONE,
  /** A terminal event ended it. */
  EVENT,
  /** It needed more steps than allowed. */
  MAXIMUM_STEPS,
  /**
   * More events reset it than allowed, or one happened again and again without time to pass, as
   * that of a ball that bounces ever faster, or of two events that make each other happen.
   */
  MAXIMUM_EVENTS,
  /** Its step became too small to change the time: the solution or its error has no bound. */
  STEP_UNDERFLOW,
  /** A state or derivative was infinite or NaN, or its numbers were so from the start. */
  NOT_FINITE,
  /** The solve was cancelled before it was done. */
  CANCELLED
}
