// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From real sockets through both agents to a receiver of OTLP. */
@Timeout(180)
class OtlpIT {
  private static final String ROLE = "network.tcp.handshake.role=";

  @TempDir private Path directory;
  private final BlockingQueue<Map<String, Metric>> exports = new LinkedBlockingQueue<>();

  private HttpServer receiver() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/metrics",
        exchange -> {
          ExportMetricsServiceRequest request =
              ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody());
          exports.add(
              request.getResourceMetricsList().stream()
                  .flatMap(resource -> resource.getScopeMetricsList().stream())
                  .filter(scope -> scope.getScope().getName().equals("dev.tcpstates"))
                  .flatMap(scope -> scope.getMetricsList().stream())
                  .collect(Collectors.toMap(Metric::getName, metric -> metric)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String text(List<KeyValue> attributes) {
    return attributes.stream()
        .map(
            one ->
                one.getKey()
                    + "="
                    + (one.getValue().hasIntValue()
                        ? one.getValue().getIntValue()
                        : one.getValue().getStringValue()))
        .sorted()
        .collect(Collectors.joining(","));
  }

  private static Map<String, Long> numbers(List<NumberDataPoint> points) {
    return points.stream()
        .collect(Collectors.toMap(p -> text(p.getAttributesList()), p -> p.getAsInt()));
  }

  private static Map<String, Long> sums(Metric metric, boolean monotonic) {
    assertEquals(monotonic, metric.getSum().getIsMonotonic(), metric.getName());
    assertEquals(
        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
        metric.getSum().getAggregationTemporality());
    return numbers(metric.getSum().getDataPointsList());
  }

  @Test
  void eachMetricArrives() throws Exception {
    HttpServer receiver = receiver();
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-javaagent:" + System.getProperty("it.otel"),
            "-Dotel.javaagent.extensions=" + System.getProperty("it.extension"),
            "-Dotel.exporter.otlp.protocol=http/protobuf",
            "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + receiver.getAddress().getPort(),
            "-Dotel.metrics.exporter=otlp",
            "-Dotel.traces.exporter=none",
            "-Dotel.logs.exporter=none",
            "-Dotel.metric.export.interval=1000",
            // What the exporter itself does is none of the workload.
            "-javaagent:"
                + System.getProperty("it.agent")
                + "=metrics=on,remotePorts=1-"
                + (receiver.getAddress().getPort() - 1)
                + ";"
                + (receiver.getAddress().getPort() + 1)
                + "-65535",
            "-cp",
            System.getProperty("it.classes", "target/test-classes"),
            Workload.class.getName());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    Process jvm = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      while (!Files.readString(out).startsWith("port ")) {
        assertTrue(jvm.isAlive(), () -> read(err));
        Thread.sleep(50);
      }
      boolean exact = read(err).contains("recording the TCP transitions");
      if (System.getenv("CI") == null) {
        assumeTrue(exact, "the agent needs CAP_BPF and CAP_PERFMON (run as root)");
      }
      assertTrue(exact, () -> read(err));
      // The snapshot of an export before the workload's end is too old after 10 s.
      Thread.sleep(TimeUnit.SECONDS.toMillis(11));
      exports.clear();
      exports.take(); // perhaps collected before
      check(exports.take());
    } finally {
      jvm.destroyForcibly().waitFor();
      receiver.stop(0);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void check(Map<String, Metric> metrics) {
    Map<String, Long> successes = sums(metrics.get("tcpstates.connection.successes"), true);
    assertEquals(Map.of(ROLE + "client", 3L, ROLE + "server", 3L), successes);
    Map<String, Long> failures = sums(metrics.get("tcpstates.connection.failures"), true);
    assertEquals(2, failures.get("error.type=refused," + ROLE + "client"));
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
