// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.jmx;

import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Distribution;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.Point;
import dev.tcpstates.agent.metrics.States;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What each MBean shows, by the properties of its name: trees of numbers, texts and maps. */
final class Beans {
  /** The MBean that is always there. */
  static final Map<String, String> TCP = Map.of("type", "Tcp");

  private static final String SITE = "Site";

  private Beans() {}

  /** Returns the attributes of each MBean. */
  static Map<Map<String, String>, Map<String, Object>> of(List<Family> families) {
    Map<Map<String, String>, Map<String, Object>> beans = new LinkedHashMap<>();
    Map<String, Object> tcp = beans.computeIfAbsent(TCP, key -> new TreeMap<>());
    List<String> missing = new ArrayList<>();
    for (Metric metric : Metric.ofJvm()) {
      if (families.stream().noneMatch(family -> family.metric() == metric)) {
        missing.add(metric.metricName());
      }
    }
    for (Family family : families) {
      for (Point point : family.points()) {
        Map<String, String> properties = properties(family, point);
        Map<String, Object> bean = beans.computeIfAbsent(properties, Beans::empty);
        put(bean, path(family, point), value(point));
        if (family.metric() == Metric.ATTACHED) {
          bean.put("Mode", point.attributes().get(0));
        }
      }
    }
    tcp.put("Missing", missing.toArray(String[]::new));
    return beans;
  }

  /** Readers look once which keys an MBean has, so that of a line has each state from then on. */
  private static Map<String, Object> empty(Map<String, String> properties) {
    Map<String, Object> bean = new TreeMap<>();
    if (properties.get("type").equals(SITE)) {
      for (Metric metric : List.of(Metric.SITE_OPEN, Metric.SITE_STUCK)) {
        Map<String, Object> states = new TreeMap<>();
        States.open().forEach(state -> states.put(state, 0L));
        bean.put(name(metric), states);
      }
    }
    return bean;
  }

  private static Object value(Point point) {
    Distribution distribution = point.distribution();
    if (distribution == null) {
      return (long) point.value();
    }
    Map<String, Object> buckets = new LinkedHashMap<>();
    long sum = 0;
    for (int i = 0; i < distribution.counts().length; i++) {
      sum += distribution.counts()[i];
      boolean last = i == distribution.bounds().length;
      buckets.put(last ? "+Inf" : String.valueOf(distribution.bounds()[i]), sum);
    }
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("count", sum);
    value.put("sum", distribution.sum());
    value.put("buckets", buckets);
    return value;
  }

  /** What lists many of a kind has an MBean for each. */
  private static Map<String, String> properties(Family family, Point point) {
    return switch (family.metric()) {
      case ACCEPT_QUEUE_LENGTH,
          ACCEPT_QUEUE_LIMIT,
          ACCEPT_QUEUE_DROPS,
          ACCEPT_QUEUE_WAIT_DURATION ->
          properties("Listener", "port", point.attributes().get(0));
      case SITE_OPEN, SITE_STUCK, SITE_OPENED ->
          properties(
              SITE, "function", point.attributes().get(0), "line", point.attributes().get(1));
      default -> TCP;
    };
  }

  private static Map<String, String> properties(String type, String... more) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("type", type);
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return properties;
  }

  /** The name of the attribute, and the keys that lead to the value in it. */
  private static List<String> path(Family family, Point point) {
    List<String> values = point.attributes();
    List<String> path = new ArrayList<>();
    path.add(name(family.metric()));
    switch (family.metric()) {
      case ACCEPT_QUEUE_LENGTH,
          ACCEPT_QUEUE_LIMIT,
          ACCEPT_QUEUE_DROPS,
          ACCEPT_QUEUE_WAIT_DURATION,
          SITE_OPENED,
          ATTACHED -> {}
      case SITE_OPEN, SITE_STUCK -> path.add(values.get(2));
      default -> {
        for (int i = 0; i < values.size(); i++) {
          boolean address = family.attributes().get(i) == Attribute.ADDRESS;
          if (!values.get(i).isEmpty() || !address) {
            path.add(values.get(i));
          }
        }
      }
    }
    return path;
  }

  /** {@code SocketCount} of {@code tcpstates.socket.count}. */
  private static String name(Metric metric) {
    String words = metric.metricName().substring(Metric.PREFIX.length());
    StringBuilder name = new StringBuilder();
    Arrays.stream(words.replace("site.", "").split("[._]"))
        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
        .forEach(name::append);
    return name.toString();
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> tree, List<String> path, Object value) {
    Map<String, Object> at = tree;
    for (String key : path.subList(0, path.size() - 1)) {
      at = (Map<String, Object>) at.computeIfAbsent(key, k -> new TreeMap<>());
    }
    String last = path.get(path.size() - 1);
    Object before = at.get(last);
    at.put(last, before instanceof Long number ? number + (Long) value : value);
  }
}
