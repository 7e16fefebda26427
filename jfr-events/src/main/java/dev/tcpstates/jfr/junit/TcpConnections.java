// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.opentest4j.TestAbortedException;

/**
 * The sockets of a test: a parameter of a test, {@code @BeforeEach} or {@code @AfterEach} method of
 * a class with {@link TcpStates}, which defines the sockets of a test. For assertions on them, see
 * {@link TcpAssert#assertThat}.
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
  private final Duration limit;
  private final String unknownIfSampled;

  TcpConnections(TestRecording recording) {
    this(recording, socket -> true, USUAL_LIMIT, null);
  }

  private TcpConnections(
      TestRecording recording,
      Predicate<TestSocket> choice,
      Duration limit,
      String unknownIfSampled) {
    this.recording = recording;
    this.choice = choice;
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
    return only(TestSocket::isOutgoing, unknownIfSampled);
  }

  /** Of these, the connections to a listener of this JVM, accepted or not. */
  public TcpConnections incoming() {
    return only(TestSocket::isIncoming, "connections that were not accepted are not recorded");
  }

  /**
   * Of these, the sockets with which this side connects to a port.
   *
   * @param port the remote port, 1 to 65535
   */
  public TcpConnections toPort(int port) {
    return only(
        socket -> socket.isOutgoing() && socket.last() != null && socket.last().port() == port,
        "the port that a socket connects to is not recorded when it is opened");
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
    return only(socket -> socket.isOpenedFrom(packageOrClass), unknownIfSampled);
  }

  /** Returns the same sockets, on which assertions wait for at most this time instead of 5 s. */
  public TcpConnections within(Duration newLimit) {
    return new TcpConnections(
        recording, choice, Objects.requireNonNull(newLimit, "newLimit"), unknownIfSampled);
  }

  private TcpConnections only(Predicate<TestSocket> further, String newUnknownIfSampled) {
    return new TcpConnections(recording, choice.and(further), limit, newUnknownIfSampled);
  }

  /**
   * The transitions of each socket up to now, by the time of its first one.
   *
   * @throws AssertionError if the agent polls, so that no transition is recorded
   */
  public List<SocketTimeline> sockets() {
    return sockets(exactMoment()).stream().map(TestSocket::timeline).toList();
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
    String text = FailureText.unproven(why, moment);
    if (recording.skipsUnproven()) {
      throw new TestAbortedException(text.lines().findFirst().orElseThrow());
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
