// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * What one of the busiest sockets moved in an interval, or all others together. A text is null, a
 * number 0 and a duration zero if it is not known, does not apply, or the recording's version did
 * not have it.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param time the end of the interval
 * @param localAddress IP address of this side
 * @param localPort 0 to 65535
 * @param address IP address of the other side
 * @param port 0 to 65535, 0 if there is no other side
 * @param state the socket's state, by the kernel's name: see {@link TcpState}
 * @param sockets how many sockets this is of: 1, but for the others, which have no socketId
 * @param interval how long it was
 * @param bytesSent payload in the interval, without what was sent again
 * @param bytesReceived payload in the interval, in order
 * @param smoothedRtt smoothed round-trip time
 * @param congestionWindow segments that may be on their way at once
 * @param sendQueue payload in bytes that was written and is not acknowledged
 * @param receiveQueue payload in bytes that has come and was not read
 * @param openedBy the frames that opened the socket, the application's own first
 * @param openThread name of the thread that opened the socket
 * @param openThreadId Java's id of that thread
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if from none
 */
public record ThroughputInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    String state,
    int sockets,
    Duration interval,
    long bytesSent,
    long bytesReceived,
    Duration smoothedRtt,
    int congestionWindow,
    long sendQueue,
    long receiveQueue,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {

  static ThroughputInfo of(EventFields fields) {
    return new ThroughputInfo(
        fields.number("socketId"),
        fields.endTime(),
        fields.text("localAddress"),
        fields.integer("localPort"),
        fields.text("address"),
        fields.integer("port"),
        fields.text("state"),
        fields.integer("sockets"),
        fields.duration("interval"),
        fields.number("bytesSent"),
        fields.number("bytesReceived"),
        fields.duration("smoothedRtt"),
        fields.integer("congestionWindow"),
        fields.number("sendQueue"),
        fields.number("receiveQueue"),
        fields.text("openedBy"),
        fields.text("openThread"),
        fields.number("openThreadId"),
        fields.number("openSiteId"),
        fields.number("listenerId"));
  }
}
