// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * One transition of a TCP socket. A text is null, a number 0 and a duration zero if it is not
 * known, does not apply, or the recording's version did not have it. The times never are null.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param startTime when the socket entered the old state, up to two nanoseconds late
 * @param endTime when the transition happened
 * @param localAddress IP address of this side
 * @param localPort 0 to 65535, 0 before a port is bound
 * @param address IP address of the other side
 * @param port 0 to 65535, 0 if there is no other side
 * @param oldState the state left, by the kernel's name: see {@link TcpState}
 * @param newState the state entered, by the kernel's name
 * @param timeInState how long the socket was in the old state, to the nanosecond
 * @param uncertainty by how much the transition may have been earlier than {@code endTime}; zero if
 *     that is exact
 * @param reason at the transition to CLOSE, the error that ended the connection, by its errno name
 *     such as {@code ECONNREFUSED}; null if there was none
 * @param openedBy the frames that opened the socket, the application's own first; at most 127
 *     characters
 * @param openThread name of the thread that opened the socket
 * @param openThreadId Java's id of that thread
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack
 * @param taskId process id of what was on the CPU; often not the socket's owner
 * @param taskName the kernel's name of what was on the CPU; at most 15 bytes
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if from none
 */
public record Transition(
    long socketId,
    Instant startTime,
    Instant endTime,
    String localAddress,
    int localPort,
    String address,
    int port,
    String oldState,
    String newState,
    Duration timeInState,
    Duration uncertainty,
    String reason,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    int taskId,
    String taskName,
    long listenerId)
    implements SocketEvent {

  static Transition of(EventFields fields) {
    return new Transition(
        fields.number("socketId"),
        fields.startTime(),
        fields.endTime(),
        fields.text("localAddress"),
        fields.integer("localPort"),
        fields.text("address"),
        fields.integer("port"),
        fields.text("oldState"),
        fields.text("newState"),
        fields.duration("timeInState"),
        fields.duration("uncertainty"),
        fields.text("reason"),
        fields.text("openedBy"),
        fields.text("openThread"),
        fields.number("openThreadId"),
        fields.number("openSiteId"),
        fields.integer("taskId"),
        fields.text("taskName"),
        fields.number("listenerId"));
  }
}
