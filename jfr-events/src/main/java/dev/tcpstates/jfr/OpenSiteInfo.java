// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.List;

/**
 * A call site that opened sockets, as in the last event of the recording that has it.
 *
 * @param openSiteId number of the call site, unique within one JVM
 * @param kind how it opened the sockets; null if the recording lacks it
 * @param openedBy the frames that identify the call site, the application's own first; null if the
 *     recording lacks it
 * @param stack all frames, the innermost first; can't be modified
 * @param opened sockets opened here so far
 * @param open how many of them are still open
 */
public record OpenSiteInfo(
    long openSiteId, SocketKind kind, String openedBy, List<String> stack, int opened, int open) {

  public OpenSiteInfo {
    stack = List.copyOf(stack);
  }
}
