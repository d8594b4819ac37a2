package io.github.elegans.bench.workers;

import io.github.elegans.bench.Machine;
import io.github.elegans.bench.Roofline;
import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.kernels.Kernels;
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
    Kernels kernels = Subject.kernels(backend);
    List<Limit> limits = new ArrayList<>();
    limits.add(limit(target, Quantity.CLOCK, 0, Roofline.clockGigahertz()));
    limits.add(limit(target, Quantity.MULTIPLY_ADD, 0, Roofline.peakGflops(kernels)));
    limits.add(limit(target, Quantity.DIVISION, 0, Roofline.gigadivisions(kernels)));
    limits.add(limit(target, Quantity.GATHER, 0, Roofline.gigagathers(kernels)));
    List<Roofline.Level> levels = Roofline.levels(Machine.probe());
    for (int i = 0; i < LEVELS.size(); i++) {
      long bytes = levels.get(i).bytes();
      limits.add(
          limit(target, LEVELS.get(i), bytes, Roofline.readGigabytesPerSecond(kernels, bytes)));
    }
    return new Limits(limits);
  }

  private static Limit limit(String target, Quantity quantity, long bytes, double rate) {
    return new Limit(target, quantity, bytes, rate, rate, 1);
  }
}
