package io.github.elegans.ode;

/** Where the variables of a lane are. What a solver does without has the number -1. */
final class Layout {
  private int count;

  final int states;
  final int parameters;
  final int time;
  final int end;
  final int step;

  /** 1 if the lane asks for attention after the last step, where programs say so. */
  final int attention;

  /**
   * 1 while the lane has a trajectory, otherwise 0; nobody reads it where programs do not count.
   */
  final int active;

  /**
   * Steps that may still be tried; with fixed steps, those that remain, if the program counts them
   * or the time follows from them.
   */
  final int left;

  /** 1 if the last step was accepted. */
  final int accepted;

  // fixed steps
  final int start;
  final int total;
  final int lastStep;

  // steps under control
  final int relative;
  final int absolute;
  final int maximumStep;
  final int direction;
  final int acceptedSteps;
  final int error;
  final int logError;
  final int earlierLogError;

  /** f at the beginning of the step, if that is carried over from the step before. */
  final int slopes;

  // the last step's polynomial in θ = (t − tBefore) / stepTaken
  final int timeBefore;
  final int stepTaken;
  final int dense;
  final int degree;

  final int nextSave;
  final int eventStarts;
  final int eventEnds;
  final int folds;
  final int foldsBefore;

  /** Signs of the differences that {@link Switches} are about, in the segment. */
  final int signs;

  // what rounds steps of trajectories far from time 0 to whole numbers of its last place
  final int partOfGrain;
  final int grains;

  Layout(Setup setup, boolean carriesSlopes, int degree) {
    int n = setup.system().states().size();
    boolean adaptive = setup.control() != null;
    boolean dense = setup.dense();
    states = take(n);
    parameters = take(setup.system().parameters().size());
    time = take(1);
    end = take(1);
    step = take(1);
    attention = take(1);
    active = take(1);
    left = take(1);
    accepted = take(1);
    start = take(!adaptive);
    total = take(!adaptive);
    lastStep = take(!adaptive);
    int tolerances = setup.tolerancePerState() ? n : 1;
    relative = adaptive ? take(tolerances) : -1;
    absolute = adaptive ? take(tolerances) : -1;
    maximumStep = take(adaptive);
    direction = take(1);
    acceptedSteps = take(adaptive);
    error = take(adaptive);
    logError = take(adaptive);
    earlierLogError = take(adaptive);
    slopes = carriesSlopes ? take(n) : -1;
    timeBefore = take(dense);
    stepTaken = take(dense);
    this.degree = degree;
    this.dense = dense ? take(n * (degree + 1)) : -1;
    nextSave = take(dense);
    eventStarts = take(setup.events().size());
    eventEnds = take(setup.events().size());
    folds = take(setup.folds().size());
    foldsBefore = take(setup.folds().size());
    signs = take(setup.switches().signs());
    partOfGrain = take(setup.far());
    grains = take(setup.far());
  }

  private int take(int variables) {
    int first = count;
    count += variables;
    return first;
  }

  private int take(boolean present) {
    return present ? take(1) : -1;
  }

  /** Coefficient j of state i. */
  int dense(int state, int power) {
    return dense + state * (degree + 1) + power;
  }

  int count() {
    return count;
  }
}
