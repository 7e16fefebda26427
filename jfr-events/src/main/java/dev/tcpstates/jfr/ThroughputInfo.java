// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * The payload of one of the busiest sockets in an interval, or of all other sockets together. For
 * the components that all socket events have, and for unknown values, see {@link SocketEvent}.
 *
 * @param time the end of the interval
 * @param state the socket's state
 * @param sockets how many sockets this counts: 1, or more for all other sockets together, which
 *     have no {@code socketId}
 * @param interval length of the interval
 * @param bytesSent payload in bytes in the interval, without retransmits
 * @param bytesReceived payload in bytes that was received in order in the interval
 * @param smoothedRtt smoothed round-trip time; null if it was never measured
 * @param congestionWindow how many segments may be in flight
 * @param sendQueue payload in bytes that was written and is not acknowledged
 * @param receiveQueue payload in bytes that was received and is not read
 * @param lastSent time since payload was last sent or retransmitted; null if none ever was
 * @param lastReceived time since payload was last received; null if none ever was
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record ThroughputInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    TcpState state,
    int sockets,
    Duration interval,
    long bytesSent,
    long bytesReceived,
    @NullIfUnknown Duration smoothedRtt,
    int congestionWindow,
    long sendQueue,
    long receiveQueue,
    @NullIfUnknown Duration lastSent,
    @NullIfUnknown Duration lastReceived,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements PayloadEvent {
  /** Older recordings have zero for what was never measured. */
  public ThroughputInfo {
    smoothedRtt = smoothedRtt != null && smoothedRtt.isZero() ? null : smoothedRtt;
  }
}
