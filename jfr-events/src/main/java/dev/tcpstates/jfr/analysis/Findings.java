// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.Summary.Churn;
import dev.tcpstates.jfr.analysis.Summary.Failure;
import dev.tcpstates.jfr.analysis.Summary.Growth;
import dev.tcpstates.jfr.analysis.Summary.Leak;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong by a summary, in sentences, with what usually causes it. */
final class Findings {
  /** Idle for at least this long before a reset: it was kept for later use. */
  private static final Duration KEPT = Duration.ofSeconds(1);

  private static final int CHURNING = 100;
  private static final int MOST_OF_NAME = 40;
  private static final double MOSTLY_SHORT = 0.8;

  /** How bad each kind is; the worst first. */
  private enum Kind {
    NO_LOCAL_PORT,
    UNACKNOWLEDGED,
    LEAK,
    FAILED_CONNECT,
    NOT_ACCEPTED,
    RESET,
    GROWTH,
    CHURN,
    OTHER
  }

  private record Finding(Kind kind, long count, String text) {}

  private final List<Finding> findings = new ArrayList<>();

  private Findings() {}

  /** The sentences, the worst first. */
  static List<String> of(
      List<Leak> leaks,
      List<Failure> failures,
      Iterable<LineSummary.Unanswered> unanswered,
      List<Growth> growth,
      List<Churn> churn) {
    Findings all = new Findings();
    leaks.forEach(all::add);
    failures.forEach(all::add);
    unanswered.forEach(all::add);
    growth.forEach(all::add);
    churn.forEach(all::add);
    return all.findings.stream()
        .sorted(
            Comparator.comparing(Finding::kind)
                .thenComparing(Comparator.comparingLong(Finding::count).reversed()))
        .map(Finding::text)
        .toList();
  }

  private void add(Kind kind, long count, String what, String cause) {
    findings.add(new Finding(kind, count, what + " " + cause));
  }

  private void add(Leak leak) {
    String sockets =
        Words.count(leak.count(), leak.state().name() + " socket")
            + " opened by "
            + by(leak.line(), leak.threads());
    String peer = Words.address(leak.address(), leak.port());
    String time = Words.duration(leak.longest());
    switch (leak.cause()) {
      case NOT_CLOSED ->
          add(
              Kind.LEAK,
              leak.count(),
              sockets
                  + ": the remote side, "
                  + peer
                  + ", has closed, and this program has not for "
                  + time
                  + ".",
              "Usually a response, stream or client is not closed on one of the code paths, or a"
                  + " pool keeps the connection until it is used again.");
      case UNACKNOWLEDGED ->
          add(
              Kind.UNACKNOWLEDGED,
              leak.count(),
              sockets
                  + ": "
                  + peer
                  + " has acknowledged nothing for "
                  + time
                  + " ("
                  + Words.bytes(leak.bytesUnacknowledged())
                  + " waiting, "
                  + Words.count(leak.retransmits(), "retransmit")
                  + givesUp(leak)
                  + ").",
              "Usually that host or the path to it is gone, or its program does not read, and no"
                  + " timeout ends the wait.");
      case UNREAD ->
          add(
              Kind.LEAK,
              leak.count(),
              sockets
                  + ": "
                  + Words.bytes(leak.bytesUnread())
                  + " from "
                  + peer
                  + " have not been read for "
                  + time
                  + ".",
              "Usually a response's body is neither read to its end nor closed.");
      case NOT_ACCEPTED ->
          add(
              Kind.NOT_ACCEPTED,
              leak.count(),
              Words.count(leak.count(), "connection")
                  + " at the listener opened by "
                  + by(leak.line(), leak.threads())
                  + " waited for accept, the longest for "
                  + time
                  + ".",
              "Usually the accepting thread is blocked or busy, or a limit of connections is"
                  + " reached.");
      case CONNECTING ->
          add(
              Kind.FAILED_CONNECT,
              leak.count(),
              sockets + ": the handshake with " + peer + " was not complete after " + time + ".",
              "Usually a firewall drops the packets, the host is gone, or its accept queue is"
                  + " full.");
      case CLOSING ->
          add(
              Kind.LEAK,
              leak.count(),
              sockets
                  + ": this program has shut down its output, and "
                  + peer
                  + " has not closed for "
                  + time
                  + ".",
              "Usually the remote program does not close; close the socket, or set a timeout.");
    }
  }

  private static String givesUp(Leak leak) {
    if (leak.givesUpIn() == null) {
      return "";
    }
    String which = leak.count() == 1 ? "" : "the first ";
    return ", the kernel gives up " + which + "in " + Words.duration(leak.givesUpIn());
  }

  private void add(Failure failure) {
    ConnectionEnd end = failure.end();
    String peer = Words.address(failure.address(), failure.port());
    String from = by(failure.line(), failure.threads());
    String reason = failure.reason() == null ? "" : " (" + failure.reason() + ")";
    if (failure.longest() != null) {
      String connects =
          Words.count(failure.count(), "connect")
              + " to "
              + peer
              + " by "
              + from
              + " failed: "
              + end
              + reason
              + ", after at most "
              + Words.duration(failure.longest())
              + ".";
      add(
          end == ConnectionEnd.NO_LOCAL_PORT ? Kind.NO_LOCAL_PORT : Kind.FAILED_CONNECT,
          failure.count(),
          connects,
          causeOfFailedConnect(end));
      return;
    }
    String connections =
        Words.count(failure.count(), "connection")
            + " opened by "
            + from
            + " ended by "
            + end
            + reason
            + ", the last with "
            + peer;
    if (failure.unanswered()) {
      add(
          Kind.RESET,
          failure.count(),
          connections
              + ", after receiving nothing for at least "
              + Words.duration(failure.idle())
              + ".",
          "Usually the remote program did not answer in time, and it or a proxy gave up.");
    } else if (end == ConnectionEnd.RESET_BY_REMOTE && isKept(failure.idle())) {
      add(
          Kind.RESET,
          failure.count(),
          connections + ", after being idle for at least " + Words.duration(failure.idle()) + ".",
          "Usually a pool kept the connection for longer than the remote side or a firewall did.");
    } else {
      add(
          end == ConnectionEnd.RESET_BY_LOCAL ? Kind.OTHER : Kind.RESET,
          failure.count(),
          connections + ".",
          causeOfEnd(end));
    }
  }

  /** Whether a connection was idle for so long that it must have been kept for later use. */
  static boolean isKept(Duration idle) {
    return idle != null && idle.compareTo(KEPT) >= 0;
  }

  private static String causeOfFailedConnect(ConnectionEnd end) {
    return switch (end) {
      case REFUSED -> "Usually no process listens at that port, or a firewall rejects.";
      case TIMEOUT, ABANDONED ->
          "Usually a firewall drops the packets, the host is gone, or its accept queue is full.";
      case UNREACHABLE -> "Usually a route or a gateway is missing, or the host is down.";
      case NO_LOCAL_PORT ->
          "Usually too many connections to one address are open or in TIME_WAIT: reuse"
              + " connections.";
      case DENIED -> "A route, firewall or security policy of this machine forbids it.";
      case RESET_BY_REMOTE, RESET_BY_LOCAL, FIN, ERROR, UNKNOWN -> "The reason is the error above.";
    };
  }

  private static String causeOfEnd(ConnectionEnd end) {
    return switch (end) {
      case RESET_BY_REMOTE ->
          "Usually the remote program ended or was restarted, or closed without reading all.";
      case RESET_BY_LOCAL ->
          "Usually this program closed before it had read all, or with SO_LINGER 0.";
      case TIMEOUT -> "Usually that host or the path to it is gone.";
      default -> "The reason is the error above.";
    };
  }

  private void add(LineSummary.Unanswered unanswered) {
    add(
        Kind.RESET,
        unanswered.count,
        Words.count(unanswered.count, "connection")
            + " opened by "
            + by(unanswered.line, unanswered.threads.list())
            + ": the remote side, "
            + Words.address(unanswered.last.address(), unanswered.last.port())
            + ", closed before it had sent anything, after at most "
            + Words.duration(unanswered.longest)
            + ".",
        "Usually the remote program does not serve this client or its protocol, did not answer in"
            + " time, or a proxy has no program to connect to.");
  }

  private void add(Growth growth) {
    add(
        Kind.GROWTH,
        growth.open(),
        by(growth.line(), growth.threads())
            + (growth.kind() == SocketKind.ACCEPT ? " accepted " : " opened ")
            + Words.count(growth.open() + growth.ended(), "connection")
            + (growth.remote() == null ? "" : " to " + growth.remote())
            + " over "
            + Words.duration(growth.over())
            + (growth.ended() == 0
                ? " and closed none."
                : ", of which " + growth.open() + " are open."),
        "Suspected leak: usually a client, channel or connection is created for each use and not"
            + " closed.");
  }

  private void add(Churn churn) {
    if (churn.kind() == SocketKind.CONNECT
        && churn.ended() >= CHURNING
        && churn.shortLived() >= MOSTLY_SHORT * churn.ended()) {
      add(
          Kind.CHURN,
          churn.ended(),
          by(churn.line(), churn.threads())
              + " opened "
              + Words.count(churn.opened(), "connection")
              + (churn.remote() == null ? "" : " to " + churn.remote())
              + ", of which "
              + churn.shortLived()
              + " lasted less than 100 ms.",
          "Usually a client is built per request, or the remote side closes after each answer.");
    }
  }

  /** The line, and the threads, which say more where the line is a library's. */
  private static String by(String line, List<String> threads) {
    if (threads.isEmpty()) {
      return line;
    }
    String names = threads.stream().map(Findings::shortName).collect(Collectors.joining(", "));
    return line + " (" + (threads.size() == 1 ? "thread " : "threads ") + names + ")";
  }

  /** A name's start and end, which has the number. */
  private static String shortName(String thread) {
    int length = thread.length();
    return length <= MOST_OF_NAME
        ? thread
        : thread.substring(0, MOST_OF_NAME / 2)
            + "..."
            + thread.substring(length - MOST_OF_NAME / 2);
  }
}
