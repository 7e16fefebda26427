// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.Metric.Type;

/** Prometheus' names, by OpenTelemetry's rules of the conversion. */
public final class PrometheusNames {
  private PrometheusNames() {}

  /** The name of a family, without the ending {@code _total} of a counter. */
  public static String family(Metric metric) {
    // A unit in braces is an annotation, which the rules drop.
    String unit = metric.unit().equals("s") ? "_seconds" : "";
    return underscores(metric.metricName()) + unit;
  }

  /** The name of a family's samples; a histogram's have endings of their own. */
  public static String sample(Metric metric) {
    return family(metric) + (metric.type() == Type.COUNTER ? "_total" : "");
  }

  /** The name of a label. */
  public static String label(Attribute attribute) {
    return underscores(attribute.key());
  }

  private static String underscores(String name) {
    return name.replace('.', '_');
  }
}
