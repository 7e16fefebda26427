// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Words;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.api.ListAssert;

/**
 * Assertions on the sockets of a test. A failure names the sockets and their opening stacks.
 *
 * <p>{@link #assertThat} reads all that has happened up to the call. An assertion that may still
 * become true, such as that connections end, waits for at most {@link TcpConnections#within}; the
 * assertions that follow also see what happened meanwhile. An assertion that can't become true any
 * more fails at once.
 *
 * <p>If anything was lost, every assertion fails. So does an assertion on a selection, such as
 * {@link TcpConnections#openedFrom}, that has no socket, because a misspelt name selects none; see
 * {@link #allowEmpty}. Only {@link #connectsExactly}, {@link #connectsAtLeast}, {@code
 * connectsAtMost(0)} and {@link #opensNothingFrom} need no socket.
 *
 * <p>If the agent polls the sockets, only assertions can hold that follow from the sockets that
 * Java code opened: {@link #connectsAtMost}, {@link #connectsAtMostPerLine}, {@link
 * #reusesAtLeast}, {@link #opensNothingFrom}, {@link #isNotEmpty}, and {@link #connectsExactly} and
 * {@link #connectsAtLeast} if polls found the connections. Every other assertion fails because it
 * can't be proven.
 *
 * <p>{@link #extracting} and {@link #sockets} return assertions of AssertJ, an optional dependency;
 * nothing else needs it.
 *
 * <p>Every method throws an {@link AssertionError} if its statement is false.
 */
public final class TcpAssert {
  private static final Percentile P99 = new Percentile(99);
  private static final Percentile ALL = new Percentile(100);

  private final TcpConnections connections;
  private Moment moment;
  private boolean emptyAllowed;
  private String description;

  private TcpAssert(TcpConnections connections) {
    this.connections = connections;
    this.moment = connections.moment();
  }

  /** The offending sockets, and whether the assertion may still become true. */
  private record Verdict(
      boolean holds,
      String sentence,
      List<TestSocket> offenders,
      Function<TestSocket, String> note,
      boolean mayPass) {
    /** One that holds if no socket offends. */
    Verdict(
        String sentence,
        List<TestSocket> offenders,
        Function<TestSocket, String> note,
        boolean mayPass) {
      this(offenders.isEmpty(), sentence, offenders, note, mayPass);
    }
  }

  /** Reads what has happened to the sockets up to now. */
  public static TcpAssert assertThat(TcpConnections connections) {
    return new TcpAssert(connections);
  }

  /** Allows that the selection has no socket, for the assertions that follow. */
  public TcpAssert allowEmpty() {
    emptyAllowed = true;
    return this;
  }

  /**
   * Puts a description before the message of each assertion that follows.
   *
   * @param newDescription as in {@link String#format}
   */
  public TcpAssert as(String newDescription, Object... arguments) {
    description = arguments.length == 0 ? newDescription : String.format(newDescription, arguments);
    return this;
  }

  /** Selects the sockets that match a predicate: {@link TcpConnections#filteredOn}. */
  public TcpAssert filteredOn(Predicate<? super TcpSocket> predicate) {
    TcpAssert filtered = new TcpAssert(connections.filteredOn(predicate));
    filtered.emptyAllowed = emptyAllowed;
    filtered.description = description;
    return filtered;
  }

  /** Runs assertions on these connections. */
  public TcpAssert satisfies(Consumer<? super TcpConnections> assertions) {
    assertions.accept(connections);
    return this;
  }

  /**
   * Each socket passes these assertions, of any library. A failure names the sockets that don't.
   *
   * @param assertions throws an {@link AssertionError} for a socket that does not pass
   */
  public TcpAssert allSatisfy(Consumer<? super TcpSocket> assertions) {
    return eventually(
        sockets -> {
          Map<TestSocket, String> errors = new HashMap<>();
          for (TestSocket socket : sockets) {
            try {
              assertions.accept(socket.view());
            } catch (AssertionError e) {
              errors.put(socket, String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "));
            }
          }
          List<TestSocket> failing = where(sockets, errors::containsKey);
          return new Verdict(
              count(failing, sockets) + " not as asserted", failing, errors::get, true);
        });
  }

  /**
   * Returns AssertJ's assertions on a value of each socket up to now: {@code
   * extracting(TcpSocket::port).containsOnly(443)}. A failure names the sockets.
   *
   * @throws NoClassDefFoundError if AssertJ is not on the class path
   */
  public <T> ListAssert<T> extracting(Function<? super TcpSocket, ? extends T> value) {
    requireTransitions();
    requireSockets();
    List<TestSocket> sockets = connections.sockets(moment);
    return AssertJ.assertThat(
        sockets.stream().map(socket -> (T) value.apply(socket.view())).toList(),
        () ->
            described(
                FailureText.of(
                    Words.count(sockets.size(), "socket"), sockets, TestSocket::outcome, moment)));
  }

  /**
   * Returns AssertJ's assertions on the sockets up to now.
   *
   * @throws NoClassDefFoundError if AssertJ is not on the class path
   */
  public ListAssert<TcpSocket> sockets() {
    return extracting(Function.identity());
  }

  /** There is a socket. Waits for one. */
  public TcpAssert isNotEmpty() {
    return await(
        sockets ->
            new Verdict(
                !sockets.isEmpty(),
                "No socket"
                    + (connections.selection().isEmpty()
                        ? ""
                        : ": " + connections.selection() + " selects none"),
                List.of(),
                TestSocket::state,
                true));
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

  /**
   * No line of code has more connections open than this, of those that it opened. The line is the
   * first frame of the events' {@code openedBy}.
   */
  public TcpAssert leavesOpenAtMostPerLine(int most) {
    notNegative(most);
    return eventually(
        sockets -> {
          Map<String, List<TestSocket>> lines =
              where(sockets, socket -> !socket.isListener() && !socket.isClosed()).stream()
                  .collect(Collectors.groupingBy(socket -> socket.life().opener().line()));
          List<TestSocket> growing =
              lines.values().stream()
                  .filter(line -> line.size() > most)
                  .flatMap(List::stream)
                  .toList();
          return new Verdict(
              count(growing, sockets)
                  + " left open by lines of code that may leave "
                  + most
                  + " each",
              growing,
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
    if (most > 0) {
      requireSockets();
    }
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

  /** This side connects, or tries to, at least this often. Waits for it. */
  public TcpAssert connectsAtLeast(int least) {
    notNegative(least);
    return await(
        sockets -> {
          // If the agent polls, only what a poll has found has surely connected.
          List<TestSocket> connects =
              where(sockets, socket -> socket.isOutgoing() && !socket.life().isOnlyOpened());
          return new Verdict(
              connects.size() >= least,
              times(connects.size(), "connect") + " where at least " + least + " should be",
              connects,
              TestSocket::outcome,
              true);
        });
  }

  /**
   * At most this many connections are open at the same time, from their first transition to CLOSE,
   * attempts to connect included.
   */
  public TcpAssert opensAtMostAtOnce(int most) {
    notNegative(most);
    requireTransitions();
    requireSockets();
    return now(
        sockets -> {
          List<TestSocket> peak = Peak.of(where(sockets, socket -> !socket.isListener()));
          return new Verdict(
              times(peak.size(), "connection") + " open at once where at most " + most + " may be",
              peak.size() > most ? peak : List.of(),
              TestSocket::outcome,
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
    requireSockets();
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
    requireSockets();
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

  /**
   * At least this percentage of the connections of this side sent enough payload for this number of
   * requests. The kernel does not know requests, so the test gives the size of the smallest one.
   * Open connections count with the bytes in their {@code Throughput} events, which only the
   * busiest sockets have (option {@code throughputTop}, 20). Fails if there is no connection.
   *
   * @param percentile above 0, up to 100
   * @param requests at least so many per connection, from 1
   * @param bytesPerRequest payload of the smallest request in bytes, from 1
   */
  public TcpAssert isReusedAtLeast(double percentile, int requests, long bytesPerRequest) {
    Percentile share = new Percentile(percentile);
    if (requests < 1 || bytesPerRequest < 1) {
      throw new IllegalArgumentException(
          "1 or more requests of 1 or more bytes are needed, not "
              + requests
              + " of "
              + bytesPerRequest);
    }
    long bytes = Math.multiplyExact(requests, bytesPerRequest);
    return eventually(
        sockets -> {
          List<TestSocket> all = where(sockets, TestSocket::isOutgoing);
          requireSome(all, "No connection of this side, so none to be reused");
          List<TestSocket> once = where(all, socket -> socket.bytesSent() < bytes);
          int may = share.mayExceed(all.size());
          return new Verdict(
              count(once, all)
                  + " sent less than "
                  + times(requests, "request")
                  + " of "
                  + bytesPerRequest
                  + " B, where "
                  + may
                  + " may",
              once.size() > may ? once : List.of(),
              socket -> "sent " + socket.bytesSent() + " B, " + socket.outcome(),
              once.stream().anyMatch(socket -> !socket.isClosed()));
        });
  }

  /** 99 of 100 attempts to connect are established within this time. */
  public TcpAssert handshakeP99IsUnder(Duration limit) {
    return isUnder(P99, limit, Latency.HANDSHAKE);
  }

  /**
   * This percentage of the attempts to connect, ended and open, is established in less than this
   * time, from SYN_SENT to ESTABLISHED. Attempts that failed or are not established yet count as
   * slower. The percentile of n attempts is the one at rank n * percentile / 100, rounded up; of
   * few attempts, the 99th percentile is the slowest one. Fails if there is no attempt.
   *
   * @param percentile above 0, up to 100
   */
  public TcpAssert handshakePercentileIsUnder(double percentile, Duration limit) {
    return isUnder(new Percentile(percentile), limit, Latency.HANDSHAKE);
  }

  /**
   * {@code accept} returns every incoming connection in less than this time after it was
   * established. Fails if no incoming connection was established.
   */
  public TcpAssert acceptWaitIsUnder(Duration limit) {
    return isUnder(ALL, limit, Latency.ACCEPT_WAIT);
  }

  /**
   * {@code accept} returns this percentage of the incoming connections, ended and open, in less
   * than this time after they were established. Those that it has not returned count as slower.
   * Fails if no incoming connection was established.
   *
   * @param percentile above 0, up to 100, as in {@link #handshakePercentileIsUnder}
   */
  public TcpAssert acceptWaitPercentileIsUnder(double percentile, Duration limit) {
    return isUnder(new Percentile(percentile), limit, Latency.ACCEPT_WAIT);
  }

  private TcpAssert isUnder(Percentile percentile, Duration limit, Latency latency) {
    Objects.requireNonNull(limit, "limit");
    return eventually(
        sockets -> {
          List<TestSocket> all = where(sockets, latency.of());
          requireSome(all, latency.none());
          List<TestSocket> slow = where(all, socket -> !latency.isUnder(limit, socket));
          int may = percentile.mayExceed(all.size());
          return new Verdict(
              count(slow, all)
                  + " not "
                  + latency.done()
                  + " in less than "
                  + FailureText.millis(limit)
                  + ", where "
                  + may
                  + " may be",
              slow.size() > may ? slowestFirst(slow, latency) : List.of(),
              latency::note,
              slow.stream().anyMatch(latency.running()));
        });
  }

  /**
   * Each connection ends before it was without payload for longer than this, in both directions.
   * Waits for at most this time and the limit of {@link TcpConnections#within}. A connection that
   * is still open then and was not idle for so long passes.
   */
  public TcpAssert closesIdleWithin(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    return eventually(
        connections.limit().plus(limit),
        sockets -> {
          List<TestSocket> all = where(sockets, socket -> !socket.isListener());
          List<TestSocket> idle =
              where(all, socket -> socket.idle().filter(t -> t.compareTo(limit) > 0).isPresent());
          boolean decided = !idle.isEmpty() || all.stream().allMatch(TestSocket::isClosed);
          return new Verdict(
              decided && idle.isEmpty(),
              count(idle, all) + " idle for more than " + FailureText.millis(limit),
              idle,
              socket ->
                  "idle for " + FailureText.millis(socket.idle().get()) + ", " + socket.outcome(),
              !decided);
        });
  }

  /** No segment was retransmitted, on ended and on open connections. */
  public TcpAssert hasNoRetransmits() {
    requireTransitions();
    requireSockets();
    now(
        sockets -> {
          List<TestSocket> some = where(sockets, socket -> socket.life().retransmits() > 0);
          return new Verdict(
              count(some, sockets) + " with retransmits",
              some,
              socket ->
                  Words.count(socket.life().retransmits(), "retransmit") + ", " + socket.outcome(),
              false);
        });
    List<String> missing = moment.limits().missing("Retransmit");
    if (!missing.isEmpty()) {
      throw connections.cantBeProven(
          described(
              FailureText.cantBeProven(
                  "the kernel does not report retransmits: " + String.join("; ", missing),
                  moment)));
    }
    return this;
  }

  /** No connection has ended by a reset, from either side. */
  public TcpAssert hasNoResets() {
    requireTransitions();
    requireSockets();
    return now(
        sockets -> {
          List<TestSocket> reset =
              where(sockets, socket -> socket.end() != null && socket.end().isReset());
          return new Verdict(count(reset, sockets) + " reset", reset, TestSocket::outcome, false);
        });
  }

  /** No attempt to connect was refused, timed out, failed otherwise or was abandoned. */
  public TcpAssert hasNoFailedConnects() {
    requireTransitions();
    requireSockets();
    return now(
        sockets -> {
          List<TestSocket> connects = where(sockets, TestSocket::isOutgoing);
          List<TestSocket> failed =
              where(connects, socket -> socket.end() != null && !socket.end().established());
          return new Verdict(
              count(failed, connects) + " not established", failed, TestSocket::outcome, false);
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
              TestSocket::outcome,
              others.stream().allMatch(socket -> socket.end() == null));
        });
  }

  private static void notNegative(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("a limit can't be negative: " + most);
    }
  }

  private TcpAssert now(Function<List<TestSocket>, Verdict> judge) {
    Verdict verdict = judge.apply(connections.sockets(moment));
    if (!verdict.holds) {
      throw failure(verdict.sentence, verdict.offenders, verdict.note);
    }
    return this;
  }

  /** What is true of all sockets of an empty selection proves nothing. */
  private void requireSockets() {
    if (!emptyAllowed
        && !connections.selection().isEmpty()
        && connections.sockets(moment).isEmpty()) {
      throw new AssertionError(
          described(FailureText.nothingSelected(connections.selection(), moment)));
    }
  }

  /** A percentage of nothing proves nothing either. */
  private void requireSome(List<TestSocket> sockets, String sentence) {
    if (sockets.isEmpty() && !emptyAllowed) {
      throw failure(sentence, sockets, TestSocket::state);
    }
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
    return eventually(connections.limit(), judge);
  }

  private TcpAssert eventually(Duration limit, Function<List<TestSocket>, Verdict> judge) {
    requireTransitions();
    requireSockets();
    Verdict verdict = lastVerdict(limit, judge);
    // What is not decided when the time is up has no offender.
    if (!verdict.holds && !verdict.offenders.isEmpty()) {
      throw failure(verdict.sentence, verdict.offenders, verdict.note);
    }
    return this;
  }

  /** For a lower bound, which polls can prove too, and for which there may be no socket. */
  private TcpAssert await(Function<List<TestSocket>, Verdict> judge) {
    Verdict verdict = lastVerdict(connections.limit(), judge);
    if (!verdict.holds) {
      if (moment.limits().isSampled()) {
        throw connections.unproven(connections.unknownIfSampled(), moment);
      }
      throw failure(verdict.sentence, verdict.offenders, verdict.note);
    }
    return this;
  }

  /** The first verdict that holds or can't change any more, or the one when the time is up. */
  private Verdict lastVerdict(Duration limit, Function<List<TestSocket>, Verdict> judge) {
    Deadline deadline = new Deadline(limit);
    Verdict verdict = judge.apply(connections.sockets(moment));
    while (!verdict.holds && verdict.mayPass && deadline.pause()) {
      moment = connections.moment();
      verdict = judge.apply(connections.sockets(moment));
    }
    return verdict;
  }

  private AssertionError failure(
      String sentence, List<TestSocket> offenders, Function<TestSocket, String> note) {
    return new AssertionError(described(FailureText.of(sentence, offenders, note, moment)));
  }

  private String described(String text) {
    return description == null ? text : "[" + description + "] " + text;
  }

  private static List<TestSocket> where(List<TestSocket> sockets, Predicate<TestSocket> choice) {
    return sockets.stream().filter(choice).toList();
  }

  private static Predicate<TestSocket> isIn(TcpState state) {
    return socket -> socket.isIn(state);
  }

  private static List<TestSocket> slowestFirst(List<TestSocket> sockets, Latency latency) {
    return sockets.stream()
        .sorted(Comparator.comparing(latency::orForever, Comparator.reverseOrder()))
        .toList();
  }

  /** {@code 2 of 5 sockets}. */
  private static String count(List<TestSocket> some, List<TestSocket> all) {
    return some.size() + " of " + times(all.size(), "socket");
  }

  private static String times(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
