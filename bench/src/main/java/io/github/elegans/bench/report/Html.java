package io.github.elegans.bench.report;

import java.util.List;

/** Markup that is HTML and XML at once. */
final class Html {
  private Html() {}

  /** Text, escaped. */
  static String text(Object value) {
    return value
        .toString()
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /**
   * A table; columns from {@code left} on hold numbers.
   *
   * @param left how many columns are text
   */
  static String table(int left, List<String> header, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><thead><tr>");
    for (int i = 0; i < header.size(); i++) {
      html.append(i < left ? "<th>" : "<th class=\"n\">").append(text(header.get(i)));
      html.append("</th>");
    }
    html.append("</tr></thead><tbody>");
    for (List<String> row : rows) {
      html.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        html.append(i < left ? "<td>" : "<td class=\"n\">").append(text(row.get(i)));
        html.append("</td>");
      }
      html.append("</tr>");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  /** Something to be unfolded. */
  static String details(String summary, String content) {
    return "<details><summary>%s</summary>%s</details>\n".formatted(text(summary), content);
  }
}
