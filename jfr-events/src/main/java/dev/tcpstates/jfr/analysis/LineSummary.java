// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Summary.Churn;
import dev.tcpstates.jfr.analysis.Summary.Failure;
import dev.tcpstates.jfr.analysis.Summary.Growth;
import dev.tcpstates.jfr.analysis.Summary.Leak;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sums up the sockets by the line of code that opened them and the remote side. */
final class LineSummary {
  private static final Duration SHORT = Duration.ofMillis(100);

  /** How many more connections a line must have opened than ended, to be reported as growing. */
  private static final int LEAST_GROWTH = 5;

  /**
   * Where connections come from and go to.
   *
   * @param remote the remote side that they were made to; null for accepted ones, which have many
   */
  private record Place(String line, String remote) {
    static Place of(SocketLife socket) {
      SocketEvent event = socket.last();
      return new Place(
          socket.opener().line(),
          socket.kind() == SocketKind.ACCEPT || event.port() == 0
              ? null
              : Words.address(event.address(), event.port()));
    }

    static final Place OTHERS = new Place(Summarizer.OTHER_LINES, null);
  }

  private record FailureKey(
      ConnectionEnd end, boolean established, String reason, boolean unanswered, Place place) {}

  private record LeakKey(TcpState state, StuckCause cause, Place place) {}

  private record ChurnKey(SocketKind kind, Place place) {}

  private static final class Failures {
    final FailureKey key;
    final Names threads = new Names();
    long count;
    ConnectionInfo last;
    Duration longest;
    Duration idle;

    Failures(FailureKey key) {
      this.key = key;
    }
  }

  /** Connections of one place that the remote side closed before it had sent anything. */
  static final class Unanswered {
    final Names threads = new Names();
    final String line;
    long count;
    ConnectionInfo last;
    Duration longest = Duration.ZERO;

    private Unanswered(Place place) {
      this.line = place.line;
    }

    private void add(SocketLife socket, ConnectionInfo connection) {
      count++;
      threads.add(socket.thread());
      last = connection;
      Duration time = lifetime(connection);
      longest = time.compareTo(longest) > 0 ? time : longest;
    }
  }

  private static final class Leaks {
    final LeakKey key;
    final Names threads = new Names();
    long count;
    long unacknowledged;
    long unread;
    long retransmits;
    SocketLife first;
    Duration longest = Duration.ZERO;
    Duration givesUpIn;

    Leaks(LeakKey key) {
      this.key = key;
    }
  }

  private static final class Turnover {
    final ChurnKey key;
    final Names threads = new Names();
    long opened;
    long ended;
    long shortLived;

    /** When each connection was opened that is open, established and not stuck at the end. */
    final List<Instant> idle = new ArrayList<>();

    Turnover(ChurnKey key) {
      this.key = key;
    }
  }

  private final Growing growing = new Growing();
  private final Lines<FailureKey, Failures> failures =
      new Lines<>(
          Summarizer.LINES,
          key -> new FailureKey(key.end, key.established, key.reason, key.unanswered, Place.OTHERS),
          Failures::new);
  private final Lines<Place, Unanswered> unanswered =
      new Lines<>(Summarizer.LINES, key -> Place.OTHERS, Unanswered::new);
  private final Lines<LeakKey, Leaks> leaks =
      new Lines<>(
          Summarizer.LINES, key -> new LeakKey(key.state, key.cause, Place.OTHERS), Leaks::new);
  private final Lines<ChurnKey, Turnover> churn =
      new Lines<>(Summarizer.LINES, key -> new ChurnKey(key.kind, Place.OTHERS), Turnover::new);

  /**
   * Adds a socket, once it or the recording has ended.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  void add(SocketLife socket, Instant end) {
    Place place = Place.of(socket);
    StuckCause cause = end == null ? null : socket.stuckAt(end);
    if (socket.isConnection()) {
      growing.add(socket);
      addTurnover(churn.of(new ChurnKey(socket.kind(), place)), socket, end, cause != null);
    }
    ConnectionInfo connection = socket.connection();
    if (connection != null
        && connection.end() != ConnectionEnd.FIN
        && connection.end() != ConnectionEnd.UNKNOWN) {
      String reason = connection.reason() == null ? socket.resetReason() : connection.reason();
      FailureKey key =
          new FailureKey(
              connection.end(), connection.established(), reason, isUnanswered(connection), place);
      addFailure(failures.of(key), socket, connection);
    }
    if (connection != null && isClosedUnanswered(connection)) {
      unanswered.of(place).add(socket, connection);
    }
    if (cause != null) {
      addLeak(leaks.of(new LeakKey(socket.state(), cause, place)), socket, cause, end);
    }
  }

  private static void addTurnover(
      Turnover turnover, SocketLife socket, Instant end, boolean stuck) {
    turnover.threads.add(socket.thread());
    turnover.ended += end == null ? 1 : 0;
    if (socket.begunHere()) {
      turnover.opened++;
      if (end != null && !stuck && socket.state() == TcpState.ESTABLISHED) {
        turnover.idle.add(socket.begun());
      }
    }
    ConnectionInfo connection = socket.connection();
    if (connection != null && connection.established()) {
      turnover.shortLived += lifetime(connection).compareTo(SHORT) < 0 ? 1 : 0;
    }
  }

  /** Whether the remote side reset the connection after this side had waited for a first answer. */
  private static boolean isUnanswered(ConnectionInfo connection) {
    return connection.end() == ConnectionEnd.RESET_BY_REMOTE
        && connection.established()
        && connection.isOutgoing()
        && connection.bytesReceived() == 0
        && Findings.isKept(connection.idleBefore());
  }

  /** Whether the remote side closed the connection before it had sent anything. */
  private static boolean isClosedUnanswered(ConnectionInfo connection) {
    return connection.end() == ConnectionEnd.FIN
        && "REMOTE".equals(connection.closedBy())
        && connection.isOutgoing()
        && connection.bytesReceived() == 0
        && connection.uncertainty().isZero(); // else the bytes are those of the last poll
  }

  private static void addFailure(Failures failed, SocketLife socket, ConnectionInfo connection) {
    failed.count++;
    failed.threads.add(socket.thread());
    failed.last = connection;
    Duration idle = connection.idleBefore();
    if (idle != null && (failed.idle == null || idle.compareTo(failed.idle) < 0)) {
      failed.idle = idle;
    }
    Duration time = lifetime(connection);
    if (!connection.established()
        && (failed.longest == null || time.compareTo(failed.longest) > 0)) {
      failed.longest = time;
    }
  }

  private static void addLeak(Leaks leaked, SocketLife socket, StuckCause cause, Instant end) {
    leaked.count++;
    leaked.threads.add(socket.thread());
    StuckSocketInfo stuck = socket.stuck();
    if (stuck != null) {
      leaked.unacknowledged += stuck.sendQueue();
      leaked.unread += stuck.receiveQueue();
      leaked.retransmits += stuck.retransmits();
      Duration left = givesUpIn(stuck, end);
      if (left != null && (leaked.givesUpIn == null || left.compareTo(leaked.givesUpIn) < 0)) {
        leaked.givesUpIn = left;
      }
    }
    Duration age = stuckFor(socket, cause, end);
    if (leaked.first == null || age.compareTo(leaked.longest) > 0) {
      leaked.first = socket;
      leaked.longest = age.isNegative() ? Duration.ZERO : age;
    }
  }

  /** How long the kernel still waits when the recording ends; null if that is unknown. */
  private static Duration givesUpIn(StuckSocketInfo stuck, Instant end) {
    if (stuck.givesUpIn() == null) {
      return null;
    }
    Duration left = stuck.givesUpIn().minus(Duration.between(stuck.time(), end));
    return left.isNegative() ? Duration.ZERO : left;
  }

  private static Duration lifetime(ConnectionInfo connection) {
    return Duration.between(connection.startTime(), connection.endTime());
  }

  /** How long an open socket has been stuck when the recording ends. */
  static Duration stuckFor(SocketLife socket, StuckCause cause, Instant end) {
    if (cause.isOfState(socket.state())) {
      return Duration.between(socket.since(), end);
    }
    return socket.stuck().stuckFor().plus(Duration.between(socket.stuck().time(), end));
  }

  List<Failure> failures() {
    List<Failure> list = new ArrayList<>();
    for (Failures failed : failures.all()) {
      list.add(
          new Failure(
              failed.key.end,
              failed.key.reason,
              failed.count,
              failed.key.place.line,
              failed.last.address(),
              failed.last.port(),
              failed.last.endTime(),
              failed.longest,
              failed.idle,
              failed.key.unanswered,
              failed.threads.list()));
    }
    list.sort(Comparator.comparingLong(Failure::count).reversed().thenComparing(Failure::time));
    return list;
  }

  Iterable<Unanswered> unanswered() {
    return unanswered.all();
  }

  List<Leak> leaks() {
    List<Leak> list = new ArrayList<>();
    for (Leaks leaked : leaks.all()) {
      SocketEvent event = leaked.first.last();
      list.add(
          new Leak(
              leaked.key.place.line,
              leaked.key.state,
              leaked.key.cause,
              leaked.count,
              leaked.longest,
              leaked.unacknowledged,
              leaked.unread,
              leaked.retransmits,
              leaked.givesUpIn,
              leaked.first.socketId(),
              event.address(),
              event.port(),
              leaked.threads.list(),
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
              turnover.key.place.line,
              turnover.key.place.remote,
              turnover.opened,
              turnover.ended,
              turnover.shortLived,
              turnover.threads.list()));
    }
    list.sort(Comparator.comparingLong(Churn::opened).reversed());
    return list;
  }

  /** The lines that open connections and end few. */
  List<Growth> growth(Instant start, Instant end) {
    List<Growth> list = new ArrayList<>();
    for (Turnover turnover : churn.all()) {
      Duration over = growing.over(turnover.idle, turnover.ended, LEAST_GROWTH, start, end);
      if (over != null) {
        list.add(
            new Growth(
                turnover.key.kind,
                turnover.key.place.line,
                turnover.key.place.remote,
                turnover.idle.size(),
                turnover.ended,
                over,
                turnover.threads.list()));
      }
    }
    list.sort(Comparator.comparingLong(Growth::open).reversed());
    return list;
  }
}
