// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.util.List;

/**
 * A socket of a test at the moment when it was read, open or closed: what {@link
 * TcpConnections#filteredOn}, {@link TcpAssert#extracting} and {@link TcpAssert#allSatisfy} pass to
 * the test. Immutable.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param kind how the socket was created; null if unknown
 * @param state the last state, CLOSE for an ended one; null if it is not recorded
 * @param localAddress IP address of this side; null if it is not recorded
 * @param localPort 0 to 65535; 0 if it is not recorded
 * @param address IP address of the remote side; null for a listener, or if it is not recorded
 * @param port the remote port, 0 to 65535; 0 likewise
 * @param openedBy the frames that identify the code that opened the socket, the application's own
 *     first, as in the events
 * @param openingStack all frames of the opening stack, the innermost first, as {@code
 *     pkg.Class.method:line}; empty if it is not recorded; can't be modified
 * @param openThread name of the thread that opened the socket; null if unknown
 * @param handshake from the first transition until the connection was established; null if it was
 *     not
 * @param acceptQueueWait from then until {@code accept} returned the connection; null if it did
 *     not, and for a connection of this side
 * @param retransmits retransmitted segments
 * @param end how the connection ended; null if it has not, and for a listener
 */
public record TcpSocket(
    long socketId,
    SocketKind kind,
    TcpState state,
    String localAddress,
    int localPort,
    String address,
    int port,
    String openedBy,
    List<String> openingStack,
    String openThread,
    Duration handshake,
    Duration acceptQueueWait,
    int retransmits,
    ConnectionInfo end) {
  public TcpSocket {
    openingStack = List.copyOf(openingStack);
  }

  /** Whether this side has connected, or tried to. */
  public boolean isOutgoing() {
    return kind == SocketKind.CONNECT;
  }

  /** Whether it is a connection to a listener of this JVM. */
  public boolean isIncoming() {
    return kind == SocketKind.ACCEPT;
  }

  /** In one line: addresses, state and opener. */
  @Override
  public String toString() {
    return FailureText.endpoints(this) + "  " + state + "  opened by " + openedBy;
  }
}
