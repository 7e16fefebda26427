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
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StateCountInfo;
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
        new Transition(
            socketId,
            at(entered),
            at(time),
            "127.0.0.1",
            listener == 0 && !listens ? (int) (40_000 + socketId) : 8080,
            "192.0.2.7",
            listens ? 0 : listener == 0 ? 443 : (int) (50_000 + socketId),
            TcpState.valueOf(old),
            TcpState.valueOf(newState),
            Duration.ofMillis(time - entered),
            Duration.ZERO,
            null,
            openedBy,
            "thread " + socketId,
            socketId,
            site,
            1,
            "java",
            listener));
  }

  /** The values of a connection that has ended. */
  static final class Ended {
    SocketKind kind = SocketKind.CONNECT;
    ConnectionEnd end = ConnectionEnd.FIN;
    String reason;
    boolean established = true;
    double uncertaintyMs;

    /** Unknown if negative, as the others. */
    double handshakeMs = 1;

    boolean accepted;
    double queueMs;
    double establishedMs;
    double closeWaitMs;
    long sent = 100;
    long received = 1_000;
    int retransmits;
    long listener;
  }

  void connection(long socketId, long site, long start, long end, Ended values) {
    to.connection(
        new ConnectionInfo(
            socketId,
            at(start),
            at(end),
            values.kind,
            "127.0.0.1",
            values.listener == 0 ? (int) (40_000 + socketId) : 8080,
            "192.0.2.7",
            443,
            values.end,
            "LOCAL",
            values.reason,
            millis(values.uncertaintyMs),
            values.established,
            millis(values.handshakeMs),
            values.accepted,
            millis(values.queueMs),
            millis(values.establishedMs),
            millis(values.closeWaitMs),
            Duration.ZERO,
            Duration.ZERO,
            values.sent,
            values.received,
            0,
            0,
            1,
            1,
            values.retransmits,
            Duration.ZERO,
            Duration.ZERO,
            "site " + site,
            "thread " + socketId,
            socketId,
            site,
            values.listener));
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

  void socketState(long socketId, long site, long time, String state, long ageMs) {
    to.socketState(
        new SocketStateInfo(
            socketId,
            at(time),
            "127.0.0.1",
            1,
            "192.0.2.7",
            443,
            TcpState.valueOf(state),
            Duration.ofMillis(ageMs),
            "site " + site,
            "t",
            1,
            site,
            0));
  }

  void stuck(long socketId, long site, long time, String state, long ageMs) {
    to.stuckSocket(
        new StuckSocketInfo(
            socketId,
            at(time),
            "127.0.0.1",
            1,
            "192.0.2.7",
            443,
            TcpState.valueOf(state),
            Duration.ofMillis(ageMs),
            0,
            0,
            "site " + site,
            "t",
            1,
            site,
            0));
  }

  void retransmit(long socketId, long site, long time, int segments) {
    to.retransmit(
        new RetransmitInfo(
            socketId,
            at(time),
            "127.0.0.1",
            1,
            "192.0.2.7",
            443,
            TcpState.ESTABLISHED,
            "DATA",
            segments,
            1,
            segments,
            "site " + site,
            "t",
            1,
            site,
            0));
  }

  void reset(long socketId, long time, String direction) {
    to.reset(
        new ResetInfo(
            socketId,
            at(time),
            "127.0.0.1",
            1,
            "192.0.2.7",
            443,
            TcpState.ESTABLISHED,
            direction,
            null,
            null,
            null,
            0,
            0,
            0));
  }

  void throughput(long socketId, long site, long time, long sent, long received) {
    to.throughput(
        new ThroughputInfo(
            socketId,
            at(time),
            "127.0.0.1",
            1,
            "192.0.2.7",
            443,
            TcpState.ESTABLISHED,
            1,
            Duration.ofSeconds(1),
            sent,
            received,
            Duration.ZERO,
            10,
            0,
            0,
            "site " + site,
            "t",
            1,
            site,
            0));
  }

  void listenQueue(long socketId, long site, long time, int length, int limit, int drops) {
    to.listenQueue(
        new ListenQueueInfo(
            socketId,
            at(time),
            "127.0.0.1",
            8080,
            length,
            limit,
            drops,
            0,
            "site " + site,
            "t",
            1,
            site));
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
