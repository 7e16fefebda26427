// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.List;

/**
 * A place in the code that opened sockets, as the recording last saw it.
 *
 * @param openSiteId its number, unique within one JVM
 * @param kind {@code CONNECT}, {@code LISTEN} or {@code ACCEPT}; null if the recording lacks it
 * @param openedBy the frames that opened the sockets, the application's own first; null if the
 *     recording lacks it
 * @param stack all frames, the innermost first; can't be modified
 * @param opened sockets opened here so far
 * @param open how many of them are still open
 */
public record OpenSiteInfo(
    long openSiteId, String kind, String openedBy, List<String> stack, int opened, int open) {

  public OpenSiteInfo {
    stack = List.copyOf(stack);
  }

  static OpenSiteInfo of(EventFields fields) {
    String stack = fields.text("stack");
    return new OpenSiteInfo(
        fields.number("openSiteId"),
        fields.text("kind"),
        fields.text("openedBy"),
        stack == null ? List.of() : stack.lines().toList(),
        fields.integer("opened"),
        fields.integer("open"));
  }
}
