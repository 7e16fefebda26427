// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Segments that were retransmitted at once. For the components that all socket events have, and for
 * unknown values, see {@link SocketEvent}.
 *
 * @param time when the segments were retransmitted
 * @param state the socket's state
 * @param kind {@code SYN}, {@code SYN_ACK}, {@code DATA}, {@code FIN} or {@code LOSS_PROBE}
 * @param segments how many segments
 * @param bytesRetransmitted payload in these segments, in bytes
 * @param retransmits retransmitted segments of this connection so far, including these
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record RetransmitInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    TcpState state,
    String kind,
    int segments,
    long bytesRetransmitted,
    int retransmits,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {}
