// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Segments that were sent again, at once. A text is null, a number 0 and a duration zero if it is
 * not known, does not apply, or the recording's version did not have it.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param time when it was
 * @param localAddress IP address of this side
 * @param localPort 0 to 65535
 * @param address IP address of the other side
 * @param port 0 to 65535, 0 if there is no other side
 * @param state the socket's state, by the kernel's name: see {@link TcpState}
 * @param kind {@code SYN}, {@code SYN_ACK}, {@code DATA}, {@code FIN} or {@code LOSS_PROBE}
 * @param segments how many they were
 * @param bytesRetransmitted payload in them
 * @param retransmits how many segments of this connection had been sent again, with these
 * @param openedBy the frames that opened the socket, the application's own first
 * @param openThread name of the thread that opened the socket
 * @param openThreadId Java's id of that thread
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if from none
 */
public record RetransmitInfo(
    long socketId,
    Instant time,
    String localAddress,
    int localPort,
    String address,
    int port,
    String state,
    String kind,
    int segments,
    long bytesRetransmitted,
    int retransmits,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    long listenerId)
    implements SocketEvent {

  static RetransmitInfo of(EventFields fields) {
    return new RetransmitInfo(
        fields.number("socketId"),
        fields.endTime(),
        fields.text("localAddress"),
        fields.integer("localPort"),
        fields.text("address"),
        fields.integer("port"),
        fields.text("state"),
        fields.text("kind"),
        fields.integer("segments"),
        fields.number("bytesRetransmitted"),
        fields.integer("retransmits"),
        fields.text("openedBy"),
        fields.text("openThread"),
        fields.number("openThreadId"),
        fields.number("openSiteId"),
        fields.number("listenerId"));
  }
}
