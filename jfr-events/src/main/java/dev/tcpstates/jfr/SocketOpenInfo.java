// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.List;

/**
 * The opening of a socket, as recorded by JFR in the opening thread.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param time when the socket was opened
 * @param kind how it was opened; null if the recording lacks it
 * @param openSiteId key to the {@link OpenSiteInfo} with the whole stack; 0 if unknown
 * @param thread Java's name of the opening thread; null if unknown or if the thread has no name
 * @param stack the frames as {@code pkg.Class.method:line}, the innermost first, without the line
 *     where it is unknown; empty if the event has no stack; can't be modified
 */
public record SocketOpenInfo(
    long socketId,
    Instant time,
    SocketKind kind,
    long openSiteId,
    String thread,
    List<String> stack)
    implements SocketEvent {

  public SocketOpenInfo {
    stack = List.copyOf(stack);
  }

  @Override
  public String openThread() {
    return thread;
  }
}
