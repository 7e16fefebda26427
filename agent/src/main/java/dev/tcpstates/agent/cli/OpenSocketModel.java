// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.OpenedBy;
import dev.tcpstates.jfr.PayloadEvent;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.SocketModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the sockets that are open at the end, with the queues that an event last showed. */
final class OpenSocketModel extends SocketModel {
  /** The default of the agent's option {@code stuckAfter}. */
  private static final Duration STUCK_AFTER = Duration.ofSeconds(30);

  private record Key(JvmInfo jvm, long socketId) {}

  /** The queues of a socket at a time, and when payload was last sent and received. */
  private record Queues(Instant time, long receive, long send, Instant sent, Instant received) {
    static Queues of(PayloadEvent event) {
      return new Queues(
          event.time(),
          event.receiveQueue(),
          event.sendQueue(),
          before(event.time(), event.lastSent()),
          before(event.time(), event.lastReceived()));
    }

    private static Instant before(Instant time, Duration age) {
      return age == null ? null : time.minus(age);
    }

    /** What happened after the queues were read is unknown. */
    boolean isLongSince(Instant payload) {
      return payload != null && !payload.plus(STUCK_AFTER).isAfter(time);
    }
  }

  private final WaitModel waits;
  private final Map<Key, Queues> queues = new HashMap<>();
  private final List<OpenSocketInfo> open = new ArrayList<>();

  /**
   * @param waits what is known of threads that wait, when the recording has been read
   */
  OpenSocketModel(WaitModel waits) {
    this.waits = waits;
  }

  /** Returns the open sockets, after {@link #end()}. */
  List<OpenSocketInfo> open() {
    return open;
  }

  @Override
  public void socketState(SocketStateInfo info) {
    super.socketState(info);
    put(info, Queues.of(info));
  }

  @Override
  public void stuckSocket(StuckSocketInfo info) {
    super.stuckSocket(info);
    put(info, Queues.of(info));
  }

  @Override
  public void throughput(ThroughputInfo info) {
    super.throughput(info);
    put(info, Queues.of(info));
  }

  @Override
  public void listenQueue(ListenQueueInfo info) {
    super.listenQueue(info);
    put(info, new Queues(info.time(), info.queueLength(), info.queueLimit(), null, null));
  }

  private void put(SocketEvent event, Queues known) {
    queues.put(new Key(currentJvm(), event.socketId()), known);
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    Queues known = queues.remove(new Key(currentJvm(), socket.socketId()));
    if (end == null || socket.state() == null || socket.isClosed()) {
      return;
    }
    SocketEvent last = socket.last();
    JvmInfo jvm = currentJvm();
    boolean listens = socket.isListener();
    WaitingThread waiting = waits.find(jvm == null ? null : jvm.pid(), socket.socketId());
    open.add(
        new OpenSocketInfo(
            jvm == null ? null : jvm.pid(),
            socket.socketId(),
            socket.kind(),
            socket.state(),
            cause(socket, known, end),
            age(socket.since(), end),
            socket.opener().kind() == SocketKind.ADOPTED && socket.lastTransition() == null,
            known == null ? null : known.receive,
            known == null ? null : known.send,
            known == null ? null : age(known.sent, end),
            known == null ? null : age(known.received, end),
            socket.retransmits(),
            last.localAddress(),
            last.localPort(),
            listens ? null : last.address(),
            listens ? 0 : last.port(),
            socket.thread(),
            OpenedBy.withThread(socket.opener().line(), socket.thread()),
            socket.opener().frames(),
            waiting == null ? null : waiting.name(),
            waiting == null ? null : waiting.systemCall(),
            waiting == null ? 0 : waiting.sockets(),
            waiting == null ? List.of() : waiting.stack()));
  }

  /**
   * The agent knows since when a socket has made no progress only from its start on. What the
   * kernel counts is older.
   */
  private static StuckCause cause(SocketLife socket, Queues known, Instant end) {
    StuckCause cause = socket.stuckAt(end);
    if (cause != null || known == null || socket.isListener()) {
      return cause;
    }
    if (known.receive > 0 && known.isLongSince(known.received)) {
      return StuckCause.UNREAD;
    }
    return known.send > 0 && known.isLongSince(known.sent) ? StuckCause.UNACKNOWLEDGED : null;
  }

  private static Duration age(Instant time, Instant end) {
    if (time == null) {
      return null;
    }
    Duration age = Duration.between(time, end);
    return age.isNegative() ? Duration.ZERO : age;
  }
}
