// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metrics in types of the JDK, for code that does not see the agent's. */
public final class PlainMetrics {
  private PlainMetrics() {}

  /** Returns the same metrics as {@code AgentMetrics.read()} describes. */
  public static List<Map<String, Object>> of(List<Family> families) {
    List<Map<String, Object>> plain = new ArrayList<>(families.size());
    for (Family family : families) {
      List<Map<String, Object>> points = new ArrayList<>(family.points().size());
      for (Point point : family.points()) {
        points.add(point(family, point));
      }
      Metric metric = family.metric();
      plain.add(
          Map.of(
              "name", metric.metricName(),
              "type", metric.type().name(),
              "unit", metric.unit(),
              "description", metric.description(),
              "points", points));
    }
    return plain;
  }

  private static Map<String, Object> point(Family family, Point point) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < family.attributes().size(); i++) {
      if (!point.attributes().get(i).isEmpty()) {
        attributes.put(family.attributes().get(i).key(), point.attributes().get(i));
      }
    }
    Distribution distribution = point.distribution();
    return distribution == null
        ? Map.of("attributes", attributes, "value", point.value())
        : Map.of(
            "attributes", attributes,
            "bounds", distribution.bounds(),
            "counts", distribution.counts(),
            "sum", distribution.sum());
  }
}
