// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;

/** Receives metrics by OTLP, as a collector does. */
final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final BlockingQueue<Map<String, Metric>> exports = new LinkedBlockingQueue<>();

  /** Keeps the metrics of one scope. */
  OtlpReceiver(String scope) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/metrics",
        exchange -> {
          ExportMetricsServiceRequest request =
              ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody());
          exports.add(
              request.getResourceMetricsList().stream()
                  .flatMap(resource -> resource.getScopeMetricsList().stream())
                  .filter(one -> one.getScope().getName().equals(scope))
                  .flatMap(one -> one.getMetricsList().stream())
                  .collect(Collectors.toMap(Metric::getName, metric -> metric)));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** What is collected from now on. */
  Map<String, Metric> next() throws InterruptedException {
    exports.clear();
    exports.take(); // perhaps collected before
    return exports.take();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** By attributes; the name of each before its value, in the order of the names. */
  static Map<String, Long> sums(Metric metric, boolean monotonic) {
    assertEquals(monotonic, metric.getSum().getIsMonotonic(), metric.getName());
    assertEquals(
        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
        metric.getSum().getAggregationTemporality());
    return numbers(metric.getSum().getDataPointsList());
  }

  static Map<String, Long> numbers(List<NumberDataPoint> points) {
    return points.stream()
        .collect(Collectors.toMap(p -> text(p.getAttributesList()), p -> p.getAsInt()));
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
}
