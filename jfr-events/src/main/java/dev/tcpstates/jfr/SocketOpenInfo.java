// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.List;

/**
 * Who opened a socket, as JFR itself saw it.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param time when it was opened
 * @param kind {@code CONNECT}, {@code LISTEN} or {@code ACCEPT}; null if the recording lacks it
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack; 0 if not known
 * @param thread Java's name of the opening thread; null if it is not known or has none
 * @param stack the frames as {@code pkg.Class.method:line}, the innermost first, without the line
 *     where none is known; empty if the event has no stack; can't be modified
 */
public record SocketOpenInfo(
    long socketId, Instant time, String kind, long openSiteId, String thread, List<String> stack) {

  public SocketOpenInfo {
    stack = List.copyOf(stack);
  }

  static SocketOpenInfo of(EventFields fields) {
    return new SocketOpenInfo(
        fields.number("socketId"),
        fields.endTime(),
        fields.text("kind"),
        fields.number("openSiteId"),
        fields.thread(),
        fields.frames());
  }
}
