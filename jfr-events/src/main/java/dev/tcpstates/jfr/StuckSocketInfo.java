// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A socket that stayed for long in a state that sockets usually leave soon. For the components that
 * all socket events have, and for unknown values, see {@link SocketEvent}.
 *
 * @param time when the agent found the socket
 * @param state the socket's state
 * @param timeInState how long the socket is known to have been in the state
 * @param sendQueue payload in bytes that was written and is not acknowledged
 * @param receiveQueue payload in bytes that was received and is not read
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
    Duration timeInState,
    long sendQueue,
    long receiveQueue,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {}
