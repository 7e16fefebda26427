// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * A connection that has ended, or an attempt at one. A text is null, a number 0 and a duration zero
 * if it is not known, does not apply, or the recording's version did not have it.
 *
 * <p>Where the agent polled the sockets ({@link AgentInfo#isSampled}), there is one for each
 * connection that a poll found. The counters are those of the last poll that found it. Times are
 * off by up to {@code uncertainty}, and those that are marked so are null if no poll saw how long.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param startTime its first transition
 * @param endTime when it entered CLOSE
 * @param kind {@code CONNECT} or {@code ACCEPT}
 * @param localAddress IP address of this side
 * @param localPort 0 to 65535
 * @param address IP address of the other side
 * @param port 0 to 65535
 * @param end {@code FIN}, {@code RESET_BY_REMOTE}, {@code RESET_BY_LOCAL}, {@code REFUSED}, {@code
 *     TIMEOUT}, {@code UNREACHABLE}, {@code ABANDONED}, {@code ERROR}, or {@code UNKNOWN} if it
 *     ended between two polls
 * @param closedBy {@code LOCAL} or {@code REMOTE}: whose FIN was first; null if neither sent one
 * @param reason the error that ended it, by its errno name; null if there was none
 * @param uncertainty by how much the times may be off, {@code startTime} and {@code endTime}
 *     included; zero if they are exact
 * @param established whether it ever was; if sampled, whether a poll saw it so
 * @param handshakeTime from the first transition until it was established; null if not known
 * @param accepted whether {@code accept} returned it before it ended; false where this side
 *     connected
 * @param acceptQueueWait how long it was established before {@code accept} returned it, or until
 *     its end if that never happened; null if not known
 * @param timeEstablished time in ESTABLISHED; null if not known
 * @param timeCloseWait time in CLOSE_WAIT; null if not known
 * @param timeFinWait time in FIN_WAIT1 and FIN_WAIT2; null if not known
 * @param timeLastAck time in LAST_ACK; null if not known
 * @param bytesSent payload, without what was sent again
 * @param bytesReceived payload, in order
 * @param bytesRetransmitted payload that was sent again
 * @param bytesUnread payload that had come and was not read
 * @param segmentsSent with or without payload, but for the reset that ends a connection
 * @param segmentsReceived with or without payload
 * @param retransmits segments that were sent again
 * @param smoothedRtt smoothed round-trip time at the end
 * @param minimumRtt shortest round-trip time of late
 * @param openedBy the frames that opened the socket, the application's own first
 * @param openThread name of the thread that opened it
 * @param openThreadId Java's id of that thread
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack
 * @param listenerId cookie of the listener that it was accepted from, 0 if from none
 */
public record ConnectionInfo(
    long socketId,
    Instant startTime,
    Instant endTime,
    String kind,
    String localAddress,
    int localPort,
    String address,
    int port,
    String end,
    String closedBy,
    String reason,
    Duration uncertainty,
    boolean established,
    Duration handshakeTime,
    boolean accepted,
    Duration acceptQueueWait,
    Duration timeEstablished,
    Duration timeCloseWait,
    Duration timeFinWait,
    Duration timeLastAck,
    long bytesSent,
    long bytesReceived,
    long bytesRetransmitted,
    long bytesUnread,
    int segmentsSent,
    int segmentsReceived,
    int retransmits,
    Duration smoothedRtt,
    Duration minimumRtt,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {
  /** The {@code end} of a connection that ended between two polls. */
  public static final String UNKNOWN_END = "UNKNOWN";

  static ConnectionInfo of(EventFields fields) {
    return new ConnectionInfo(
        fields.number("socketId"),
        fields.startTime(),
        fields.endTime(),
        fields.text("kind"),
        fields.text("localAddress"),
        fields.integer("localPort"),
        fields.text("address"),
        fields.integer("port"),
        fields.text("end"),
        fields.text("closedBy"),
        fields.text("reason"),
        fields.duration("uncertainty"),
        fields.flag("established"),
        fields.durationOrNull("handshakeTime"),
        fields.flag("accepted"),
        fields.durationOrNull("acceptQueueWait"),
        fields.durationOrNull("timeEstablished"),
        fields.durationOrNull("timeCloseWait"),
        fields.durationOrNull("timeFinWait"),
        fields.durationOrNull("timeLastAck"),
        fields.number("bytesSent"),
        fields.number("bytesReceived"),
        fields.number("bytesRetransmitted"),
        fields.number("bytesUnread"),
        fields.integer("segmentsSent"),
        fields.integer("segmentsReceived"),
        fields.integer("retransmits"),
        fields.duration("smoothedRtt"),
        fields.duration("minimumRtt"),
        fields.text("openedBy"),
        fields.text("openThread"),
        fields.number("openThreadId"),
        fields.number("openSiteId"),
        fields.number("listenerId"));
  }
}
