// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PollIntervalTest {
  private static final int RING = 1 << 18;
  private static final int EIGHTH = RING / 8;
  private static final long MILLI = 1_000_000;

  private long now = -5;
  private long read;
  private PollInterval interval = new PollInterval(RING, now);

  /** So many bytes came in so many milliseconds. */
  private int after(long bytes, long millis, boolean recording) {
    read += bytes;
    now += millis * MILLI;
    return interval.next(read, now, recording);
  }

  private int after(long bytes, long millis) {
    return after(bytes, millis, true);
  }

  @Test
  void whileNothingComesItIsLong() {
    assertEquals(100, after(0, 20));
    assertEquals(100, after(0, 100));
    assertEquals(100, after(0, 0));
    assertEquals(1_000, after(0, 100, false));
  }

  @Test
  void anEighthOfTheRingIsLeftToFill() {
    assertEquals(50, after(EIGHTH, 50));
    assertEquals(25, after(2 * EIGHTH, 50));
    assertEquals(80, after(EIGHTH / 4, 20));
    assertEquals(400, after(EIGHTH / 4, 100, false));
  }

  @Test
  void ofALargeRingLess() {
    interval = new PollInterval(1 << 24, now);
    assertEquals(50, after(1 << 16, 50));
    assertEquals(25, after(1 << 17, 50));
  }

  @Test
  void itStaysWithinBounds() {
    assertEquals(100, after(1, 100));
    assertEquals(1_000, after(1, 100, false));
    assertEquals(20, after(RING, 20));
    assertEquals(20, after(EIGHTH, 0));
    assertEquals(100, after(0, 20));
  }
}
