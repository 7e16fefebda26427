// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

/** Who opened a socket, as events tell it. */
public record Opener(String by, String thread, long threadId, long siteId) {
  static final Opener UNKNOWN =
      new Opener("unknown: opened by no method that is hooked", null, 0, 0);
}
