// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.Lifeline.Stay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the lifelines of sockets, up to a number: those that ended badly or not at all before
 * the others, and the earlier before the later.
 */
public final class Lifelines extends SocketModel {
  private final int limit;
  private final Map<SocketLife, List<Mark>> current = new IdentityHashMap<>();
  private final List<Lifeline> notable = new ArrayList<>();
  private final List<Lifeline> others = new ArrayList<>();
  private long omitted;

  private record Mark(TcpState state, Instant since) {}

  /**
   * @param limit how many lifelines are kept at most
   */
  public Lifelines(int limit) {
    this.limit = limit;
  }

  @Override
  protected void stateChanged(SocketLife socket, TcpState before, Instant time) {
    List<Mark> marks = current.computeIfAbsent(socket, life -> new ArrayList<>());
    Transition last = socket.lastTransition();
    boolean byTransition = last != null && last.newState() == socket.state();
    if (marks.isEmpty() && byTransition && !SocketLife.startsLife(last)) {
      marks.add(new Mark(last.oldState(), last.startTime()));
    }
    marks.add(new Mark(socket.state(), socket.since()));
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    List<Mark> marks = current.remove(socket);
    if (marks == null) {
      return;
    }
    boolean closed = socket.isClosed();
    Instant start = marks.get(0).since;
    Instant stop = closed || end == null ? marks.get(marks.size() - 1).since : end;
    List<Stay> stays = new ArrayList<>();
    for (Mark mark : marks) {
      if (mark.state != TcpState.CLOSE) {
        stays.add(new Stay(mark.state, Duration.between(start, mark.since)));
      }
    }
    if (!stays.isEmpty()) {
      keep(new Lifeline(socket, start, stop, stays));
    }
  }

  private void keep(Lifeline line) {
    if (isNotable(line)) {
      add(line, notable);
    } else {
      add(line, others);
    }
  }

  private void add(Lifeline line, List<Lifeline> lines) {
    if (lines.size() < limit) {
      lines.add(line);
    } else {
      omitted++;
    }
  }

  private static boolean isNotable(Lifeline line) {
    ConnectionInfo connection = line.life().connection();
    return line.isOpen() || connection != null && connection.end() != ConnectionEnd.FIN;
  }

  /** Returns the lifelines by their start. To be called once, when all events were read. */
  public List<Lifeline> result() {
    end();
    List<Lifeline> all = new ArrayList<>(notable);
    int room = Math.min(others.size(), limit - all.size());
    omitted += others.size() - room;
    all.addAll(others.subList(0, room));
    all.sort((one, other) -> one.start().compareTo(other.start()));
    return all;
  }

  /** Returns how many sockets were left out. To be called after {@link #result}. */
  public long omitted() {
    return omitted;
  }
}
