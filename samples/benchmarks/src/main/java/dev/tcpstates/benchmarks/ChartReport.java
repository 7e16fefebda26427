// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The results as a picture, in SVG: a bar for each median, a line from the least to the most. */
final class ChartReport {
  private static final List<String> SHOWN =
      List.of(
          "churn.blocking.cpu",
          "churn.selector.cpu",
          "churn.virtual.cpu",
          KernelTime.ID,
          "http.keepalive.p99",
          "http.close.p99",
          "startup.jdk17.empty.wall",
          "startup.jdk25.empty.wall",
          Size.FILE,
          Growth.OPEN_COST);

  private static final int COLUMNS = 2;
  private static final int PANEL_WIDTH = 620;
  private static final int LABELS = 250;
  private static final int BARS = 260;
  private static final int ROW = 22;
  private static final int TITLE = 34;
  private static final int MARGIN = 16;

  private final StringBuilder svg = new StringBuilder();

  private ChartReport() {}

  static String of(Machine machine, Results results) {
    List<Measure> shown = SHOWN.stream().flatMap(id -> results.find(id).stream()).toList();
    ChartReport chart = new ChartReport();
    int[] heights = new int[COLUMNS];
    Arrays.fill(heights, MARGIN + TITLE);
    for (Measure measure : shown) {
      int column = heights[0] <= heights[1] ? 0 : 1;
      chart.panel(measure, MARGIN + column * PANEL_WIDTH, heights[column]);
      heights[column] += TITLE + ROW * measure.variants().size() + MARGIN;
    }
    int height = Math.max(heights[0], heights[1]);
    String head =
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"13\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            2 * MARGIN + COLUMNS * PANEL_WIDTH,
            height);
    chart.text(
        MARGIN,
        MARGIN + 12,
        "start",
        "gray",
        String.format(
            Locale.ROOT,
            "%s, %d × %s, JDK %s. Bars: medians; lines: least to most.",
            machine.kernel(),
            machine.processors(),
            machine.processor(),
            machine.measuredJdk()));
    return head + chart.svg + "</svg>\n";
  }

  private void panel(Measure measure, int x, int y) {
    double most =
        measure.variants().stream().mapToDouble(v -> measure.summary(v).max()).max().orElse(1);
    String unit = measure.unit().isEmpty() ? "" : " (" + measure.unit() + ")";
    text(x, y + 18, "start", "black\" font-weight=\"bold", measure.title() + unit);
    int top = y + TITLE - 6;
    for (String variant : measure.variants()) {
      Summary summary = measure.summary(variant);
      int start = x + LABELS;
      text(start - 8, top + 15, "end", "black", variant);
      double scale = most > 0 ? BARS / most : 0;
      shape(
          "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
          start,
          top + 3,
          Math.max(1, summary.median() * scale),
          ROW - 7,
          variant.startsWith("ours") || variant.startsWith("StateChange") ? "#2a7" : "#9ab");
      shape(
          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#333\"/>",
          start + summary.min() * scale,
          start + summary.max() * scale,
          top + ROW / 2,
          top + ROW / 2);
      text(
          start + (int) (summary.max() * scale) + 6,
          top + 15,
          "start",
          "black",
          TableReport.number(summary.median()) + ratio(measure, variant));
      top += ROW;
    }
  }

  private static String ratio(Measure measure, String variant) {
    String base = measure.baseline();
    return base == null || base.equals(variant) || !measure.variants().contains(base)
        ? ""
        : " (" + TableReport.number(measure.ratio(variant, base).median()) + "×)";
  }

  private void text(int x, int y, String anchor, String fill, String content) {
    shape(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
        x, y, anchor, fill, content.replace("&", "&amp;").replace("<", "&lt;"));
  }

  private void shape(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
