// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A connection, or an attempt at one, that has ended. For the components that all socket events
 * have, and for unknown values, see {@link SocketEvent}.
 *
 * <p>Where the agent polls the sockets ({@link AgentInfo#isSampled}), there is one for each
 * connection that a poll found. The counters are those of the last poll that found it. Times are
 * off by at most {@code uncertainty}.
 *
 * @param startTime when the first transition happened
 * @param endTime when the socket entered CLOSE
 * @param kind {@code CONNECT} or {@code ACCEPT}
 * @param end how the connection ended
 * @param closedBy which side sent the first FIN; null if neither sent one
 * @param reason the error that ended the connection, by its errno name; null if there was none
 * @param uncertainty how far the times may be off, {@code startTime} and {@code endTime} included;
 *     zero if they are exact
 * @param established whether the connection was ever established; if sampled, whether a poll found
 *     it established
 * @param handshakeTime from the first transition until the connection was established; null if it
 *     never was, or unknown
 * @param accepted whether {@code accept} returned the connection before it ended; false if this
 *     side connected
 * @param acceptQueueWait from the end of the handshake until {@code accept} returned the
 *     connection, or until its end if {@code accept} never did; null if this side connected, the
 *     connection was never established, or unknown
 * @param timeEstablished time in ESTABLISHED
 * @param timeCloseWait time in CLOSE_WAIT
 * @param timeFinWait time in FIN_WAIT1 and FIN_WAIT2
 * @param timeLastAck time in LAST_ACK
 * @param idleBefore how long the connection had been without data when its end began, with a FIN, a
 *     reset or an error; null if it was never established, or sampled
 * @param bytesSent payload in bytes, without retransmits
 * @param bytesReceived payload in bytes that was received in order
 * @param bytesRetransmitted payload in bytes that was retransmitted
 * @param bytesUnread payload in bytes that the application did not read
 * @param segmentsSent segments with and without payload, without the reset that ends a connection
 * @param segmentsReceived segments with and without payload
 * @param retransmits retransmitted segments
 * @param smoothedRtt smoothed round-trip time at the end; null if it was never measured
 * @param minimumRtt the kernel's minimum of the recent round-trip times; null likewise
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record ConnectionInfo(
    long socketId,
    Instant startTime,
    Instant endTime,
    SocketKind kind,
    String localAddress,
    int localPort,
    String address,
    int port,
    ConnectionEnd end,
    String closedBy,
    String reason,
    Duration uncertainty,
    boolean established,
    @NullIfUnknown Duration handshakeTime,
    boolean accepted,
    @NullIfUnknown Duration acceptQueueWait,
    @NullIfUnknown Duration timeEstablished,
    @NullIfUnknown Duration timeCloseWait,
    @NullIfUnknown Duration timeFinWait,
    @NullIfUnknown Duration timeLastAck,
    @NullIfUnknown Duration idleBefore,
    long bytesSent,
    long bytesReceived,
    long bytesRetransmitted,
    long bytesUnread,
    int segmentsSent,
    int segmentsReceived,
    int retransmits,
    @NullIfUnknown Duration smoothedRtt,
    @NullIfUnknown Duration minimumRtt,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {
  /** Older recordings have zero for what was never measured, or can't be. */
  public ConnectionInfo {
    handshakeTime = established ? handshakeTime : null;
    acceptQueueWait = established && kind != SocketKind.CONNECT ? acceptQueueWait : null;
    smoothedRtt = smoothedRtt != null && smoothedRtt.isZero() ? null : smoothedRtt;
    minimumRtt = minimumRtt != null && minimumRtt.isZero() ? null : minimumRtt;
  }

  /** Whether this side connected, or tried to. */
  public boolean isOutgoing() {
    return kind == SocketKind.CONNECT;
  }

  /** Whether either side ended the connection by a reset. */
  public boolean isReset() {
    return end == ConnectionEnd.RESET_BY_REMOTE || end == ConnectionEnd.RESET_BY_LOCAL;
  }
}
