// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Distribution;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric.Type;
import dev.tcpstates.agent.metrics.Point;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes metrics in Prometheus' text format 0.0.4, or as OpenMetrics 1.0.0. */
public final class PrometheusWriter {
  private static final int PART = 1 << 16;

  /** Takes the text in parts. */
  interface Parts {
    void add(String part) throws IOException;
  }

  private final boolean openMetrics;
  private final Parts parts;
  private final StringBuilder out = new StringBuilder(1 << 14);

  private PrometheusWriter(boolean openMetrics, Parts parts) {
    this.openMetrics = openMetrics;
    this.parts = parts;
  }

  /**
   * Returns the metrics as text.
   *
   * @param openMetrics whether as OpenMetrics, else in the older format
   */
  public static String text(List<Family> families, boolean openMetrics) {
    StringBuilder text = new StringBuilder();
    try {
      write(families, openMetrics, text::append);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return text.toString();
  }

  /**
   * Writes the metrics as text.
   *
   * @param openMetrics whether as OpenMetrics, else in the older format
   * @param parts takes parts of about 64 KB, and what is left
   */
  static void write(List<Family> families, boolean openMetrics, Parts parts) throws IOException {
    PrometheusWriter writer = new PrometheusWriter(openMetrics, parts);
    for (Family family : families) {
      if (!family.points().isEmpty()) {
        writer.family(family);
      }
    }
    parts.add(writer.out.append(openMetrics ? "# EOF\n" : "").toString());
  }

  private void family(Family family) throws IOException {
    String sample = PrometheusNames.sample(family.metric());
    String name = openMetrics ? PrometheusNames.family(family.metric()) : sample;
    out.append("# TYPE ").append(name).append(' ').append(type(family.metric().type()));
    if (openMetrics && family.metric().unit().equals("s")) {
      out.append("\n# UNIT ").append(name).append(" seconds");
    }
    out.append("\n# HELP ").append(name).append(' ');
    escape(family.metric().description(), openMetrics);
    out.append('\n');
    for (Point point : family.points()) {
      if (point.distribution() == null) {
        sample(sample, family, point, null, number(point.value()));
      } else {
        histogram(name, family, point);
      }
      if (out.length() >= PART) {
        parts.add(out.toString());
        out.setLength(0);
      }
    }
  }

  private static String type(Type type) {
    return switch (type) {
      case COUNTER -> "counter";
      case UPDOWNCOUNTER, GAUGE -> "gauge";
      case HISTOGRAM -> "histogram";
    };
  }

  private void histogram(String name, Family family, Point point) {
    Distribution values = point.distribution();
    long sum = 0;
    for (int i = 0; i < values.counts().length; i++) {
      sum += values.counts()[i];
      boolean last = i == values.bounds().length;
      String bound = last ? "+Inf" : String.valueOf(values.bounds()[i]);
      sample(name + "_bucket", family, point, bound, String.valueOf(sum));
    }
    sample(name + "_count", family, point, null, String.valueOf(sum));
    sample(name + "_sum", family, point, null, number(values.sum()));
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1L << 53
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }

  private void sample(String name, Family family, Point point, String bound, String value) {
    out.append(name);
    char before = '{';
    for (int i = 0; i < family.attributes().size(); i++) {
      String text = point.attributes().get(i);
      if (!text.isEmpty()) {
        Attribute attribute = family.attributes().get(i);
        label(before, PrometheusNames.label(attribute), text);
        before = ',';
      }
    }
    if (bound != null) {
      label(before, "le", bound);
      before = ',';
    }
    out.append(before == '{' ? "" : "}").append(' ').append(value).append('\n');
  }

  private void label(char before, String name, String value) {
    out.append(before).append(name).append("=\"");
    escape(value, true);
    out.append('"');
  }

  private void escape(String text, boolean quotes) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '"' -> out.append(quotes ? "\\\"" : "\"");
        default -> out.append(c);
      }
    }
  }
}
