package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.elegans.bench.report.BenchReport.Result;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class PageTest {
  /** A number with its unit. */
  private static final Pattern FIGURE =
      Pattern.compile(
          "(\\d+(?:\\.\\d+)?) (?:[nµm]?s\\b|%|B\\b|[KMG]iB\\b|GHz|GFLOP/s|GB/s|times as fast)");

  private static Document parse(String page)
      throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(page)));
  }

  @Test
  void pageIsWellFormedAndHasEverySection() throws Exception {
    Document page = parse(Page.of(Samples.report()));
    NodeList headings = page.getElementsByTagName("h2");
    List<String> ids =
        IntStream.range(0, headings.getLength())
            .mapToObj(i -> headings.item(i).getAttributes().getNamedItem("id").getNodeValue())
            .toList();
    assertThat(ids)
        .containsExactly(
            "machine",
            "limits",
            "roofline",
            "kernels",
            "growth",
            "scaling",
            "latency",
            "start",
            "memory",
            "noise");
  }

  /** All elements of that name, in the order of the page. */
  private static List<Element> elements(Node under, String name) {
    NodeList found =
        under instanceof Document page
            ? page.getElementsByTagName(name)
            : ((Element) under).getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  @Test
  void everyChartHasItsValuesInTheTableAfterIt() throws Exception {
    List<String> labels = new ArrayList<>();
    List<Element> charts = new ArrayList<>();
    for (Element element : elements(parse(Page.of(Samples.report())), "*")) {
      switch (element.getTagName()) {
        case "svg" -> {
          assertThat(element.getAttribute("role")).isEqualTo("img");
          // The signs of a legend are no charts.
          if (!((Element) element.getParentNode()).getTagName().equals("li")) {
            labels.add(element.getAttribute("aria-label"));
            charts.add(element);
          }
        }
        case "h2" -> assertThat(charts).as("before " + element.getTextContent()).isEmpty();
        case "details" -> {
          List<String> cells =
              elements(element, "td").stream().map(Element::getTextContent).toList();
          charts.forEach(chart -> assertThatTableTells(chart, cells));
          charts.clear();
        }
        default -> {}
      }
    }
    assertThat(charts).as("at the end").isEmpty();
    assertThat(labels)
        .contains(
            "clock",
            "Roofline",
            "cfc step 16,64,64 batch 64",
            "Time by hidden size",
            "Speed by threads",
            "Response time by percentile",
            "Histogram of the service time",
            "Time of a step since the start",
            "network, packed");
  }

  /** Whether all figures that the marks of a chart tell are cells of a table. */
  private static void assertThatTableTells(Element chart, List<String> cells) {
    String label = chart.getAttribute("aria-label");
    List<String> stories = elements(chart, "title").stream().map(Element::getTextContent).toList();
    assertThat(stories).as(label).isNotEmpty();
    for (String story : stories) {
      List<MatchResult> figures = FIGURE.matcher(story).results().toList();
      assertThat(figures).as("%s: %s", label, story).isNotEmpty();
      for (MatchResult figure : figures) {
        // Units may be in a column of their own.
        assertThat(cells)
            .as("%s: %s", label, story)
            .containsAnyOf(figure.group(), figure.group(1), "× " + figure.group(1));
      }
    }
  }

  @Test
  void tablesTellHowOftenWasMeasuredWhereItDiffers() throws Exception {
    Result some = Samples.step(Samples.NATIVE, 64, 1, 1, 1000);
    Result more = Samples.measured(Samples.step(Samples.SCALAR, 64, 1, 1, 2000), 3, 15);
    assertThat(text(some))
        .contains(
            "quartiles of a benchmark's 5 iterations in 1 JVM. As there was one JVM, what differs from JVM")
        .doesNotContain("iterationsJVMs");
    assertThat(text(more))
        .contains("quartiles of a benchmark's 15 iterations in 3 JVMs. A whisker")
        .doesNotContain("iterationsJVMs");
    assertThat(text(some, more))
        .contains(
            "of all iterations; the tables say how many, in how many JVMs. Where there was one JVM",
            "iterationsJVMs");
  }

  private static String text(Result... results) throws Exception {
    String page = Page.of(Samples.report(List.of(results), List.of()));
    return parse(page).getDocumentElement().getTextContent();
  }

  @Test
  void aRunThatWasBrokenOffSaysWhatItLacks() throws Exception {
    Result once = Samples.step(Samples.NATIVE, 64, 1, 1, 1000);
    Result often = Samples.measured(once, 3, 15);
    assertThat(text(once)).doesNotContain("broken off");
    assertThat(textBrokenOff(once, often)).contains("broken off: some benchmarks are missing");
    assertThat(textBrokenOff(often, Samples.measured(once, 4, 20)))
        .contains("broken off: no benchmark is missing, each was measured in 3 JVMs or more");
    assertThat(textBrokenOff()).contains("broken off: some benchmarks are missing");
  }

  private static String textBrokenOff(Result... results) throws Exception {
    String whole = ReportFile.line(Samples.report(List.of(results), List.of()));
    String broken = whole.replace("\"whole\":true", "\"whole\":false");
    String page = Page.of(ReportFile.parse(broken, BenchReport.class));
    return parse(page).getDocumentElement().getTextContent();
  }

  /** The table that unfolds below that title. */
  private static Element table(BenchReport report, String title) throws Exception {
    return elements(parse(Page.of(report)), "details").stream()
        .filter(details -> details.getTextContent().startsWith(title))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void severalThreadsAreInTheTableOfTheRooflineToo() throws Exception {
    Element table = table(Samples.report(), "Table of the roofline");
    assertThat(elements(table, "td"))
        .extracting(Element::getTextContent)
        .contains("cfc step 16,64,64 batch 64 on 2 threads");
  }

  @Test
  void scalingShowsWhateverWasMeasuredOnSeveralThreads() throws Exception {
    int[] batches = {1, 8, 24, 64, 256};
    List<Result> results = new ArrayList<>();
    for (int batch : batches) {
      results.add(Samples.step(Samples.NATIVE, 64, batch, 1, 1000 * batch));
      results.add(Samples.step(Samples.NATIVE, 64, batch, 2, 500 * batch));
      results.add(Samples.step(Samples.PEER, 64, batch, 1, 2000 * batch));
    }
    Element table = table(Samples.report(results, List.of()), "Table of scaling");
    assertThat(elements(table, "td"))
        .extracting(Element::getTextContent)
        .contains(
            Arrays.stream(batches)
                .mapToObj("cfc step 16,64,64 batch %d"::formatted)
                .toArray(String[]::new))
        .contains("× 2.00")
        .doesNotContain(Samples.PEER);
  }

  @Test
  void growthIsOfTheBestTime() throws Exception {
    Element table = table(Samples.report(), "Table of growth");
    List<String> rows = elements(table, "tr").stream().map(Element::getTextContent).toList();
    assertThat(rows)
        .contains("cfc step 16,n,n batch 1native (x86-64-v3)hidden size641.25 µs1.25 µs1.0");
  }

  @Test
  void textIsEscapedAndKept() throws Exception {
    String text = parse(Page.of(Samples.report())).getDocumentElement().getTextContent();
    assertThat(text)
        .contains(
            Samples.PEER,
            "Imaginary \"9000\" <fast> & cool",
            "it <died>",
            "a flag is missing",
            "another library, cannot run: it is not installed",
            "Energy is not available here: there is no /sys/class/powercap");
  }

  @Test
  void nothingIsLoaded() {
    assertThat(Page.of(Samples.report()))
        .doesNotContain("http:", "https:", "<script", "@import", "url(", "<img", "<link");
  }

  @Test
  void everyNumberOfADrawingIsFinite() {
    assertThat(Page.of(Samples.report())).doesNotContain("NaN", "Infinity");
  }

  @Test
  void reportOfNothingIsAPageToo() {
    BenchReport nothing = Samples.bare(List.of());
    assertThatCode(() -> parse(Page.of(nothing))).doesNotThrowAnyException();
  }
}
