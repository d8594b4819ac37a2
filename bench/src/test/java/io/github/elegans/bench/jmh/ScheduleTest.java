package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.jmh.Schedule.Outcome;
import io.github.elegans.bench.jmh.Schedule.Part;
import io.github.elegans.bench.report.BenchReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private final List<String> measured = new ArrayList<>();

  /** A part that should be measured twice, and in the end is so many times. */
  private Part part(String title, int times) {
    return part(title, times, 1.5);
  }

  private Part part(String title, int times, double seconds) {
    List<String> own = new ArrayList<>();
    return new Part(
        title,
        "here",
        2,
        seconds,
        () -> {
          own.add(title);
          measured.add(title);
          return new Outcome("took a while", own.size() < times);
        });
  }

  private Part failing(String title) {
    return new Part(
        title,
        "here",
        2,
        1.5,
        () -> {
          measured.add(title);
          throw new IOException("it broke");
        });
  }

  @Test
  void thereIsAnEndToMeasuringMoreOftenThanPlanned() throws IOException, InterruptedException {
    Schedule schedule = new Schedule(List.of(part("a", 2, 0), part("b", 5, 0)));
    StringWriter out = new StringWriter();

    schedule.run(new PrintWriter(out), failure -> {}, () -> {});

    assertThat(measured).containsExactly("a", "b", "a", "b");
    assertThat(out.toString().lines()).last().asString().startsWith("[4/4] b, here: took a while");
  }

  @Test
  void partsGoBehindAllOthersUntilTheyHaveEnoughAndOneThatFailsStopsOnlyItself()
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(List.of(part("a", 2), failing("b"), part("c", 3)));
    List<BenchReport.Failure> failures = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    StringWriter out = new StringWriter();

    assertThat(schedule.times()).isEqualTo(6);
    assertThat(schedule.seconds()).isEqualTo(9);
    schedule.run(new PrintWriter(out), failures::add, () -> after.add(measured.size()));

    assertThat(measured).containsExactly("a", "b", "c", "a", "c", "c");
    assertThat(failures).containsExactly(new BenchReport.Failure("b", "here", "it broke"));
    assertThat(after).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(out.toString().lines())
        .hasSize(6)
        .anyMatch(line -> line.startsWith("[1/6] a, here: took a while   ["))
        .anyMatch(line -> line.startsWith("[2/6] b, here: FAILED: it broke   ["))
        .last()
        .asString()
        .startsWith("[6/6] c, here: took a while   [")
        .endsWith("[0:00 left]");
  }
}
