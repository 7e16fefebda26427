// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.periodic.SocketTotals.Established;
import dev.tcpstates.agent.record.RecordObserver;
import dev.tcpstates.agent.record.Texts;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** What the records of connections add up to. Not thread-safe. */
final class ConnectionMetrics implements RecordObserver {
  private static final String CLIENT = "client";
  private static final String SERVER = "server";
  private static final List<String> ROLES = List.of(CLIENT, SERVER);
  private static final List<String> ENDS =
      List.of("fin", "reset_by_remote", "reset_by_local", "timeout", "error");
  private static final List<String> SEGMENTS =
      List.of("syn", "syn_ack", "data", "fin", "loss_probe");
  private static final String SENT = "transmit";
  private static final String RECEIVED = "receive";
  private static final int ESTABLISHED = TcpState.ESTABLISHED.kernelValue();
  private static final int SYN_SENT = TcpState.SYN_SENT.kernelValue();
  private static final int SYN_RECV = TcpState.SYN_RECV.kernelValue();

  /** Exponents of the bounds of times on the network and in queues: 61 us to 64 s. */
  private static final int SHORTEST = -14;

  private static final int LONGEST = 6;

  /** Of connections: 1 ms to 4.6 h. */
  private static final int SHORTEST_LIFE = -10;

  private static final int LONGEST_LIFE = 14;

  /** An end that made no record leaves an entry behind. */
  private static final int MOST_WAITING = 1 << 16;

  /** A connection that accept had not returned when it was established. */
  private record Waiting(long since, int port) {}

  private final boolean withAddresses;
  private final ValueLimit addresses;
  private final ValueLimit ports;
  private final Series<long[]> successes;
  private final Series<long[]> failures;
  private final Series<long[]> closed;
  private final Series<Histogram> durations;
  private final Series<Histogram> handshakes;
  private final Series<Histogram> queueWaits;
  private final Series<long[]> retransmits;
  private final Series<long[]> resets;
  private final SentSegments segments = new SentSegments();
  private final Map<Long, Waiting> waiting = new HashMap<>();

  /** In the mode SAMPLED, the open connections that are among the successes. */
  private Set<Long> counted = new HashSet<>();

  private LongUnaryOperator openedAt = socketId -> 0;
  private boolean sampled;

  /**
   * @param mostAddresses how many remote addresses have values of their own; 0 for none
   * @param ports bounds the ports of listeners
   */
  ConnectionMetrics(int mostAddresses, ValueLimit ports) {
    this.withAddresses = mostAddresses > 0;
    this.addresses = new ValueLimit(mostAddresses);
    this.ports = ports;
    successes = counters(Metric.CONNECTION_SUCCESSES, true);
    failures = counters(Metric.CONNECTION_FAILURES, true);
    closed = counters(Metric.CONNECTION_CLOSED, true);
    retransmits = counters(Metric.RETRANSMITS, false);
    resets = counters(Metric.RESETS, false);
    durations =
        Series.histograms(
            Metric.CONNECTION_DURATION,
            attributes(Metric.CONNECTION_DURATION),
            SHORTEST_LIFE,
            LONGEST_LIFE);
    handshakes =
        Series.histograms(
            Metric.HANDSHAKE_DURATION, attributes(Metric.HANDSHAKE_DURATION), SHORTEST, LONGEST);
    queueWaits =
        Series.histograms(
            Metric.ACCEPT_QUEUE_WAIT_DURATION,
            Metric.ACCEPT_QUEUE_WAIT_DURATION.attributes(),
            SHORTEST,
            LONGEST);
    begin();
  }

  private Series<long[]> counters(Metric metric, boolean byAddress) {
    return Series.counters(metric, byAddress ? attributes(metric) : metric.attributes());
  }

  private List<Attribute> attributes(Metric metric) {
    List<Attribute> attributes = new ArrayList<>(metric.attributes());
    if (withAddresses) {
      attributes.add(Attribute.ADDRESS);
    }
    return attributes;
  }

  /** A rate needs a 0 before the first 1. */
  private void begin() {
    for (String role : withAddresses ? List.of(SERVER) : ROLES) {
      boolean server = role.equals(SERVER);
      successes.at(key(server, ""));
      durations.at(key(server, ""));
      handshakes.at(key(server, ""));
      Failures.TYPES.forEach(type -> failures.at(key(server, "", type)));
      ENDS.forEach(end -> closed.at(key(server, "", end)));
    }
    resets.at(SENT);
    resets.at(RECEIVED);
  }

  /** The values of attributes: the role, what follows it, and the address if that is wanted. */
  private String[] key(boolean server, String address, String... more) {
    List<String> key = new ArrayList<>(3);
    key.add(server ? SERVER : CLIENT);
    key.addAll(List.of(more));
    if (withAddresses) {
      key.add(server ? "" : addresses.limit(address));
    }
    return key.toArray(String[]::new);
  }

  /**
   * The agent is attached, again perhaps.
   *
   * @param newOpenedAt when Java code opened or accepted a socket, in ns of {@code
   *     System.nanoTime()}; 0 if no hook has reported it
   * @param isSampled whether the sockets are polled
   */
  void attached(LongUnaryOperator newOpenedAt, boolean isSampled) {
    openedAt = newOpenedAt;
    sampled = isSampled;
    segments.attached(isSampled);
    // Polls find that segments were retransmitted, but not what they were.
    List<String> kinds = isSampled ? List.of(Attribute.OTHER) : SEGMENTS;
    kinds.forEach(retransmits::at);
    waiting.clear();
    counted.clear();
  }

  @Override
  public void transition(TransitionView transition) {
    int before = transition.oldState();
    if (transition.newState() != ESTABLISHED || before != SYN_SENT && before != SYN_RECV) {
      return;
    }
    boolean server = transition.listenerId() != 0;
    String address =
        withAddresses && !server
            ? Texts.address(transition.remoteAddress(0), transition.remoteAddress(1))
            : "";
    String[] key = key(server, address);
    successes.at(key)[0]++;
    if (transition.oldSince() != 0) {
      handshakes.at(key).add(Math.max(0, transition.time() - transition.oldSince()));
    }
    if (server && waiting.size() < MOST_WAITING) {
      waiting.put(transition.socketId(), new Waiting(transition.time(), transition.localPort()));
    }
  }

  @Override
  public void ended(ConnectionView connection) {
    segments.ended(connection);
  }

  @Override
  public void connection(Connection event, long nanos) {
    boolean server = event.kind.equals("ACCEPT");
    if (!event.established) {
      failures.at(key(server, event.address, Failures.type(event)))[0]++;
      return;
    }
    String end = event.end.toLowerCase(Locale.ROOT);
    closed.at(key(server, event.address, end))[0]++;
    String[] key = key(server, event.address);
    durations.at(key).add(nanos);
    Waiting queued = waiting.remove(event.socketId);
    if (event.acceptQueueWait >= 0 && (queued != null || sampled)) {
      queueWait(event.localPort, event.acceptQueueWait);
    }
    if (sampled) {
      if (!counted.remove(event.socketId)) {
        successes.at(key)[0]++;
      }
      if (event.handshakeTime >= 0) {
        handshakes.at(key).add(event.handshakeTime);
      }
    }
  }

  private void queueWait(int port, long nanos) {
    queueWaits.at(ports.limit(String.valueOf(port))).add(nanos);
  }

  @Override
  public void retransmit(RetransmitView retransmit) {
    retransmits.at(retransmit.segment().toLowerCase(Locale.ROOT))[0] += retransmit.segments();
  }

  @Override
  public void reset(boolean sent) {
    resets.at(sent ? SENT : RECEIVED)[0]++;
  }

  /** The records up to now have been read. */
  void read() {
    for (Iterator<Map.Entry<Long, Waiting>> all = waiting.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Waiting> entry = all.next();
      long accepted = openedAt.applyAsLong(entry.getKey());
      if (accepted != 0) {
        Waiting queued = entry.getValue();
        queueWait(queued.port(), Math.max(0, accepted - queued.since()));
        all.remove();
      }
    }
  }

  /** When the agent is attached, this socket is open. */
  void adopted(SnapshotView socket) {
    segments.adopted(socket);
  }

  /** This connection, or attempt at one, is in the snapshot. */
  void open(SnapshotView connection) {
    segments.open(connection);
  }

  /** The snapshot has no further ones. */
  void listed() {
    segments.listed();
  }

  /** In the mode SAMPLED: these are open, of all that are or were established. */
  void open(List<Established> connections) {
    Set<Long> now = new HashSet<>();
    for (Established connection : connections) {
      if (!connection.older()) {
        now.add(connection.socketId());
        if (!counted.contains(connection.socketId())) {
          successes.at(key(connection.server(), connection.address()))[0]++;
        }
      }
    }
    counted = now;
  }

  /** All that the source can report. */
  List<Family> now() {
    List<Family> families = new ArrayList<>();
    families.add(successes.now());
    families.add(closed.now());
    families.add(durations.now());
    families.add(handshakes.now());
    families.add(queueWaits.now());
    if (sampled) {
      retransmits.at(Attribute.OTHER)[0] = segments.retransmitted();
    } else {
      families.add(failures.now());
      families.add(resets.now());
    }
    families.add(retransmits.now());
    Point sent = new Point(List.of(), segments.sent(), null);
    families.add(
        new Family(Metric.SEGMENTS_SENT, Metric.SEGMENTS_SENT.attributes(), List.of(sent)));
    return families;
  }
}
