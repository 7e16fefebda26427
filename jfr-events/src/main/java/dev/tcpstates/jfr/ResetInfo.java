// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A reset that was sent or received. For the components that all socket events have, and for
 * unknown values, see {@link SocketEvent}.
 *
 * @param time when the reset was sent or received
 * @param state the socket's state
 * @param direction {@code SENT} or {@code RECEIVED}
 * @param reason why the kernel sent the reset; null if the kernel gives no reason
 * @param idleBefore how long the connection had been without data; null if it was never established
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record ResetInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    TcpState state,
    String direction,
    String reason,
    @NullIfUnknown Duration idleBefore,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {}
