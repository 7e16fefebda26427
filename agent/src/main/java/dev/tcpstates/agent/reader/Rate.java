// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

/** How fast a counter grows, over the last time of a second or more. Thread-safe. */
final class Rate {
  private static final long SHORTEST = 1_000_000_000L;

  private long countBefore;
  private long timeBefore;
  private int last;

  /**
   * @param now in ns of {@code System.nanoTime()}; the counter is 0 then
   */
  Rate(long now) {
    timeBefore = now;
  }

  /** By how much it grew a second since last asked; within a second, what it was the last time. */
  synchronized int perSecond(long count, long now) {
    long elapsed = now - timeBefore;
    if (elapsed >= SHORTEST) {
      double rate = (count - countBefore) * 1e9 / elapsed;
      last = (int) Math.round(Math.min(Integer.MAX_VALUE, rate));
      countBefore = count;
      timeBefore = now;
    }
    return last;
  }
}
