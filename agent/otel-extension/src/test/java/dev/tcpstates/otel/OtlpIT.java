// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import static dev.tcpstates.otel.OtlpReceiver.numbers;
import static dev.tcpstates.otel.OtlpReceiver.sums;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From real sockets through both agents to a receiver of OTLP. */
@Timeout(180)
class OtlpIT {
  private static final String ROLE = "network.tcp.handshake.role=";

  @TempDir private Path directory;

  @Test
  void eachMetricArrives() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver("dev.tcpstates")) {
      List<String> other = new ArrayList<>(WorkloadJvm.exportingTo(receiver));
      other.add("-Dotel.javaagent.extensions=" + System.getProperty("it.extension"));
      try (WorkloadJvm jvm = new WorkloadJvm(directory, receiver.port(), other)) {
        jvm.awaitSnapshot();
        check(receiver.next());
      }
    }
  }

  private static void check(Map<String, Metric> metrics) {
    Map<String, Long> successes = sums(metrics.get("tcpstates.connection.successes"), true);
    assertEquals(Map.of(ROLE + "client", 3L, ROLE + "server", 3L), successes);
    Map<String, Long> failures = sums(metrics.get("tcpstates.connection.failures"), true);
    assertEquals(2, failures.get("error.type=refused," + ROLE + "client"));
    assertEquals(Map.of("", Workload.SEGMENTS), sums(metrics.get("tcpstates.segments.sent"), true));
    Map<String, Long> states = sums(metrics.get("tcpstates.socket.count"), false);
    assertEquals(4, states.get("network.connection.state=established"));
    assertEquals(1, states.get("network.connection.state=close_wait"));
    for (HistogramDataPoint point :
        metrics.get("tcpstates.handshake.duration").getHistogram().getDataPointsList()) {
      assertEquals(3, point.getCount());
      assertEquals(21, point.getExplicitBoundsCount());
      assertTrue(point.getSum() > 0);
    }
    assertEquals("s", metrics.get("tcpstates.handshake.duration").getUnit());
    assertEquals(
        Map.of("tcpstates.mode=exact", 1L),
        numbers(metrics.get("tcpstates.attached").getGauge().getDataPointsList()));
    Map<String, Long> opened = sums(metrics.get("tcpstates.site.opened"), true);
    String main = "code.function.name=" + Workload.class.getName() + ".main,code.line.number=";
    // Two listeners, two refused clients at one line, three clients, three accepted.
    assertEquals(
        List.of(1L, 1L, 2L, 3L, 3L),
        opened.entrySet().stream()
            .filter(line -> line.getKey().startsWith(main))
            .map(Map.Entry::getValue)
            .sorted()
            .toList());
    for (String name :
        List.of("connection.closed", "retransmits", "resets", "records.lost", "site.open")) {
      assertTrue(metrics.containsKey("tcpstates." + name), name);
    }
  }
}
