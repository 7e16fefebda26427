// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

/** The opener of a socket, as the fields of an event. */
public record Opener(String by, String thread, long threadId, long siteId) {
  static final Opener UNKNOWN =
      new Opener("unknown: opened by no method that is hooked", null, 0, 0);
}
