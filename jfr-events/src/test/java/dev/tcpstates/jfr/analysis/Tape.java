// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.Made;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Plays a recording to a handler, event by event. Times are in milliseconds from its start. */
final class Tape {
  static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private final TcpEventHandler to;

  /** State and when it was entered, by socket. */
  private final Map<Long, String> states = new HashMap<>();

  private final Map<Long, Long> since = new HashMap<>();
  private long pid;

  /** The remote address of transitions and ended connections from now on. */
  String remote = "192.0.2.7";

  /** Starts with one chunk of this length. */
  Tape(TcpEventHandler to, long milliseconds) {
    this.to = to;
    chunk(0, milliseconds);
    jvm(1);
  }

  static Instant at(long milliseconds) {
    return START.plusMillis(milliseconds);
  }

  void chunk(long from, long until) {
    to.chunk(new ChunkInfo(Path.of("tape.jfr"), 0, 1, at(from), at(until)));
  }

  void jvm(long newPid) {
    pid = newPid;
    to.jvm(new JvmInfo(pid, START, "17", "app.Main"));
  }

  void agent(boolean attached, String reason) {
    agent(attached, reason, null);
  }

  void agent(boolean attached, String reason, String missing) {
    to.agentState(
        new AgentInfo(
            at(1),
            attached,
            attached ? AgentInfo.EXACT : null,
            Duration.ZERO,
            reason,
            "",
            "1",
            "6.1",
            "1.5",
            "KERNEL",
            0,
            0,
            0,
            0,
            0,
            0,
            Duration.ZERO,
            0,
            0,
            0,
            missing,
            ""));
  }

  /** The state of an agent that polls each second. */
  void sampling(long time, String why, String hooks, int suppressedErrors) {
    to.agentState(
        new AgentInfo(
            at(time),
            true,
            AgentInfo.SAMPLED,
            Duration.ofSeconds(1),
            why,
            "",
            "1",
            "6.1",
            null,
            "COMMIT",
            0,
            0,
            0,
            0,
            0,
            suppressedErrors,
            Duration.ZERO,
            0,
            0,
            0,
            null,
            hooks));
  }

  void site(long id, String kind, String openedBy, String... stack) {
    to.openSite(new OpenSiteInfo(id, SocketKind.valueOf(kind), openedBy, List.of(stack), 1, 1));
  }

  /** A transition to each of the states, one after the other; the first is CLOSE or LISTEN. */
  void moves(long socketId, long site, long listener, Object... timesAndStates) {
    for (int i = 0; i < timesAndStates.length; i += 2) {
      move(
          socketId,
          site,
          listener,
          ((Number) timesAndStates[i]).longValue(),
          "" + timesAndStates[i + 1]);
    }
  }

  void move(long socketId, long site, long listener, long time, String newState) {
    String old = states.getOrDefault(key(socketId), listener == 0 ? "CLOSE" : "LISTEN");
    long entered = since.getOrDefault(key(socketId), time);
    transition(socketId, site, listener, entered, time, old, newState, "site " + site);
  }

  private long key(long socketId) {
    return pid * 1_000_000 + socketId;
  }

  void transition(
      long socketId,
      long site,
      long listener,
      long entered,
      long time,
      String old,
      String newState,
      String openedBy) {
    states.put(key(socketId), newState);
    since.put(key(socketId), time);
    boolean listens = listener == 0 && (old + newState).contains("LISTEN");
    to.transition(
        Made.of(Transition.class)
            .with("socketId", socketId)
            .with("startTime", at(entered))
            .with("endTime", at(time))
            .with("localAddress", "127.0.0.1")
            .with("localPort", listener == 0 && !listens ? (int) (40_000 + socketId) : 8080)
            .with("address", remote)
            .with("port", listens ? 0 : listener == 0 ? 443 : (int) (50_000 + socketId))
            .with("oldState", TcpState.valueOf(old))
            .with("newState", TcpState.valueOf(newState))
            .with("timeInState", Duration.ofMillis(time - entered))
            .with("openedBy", openedBy)
            .with("openThread", thread == null ? "thread " + socketId : thread)
            .with("openThreadId", socketId)
            .with("openSiteId", site)
            .with("taskId", 1)
            .with("taskName", "java")
            .with("listenerId", listener)
            .make());
  }

  /** The thread that opens all sockets; null if each has its own. */
  String thread;

  /** The values of a connection that has ended. */
  static final class Ended {
    SocketKind kind = SocketKind.CONNECT;
    ConnectionEnd end = ConnectionEnd.FIN;
    String closedBy = "LOCAL";
    String reason;
    boolean established = true;
    double uncertaintyMs;

    /** Unknown if negative, as the others. */
    double handshakeMs = 1;

    boolean accepted;
    double queueMs;
    double establishedMs;
    double closeWaitMs;
    double idleMs;
    long sent = 100;
    long received = 1_000;
    int retransmits;
    long listener;
  }

  void connection(long socketId, long site, long start, long end, Ended values) {
    to.connection(
        Made.of(ConnectionInfo.class)
            .with("socketId", socketId)
            .with("startTime", at(start))
            .with("endTime", at(end))
            .with("kind", values.kind)
            .with("localAddress", "127.0.0.1")
            .with("localPort", values.listener == 0 ? (int) (40_000 + socketId) : 8080)
            .with("address", remote)
            .with("port", 443)
            .with("end", values.end)
            .with("closedBy", values.closedBy)
            .with("reason", values.reason)
            .with("uncertainty", millis(values.uncertaintyMs))
            .with("established", values.established)
            .with("handshakeTime", millis(values.handshakeMs))
            .with("accepted", values.accepted)
            .with("acceptQueueWait", millis(values.queueMs))
            .with("timeEstablished", millis(values.establishedMs))
            .with("timeCloseWait", millis(values.closeWaitMs))
            .with("timeFinWait", Duration.ZERO)
            .with("timeLastAck", Duration.ZERO)
            .with("idleBefore", millis(values.idleMs))
            .with("bytesSent", values.sent)
            .with("bytesReceived", values.received)
            .with("segmentsSent", 1)
            .with("segmentsReceived", 1)
            .with("retransmits", values.retransmits)
            .with("smoothedRtt", Duration.ZERO)
            .with("minimumRtt", Duration.ZERO)
            .with("openedBy", "site " + site)
            .with("openThread", thread == null ? "thread " + socketId : thread)
            .with("openThreadId", socketId)
            .with("openSiteId", site)
            .with("listenerId", values.listener)
            .make());
  }

  /** A whole life: established after 1 ms, closed by this side. */
  void life(long socketId, long site, long start, long end) {
    moves(
        socketId,
        site,
        0,
        start,
        "SYN_SENT",
        start + 1,
        "ESTABLISHED",
        end,
        "FIN_WAIT1",
        end,
        "FIN_WAIT2",
        end,
        "CLOSE");
    connection(socketId, site, start, end, new Ended());
  }

  private static Duration millis(double milliseconds) {
    return milliseconds < 0 ? null : Duration.ofNanos((long) (milliseconds * 1e6));
  }

  void open(long socketId, long site, long time, String kind) {
    to.socketOpen(
        new SocketOpenInfo(socketId, at(time), SocketKind.valueOf(kind), site, "t", List.of()));
  }

  /** An event of a socket of which the opener is unknown. */
  private static <T extends Record> Made<T> event(Class<T> type, long socketId, long time) {
    return Made.of(type)
        .with("socketId", socketId)
        .with("time", at(time))
        .with("localAddress", "127.0.0.1")
        .with("localPort", 1)
        .with("address", "192.0.2.7")
        .with("port", 443);
  }

  private static <T extends Record> Made<T> opened(
      Class<T> type, long socketId, long site, long time) {
    return event(type, socketId, time)
        .with("openedBy", "site " + site)
        .with("openThread", "t")
        .with("openThreadId", 1L)
        .with("openSiteId", site);
  }

  void socketState(long socketId, long site, long time, String state, long ageMs) {
    to.socketState(
        opened(SocketStateInfo.class, socketId, site, time)
            .with("state", TcpState.valueOf(state))
            .with("timeInState", Duration.ofMillis(ageMs))
            .make());
  }

  /** Stuck in a state, as in recordings without causes. */
  void stuck(long socketId, long site, long time, String state, long ageMs) {
    stuck(socketId, site, time, state, null, ageMs);
  }

  void stuck(long socketId, long site, long time, String state, StuckCause cause, long ageMs) {
    to.stuckSocket(
        opened(StuckSocketInfo.class, socketId, site, time)
            .with("state", TcpState.valueOf(state))
            .with("cause", cause)
            .with("stuckFor", Duration.ofMillis(ageMs))
            .with("timeInState", Duration.ofMillis(ageMs))
            .make());
  }

  void retransmit(long socketId, long site, long time, int segments) {
    to.retransmit(
        opened(RetransmitInfo.class, socketId, site, time)
            .with("state", TcpState.ESTABLISHED)
            .with("kind", "DATA")
            .with("segments", segments)
            .with("bytesRetransmitted", 1L)
            .with("retransmits", segments)
            .make());
  }

  void reset(long socketId, long time, String direction) {
    reset(socketId, time, direction, null);
  }

  void reset(long socketId, long time, String direction, String reason) {
    to.reset(
        event(ResetInfo.class, socketId, time)
            .with("state", TcpState.ESTABLISHED)
            .with("direction", direction)
            .with("reason", reason)
            .make());
  }

  void throughput(long socketId, long site, long time, long sent, long received) {
    to.throughput(
        opened(ThroughputInfo.class, socketId, site, time)
            .with("state", TcpState.ESTABLISHED)
            .with("sockets", 1)
            .with("interval", Duration.ofSeconds(1))
            .with("bytesSent", sent)
            .with("bytesReceived", received)
            .with("congestionWindow", 10)
            .make());
  }

  void listenQueue(long socketId, long site, long time, int length, int limit, int drops) {
    to.listenQueue(
        Made.of(ListenQueueInfo.class)
            .with("socketId", socketId)
            .with("time", at(time))
            .with("localAddress", "127.0.0.1")
            .with("localPort", 8080)
            .with("queueLength", length)
            .with("queueLimit", limit)
            .with("drops", drops)
            .with("openedBy", "site " + site)
            .with("openThread", "t")
            .with("openThreadId", 1L)
            .with("openSiteId", site)
            .make());
  }

  void stateCount(long time, int established, int timeWait, int closeWait) {
    to.stateCount(
        new StateCountInfo(at(time), established, 0, 0, 0, 0, timeWait, closeWait, 0, 0, 0));
  }

  void lost(int count, long time) {
    to.loss(new Loss(at(0), at(time), count, "tcpstates.StateChange", "RING_FULL"));
  }

  void bytesLost(long amount, long time) {
    to.dataLoss(new DataLoss(at(time), amount, amount));
  }
}
