package io.github.elegans.ode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a solve gives: for every trajectory, whatever became of it. */
public final class Solution {
  /**
   * A crossing: which event, when, and the states there, before its own reset and after those of
   * events that happened before it in the same instant.
   */
  public record Crossing(String event, double time, double[] states) {}

  private final Solver solver;
  private final Ensemble ensemble;
  private final int size;
  private final int states;
  final double[] finalStates;
  final double[] finalTimes;
  final Status[] statuses;
  final int[] accepted;
  final int[] rejected;
  final double[] folds;
  final double[] @Nullable [] saved;
  final double[] @Nullable [] savedTimes;
  final @Nullable List<Crossing>[] crossings;
  private long issued;
  private long useful;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Solution(Solver solver, Ensemble ensemble, int folds, boolean events) {
    this.solver = solver;
    this.ensemble = ensemble;
    this.size = ensemble.size();
    this.states = solver.system().states().size();
    this.finalStates = new double[Math.multiplyExact(size, states)];
    this.finalTimes = new double[size];
    this.statuses = new Status[size];
    Arrays.fill(statuses, Status.CANCELLED);
    Arrays.fill(finalStates, Double.NaN);
    Arrays.fill(finalTimes, Double.NaN);
    this.accepted = new int[size];
    this.rejected = new int[size];
    this.folds = new double[Math.multiplyExact(size, folds)];
    this.saved = new double[ensemble.saves() ? size : 0][];
    this.savedTimes = new double[ensemble.savedInStep() > 0 ? size : 0][];
    this.crossings = new List[events ? size : 0];
  }

  /** NaNs differ in their bits from processor to processor: results have one. */
  static double canonical(double value) {
    return Double.isNaN(value) ? Double.NaN : value;
  }

  synchronized void count(long issuedSteps, long usefulSteps) {
    issued += issuedSteps;
    useful += usefulSteps;
  }

  /** Adds a crossing to a trajectory's; for the thread that solves it. */
  void log(int trajectory, Event event, double time, double[] at) {
    List<Crossing> list = crossings[trajectory];
    if (list == null) {
      list = new ArrayList<>();
      crossings[trajectory] = list;
    }
    list.add(new Crossing(event.name(), time, at.clone()));
  }

  /** How many trajectories there are. */
  public int size() {
    return size;
  }

  /** How a trajectory ended. */
  public Status status(int trajectory) {
    return statuses[trajectory];
  }

  /** How many trajectories ended so. */
  public int count(Status status) {
    int count = 0;
    for (Status each : statuses) {
      count += each == status ? 1 : 0;
    }
    return count;
  }

  /** The time at which a trajectory ended; NaN if it never began. */
  public double time(int trajectory) {
    return finalTimes[trajectory];
  }

  /** A state where the trajectory ended. */
  public double state(int trajectory, String name) {
    return finalStates[trajectory * states + solver.system().state(name)];
  }

  /** All states where the trajectory ended. */
  public double[] states(int trajectory) {
    return Arrays.copyOfRange(finalStates, trajectory * states, (trajectory + 1) * states);
  }

  /** A fold's result. */
  public double fold(int trajectory, String name) {
    List<String> names = solver.folds().stream().map(Fold::name).toList();
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("there is no fold '%s', only %s".formatted(name, names));
    }
    return folds[trajectory * names.size() + index];
  }

  /**
   * The states at the times to be saved, {@code [time][state]}; NaN at times that were not reached.
   *
   * @throws IllegalStateException if the ensemble saves nothing
   */
  public double[][] saved(int trajectory) {
    if (saved.length == 0) {
      throw new IllegalStateException("the ensemble has no times to save at");
    }
    double[] flat = saved[trajectory];
    double[][] rows = new double[flat == null ? 0 : flat.length / states][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * states, (i + 1) * states);
    }
    return rows;
  }

  /**
   * The times of {@link #saved}.
   *
   * @throws IllegalStateException if the ensemble saves nothing
   */
  public double[] savedTimes(int trajectory) {
    if (saved.length == 0) {
      throw new IllegalStateException("the ensemble has no times to save at");
    }
    if (ensemble.savedInStep() > 0) {
      double[] times = savedTimes[trajectory];
      return times == null ? new double[0] : times.clone();
    }
    return saved[trajectory] == null ? new double[0] : ensemble.saveTimes(trajectory).clone();
  }

  /** The events of a trajectory in the order in which they happened. */
  public List<Crossing> crossings(int trajectory) {
    List<Crossing> list = crossings.length == 0 ? null : crossings[trajectory];
    return list == null ? List.of() : List.copyOf(list);
  }

  /** Steps that were accepted. */
  public int acceptedSteps(int trajectory) {
    return accepted[trajectory];
  }

  /** Steps that were tried and rejected. */
  public int rejectedSteps(int trajectory) {
    return rejected[trajectory];
  }

  /** The part of the lanes' steps that belonged to a trajectory, 0 to 1. */
  public double occupancy() {
    return issued == 0 ? 1 : (double) useful / issued;
  }
}
