package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BarChartTest {
  private static final Pattern WHISKER =
      Pattern.compile("<line class=\"whisker\" x1=\"([^\"]*)\" y1=\"[^\"]*\" x2=\"([^\"]*)\"");

  /** From where to where the lines of a whisker go, on a scale of 100. */
  private static List<String> whisker(double length, double low, double high) {
    BarChart chart =
        new BarChart(
            "chart",
            "title",
            List.of(
                new BarChart.Bar(0, "name", length, low, high, "text", "story"),
                new BarChart.Bar(0, "name", 1.25, 0, 0, "text", "story")),
            1.25);
    return WHISKER
        .matcher(chart.draw(125))
        .results()
        .map(match -> match.group(1) + "-" + match.group(2))
        .toList();
  }

  @Test
  void whiskerHasEnds() {
    assertThat(whisker(1, 0.5, 1.2)).containsExactly("50-120", "50-50", "120-120");
    assertThat(whisker(1, 0.5, 1.25)).containsExactly("50-125", "50-50", "125-125");
  }

  @Test
  void whatGoesBeyondTheChartHasNoEndThere() {
    assertThat(whisker(1, 0.5, 1.3)).containsExactly("50-125", "50-50");
    assertThat(whisker(1, 0.5, Double.POSITIVE_INFINITY)).containsExactly("50-125", "50-50");
    assertThat(whisker(1, -0.1, 1.2)).containsExactly("0-120", "120-120");
  }

  @Test
  void withoutASpreadThereIsNoWhisker() {
    assertThat(whisker(1, 1, 1)).isEmpty();
  }

  @Test
  void chartWithoutAnEndHoldsAll() {
    BarChart chart =
        new BarChart(
            "chart", "title", List.of(new BarChart.Bar(0, "name", 1, 0.5, 4, "text", "story")));
    assertThat(chart.draw(100)).contains("x1=\"12.5\"", "x2=\"100\"", "width=\"25\"");
  }

  @Test
  void nameLeavesRoomForTheValue() {
    String name = "a name that is much longer than the chart is wide";
    BarChart chart =
        new BarChart("chart", "title", List.of(new BarChart.Bar(0, name, 1, 0, 0, "12 µs", "")));
    List<String> lines =
        Pattern.compile("<tspan [^>]*>([^<]*)</tspan>")
            .matcher(chart.draw(200))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(lines).hasSizeGreaterThan(1).allMatch(line -> line.length() <= 23);
    assertThat(String.join(" ", lines)).isEqualTo(name);
    assertThat(chart.draw(1000)).contains(">" + name + "</tspan></text>");
  }
}
