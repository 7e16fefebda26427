// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A socket that was open when a chunk of the recording started. For the components that all socket
 * events have, and for unknown values, see {@link SocketEvent}.
 *
 * @param time when the chunk started
 * @param state the socket's state
 * @param timeInState how long the socket is known to have been in the state
 * @param sendQueue payload in bytes that was written and is not acknowledged; 0 for a listener
 * @param receiveQueue payload in bytes that was received and is not read; 0 for a listener
 * @param lastSent time since payload was last sent or retransmitted; null if none ever was
 * @param lastReceived time since payload was last received; null if none ever was
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record SocketStateInfo(
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
    @NullIfUnknown Duration lastSent,
    @NullIfUnknown Duration lastReceived,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements PayloadEvent {}
