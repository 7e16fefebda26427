// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.agent.periodic.SocketTotals.Listener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The accept queues by port: those of listeners that share a port are added up. Not thread-safe.
 */
final class AcceptQueueMetrics {
  private final ValueLimit ports;
  private final Map<String, Long> lengths = new LinkedHashMap<>();
  private final Map<String, Long> limits = new LinkedHashMap<>();
  private final Map<String, Long> drops = new LinkedHashMap<>();

  /** The kernel's numbers of the listeners in the last snapshot. */
  private Map<Long, Integer> before = new HashMap<>();

  AcceptQueueMetrics(ValueLimit ports) {
    this.ports = ports;
  }

  void now(List<Listener> listeners) {
    lengths.clear();
    limits.clear();
    Map<Long, Integer> after = new HashMap<>();
    for (Listener listener : listeners) {
      String port = ports.limit(String.valueOf(listener.port()));
      lengths.merge(port, listener.length(), Long::sum);
      limits.merge(port, listener.limit(), Long::sum);
      // What one that is older than the agent had dropped when it was first seen is not counted.
      int known = before.getOrDefault(listener.socketId(), listener.older() ? listener.drops() : 0);
      // The kernel's number may wrap.
      drops.merge(port, Integer.toUnsignedLong(listener.drops() - known), Long::sum);
      after.put(listener.socketId(), listener.drops());
    }
    before = after;
  }

  List<Family> families() {
    return List.of(
        family(Metric.ACCEPT_QUEUE_LENGTH, lengths),
        family(Metric.ACCEPT_QUEUE_LIMIT, limits),
        family(Metric.ACCEPT_QUEUE_DROPS, drops));
  }

  private static Family family(Metric metric, Map<String, Long> values) {
    List<Point> points = new ArrayList<>(values.size());
    values.forEach((port, value) -> points.add(new Point(List.of(port), value, null)));
    return new Family(metric, metric.attributes(), points);
  }
}
