// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** Why a socket is stuck, by the names that the event's field {@code cause} has. */
public enum StuckCause {
  /** The remote side has closed the connection, this side not: CLOSE_WAIT. */
  NOT_CLOSED,
  /** The remote side acknowledges no further data, or not the FIN. */
  UNACKNOWLEDGED,
  /** The application does not read what was received. */
  UNREAD,
  /** The connection waits for {@code accept}. */
  NOT_ACCEPTED,
  /** The handshake is not complete: SYN_SENT or SYN_RECV. */
  CONNECTING,
  /** This side has sent its FIN, and the remote side does not close: FIN_WAIT2. */
  CLOSING;

  /** The cause that a state alone shows, as in recordings without causes; null if there is none. */
  public static StuckCause of(TcpState state) {
    if (state == null) {
      return null;
    }
    return switch (state) {
      case CLOSE_WAIT -> NOT_CLOSED;
      case SYN_SENT, SYN_RECV, NEW_SYN_RECV -> CONNECTING;
      case FIN_WAIT1, LAST_ACK, CLOSING -> UNACKNOWLEDGED;
      case FIN_WAIT2 -> CLOSING;
      default -> null;
    };
  }

  /** Whether the socket's state alone shows it, so that it lasts until the state changes. */
  public boolean isOfState(TcpState state) {
    return this == of(state);
  }
}
