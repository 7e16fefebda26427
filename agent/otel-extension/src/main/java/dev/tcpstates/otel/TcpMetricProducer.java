// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableMetricData;
import io.opentelemetry.sdk.resources.Resource;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Takes the metrics from the agent whenever the SDK exports. Sums and histograms are cumulative
 * from the start of the SDK on. Thread-safe.
 *
 * <p>The SDK makes its data by a class of an internal package only.
 */
final class TcpMetricProducer implements MetricProducer {
  private static final String READER = "dev.tcpstates.agent.boot.AgentMetrics";
  private static final InstrumentationScopeInfo SCOPE =
      InstrumentationScopeInfo.create("dev.tcpstates");
  private static final AggregationTemporality CUMULATIVE = AggregationTemporality.CUMULATIVE;

  /** Integral attributes of the semantic conventions. */
  private static final List<String> NUMBERS = List.of("server.port", "code.line.number");

  private final long start = now();
  private volatile Method read;

  private static long now() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  @Override
  public Collection<MetricData> produce(Resource resource) {
    List<MetricData> produced = new ArrayList<>();
    for (Map<String, Object> metric : read()) {
      produced.add(metric(resource, metric));
    }
    return produced;
  }

  /** The agent's classes are in the boot loader; it may be attached later, or never. */
  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> read() {
    try {
      if (read == null) {
        read = Class.forName(READER, true, null).getMethod("read");
      }
      return (List<Map<String, Object>>) read.invoke(null);
    } catch (ReflectiveOperationException e) {
      return List.of();
    }
  }

  @SuppressWarnings("unchecked")
  private MetricData metric(Resource resource, Map<String, Object> metric) {
    String name = (String) metric.get("name");
    String description = (String) metric.get("description");
    String unit = (String) metric.get("unit");
    String type = (String) metric.get("type");
    List<Map<String, Object>> points = (List<Map<String, Object>>) metric.get("points");
    return switch (type) {
      case "HISTOGRAM" ->
          ImmutableMetricData.createDoubleHistogram(
              resource,
              SCOPE,
              name,
              description,
              unit,
              HistogramData.create(CUMULATIVE, points.stream().map(this::histogram).toList()));
      case "GAUGE" ->
          ImmutableMetricData.createLongGauge(
              resource,
              SCOPE,
              name,
              description,
              unit,
              GaugeData.createLongGaugeData(points.stream().map(this::number).toList()));
      default ->
          ImmutableMetricData.createLongSum(
              resource,
              SCOPE,
              name,
              description,
              unit,
              SumData.createLongSumData(
                  type.equals("COUNTER"), CUMULATIVE, points.stream().map(this::number).toList()));
    };
  }

  private LongPointData number(Map<String, Object> point) {
    long value = ((Double) point.get("value")).longValue();
    return LongPointData.create(start, now(), attributes(point), value);
  }

  private HistogramPointData histogram(Map<String, Object> point) {
    List<Double> bounds = Arrays.stream((double[]) point.get("bounds")).boxed().toList();
    List<Long> counts = Arrays.stream((long[]) point.get("counts")).boxed().toList();
    double sum = (Double) point.get("sum");
    return HistogramPointData.create(
        start, now(), attributes(point), sum, false, 0, false, 0, bounds, counts);
  }

  @SuppressWarnings("unchecked")
  private static Attributes attributes(Map<String, Object> point) {
    AttributesBuilder attributes = Attributes.builder();
    ((Map<String, String>) point.get("attributes"))
        .forEach(
            (key, value) -> {
              boolean number = NUMBERS.contains(key) && value.chars().allMatch(Character::isDigit);
              if (number) {
                attributes.put(key, Long.parseLong(value));
              } else {
                attributes.put(key, value);
              }
            });
    return attributes.build();
  }
}
