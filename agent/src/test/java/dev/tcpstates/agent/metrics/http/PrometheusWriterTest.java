// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.metrics.Distribution;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected texts follow Prometheus' exposition formats and the OpenMetrics specification. */
class PrometheusWriterTest {
  private static Family family(Metric metric, Point... points) {
    return new Family(metric, metric.attributes(), List.of(points));
  }

  @Test
  void aCounterHasItsEndingInTheOlderFormatOnly() {
    Family resets = family(Metric.RESETS, new Point(List.of("transmit"), 3, null));
    String description = "Resets sent and received.";
    assertEquals(
        """
        # TYPE tcpstates_resets_total counter
        # HELP tcpstates_resets_total %s
        tcpstates_resets_total{network_io_direction="transmit"} 3
        """
            .formatted(description),
        PrometheusWriter.text(List.of(resets), false));
    assertEquals(
        """
        # TYPE tcpstates_resets counter
        # HELP tcpstates_resets %s
        tcpstates_resets_total{network_io_direction="transmit"} 3
        # EOF
        """
            .formatted(description),
        PrometheusWriter.text(List.of(resets), true));
  }

  @Test
  void aMetricWithoutAttributesHasNoBraces() {
    Family segments = family(Metric.SEGMENTS_SENT, new Point(List.of(), 7, null));
    String text = PrometheusWriter.text(List.of(segments), false);
    assertEquals("tcpstates_segments_sent_total 7", text.lines().toList().get(2));
  }

  @Test
  void aHistogramIsCumulated() {
    Distribution values = new Distribution(new double[] {0.5, 1}, new long[] {2, 0, 1}, 4.25);
    String text =
        PrometheusWriter.text(
            List.of(family(Metric.HANDSHAKE_DURATION, new Point(List.of("client"), 0, values))),
            true);
    String name = "tcpstates_handshake_duration_seconds";
    String role = "network_tcp_handshake_role=\"client\"";
    assertEquals(
        List.of(
            "# TYPE " + name + " histogram",
            "# UNIT " + name + " seconds",
            "# HELP "
                + name
                + " Time from the first transition of a connection until it was established.",
            name + "_bucket{" + role + ",le=\"0.5\"} 2",
            name + "_bucket{" + role + ",le=\"1.0\"} 2",
            name + "_bucket{" + role + ",le=\"+Inf\"} 3",
            name + "_count{" + role + "} 3",
            name + "_sum{" + role + "} 4.25",
            "# EOF"),
        text.lines().toList());
  }

  @Test
  void quotesBackslashesAndLineFeedsAreEscaped() {
    Point point = new Point(List.of("a\"b\\c\nd", "0"), 1, null);
    String text = PrometheusWriter.text(List.of(family(Metric.SITE_OPENED, point)), false);
    assertTrue(
        text.contains("{code_function_name=\"a\\\"b\\\\c\\nd\",code_line_number=\"0\"} 1\n"));
  }

  /** The name that OpenTelemetry's own exporters give it, though it ends as a histogram's. */
  @Test
  void socketCountIsNamedAsByOtherExporters() {
    assertEquals("tcpstates_socket_count", PrometheusNames.sample(Metric.SOCKET_COUNT));
  }

  @Test
  void anEmptyAttributeIsAbsent() {
    Family family = family(Metric.ATTACHED, new Point(List.of(""), 0, null));
    assertTrue(PrometheusWriter.text(List.of(family), false).endsWith("\ntcpstates_attached 0\n"));
  }

  @Test
  void aFamilyWithoutPointsIsAbsent() {
    assertEquals("", PrometheusWriter.text(List.of(family(Metric.SITE_STUCK)), false));
  }

  /** What Prometheus 2.42 and 3 send, and what browsers do. */
  @Test
  void theFormatThatIsWantedMore() {
    assertTrue(
        Accepted.prefersOpenMetrics(
            "application/openmetrics-text;version=1.0.0,"
                + "application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
    assertTrue(
        Accepted.prefersOpenMetrics(
            "application/openmetrics-text;version=1.0.0;q=0.5, text/plain;version=0.0.4;q=0.3"));
    assertFalse(Accepted.prefersOpenMetrics("text/html,application/xhtml+xml,*/*;q=0.8"));
    assertFalse(Accepted.prefersOpenMetrics("application/openmetrics-text;q=0.1,text/plain"));
    assertFalse(Accepted.prefersOpenMetrics(""));
  }
}
