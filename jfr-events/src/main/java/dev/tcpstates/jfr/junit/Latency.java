// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A time that connections take, of ended and of open ones.
 *
 * @param none the sentence if no connection can have it
 * @param done what has happened at its end
 * @param of the connections that can have it
 * @param time the time; empty if it has not ended, or never will
 * @param running whether it has not ended yet
 */
record Latency(
    String none,
    String done,
    Predicate<TestSocket> of,
    Function<TestSocket, Optional<Duration>> time,
    Predicate<TestSocket> running) {
  static final Latency HANDSHAKE =
      new Latency(
          "No attempt to connect, so no handshake to measure",
          "established",
          TestSocket::isOutgoing,
          TestSocket::handshake,
          socket -> socket.handshake().isEmpty() && !socket.isClosed());

  static final Latency ACCEPT_WAIT =
      new Latency(
          "No incoming connection was established, so no wait for accept to measure",
          "accepted",
          socket -> socket.isIncoming() && socket.isEstablished(),
          TestSocket::acceptWait,
          socket -> socket.acceptWait().isEmpty() && !socket.isClosed());

  boolean isUnder(Duration limit, TestSocket socket) {
    return time.apply(socket).filter(taken -> taken.compareTo(limit) < 0).isPresent();
  }

  /** The time, or the state or end of a connection without one. */
  String note(TestSocket socket) {
    return time.apply(socket)
        .map(taken -> done + " after " + FailureText.millis(taken))
        .orElse(socket.outcome());
  }

  /** For a sort: connections without the time are the slowest. */
  Duration orForever(TestSocket socket) {
    return time.apply(socket).orElse(Duration.ofSeconds(Long.MAX_VALUE));
  }
}
