// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.TcpState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Assertions on the sockets of a test. A failure names the sockets and their opening stacks.
 *
 * <p>{@link #assertThat} reads all that has happened up to the call. An assertion that may still
 * become true, such as that connections end, waits for at most {@link TcpConnections#within}; the
 * assertions that follow also see what happened meanwhile. An assertion that can't become true any
 * more fails at once.
 *
 * <p>If anything was lost, every assertion fails.
 *
 * <p>If the agent polls the sockets, only assertions can hold that follow from the sockets that
 * Java code opened: {@link #connectsAtMost}, {@link #connectsAtMostPerLine}, {@link
 * #reusesAtLeast}, {@link #opensNothingFrom}, and {@link #connectsExactly} if a poll found each
 * connection. Every other assertion fails because it can't be proven.
 *
 * <p>Every method throws an {@link AssertionError} if its statement is false.
 */
public final class TcpAssert {
  private static final double P99 = 99;

  private final TcpConnections connections;
  private Moment moment;

  private TcpAssert(TcpConnections connections) {
    this.connections = connections;
    this.moment = connections.moment();
  }

  /** The offending sockets, and whether the assertion may still become true. */
  private record Verdict(
      String sentence,
      List<TestSocket> offenders,
      Function<TestSocket, String> note,
      boolean mayPass) {}

  /** Reads what has happened to the sockets up to now. */
  public static TcpAssert assertThat(TcpConnections connections) {
    return new TcpAssert(connections);
  }

  /** No socket is open, neither a connection nor a listener. */
  public TcpAssert leavesNoSocketOpen() {
    return eventually(
        sockets -> {
          List<TestSocket> open = where(sockets, socket -> !socket.isClosed());
          return new Verdict(count(open, sockets) + " left open", open, TestSocket::state, true);
        });
  }

  /** No connection is in CLOSE_WAIT, where the remote side has closed it and this side has not. */
  public TcpAssert leavesNothingInCloseWait() {
    return eventually(
        sockets -> {
          List<TestSocket> left = where(sockets, isIn(TcpState.CLOSE_WAIT));
          return new Verdict(
              count(left, sockets) + " left in CLOSE_WAIT: closed by the remote side only",
              left,
              TestSocket::state,
              true);
        });
  }

  /** Every socket is in this state; there may be none. */
  public TcpAssert hasAllIn(TcpState state) {
    return eventually(
        sockets -> {
          List<TestSocket> others = where(sockets, isIn(state).negate());
          return new Verdict(
              count(others, sockets) + " not in " + state, others, TestSocket::state, true);
        });
  }

  /** This side connects, or tries to, at most this often. */
  public TcpAssert connectsAtMost(int most) {
    notNegative(most);
    requireOpenings();
    return now(
        sockets -> {
          List<TestSocket> connects = where(sockets, TestSocket::isOutgoing);
          return new Verdict(
              times(connects.size(), "connect") + " where at most " + most + " may be",
              connects.size() > most ? connects : List.of(),
              TestSocket::state,
              false);
        });
  }

  /** This side connects, or tries to, exactly this often. */
  public TcpAssert connectsExactly(int number) {
    requireOpenings();
    List<TestSocket> connects = where(connections.sockets(moment), TestSocket::isOutgoing);
    if (connects.size() != number) {
      throw failure(
          times(connects.size(), "connect") + " where " + number + " should be",
          connects,
          TestSocket::state);
    }
    if (moment.limits().isSampled() && connects.stream().anyMatch(s -> s.end() == null)) {
      throw connections.unproven(
          "a socket that was opened to connect, and that no poll saw end, may not have connected",
          moment);
    }
    return this;
  }

  /**
   * No line of code connects, or tries to, more often than this. The line is the application's one
   * nearest to the connect: the first frame of the events' {@code openedBy}.
   */
  public TcpAssert connectsAtMostPerLine(int most) {
    notNegative(most);
    requireOpenings();
    return now(
        sockets -> {
          Map<String, List<TestSocket>> lines =
              where(sockets, TestSocket::isOutgoing).stream()
                  .collect(Collectors.groupingBy(socket -> socket.life().opener().line()));
          List<TestSocket> busy =
              lines.values().stream()
                  .filter(line -> line.size() > most)
                  .flatMap(List::stream)
                  .toList();
          return new Verdict(
              times(busy.size(), "connect")
                  + " by lines of code that may connect at most "
                  + most
                  + " times each",
              busy,
              TestSocket::state,
              false);
        });
  }

  /**
   * At least this share of the requests reused an open connection: 1 - connects / requests, where
   * attempts to connect count as connects. The kernel does not know requests, so the test gives
   * their number.
   *
   * @param share 0 to 1
   * @param requests how many the test made on these connections, from 1
   */
  public TcpAssert reusesAtLeast(double share, int requests) {
    if (!(share >= 0 && share <= 1) || requests < 1) {
      throw new IllegalArgumentException(
          "a share from 0 to 1 of 1 or more requests is needed, not " + share + " of " + requests);
    }
    requireOpenings();
    return now(
        sockets -> {
          List<TestSocket> connects = where(sockets, TestSocket::isOutgoing);
          int reused = Math.max(0, requests - connects.size());
          // Of doubles, 1 - 0.9 is less than 0.1.
          BigDecimal needed = BigDecimal.valueOf(share).multiply(BigDecimal.valueOf(requests));
          return new Verdict(
              String.format(
                  Locale.ROOT,
                  "%s for %d requests: a connection was reused for %.3f of them, where at least"
                      + " %.3f should be",
                  times(connects.size(), "connect"),
                  requests,
                  (double) reused / requests,
                  share),
              BigDecimal.valueOf(reused).compareTo(needed) < 0 ? connects : List.of(),
              TestSocket::state,
              false);
        });
  }

  /**
   * No socket is opened by this code: it is not on any opening stack, as in {@link
   * TcpConnections#openedFrom}. The assertion also fails if a socket's opener is unknown.
   *
   * @param packageOrClass name of a package, which includes the packages in it, or of a class
   */
  public TcpAssert opensNothingFrom(String packageOrClass) {
    Objects.requireNonNull(packageOrClass, "packageOrClass");
    requireOpenings();
    return now(
        sockets -> {
          List<TestSocket> unknown = where(sockets, socket -> socket.stack().isEmpty());
          List<TestSocket> opened = where(sockets, socket -> socket.isOpenedFrom(packageOrClass));
          if (opened.isEmpty() && !unknown.isEmpty()) {
            return new Verdict(
                count(unknown, sockets) + " of unknown opener, which may be " + packageOrClass,
                unknown,
                TestSocket::state,
                false);
          }
          return new Verdict(
              count(opened, sockets) + " opened from " + packageOrClass,
              opened,
              TestSocket::state,
              false);
        });
  }

  /** 99 of 100 attempts to connect are established within this time. */
  public TcpAssert handshakeP99IsUnder(Duration limit) {
    return handshakePercentileIsUnder(P99, limit);
  }

  /**
   * This percentage of the attempts to connect is established in less than this time, from SYN_SENT
   * to ESTABLISHED. Attempts that failed or are not established yet count as slower. The percentile
   * of n attempts is the one at rank n * percentile / 100, rounded up; of few attempts, the 99th
   * percentile is the slowest one. Fails if there is no attempt.
   *
   * @param percentile above 0, up to 100
   */
  public TcpAssert handshakePercentileIsUnder(double percentile, Duration limit) {
    if (!(percentile > 0 && percentile <= 100)) {
      throw new IllegalArgumentException(
          "a percentile is above 0 and up to 100, not " + percentile);
    }
    Objects.requireNonNull(limit, "limit");
    return eventually(
        sockets -> {
          List<TestSocket> attempts = where(sockets, TestSocket::isOutgoing);
          if (attempts.isEmpty()) {
            throw failure("No attempt to connect, so no handshake to measure", attempts, s -> "");
          }
          List<TestSocket> slow =
              where(
                  attempts,
                  socket -> socket.handshake().filter(t -> t.compareTo(limit) < 0).isEmpty());
          int rank =
              BigDecimal.valueOf(percentile)
                  .multiply(BigDecimal.valueOf(attempts.size()))
                  .divide(BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
                  .intValueExact();
          return new Verdict(
              count(slow, attempts)
                  + " not established in less than "
                  + millis(limit)
                  + ", where "
                  + (attempts.size() - rank)
                  + " may be",
              attempts.size() - slow.size() < rank ? slowestFirst(slow) : List.of(),
              TcpAssert::handshake,
              slow.stream().anyMatch(isIn(TcpState.SYN_SENT)));
        });
  }

  /** No connection has ended by a reset, from either side. */
  public TcpAssert hasNoResets() {
    requireTransitions();
    return now(
        sockets -> {
          List<TestSocket> reset =
              where(sockets, socket -> socket.end() != null && socket.end().isReset());
          return new Verdict(count(reset, sockets) + " reset", reset, TcpAssert::end, false);
        });
  }

  /** No attempt to connect was refused, timed out, failed otherwise or was abandoned. */
  public TcpAssert hasNoFailedConnects() {
    requireTransitions();
    return now(
        sockets -> {
          List<TestSocket> connects = where(sockets, TestSocket::isOutgoing);
          List<TestSocket> failed =
              where(connects, socket -> socket.end() != null && !socket.end().established());
          return new Verdict(
              count(failed, connects) + " not established", failed, TcpAssert::end, false);
        });
  }

  /** Every connection, or attempt at one, has ended, and by FIN from both sides. */
  public TcpAssert endsAllByFin() {
    return eventually(
        sockets -> {
          List<TestSocket> all = where(sockets, socket -> !socket.isListener());
          List<TestSocket> others =
              where(all, socket -> socket.end() == null || socket.end().end() != ConnectionEnd.FIN);
          return new Verdict(
              count(others, all) + " not ended by FIN",
              others,
              TcpAssert::end,
              others.stream().allMatch(socket -> socket.end() == null));
        });
  }

  private static void notNegative(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("a number of connects can't be " + most);
    }
  }

  private TcpAssert now(Function<List<TestSocket>, Verdict> judge) {
    Verdict verdict = judge.apply(connections.sockets(moment));
    if (!verdict.offenders.isEmpty()) {
      throw failure(verdict.sentence, verdict.offenders, verdict.note);
    }
    return this;
  }

  /** For what follows from transitions or connection ends, which polls can't prove. */
  private void requireTransitions() {
    if (moment.limits().isSampled()) {
      throw connections.unproven(null, moment);
    }
  }

  /**
   * For an upper bound of connects. The hooks report each socket that Java code opens, also if the
   * agent polls, and each connects at most once.
   */
  private void requireOpenings() {
    if (!moment.limits().isSampled()) {
      return;
    }
    if (connections.unknownIfSampled() != null) {
      throw connections.unproven(connections.unknownIfSampled(), moment);
    }
    if (!moment.limits().unhooked().isEmpty()) {
      throw connections.unproven(String.join("; and ", moment.limits().unhooked()), moment);
    }
  }

  private TcpAssert eventually(Function<List<TestSocket>, Verdict> judge) {
    requireTransitions();
    Deadline deadline = new Deadline(connections.limit());
    Verdict verdict = judge.apply(connections.sockets(moment));
    while (!verdict.offenders.isEmpty() && verdict.mayPass && deadline.pause()) {
      moment = connections.moment();
      verdict = judge.apply(connections.sockets(moment));
    }
    if (!verdict.offenders.isEmpty()) {
      throw failure(verdict.sentence, verdict.offenders, verdict.note);
    }
    return this;
  }

  private AssertionError failure(
      String sentence, List<TestSocket> offenders, Function<TestSocket, String> note) {
    return new AssertionError(FailureText.of(sentence, offenders, note, moment));
  }

  private static List<TestSocket> where(List<TestSocket> sockets, Predicate<TestSocket> choice) {
    return sockets.stream().filter(choice).toList();
  }

  private static Predicate<TestSocket> isIn(TcpState state) {
    return socket -> socket.isIn(state);
  }

  private static List<TestSocket> slowestFirst(List<TestSocket> sockets) {
    List<TestSocket> sorted = new ArrayList<>(sockets);
    sorted.sort(
        Comparator.comparing(
            (TestSocket socket) -> socket.handshake().orElse(Duration.ofSeconds(Long.MAX_VALUE)),
            Comparator.reverseOrder()));
    return sorted;
  }

  /** {@code 2 of 5 sockets}. */
  private static String count(List<TestSocket> some, List<TestSocket> all) {
    return some.size() + " of " + times(all.size(), "socket");
  }

  private static String times(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static String handshake(TestSocket socket) {
    return socket.handshake().map(time -> "established after " + millis(time)).orElse(end(socket));
  }

  /** How it ended, or the state that it is in. */
  private static String end(TestSocket socket) {
    if (socket.end() == null) {
      return socket.state();
    }
    String reason = socket.end().reason();
    return socket.end().end() + (reason == null ? "" : " " + reason);
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.3f ms", time.toNanos() / 1e6);
  }
}
