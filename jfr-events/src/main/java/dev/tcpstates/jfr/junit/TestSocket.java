// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A socket of a test.
 *
 * @param timeline null if no transition is recorded: the agent polls, or a connect failed at once
 * @param data what snapshots have shown of the payload
 */
record TestSocket(SocketLife life, SocketTimeline timeline, DataSeen data) {
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

  boolean isEstablished() {
    return life.isEstablished();
  }

  boolean isIn(TcpState state) {
    return timeline == null ? end() != null && state == TcpState.CLOSE : life.state() == state;
  }

  boolean isClosed() {
    // A connect that fails at once has no transition.
    return timeline == null ? end() != null : life.isClosed();
  }

  /** The state, for a message. */
  String state() {
    if (timeline == null) {
      return end() == null ? "opened, state not recorded" : outcome();
    }
    return String.valueOf(life.state());
  }

  /** How it ended, for a message; or the state that it is in. */
  String outcome() {
    if (end() == null) {
      return state();
    }
    return end().end() + (end().reason() == null ? "" : " " + end().reason());
  }

  /** Whether the transition to CLOSE was read, but not yet the {@code Connection} event. */
  boolean isHalfEnded() {
    return life.isCloseRecorded() && end() == null && !isListener();
  }

  /** How the connection ended; null if it has not, and for a listener. */
  ConnectionInfo end() {
    return life.connection();
  }

  /** When the first transition happened, or earlier if that is uncertain; null if there is none. */
  Instant begun() {
    if (timeline == null) {
      return null;
    }
    Transition first = timeline.transitions().get(0);
    return first.endTime().minus(first.uncertainty());
  }

  /** When the socket entered CLOSE; null if it has not. */
  Instant closed() {
    return life.isCloseRecorded() ? life.lastTransition().endTime() : null;
  }

  /** From SYN_SENT to ESTABLISHED; empty if the socket never was established. */
  Optional<Duration> handshake() {
    return Optional.ofNullable(life.handshake());
  }

  /** From ESTABLISHED until {@code accept} returned it; empty if it has not. */
  Optional<Duration> acceptWait() {
    boolean never = end() != null && !end().accepted();
    return never ? Optional.empty() : Optional.ofNullable(life.acceptQueueWait());
  }

  /**
   * How long the connection had been without payload when it began to end, or when the last
   * snapshot showed it; empty if it never was established, or no snapshot was read yet.
   */
  Optional<Duration> idle() {
    if (!isEstablished()) {
      return Optional.empty();
    }
    return Optional.ofNullable(end() == null ? data.idle(life) : end().idleBefore());
  }

  /** Payload in bytes that this side has sent; if the socket is open, as far as events show it. */
  long bytesSent() {
    return end() == null ? data.sent() : end().bytesSent();
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

  /** What a test may see of it. */
  TcpSocket view() {
    SocketEvent last = last();
    return new TcpSocket(
        life.socketId(),
        life.kind(),
        isClosed() ? TcpState.CLOSE : life.state(),
        last == null ? null : last.localAddress(),
        last == null ? 0 : last.localPort(),
        last == null ? null : last.address(),
        last == null ? 0 : last.port(),
        life.opener().openedBy(),
        stack(),
        life.thread(),
        life.handshake(),
        acceptWait().orElse(null),
        life.retransmits(),
        end());
  }
}
