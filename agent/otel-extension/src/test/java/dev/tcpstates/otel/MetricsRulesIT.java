// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import static dev.tcpstates.otel.OtlpReceiver.numbers;
import static dev.tcpstates.otel.OtlpReceiver.sums;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.metrics.v1.Metric;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files that {@code metrics-rules} prints, each read by the agent that it is for. */
@Timeout(180)
class MetricsRulesIT {
  private static final String ROLE = "network.tcp.handshake.role=";

  /** Until the other agent has found the MBeans that come with the first reading. */
  private static final int MOST_TRIES = 30;

  @TempDir private Path directory;

  private Path rules(String agent) throws Exception {
    Path file = directory.resolve("tcp.yaml");
    int exit =
        new ProcessBuilder(
                WorkloadJvm.java(), "-jar", System.getProperty("it.agent"), "metrics-rules", agent)
            .redirectOutput(file.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    assertEquals(0, exit);
    return file;
  }

  @Test
  void otel() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver("io.opentelemetry.jmx")) {
      List<String> other = new ArrayList<>(WorkloadJvm.exportingTo(receiver));
      other.add("-Dotel.jmx.config=" + rules("otel"));
      other.add("-Dotel.jmx.discovery.delay=1000");
      try (WorkloadJvm jvm = new WorkloadJvm(directory, receiver.port(), other)) {
        jvm.awaitSnapshot();
        Map<String, Metric> metrics = receiver.next();
        for (int i = 0; i < MOST_TRIES && !metrics.containsKey("tcpstates.site.opened"); i++) {
          metrics = receiver.next();
        }
        assertEquals(
            Map.of(ROLE + "client", 3L, ROLE + "server", 3L),
            sums(metrics.get("tcpstates.connection.successes"), true));
        assertEquals(
            2,
            sums(metrics.get("tcpstates.connection.failures"), true)
                .get("error.type=refused," + ROLE + "client"));
        assertEquals(
            Map.of("", Workload.SEGMENTS), sums(metrics.get("tcpstates.segments.sent"), true));
        Map<String, Long> states = sums(metrics.get("tcpstates.socket.count"), false);
        assertEquals(4, states.get("network.connection.state=established"));
        assertEquals(1, states.get("network.connection.state=close_wait"));
        assertEquals(
            Map.of("", 1L),
            numbers(metrics.get("tcpstates.attached").getGauge().getDataPointsList()));
        assertEquals(
            List.of(1L, 1L, 2L, 3L, 3L), lines(sums(metrics.get("tcpstates.site.opened"), true)));
        for (String name :
            List.of("connection.closed", "retransmits", "resets", "records.lost", "site.open")) {
          assertTrue(metrics.containsKey("tcpstates." + name), name);
        }
      }
    }
  }

  /** Two listeners, two refused clients at one line, three clients, three accepted. */
  private static List<Long> lines(Map<String, Long> opened) {
    return opened.entrySet().stream()
        .filter(line -> line.getKey().contains(Workload.class.getName() + ".main"))
        .map(Map.Entry::getValue)
        .sorted()
        .toList();
  }

  @Test
  void jmxExporter() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String exporter =
        "-javaagent:"
            + System.getProperty("it.jmx_exporter")
            + "=127.0.0.1:"
            + port
            + ":"
            + rules("jmx_exporter");
    try (WorkloadJvm jvm = new WorkloadJvm(directory, port, List.of(exporter))) {
      jvm.awaitSnapshot();
      Map<String, Long> series = series(port);
      for (int i = 0; i < MOST_TRIES && lines(opened(series)).size() < 5; i++) {
        Thread.sleep(500);
        series = series(port);
      }
      String role = "{network_tcp_handshake_role=\"";
      assertEquals(3, series.get("tcpstates_connection_successes_total" + role + "client\"}"));
      assertEquals(3, series.get("tcpstates_connection_successes_total" + role + "server\"}"));
      assertEquals(
          2,
          series.get(
              "tcpstates_connection_failures_total{error_type=\"refused\",network_tcp_handshake_role=\"client\"}"));
      assertEquals(
          3, series.get("tcpstates_handshake_duration_seconds_count" + role + "client\"}"));
      String state = "tcpstates_socket_count{network_connection_state=\"";
      assertEquals(4, series.get(state + "established\"}"));
      assertEquals(1, series.get(state + "close_wait\"}"));
      assertEquals(Workload.SEGMENTS, series.get("tcpstates_segments_sent_total"));
      assertEquals(1, series.get("tcpstates_attached"));
      assertEquals(List.of(1L, 1L, 2L, 3L, 3L), lines(opened(series)));
    }
  }

  private static Map<String, Long> opened(Map<String, Long> series) {
    Map<String, Long> opened = new TreeMap<>(series);
    opened.keySet().removeIf(name -> !name.startsWith("tcpstates_site_opened_total{"));
    return opened;
  }

  /** The agent's series, as text, with their whole numbers. */
  private static Map<String, Long> series(int port) throws Exception {
    String text =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
                BodyHandlers.ofString())
            .body();
    Map<String, Long> series = new TreeMap<>();
    for (String line : text.split("\n")) {
      if (line.startsWith("tcpstates_")) {
        int space = line.lastIndexOf(' ');
        series.put(line.substring(0, space), (long) Double.parseDouble(line.substring(space + 1)));
      }
    }
    return series;
  }
}
