// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * The accept queue of a listener. For the components that all socket events have, and for unknown
 * values, see {@link SocketEvent}.
 *
 * @param time when the queue was read
 * @param queueLength established connections that wait for {@code accept}
 * @param queueLimit how many may wait
 * @param drops connections and requests that this listener dropped since the previous event
 * @param namespaceOverflows how often any accept queue of the network namespace was full since the
 *     previous event; -1 if unknown
 */
public record ListenQueueInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    int queueLength,
    int queueLimit,
    int drops,
    int namespaceOverflows,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId)
    implements SocketEvent {}
