// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel;

/**
 * How many records were lost and transitions missed since the start.
 *
 * @param ringFull transitions the ring buffer had no room for
 * @param skipped transitions to be recorded that the kernel ran neither program for: reported with
 *     a bounded time, unless it was a socket's last
 * @param noMemory sockets that could not be marked as this JVM's
 * @param unreadable records that could not be read
 * @param connections ends of connections the ring buffer had no room for
 * @param retransmits retransmissions the ring buffer had no room for
 * @param resets resets the ring buffer had no room for
 * @param ends ends of sockets whose record was lost while nothing was recorded
 * @param skippedConnections ends of connections to be recorded that the kernel ran neither program
 *     for
 * @param skippedRetransmits retransmitted segments for which the kernel ran neither program
 */
public record Losses(
    long ringFull,
    long skipped,
    long noMemory,
    long unreadable,
    long connections,
    long retransmits,
    long resets,
    long ends,
    long skippedConnections,
    long skippedRetransmits) {
  /** Nothing was lost. */
  public static final Losses NONE = new Losses(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** All of them; since each only grows, equal totals mean that nothing new was lost. */
  public long total() {
    return ringFull
        + skipped
        + noMemory
        + unreadable
        + connections
        + retransmits
        + resets
        + ends
        + skippedConnections
        + skippedRetransmits;
  }
}
