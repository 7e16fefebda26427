// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import java.util.concurrent.TimeUnit;

/**
 * How long the reader may wait until it looks into the ring again: the shorter, the faster the ring
 * fills. It is woken if that fills up all the same. Not thread-safe.
 */
final class PollInterval {
  /** More often would cost more than it could save. */
  private static final int SHORTEST_MILLIS = 20;

  /** While something is recorded, for those who look on. */
  private static final int RECORDING_MILLIS = 100;

  /** While nothing is, there are only ends of sockets to read. */
  private static final int IDLE_MILLIS = 1_000;

  /** At the last rate, this part of the ring is full when the reader comes. */
  private static final int PART = 8;

  /** Or so many bytes: the sockets that end meanwhile are not forgotten before. */
  private static final int MOST = 1 << 16;

  private final long bytes;
  private long readBefore;
  private long before;

  /**
   * @param ringSize bytes of the ring
   * @param now in ns of {@code System.nanoTime()}
   */
  PollInterval(int ringSize, long now) {
    bytes = Math.min(MOST, ringSize / PART);
    before = now;
  }

  /**
   * For how many milliseconds to wait.
   *
   * @param read bytes that were read from the ring so far
   * @param now in ns of {@code System.nanoTime()}
   * @param recording whether anything is recorded
   */
  int next(long read, long now, boolean recording) {
    long more = read - readBefore;
    double nanos = more == 0 ? Double.MAX_VALUE : (double) bytes / more * (now - before);
    readBefore = read;
    before = now;
    long millis = TimeUnit.NANOSECONDS.toMillis((long) nanos);
    int longest = recording ? RECORDING_MILLIS : IDLE_MILLIS;
    return (int) Math.max(SHORTEST_MILLIS, Math.min(longest, millis));
  }
}
