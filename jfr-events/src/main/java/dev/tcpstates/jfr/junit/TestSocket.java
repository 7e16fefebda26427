// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A socket of a test.
 *
 * @param timeline null if the agent polls, so that no transition is recorded
 */
record TestSocket(SocketLife life, SocketTimeline timeline) {
  /** Whether the socket was opened within the recording. */
  boolean isNew() {
    return timeline == null || life.begunByTransition();
  }

  boolean isListener() {
    return life.isListener();
  }

  boolean isOutgoing() {
    return life.isConnection() && !isIncoming();
  }

  boolean isIncoming() {
    return life.kind() == SocketKind.ACCEPT;
  }

  boolean isIn(TcpState state) {
    return timeline != null && life.state() == state;
  }

  boolean isClosed() {
    return timeline != null && life.isClosed();
  }

  /** The state, for a message. */
  String state() {
    return timeline == null ? "opened, state not recorded" : String.valueOf(life.state());
  }

  /** Whether the transition to CLOSE was read, but not yet the {@code Connection} event. */
  boolean isHalfEnded() {
    return life.isCloseRecorded() && end() == null && !isListener();
  }

  /** How the connection ended; null if it has not, and for a listener. */
  ConnectionInfo end() {
    return life.connection();
  }

  /** From SYN_SENT to ESTABLISHED; empty if the socket never was established. */
  Optional<Duration> handshake() {
    return Optional.ofNullable(life.handshake());
  }

  /** The last event with addresses; null if there is none. */
  SocketEvent last() {
    return timeline == null ? end() : life.last();
  }

  /** All frames of the opening stack, the innermost first, as {@code pkg.Class.method:line}. */
  List<String> stack() {
    return life.opener().stack();
  }

  /** Whether the class, or a class of the package or of one below it, is on the opening stack. */
  boolean isOpenedFrom(String packageOrClass) {
    return life.opener().isFrom(packageOrClass);
  }
}
