package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class PageTest {

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
        java.util.stream.IntStream.range(0, headings.getLength())
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
    // Every chart can be read as a table.
    assertThat(page.getElementsByTagName("details").getLength()).isGreaterThanOrEqualTo(8);
    assertThat(page.getElementsByTagName("table").getLength()).isGreaterThanOrEqualTo(8);
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
    BenchReport some = Samples.report();
    BenchReport nothing =
        new BenchReport(
            some.format(),
            some.created(),
            some.setting(),
            some.seconds(),
            some.build(),
            some.host(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            some.noise());
    assertThatCode(() -> parse(Page.of(nothing))).doesNotThrowAnyException();
  }
}
