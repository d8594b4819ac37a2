package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.cli.measuring.Machine;
import io.github.elegans.cli.measuring.Probe;
import io.github.elegans.kernels.roofline.RooflineKernels;
import java.util.ArrayList;
import java.util.List;

/** The machine's limits through a backend. */
final class LimitsTask {
  private static final List<Quantity> LEVELS =
      List.of(Quantity.READ_L1, Quantity.READ_L2, Quantity.READ_L3, Quantity.READ_MEMORY);

  private LimitsTask() {}

  /** A list of limits. */
  record Limits(List<Limit> limits) {}

  static Limits run(String target, String backend) {
    RooflineKernels roofline = Subject.kernels(backend).roofline();
    List<Limit> limits = new ArrayList<>();
    limits.add(limit(target, Quantity.CLOCK, 0, Probe.clock()));
    limits.add(limit(target, Quantity.MULTIPLY_ADD, 0, Probe.peak(roofline)));
    limits.add(limit(target, Quantity.DIVISION, 0, Probe.divisions(roofline)));
    limits.add(limit(target, Quantity.GATHER, 0, Probe.gathers(roofline)));
    Probe call = Probe.call(roofline);
    List<Machine.Level> levels = Machine.probe().levels();
    for (int i = 0; i < LEVELS.size(); i++) {
      long bytes = levels.get(i).bytes();
      limits.add(limit(target, LEVELS.get(i), bytes, Probe.read(roofline, bytes, call)));
    }
    return new Limits(limits);
  }

  private static Limit limit(String target, Quantity quantity, long bytes, Probe probe) {
    double rate = probe.measure();
    return new Limit(target, quantity, bytes, rate, rate, 1);
  }
}
