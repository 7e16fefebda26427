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
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.Summary.Handshake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums up recordings. */
public final class Summarizer extends SocketModel {
  /** How many lines of code, and listening ports, are counted separately. */
  public static final int LINES = 5_000;

  public static final String OTHER_LINES = "(other lines)";

  private static final int SLOWEST = 10;

  private final Set<JvmInfo> jvms = new LinkedHashSet<>();
  private final Map<JvmInfo, StateSummary> states = new LinkedHashMap<>();
  private final LineSummary lines = new LineSummary();
  private final ListenerSummary listeners = new ListenerSummary();
  private final Map<String, Loss> losses = new LinkedHashMap<>();
  private final Durations connecting = new Durations();
  private final Durations accepting = new Durations();
  private final TopList<Handshake> slowest =
      new TopList<>(SLOWEST, Comparator.comparing(Handshake::time));
  private Instant start;
  private Instant end;
  private int chunks;
  private AgentInfo agent;
  private BytesLost bytesLost;

  private long connected;
  private long accepted;
  private long before;
  private long ended;
  private long open;
  private long failed;
  private long retransmits;
  private long retransmitting;
  private long resetsSent;
  private long resetsReceived;
  private long bytesSent;
  private long bytesReceived;
  private long bytesOpen;
  private long bytesRetransmitted;
  private long bytesUnread;

  @Override
  public void chunk(ChunkInfo chunk) {
    super.chunk(chunk);
    chunks++;
  }

  @Override
  public void jvm(JvmInfo newJvm) {
    super.jvm(newJvm);
    jvms.add(newJvm);
  }

  private StateSummary states() {
    return states.computeIfAbsent(currentJvm(), jvm -> new StateSummary(currentStart()));
  }

  @Override
  protected void stateChanged(SocketLife socket, TcpState from, Instant time) {
    states().stateChanged(socket, from, time);
  }

  @Override
  public void transition(Transition transition) {
    super.transition(transition);
    states().transition();
  }

  @Override
  public void stateCount(StateCountInfo count) {
    super.stateCount(count);
    states().counted(count);
  }

  @Override
  public void loss(Loss loss) {
    super.loss(loss);
    states().lost();
    losses.merge(loss.lostType() + " " + loss.reason(), loss, Summarizer::sum);
  }

  @Override
  public void dataLoss(DataLoss loss) {
    super.dataLoss(loss);
    states().lost();
    bytesLost = BytesLost.sum(bytesLost, loss);
  }

  private static Loss sum(Loss one, Loss other) {
    return new Loss(
        one.from().isBefore(other.from()) ? one.from() : other.from(),
        one.to().isAfter(other.to()) ? one.to() : other.to(),
        (int) Math.min(Integer.MAX_VALUE, (long) one.count() + other.count()),
        one.lostType(),
        one.reason());
  }

  @Override
  public void agentState(AgentInfo state) {
    super.agentState(state);
    agent = state;
  }

  @Override
  public void reset(ResetInfo reset) {
    super.reset(reset);
    if ("SENT".equals(reset.direction())) {
      resetsSent++;
    } else {
      resetsReceived++;
    }
  }

  @Override
  public void listenQueue(ListenQueueInfo queue) {
    super.listenQueue(queue);
    listeners.add(queue, opener(queue));
  }

  @Override
  public void connection(ConnectionInfo connection) {
    super.connection(connection);
    bytesSent += connection.bytesSent();
    bytesReceived += connection.bytesReceived();
    bytesRetransmitted += connection.bytesRetransmitted();
    bytesUnread += connection.bytesUnread();
  }

  @Override
  protected void ended(SocketLife socket, Instant atEnd) {
    lines.add(socket, atEnd);
    listeners.add(socket, atEnd);
    addHandshake(socket);
    retransmits += socket.retransmits();
    retransmitting += socket.retransmits() > 0 ? 1 : 0;
    if (!socket.isConnection()) {
      return;
    }
    if (!socket.begunHere()) {
      before++;
    } else if (socket.kind() == SocketKind.ACCEPT) {
      accepted++;
    } else {
      connected++;
    }
    if (atEnd == null) {
      ended++;
    } else {
      open++;
      bytesOpen += socket.bytes();
    }
    failed += isFailed(socket.connection()) ? 1 : 0;
  }

  /** Of a connection that is still open, too. */
  private void addHandshake(SocketLife socket) {
    Duration time = socket.handshake();
    if (time != null && !time.isZero() && socket.isConnection()) {
      (socket.kind() == SocketKind.ACCEPT ? accepting : connecting).add(time);
      slowest.add(
          new Handshake(
              socket.socketId(),
              socket.kind(),
              time,
              socket.last().address(),
              socket.last().port(),
              socket.opener().openedBy(),
              socket.thread()));
    }
  }

  /** Whether this side tried to connect and the connection was not established. */
  static boolean isFailed(ConnectionInfo connection) {
    return connection != null
        && connection.isOutgoing()
        && !connection.established()
        && connection.end() != ConnectionEnd.UNKNOWN;
  }

  @Override
  protected void timeReached(Instant time) {
    start = start == null || time.isBefore(start) ? time : start;
    end = end == null || time.isAfter(end) ? time : end;
  }

  /** Returns the summary. To be called once, when all events were read. */
  public Summary result() {
    end();
    List<StateSummary> ofJvms = new ArrayList<>(states.values());
    ofJvms.removeIf(StateSummary::isEmpty);
    StateSummary only = ofJvms.size() == 1 ? ofJvms.get(0) : null;
    if (only != null) {
      only.goOnTo(end);
    }
    List<Summary.Failure> failures = lines.failures();
    List<Summary.Leak> leaks = lines.leaks();
    List<Summary.Churn> churn = lines.churn();
    List<Summary.Growth> growth = start == null ? List.of() : lines.growth(start, end);
    return new Summary(
        Findings.of(leaks, failures, lines.unanswered(), growth, churn),
        List.copyOf(jvms),
        start,
        end,
        chunks,
        agent,
        limits().sampled(),
        limits().missing(),
        List.copyOf(losses.values()),
        bytesLost,
        unknownEnds(),
        only == null ? Duration.ZERO : only.stretch(),
        only == null ? StateSummary.sum(ofJvms) : only.counts(),
        new Summary.Connections(connected, accepted, before, ended, open, failed),
        connecting.distribution(),
        accepting.distribution(),
        slowest.list(),
        failures,
        leaks,
        growth,
        churn,
        listeners.list(),
        new Summary.Segments(retransmits, retransmitting, resetsSent, resetsReceived),
        new Summary.Bytes(bytesSent, bytesReceived, bytesOpen, bytesRetransmitted, bytesUnread));
  }
}
