// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.periodic.SocketTotals.Listener;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AcceptQueueMetricsTest {
  private final AcceptQueueMetrics queues = new AcceptQueueMetrics(new ValueLimit(2));

  private Map<String, Double> values(Metric metric) {
    return queues.families().stream()
        .filter(family -> family.metric() == metric)
        .flatMap(family -> family.points().stream())
        .collect(Collectors.toMap(point -> point.attributes().get(0), Point::value));
  }

  private static Listener listener(int id, int port, int length, int drops, boolean older) {
    return new Listener(id, port, length, 10, drops, older);
  }

  @Test
  void listenersOfOnePortAreAddedUp() {
    queues.now(List.of(listener(1, 80, 2, 5, false), listener(2, 80, 3, 7, false)));
    assertEquals(Map.of("80", 5.0), values(Metric.ACCEPT_QUEUE_LENGTH));
    assertEquals(Map.of("80", 20.0), values(Metric.ACCEPT_QUEUE_LIMIT));
    assertEquals(Map.of("80", 12.0), values(Metric.ACCEPT_QUEUE_DROPS));
  }

  @Test
  void whatWasDroppedBeforeTheAgentIsNotCounted() {
    queues.now(List.of(listener(1, 80, 0, 5, true)));
    queues.now(List.of(listener(1, 80, 0, 8, true)));
    assertEquals(Map.of("80", 3.0), values(Metric.ACCEPT_QUEUE_DROPS));
  }

  @Test
  void dropsStayWhenTheListenerIsClosedAndSurviveAnOverflow() {
    queues.now(List.of(listener(1, 80, 0, Integer.MAX_VALUE, false)));
    queues.now(List.of(listener(1, 80, 0, Integer.MIN_VALUE, false)));
    queues.now(List.of());
    assertEquals(Map.of("80", 2147483648.0), values(Metric.ACCEPT_QUEUE_DROPS));
    assertEquals(Map.of(), values(Metric.ACCEPT_QUEUE_LENGTH));
  }

  @Test
  void furtherPortsShareASeries() {
    queues.now(
        List.of(
            listener(1, 80, 1, 0, false),
            listener(2, 81, 1, 0, false),
            listener(3, 82, 1, 0, false),
            listener(4, 83, 1, 0, false)));
    assertEquals(Map.of("80", 1.0, "81", 1.0, "_OTHER", 2.0), values(Metric.ACCEPT_QUEUE_LENGTH));
  }
}
