// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Summary.Churn;
import dev.tcpstates.jfr.analysis.Summary.Failure;
import dev.tcpstates.jfr.analysis.Summary.Leak;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sums up the sockets by the line of code that opened them. */
final class LineSummary {
  private static final Duration SHORT = Duration.ofMillis(100);

  private record FailureKey(ConnectionEnd end, String reason, String line) {}

  private record LeakKey(TcpState state, String line) {}

  private record ChurnKey(SocketKind kind, String line) {}

  private static final class Failures {
    final FailureKey key;
    long count;
    ConnectionInfo last;

    Failures(FailureKey key) {
      this.key = key;
    }
  }

  private static final class Leaks {
    final LeakKey key;
    long count;
    SocketLife first;
    Duration longest = Duration.ZERO;

    Leaks(LeakKey key) {
      this.key = key;
    }
  }

  private static final class Turnover {
    final ChurnKey key;
    long opened;
    long ended;
    long shortLived;

    Turnover(ChurnKey key) {
      this.key = key;
    }
  }

  private final Lines<FailureKey, Failures> failures =
      new Lines<>(
          Summarizer.LINES,
          key -> new FailureKey(key.end, key.reason, Summarizer.OTHER_LINES),
          Failures::new);
  private final Lines<LeakKey, Leaks> leaks =
      new Lines<>(
          Summarizer.LINES, key -> new LeakKey(key.state, Summarizer.OTHER_LINES), Leaks::new);
  private final Lines<ChurnKey, Turnover> churn =
      new Lines<>(
          Summarizer.LINES, key -> new ChurnKey(key.kind, Summarizer.OTHER_LINES), Turnover::new);

  /**
   * Adds a socket, once it or the recording has ended.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  void add(SocketLife socket, Instant end) {
    String line = socket.opener().line();
    if (socket.isConnection()) {
      Turnover turnover = churn.of(new ChurnKey(socket.kind(), line));
      turnover.opened += socket.begunHere() ? 1 : 0;
      turnover.ended += end == null ? 1 : 0;
      ConnectionInfo connection = socket.connection();
      if (connection != null) {
        turnover.shortLived += connection.established() && lifetime(connection) < 0 ? 1 : 0;
        if (connection.end() != ConnectionEnd.FIN && connection.end() != ConnectionEnd.UNKNOWN) {
          Failures failed =
              failures.of(new FailureKey(connection.end(), connection.reason(), line));
          failed.count++;
          failed.last = connection;
        }
      }
    }
    if (end != null && isLeaked(socket)) {
      Leaks leaked = leaks.of(new LeakKey(socket.state(), line));
      leaked.count++;
      Duration age = Duration.between(socket.since(), end);
      if (leaked.first == null || age.compareTo(leaked.longest) > 0) {
        leaked.first = socket;
        leaked.longest = age.isNegative() ? Duration.ZERO : age;
      }
    }
  }

  private static int lifetime(ConnectionInfo connection) {
    return Duration.between(connection.startTime(), connection.endTime()).compareTo(SHORT);
  }

  /** Whether an open socket is a leak. */
  static boolean isLeaked(SocketLife socket) {
    return socket.state() == TcpState.CLOSE_WAIT || socket.isStuck();
  }

  List<Failure> failures() {
    List<Failure> list = new ArrayList<>();
    for (Failures failed : failures.all()) {
      list.add(
          new Failure(
              failed.key.end,
              failed.key.reason,
              failed.count,
              failed.key.line,
              failed.last.address(),
              failed.last.port(),
              failed.last.endTime()));
    }
    list.sort(Comparator.comparingLong(Failure::count).reversed().thenComparing(Failure::time));
    return list;
  }

  List<Leak> leaks() {
    List<Leak> list = new ArrayList<>();
    for (Leaks leaked : leaks.all()) {
      SocketEvent event = leaked.first.last();
      list.add(
          new Leak(
              leaked.key.line,
              leaked.key.state,
              leaked.count,
              leaked.longest,
              leaked.first.socketId(),
              event.address(),
              event.port(),
              event.openThread(),
              leaked.first.opener()));
    }
    list.sort(Comparator.comparingLong(Leak::count).thenComparing(Leak::longest).reversed());
    return list;
  }

  List<Churn> churn() {
    List<Churn> list = new ArrayList<>();
    for (Turnover turnover : churn.all()) {
      list.add(
          new Churn(
              turnover.key.kind,
              turnover.key.line,
              turnover.opened,
              turnover.ended,
              turnover.shortLived));
    }
    list.sort(Comparator.comparingLong(Churn::opened).reversed());
    return list;
  }
}
