// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A socket that stayed for long in a state that sockets usually leave soon, or without progress.
 * For the components that all socket events have, and for unknown values, see {@link SocketEvent}.
 *
 * @param time when the agent found the socket
 * @param state the socket's state
 * @param cause why the socket is stuck; null if it is unknown
 * @param stuckFor how long the socket is known to have been without progress; in a recording that
 *     lacks it, {@code timeInState}
 * @param timeInState how long the socket is known to have been in the state
 * @param sendQueue payload in bytes that was written and is not acknowledged
 * @param receiveQueue payload in bytes that was received and is not read
 * @param retransmits segments retransmitted since the socket was opened
 * @param givesUpIn of an UNACKNOWLEDGED socket, time until the kernel ends the connection if
 *     nothing more comes from the remote side; null if it goes on for ever, or that is unknown
 * @param lastSent time since payload was last sent or retransmitted; null if none ever was
 * @param lastReceived time since payload was last received; null if none ever was
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record StuckSocketInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    TcpState state,
    StuckCause cause,
    Duration stuckFor,
    Duration timeInState,
    long sendQueue,
    long receiveQueue,
    int retransmits,
    @NullIfUnknown Duration givesUpIn,
    @NullIfUnknown Duration lastSent,
    @NullIfUnknown Duration lastReceived,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements PayloadEvent {
  public StuckSocketInfo {
    cause = cause == null ? StuckCause.of(state) : cause;
    stuckFor = stuckFor == null || stuckFor.isZero() ? timeInState : stuckFor;
  }
}
