// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets of this JVM, which runs with the agent. */
class TcpMetricsIT {
  private static final int CONNECTIONS = 4;

  /** Longer than the agent shares a snapshot. */
  private static final long FRESH_MILLIS = 10_500;

  private static double count(MeterRegistry registry, String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private static double open(MeterRegistry registry) {
    return registry
        .get("tcpstates.socket.count")
        .tags("network.connection.state", "established")
        .gauge()
        .value();
  }

  @BeforeEach
  void requireExact() throws InterruptedException {
    ExactAgent.require();
  }

  @Test
  void asTheSocketsOfThisJvm() throws Exception {
    MeterRegistry simple = new SimpleMeterRegistry();
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    TcpMetrics metrics = new TcpMetrics();
    metrics.bindTo(simple);
    metrics.bindTo(prometheus);
    assertEquals(1, simple.get("tcpstates.attached").gauge().value());
    String[] client = {"network.tcp.handshake.role", "client"};
    String[] refused = {"network.tcp.handshake.role", "client", "error.type", "refused"};
    final double before = count(simple, "tcpstates.connection.successes", client);
    final double refusedBefore = count(simple, "tcpstates.connection.failures", refused);
    final double openBefore = open(simple);
    final double segmentsBefore = count(simple, "tcpstates.segments.sent");
    List<Socket> sockets = new ArrayList<>();
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 50, loopback)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        sockets.add(new Socket(loopback, server.getLocalPort()));
        sockets.add(server.accept());
      }
      int gone;
      try (ServerSocket closed = new ServerSocket(0, 1, loopback)) {
        gone = closed.getLocalPort();
      }
      try (Socket none = new Socket()) {
        none.connect(new InetSocketAddress(loopback, gone));
      } catch (ConnectException e) {
        // as it should be
      }
      Thread.sleep(FRESH_MILLIS);
      assertEquals(before + CONNECTIONS, count(simple, "tcpstates.connection.successes", client));
      assertEquals(refusedBefore + 1, count(simple, "tcpstates.connection.failures", refused));
      assertEquals(openBefore + 2 * CONNECTIONS, open(simple));
      // A SYN of each client, and the acknowledgement of its SYN-ACK but for the refused one's.
      assertEquals(segmentsBefore + 2 * CONNECTIONS + 1, count(simple, "tcpstates.segments.sent"));
      assertEquals(
          before + CONNECTIONS,
          simple.get("tcpstates.handshake.duration").tags(client).functionTimer().count());
      prometheus.scrape(); // a new port has its meter from the next one on
      String text = prometheus.scrape();
      String port = "{server_port=\"" + server.getLocalPort() + "\"} ";
      assertTrue(text.contains("tcpstates_accept_queue_limit" + port + "50.0"), text);
      String role = "{network_tcp_handshake_role=\"client\"} ";
      String successes = "tcpstates_connection_successes_total" + role;
      assertTrue(text.contains(successes + (before + CONNECTIONS)), text);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
