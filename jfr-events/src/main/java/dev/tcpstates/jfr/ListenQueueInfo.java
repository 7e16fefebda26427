// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * The accept queue of a listener. A text is null, a number 0 and a duration zero if it is not
 * known, does not apply, or the recording's version did not have it.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param time when it was looked at
 * @param localAddress IP address of this side
 * @param localPort 0 to 65535
 * @param queueLength connections that were established and waited for accept
 * @param queueLimit how many may wait
 * @param drops connections and requests that this listener dropped since the last look
 * @param namespaceOverflows times that any accept queue of the network namespace was full since the
 *     last look; -1 if it is not known
 * @param openedBy the frames that opened the socket, the application's own first
 * @param openThread name of the thread that opened the socket
 * @param openThreadId Java's id of that thread
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack
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
    implements SocketEvent {
  /** A listener has no other side. */
  @Override
  public String address() {
    return null;
  }

  /** A listener has no other side. */
  @Override
  public int port() {
    return 0;
  }

  static ListenQueueInfo of(EventFields fields) {
    return new ListenQueueInfo(
        fields.number("socketId"),
        fields.endTime(),
        fields.text("localAddress"),
        fields.integer("localPort"),
        fields.integer("queueLength"),
        fields.integer("queueLimit"),
        fields.integer("drops"),
        fields.integer("namespaceOverflows"),
        fields.text("openedBy"),
        fields.text("openThread"),
        fields.number("openThreadId"),
        fields.number("openSiteId"));
  }
}
