package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many times as fast as another library a target is, in the benchmarks that both ran on as many
 * threads.
 *
 * @param target one of this library's
 * @param peer the other library's name
 * @param cases the benchmarks, the least favourable first; at least one
 */
record PeerRatio(String target, String peer, List<Case> cases) {

  /**
   * A benchmark that both ran.
   *
   * @param result the target's
   * @param ratio the other library's median time by the target's: below 1 the target is slower
   */
  record Case(Result result, double ratio) {}

  PeerRatio {
    cases = cases.stream().sorted(Comparator.comparingDouble(Case::ratio)).toList();
  }

  /** Of a target to every other library that ran one of its benchmarks, in the report's order. */
  static List<PeerRatio> of(BenchReport report, String target) {
    Map<BenchReport.Key, Result> own = new LinkedHashMap<>();
    report.ours().stream().filter(r -> r.target().equals(target)).forEach(r -> own.put(r.key(), r));
    Map<String, List<Case>> cases = new LinkedHashMap<>();
    for (Result other : report.results()) {
      Result result = own.get(other.key());
      if (other.peer() && result != null && result.threads() == other.threads()) {
        cases
            .computeIfAbsent(other.target(), name -> new ArrayList<>())
            .add(new Case(result, other.median() / result.median()));
      }
    }
    return report.targetNames().stream()
        .filter(cases::containsKey)
        .map(peer -> new PeerRatio(target, peer, cases.get(peer)))
        .toList();
  }

  /** The same of one kind of benchmark, if both ran any of it. */
  Optional<PeerRatio> of(String group) {
    List<Case> some = cases.stream().filter(c -> c.result.group().equals(group)).toList();
    return some.isEmpty() ? Optional.empty() : Optional.of(new PeerRatio(target, peer, some));
  }

  double lowest() {
    return cases.getFirst().ratio;
  }

  double highest() {
    return cases.getLast().ratio;
  }

  double median() {
    int half = cases.size() / 2;
    return cases.size() % 2 == 1
        ? cases.get(half).ratio
        : (cases.get(half - 1).ratio + cases.get(half).ratio) / 2;
  }

  /** In how many benchmarks the target is slower. */
  long slower() {
    return cases.stream().filter(some -> some.ratio < 1).count();
  }

  /** The target's results. */
  List<Result> results() {
    return cases.stream().map(Case::result).toList();
  }
}
