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

  /** The texts of the tiles, in the order of the page. */
  private static List<String> tiles(Result... results) throws Exception {
    String page = Page.of(Samples.report(List.of(results), List.of()));
    return elements(parse(page), "div").stream()
        .filter(div -> div.getAttribute("class").equals("tile"))
        .map(tile -> tile.getTextContent().replace('\u00a0', ' '))
        .toList();
  }

  @Test
  void tileComparesWithPeersWhereTheyWereMeasured() throws Exception {
    Result[] results = {
      Samples.step(Samples.NATIVE, 32, 1, 1, 1000),
      Samples.step(Samples.PEER, 32, 1, 1, 500),
      Samples.step(Samples.NATIVE, 64, 1, 1, 2000),
      Samples.step(Samples.PEER, 64, 1, 1, 5000),
      Samples.step(Samples.NATIVE, 128, 1, 1, 4000),
      Samples.step(Samples.PEER, 128, 1, 1, 14_000),
      Samples.step(Samples.NATIVE, 256, 1, 1, 8000),
      Samples.step(Samples.PEER, 256, 1, 1, 80_000),
      // What only one of them ran is not compared.
      Samples.step(Samples.NATIVE, 512, 1, 1, 1),
      Samples.step(Samples.PEER, 512, 1, 2, 1),
      Samples.step(Samples.SCALAR, 32, 1, 1, 1_000_000),
      Samples.step("vector (256-bit species)", 32, 1, 1, 250),
    };
    // 0.5, 2.5, 3.5 and 10 times as fast.
    assertThat(tiles(results))
        .contains(
            "Times as fast as "
                + Samples.PEER
                + "× 3.00 nativemedian of 4 benchmarks on 1 thread; × 0.500 to × 10.0, slower in 1"
                + "× 2.00 vector (256-bit species)the one benchmark that both ran, on 1 thread:"
                + " cfc step 16,32,32 batch 1")
        .noneMatch(tile -> tile.contains("as fast as scalar"));
    Element table = table(Samples.report(List.of(results), List.of()), "Table of other libraries");
    assertThat(elements(table, "tr"))
        .extracting(row -> row.getTextContent().replace('\u00a0', ' '))
        .contains(Samples.PEER + "nativeall4× 3.00× 0.500× 10.01");
  }

  @Test
  void tileOfOneSharedBenchmarkSaysWhich() throws Exception {
    assertThat(
            tiles(
                Samples.step(Samples.NATIVE, 64, 8, 2, 2000),
                Samples.step(Samples.PEER, 64, 8, 2, 1000)))
        .contains(
            "Times as fast as "
                + Samples.PEER
                + "× 0.500 nativethe one benchmark that both ran, on 2 threads:"
                + " cfc step 16,64,64 batch 8 on 2 threads");
  }

  @Test
  void tileComparesWithScalarCodeWhereNoPeerWasMeasured() throws Exception {
    Result[] results = {
      Samples.step(Samples.NATIVE, 64, 1, 1, 1000),
      Samples.step(Samples.SCALAR, 64, 1, 1, 4000),
      Samples.step(Samples.NATIVE, 64, 1, 2, 1000),
      Samples.step(Samples.SCALAR, 64, 1, 2, 9000),
    };
    assertThat(tiles(results))
        .contains(
            "× 6.00as fast as scalar (scalar Java): native (x86-64-v3), geometric mean of"
                + " 2 benchmarks on 1 to 2 threads; no other library was measured")
        .noneMatch(tile -> tile.startsWith("Times as fast as"));
    assertThat(text(results)).doesNotContain("Table of other libraries");
  }

  /** What stands in a drawing to be read, and not only when something is pointed at. */
  private static List<String> written(Element chart) {
    return elements(chart, "text").stream().map(Element::getTextContent).toList();
  }

  @Test
  void everyBarHasItsNameWritten() throws Exception {
    List<Element> bars =
        elements(parse(Page.of(Samples.report())), "rect").stream()
            .filter(bar -> !elements(bar, "title").isEmpty())
            .toList();
    for (Element bar : bars) {
      String story = elements(bar, "title").getFirst().getTextContent();
      assertThat(written((Element) bar.getParentNode()))
          .as(story)
          .anyMatch(name -> story.startsWith(name + ": "));
    }
    assertThat(bars)
        .flatExtracting(bar -> written((Element) bar.getParentNode()))
        .contains(Samples.NATIVE, Samples.SCALAR, Samples.PEER);
  }

  @Test
  void everyCurveHasItsSignInTheLegendOfItsCard() throws Exception {
    for (Element chart : elements(parse(Page.of(Samples.report())), "svg")) {
      Element parent = (Element) chart.getParentNode();
      if (parent.getAttribute("class").equals("card")
          && elements(chart, "path").stream()
              .anyMatch(path -> path.getAttribute("class").startsWith("curve"))) {
        assertThat(elements(parent, "li"))
            .as(chart.getAttribute("aria-label"))
            .anyMatch(item -> item.getTextContent().endsWith(Samples.NATIVE));
      }
    }
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
