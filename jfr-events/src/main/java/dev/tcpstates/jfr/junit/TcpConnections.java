// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.opentest4j.TestAbortedException;

/**
 * The sockets of a test: a parameter of a test, {@code @BeforeEach} or {@code @AfterEach} method of
 * a class with {@link TcpStates}, which defines the sockets of a test; with {@link
 * TcpStates.Scope#CLASS} also of a {@code @BeforeAll} or {@code @AfterAll} method. For assertions
 * on them, see {@link TcpAssert#assertThat}.
 *
 * <p>Each call that reads them takes tens of milliseconds, and includes all that has happened to
 * them up to the call. Until the test has ended, the methods may be called from any thread.
 *
 * <p>They throw an {@link IllegalStateException} or {@link java.io.UncheckedIOException} if the
 * recording can't be read, and an {@link AssertionError} if it is incomplete.
 */
public final class TcpConnections {
  /** Another thread may have to close a connection. */
  private static final Duration USUAL_LIMIT = Duration.ofSeconds(5);

  private final TestRecording recording;
  private final Predicate<TestSocket> choice;

  /** The calls that selected these sockets; empty for all of the test's. */
  private final String selection;

  private final Duration limit;
  private final String unknownIfSampled;

  TcpConnections(TestRecording recording) {
    this(recording, socket -> true, "", USUAL_LIMIT, null);
  }

  private TcpConnections(
      TestRecording recording,
      Predicate<TestSocket> choice,
      String selection,
      Duration limit,
      String unknownIfSampled) {
    this.recording = recording;
    this.choice = choice;
    this.selection = selection;
    this.limit = limit;
    this.unknownIfSampled = unknownIfSampled;
  }

  /**
   * Excludes the sockets that had a transition before this call, for all objects of this test, for
   * instance after a warm-up.
   */
  public void fromNow() {
    recording.fromNow();
  }

  /** Of these, the sockets with which this side connects, successfully or not. */
  public TcpConnections outgoing() {
    return only("outgoing()", TestSocket::isOutgoing, unknownIfSampled);
  }

  /** Of these, the connections to a listener of this JVM, accepted or not. */
  public TcpConnections incoming() {
    return only(
        "incoming()",
        TestSocket::isIncoming,
        "connections that were not accepted are not recorded");
  }

  /**
   * Of these, the sockets with which this side connects to a port.
   *
   * @param port the remote port, 1 to 65535
   */
  public TcpConnections toPort(int port) {
    return only(
        "toPort(" + port + ")",
        socket -> socket.isOutgoing() && socket.last() != null && socket.last().port() == port,
        "the port that a socket connects to is not recorded when it is opened");
  }

  /**
   * Of these, the sockets with which this side connects to a host.
   *
   * @param host an IP address, or a name, which is resolved now: all its addresses count
   * @throws IllegalArgumentException if the name can't be resolved
   */
  public TcpConnections toHost(String host) {
    Objects.requireNonNull(host, "host");
    Set<InetAddress> addresses;
    try {
      addresses = Set.copyOf(List.of(InetAddress.getAllByName(host)));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("the host \"" + host + "\" can't be resolved", e);
    }
    return only(
        "toHost(\"" + host + "\")",
        socket ->
            socket.isOutgoing()
                && socket.last() != null
                && isOneOf(addresses, socket.last().address()),
        "the address that a socket connects to is not recorded when it is opened");
  }

  private static boolean isOneOf(Set<InetAddress> addresses, String address) {
    try {
      // A text without a name in it, so nothing is resolved.
      return address != null && addresses.contains(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /**
   * Of these, the sockets that a predicate selects, each time when they are read: a connection may
   * be selected while it is open, and not when it has ended.
   *
   * @param predicate may be called from another thread, and several times for a socket
   */
  public TcpConnections filteredOn(Predicate<? super TcpSocket> predicate) {
    Objects.requireNonNull(predicate, "predicate");
    return only(
        "filteredOn(...)",
        socket -> predicate.test(socket.view()),
        "what a predicate needs may not be recorded");
  }

  /**
   * Of these, the sockets whose opening stack has a method of a package or class. The opener of an
   * incoming connection is the code that accepts it, and until then the code that opened the
   * listener.
   *
   * @param packageOrClass name of a package, which includes the packages in it, or of a class, such
   *     as {@code com.example.shop} or {@code com.example.shop.Client}
   */
  public TcpConnections openedFrom(String packageOrClass) {
    Objects.requireNonNull(packageOrClass, "packageOrClass");
    return only(
        "openedFrom(\"" + packageOrClass + "\")",
        socket -> socket.isOpenedFrom(packageOrClass),
        unknownIfSampled);
  }

  /** Returns the same sockets, on which assertions wait for at most this time instead of 5 s. */
  public TcpConnections within(Duration newLimit) {
    return new TcpConnections(
        recording,
        choice,
        selection,
        Objects.requireNonNull(newLimit, "newLimit"),
        unknownIfSampled);
  }

  private TcpConnections only(
      String call, Predicate<TestSocket> further, String newUnknownIfSampled) {
    return new TcpConnections(
        recording,
        choice.and(further),
        selection + (selection.isEmpty() ? "" : ".") + call,
        limit,
        newUnknownIfSampled);
  }

  /**
   * The sockets up to now, open and ended, by the time of their first transition. For assertions on
   * single values, with any library.
   *
   * @throws AssertionError if the agent polls, so that some are not recorded
   */
  public List<TcpSocket> list() {
    return sockets(exactMoment()).stream().map(TestSocket::view).toList();
  }

  /**
   * The transitions of each socket up to now, by the time of its first one. A connect that failed
   * at once has none; see {@link #ended()}.
   *
   * @throws AssertionError if the agent polls, so that no transition is recorded
   */
  public List<SocketTimeline> sockets() {
    return sockets(exactMoment()).stream()
        .map(TestSocket::timeline)
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * The connections that have ended up to now, and attempts at one.
   *
   * @throws AssertionError if the agent polls, so that some are not recorded
   */
  public List<ConnectionInfo> ended() {
    return sockets(exactMoment()).stream()
        .filter(socket -> socket.end() != null)
        .map(TestSocket::end)
        .toList();
  }

  /** The whole recording up to now, including sockets that are not the test's. */
  public TcpRecording recording() {
    return moment().recording();
  }

  List<TestSocket> sockets(Moment moment) {
    return moment.sockets(choice);
  }

  /** The calls that selected these sockets, such as {@code outgoing()}; empty for all. */
  String selection() {
    return selection;
  }

  /** How long an assertion waits to become true. */
  Duration limit() {
    return limit;
  }

  /** Why a sampled recording can't select these sockets; null if it can. */
  String unknownIfSampled() {
    return unknownIfSampled;
  }

  /**
   * Ends a test whose assertion a sampled recording can't prove: throws to skip the test, or
   * returns the failure if the test requires the agent.
   *
   * @param why a further reason; may be null
   */
  Error unproven(String why, Moment moment) {
    return cantBeProven(FailureText.unproven(why, moment));
  }

  /** As {@link #unproven}, with the whole text. */
  Error cantBeProven(String text) {
    if (recording.skipsUnproven()) {
      String reason = text.lines().findFirst().orElseThrow();
      recording.skipNotice().print(reason);
      throw new TestAbortedException(reason);
    }
    return new AssertionError(text);
  }

  private Moment exactMoment() {
    Moment moment = moment();
    if (moment.limits().isSampled()) {
      throw unproven(null, moment);
    }
    return moment;
  }

  /** The recording up to now, if it is complete. */
  Moment moment() {
    Deadline deadline = new Deadline(TestRecording.BARRIER_LIMIT);
    Moment moment = recording.moment();
    while (!moment.halfEnded().isEmpty() && moment.gaps().isEmpty() && deadline.pause()) {
      moment = recording.moment();
    }
    // An incomplete recording does not prove that something did not happen.
    if (!moment.gaps().isEmpty()) {
      throw new AssertionError(
          "Nothing can be proven about this test's connections, because the recording is"
              + " incomplete:\n"
              + "  "
              + String.join("\n  ", moment.gaps())
              + "\n\n"
              + FailureText.recording(moment));
    }
    if (!moment.halfEnded().isEmpty()) {
      throw new AssertionError(
          FailureText.of(
              "How these connections ended is unknown",
              moment.halfEnded(),
              TestSocket::state,
              moment));
    }
    return moment;
  }
}
