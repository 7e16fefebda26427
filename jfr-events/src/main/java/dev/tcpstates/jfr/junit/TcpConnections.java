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
 * a class with {@link TcpStates}, which says which sockets are the test's. To assert something of
 * them: {@link TcpAssert#assertThat}.
 *
 * <p>Each call that looks at them takes tens of milliseconds, and sees all that the kernel has done
 * with them up to the call. Until the test has ended, the methods may be called from any thread.
 *
 * <p>They throw an {@link IllegalStateException} or {@link java.io.UncheckedIOException} if the
 * recording can't be read, and an {@link AssertionError} if it is incomplete.
 */
public final class TcpConnections {
  /** What closes a connection, may be another thread that has to get to it. */
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
   * Lets the test's sockets begin here: those that had a transition before don't count any more, in
   * none of the objects of this test. For what comes after a warm-up.
   */
  public void fromNow() {
    recording.fromNow();
  }

  /** Of these, the ones that this side connects with, whether it succeeds or not. */
  public TcpConnections outgoing() {
    return only(TestSocket::isOutgoing, unknownIfSampled);
  }

  /** Of these, the ones that came to a listener of this JVM, whether it accepted them or not. */
  public TcpConnections incoming() {
    return only(TestSocket::isIncoming, "connections that nobody accepted are not recorded");
  }

  /**
   * Of these, the ones that this side connects to a port with.
   *
   * @param port the other side's, 1 to 65535
   */
  public TcpConnections toPort(int port) {
    return only(
        socket -> socket.isOutgoing() && socket.last() != null && socket.last().port() == port,
        "the port that a socket connects to is not recorded when it is opened");
  }

  /**
   * Of these, the ones that some code opens: anywhere on the opening stack is a method of it. An
   * incoming connection is opened by who accepts it, and until then by who opened the listener.
   *
   * @param packageOrClass name of a package, with all that are in it, or of a class, such as {@code
   *     com.example.shop} or {@code com.example.shop.Client}
   */
  public TcpConnections openedFrom(String packageOrClass) {
    Objects.requireNonNull(packageOrClass, "packageOrClass");
    return only(socket -> socket.isOpenedFrom(packageOrClass), unknownIfSampled);
  }

  /** The same, but assertions wait for no longer than this; otherwise it is 5 seconds. */
  public TcpConnections within(Duration newLimit) {
    return new TcpConnections(
        recording, choice, Objects.requireNonNull(newLimit, "newLimit"), unknownIfSampled);
  }

  private TcpConnections only(Predicate<TestSocket> further, String newUnknownIfSampled) {
    return new TcpConnections(recording, choice.and(further), limit, newUnknownIfSampled);
  }

  /**
   * What became of each socket up to now, by the time of its first transition. An {@link
   * AssertionError} if the agent polls, so that no transition is recorded.
   */
  public List<SocketTimeline> sockets() {
    return sockets(exactMoment()).stream().map(TestSocket::timeline).toList();
  }

  /**
   * The connections that have ended up to now, and attempts at one. An {@link AssertionError} if
   * the agent polls, so that some are not recorded.
   */
  public List<ConnectionInfo> ended() {
    return sockets(exactMoment()).stream()
        .filter(socket -> socket.end() != null)
        .map(TestSocket::end)
        .toList();
  }

  /** All that was recorded around this test up to now, also of sockets that are not the test's. */
  public TcpRecording recording() {
    return moment().recording();
  }

  List<TestSocket> sockets(Moment moment) {
    return moment.sockets(choice);
  }

  /** How long to wait for what may still come. */
  Duration limit() {
    return limit;
  }

  /** What these are chosen by and a recording of polled sockets does not have; null if nothing. */
  String unknownIfSampled() {
    return unknownIfSampled;
  }

  /**
   * What ends a test whose assertion a recording of polled sockets can't prove: the test is
   * skipped, unless it requires the agent.
   *
   * @param why what else makes it impossible; may be null
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

  /** What is known now, if all is known. */
  Moment moment() {
    Deadline deadline = new Deadline(TestRecording.BARRIER_LIMIT);
    Moment moment = recording.moment();
    while (!moment.halfEnded().isEmpty() && moment.gaps().isEmpty() && deadline.pause()) {
      moment = recording.moment();
    }
    // From an incomplete recording follows nothing, least of all that something did not happen.
    if (!moment.gaps().isEmpty()) {
      throw new AssertionError(
          "Nothing can be said of this test's connections, for the recording is incomplete:\n  "
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
