// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.periodic.SocketTotals;
import dev.tcpstates.agent.record.RecordObserver;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * The metrics of this JVM. Counters go on when the agent is detached and attached again. Not
 * thread-safe: used under the lock of the reader.
 */
public final class TcpMetrics {
  /** How many lines of code have values of their own. */
  private static final int MOST_LINES = 20;

  /** How many ports of listeners have values of their own. */
  private static final int MOST_PORTS = 100;

  private final MetricsSettings settings;
  private final ConnectionMetrics connections;
  private final AcceptQueueMetrics queues;
  private final SiteLines lines = new SiteLines(MOST_LINES);
  private final Series<long[]> lost =
      Series.counters(Metric.RECORDS_LOST, Metric.RECORDS_LOST.attributes());
  private Losses before = Losses.NONE;
  private volatile SocketTotals totals;
  private boolean sampled;
  private volatile boolean attached;

  public TcpMetrics(MetricsSettings settings) {
    this.settings = settings;
    ValueLimit ports = new ValueLimit(MOST_PORTS);
    connections = new ConnectionMetrics(settings.addresses(), ports);
    queues = new AcceptQueueMetrics(ports);
    lost(Losses.NONE);
  }

  public MetricsSettings settings() {
    return settings;
  }

  /** Whether the kernel's records are counted, for which it has to make them. */
  public boolean isCounting() {
    return settings.counting();
  }

  /** Counts what the records mean; to be called if {@link #isCounting}. */
  public RecordObserver observer() {
    return connections;
  }

  /**
   * The agent is attached, again perhaps.
   *
   * @param openedAt when Java code opened or accepted a socket, in ns of {@code System.nanoTime()};
   *     0 if no hook has reported it
   * @param isSampled whether the sockets are polled
   */
  public void attached(LongUnaryOperator openedAt, boolean isSampled) {
    connections.attached(openedAt, isSampled);
    lines.attached();
    before = Losses.NONE;
    totals = null;
    sampled = isSampled;
    attached = true;
  }

  /** The agent is detached. */
  public void detached() {
    attached = false;
    totals = null;
  }

  /** The records up to now have been read. */
  public void read() {
    connections.read();
  }

  /** When the agent is attached, this socket is open; to be called if {@link #isCounting}. */
  public void adopted(SnapshotView socket) {
    connections.adopted(socket);
  }

  /**
   * This connection, or attempt at one, is in a snapshot, of which {@link #update} has the rest.
   */
  public void open(SnapshotView connection) {
    if (isCounting()) {
      connections.open(connection);
    }
  }

  /**
   * Takes over what a snapshot shows.
   *
   * @param now {@code null} if there can be none
   * @param sites the call sites
   */
  public void update(SocketTotals now, Collection<CallSite> sites) {
    lines.opened(sites);
    totals = now;
    if (now != null) {
      lines.now(now, sites);
      queues.now(now.listeners());
      connections.listed();
      if (sampled && isCounting()) {
        connections.open(now.established());
      }
    }
  }

  /** Takes over what has been lost since the agent was attached. */
  public void lost(Losses now) {
    lost.at("ring_full")[0] +=
        now.ringFull()
            + now.connections()
            + now.retransmits()
            + now.resets()
            + now.ends()
            - before.ringFull()
            - before.connections()
            - before.retransmits()
            - before.resets()
            - before.ends();
    lost.at("program_skipped")[0] +=
        now.skipped()
            + now.skippedConnections()
            + now.skippedRetransmits()
            - before.skipped()
            - before.skippedConnections()
            - before.skippedRetransmits();
    lost.at("no_memory")[0] += now.noMemory() - before.noMemory();
    lost.at("unreadable")[0] += now.unreadable() - before.unreadable();
    before = now;
  }

  /** Returns all metrics that there are; those that need what is missing are left out. */
  public List<Family> now() {
    List<Family> families = new ArrayList<>();
    SocketTotals shown = totals;
    if (shown != null) {
      families.add(states(shown));
    }
    if (isCounting()) {
      families.addAll(connections.now());
    }
    if (shown != null) {
      families.addAll(queues.families());
      families.add(lines.stuckNow());
      families.add(lines.openNow());
    }
    families.add(lines.openedNow());
    families.add(lost.now());
    String mode = attached ? sampled ? "sampled" : "exact" : "none";
    families.add(
        new Family(
            Metric.ATTACHED,
            Metric.ATTACHED.attributes(),
            List.of(new Point(List.of(mode), attached ? 1 : 0, null))));
    return families;
  }

  private static Family states(SocketTotals totals) {
    Map<String, Integer> values = new TreeMap<>();
    for (TcpState state : TcpState.values()) {
      if (state != TcpState.CLOSE
          && state != TcpState.BOUND_INACTIVE
          && (state != TcpState.TIME_WAIT || totals.hasTimeWait())) {
        values.merge(States.name(state), totals.states().getOrDefault(state, 0), Integer::sum);
      }
    }
    List<Point> points = new ArrayList<>();
    values.forEach((state, sockets) -> points.add(new Point(List.of(state), sockets, null)));
    return new Family(Metric.SOCKET_COUNT, Metric.SOCKET_COUNT.attributes(), points);
  }
}
