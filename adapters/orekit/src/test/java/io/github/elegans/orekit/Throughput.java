package io.github.elegans.orekit;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.orekit.forces.ForceModel;
import org.orekit.forces.gravity.J2OnlyPerturbation;
import org.orekit.propagation.SpacecraftState;

/**
 * Measures satellites for a day, on one thread, in turns with Orekit's propagator: a main program,
 * no test. Times are those of the thread, tracing and results included. Arguments: how many
 * satellites, 10,000 by default, and turns, 15.
 */
final class Throughput {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int THEIRS = 5;

  /** Turns in which backends and the virtual machine compile beside them. */
  private static final int WARM_UP = 10;

  private Throughput() {}

  public static void main(String[] arguments) {
    int satellites = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
    int turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
    measure(
        "J2",
        satellites,
        turns,
        new J2OnlyPerturbation(Satellites.MU, Satellites.RADIUS, Satellites.J2, Satellites.FRAME));
    measure("8x8", satellites, turns, Satellites.gravity());
  }

  private static void measure(String what, int satellites, int turns, ForceModel force) {
    List<SpacecraftState> initial = Satellites.low(satellites);
    List<SpacecraftState> exact = new ArrayList<>();
    for (SpacecraftState state : initial.subList(0, THEIRS)) {
      exact.add(Satellites.numerical(state, 1e-7, force).propagate(Satellites.NEXT_DAY));
    }
    SatelliteEnsemble ensemble = SatelliteEnsemble.of(Satellites.FRAME, Satellites.MU, force);
    double[] ours = new double[turns];
    double[] theirs = new double[turns];
    double firstOfTheirs = 0;
    double worstOurs = 0;
    double worstTheirs = 0;
    for (int turn = -WARM_UP; turn < turns; turn++) {
      long begin = THREADS.getCurrentThreadCpuTime();
      List<SpacecraftState> states = ensemble.propagate(initial, Satellites.NEXT_DAY).states();
      long middle = THREADS.getCurrentThreadCpuTime();
      List<SpacecraftState> others = new ArrayList<>();
      for (SpacecraftState state : initial.subList(0, THEIRS)) {
        others.add(Satellites.numerical(state, 1e-4, force).propagate(Satellites.NEXT_DAY));
      }
      long end = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < THEIRS; i++) {
        worstOurs = Math.max(worstOurs, Satellites.distance(states.get(i), exact.get(i)));
        worstTheirs = Math.max(worstTheirs, Satellites.distance(others.get(i), exact.get(i)));
      }
      if (turn == -WARM_UP) {
        firstOfTheirs = (end - middle) * 1e-3 / THEIRS;
      }
      if (turn >= 0) {
        ours[turn] = (middle - begin) * 1e-3 / satellites;
        theirs[turn] = (end - middle) * 1e-3 / THEIRS;
      }
    }
    Arrays.sort(ours);
    Arrays.sort(theirs);
    System.out.printf(
        Locale.ROOT,
        "%s, %d satellites: %.1f µs each (%.1f to %.1f), off by %.2f mm; Orekit %.0f µs (%.0f to %.0f), %.2f mm, %.0f µs in the first turn; %.0f times%n",
        what,
        satellites,
        ours[turns / 2],
        ours[0],
        ours[turns - 1],
        1e3 * worstOurs,
        theirs[turns / 2],
        theirs[0],
        theirs[turns - 1],
        1e3 * worstTheirs,
        firstOfTheirs,
        theirs[turns / 2] / ours[turns / 2]);
  }
}
